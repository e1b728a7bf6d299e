"""A plugin of pytest: the tests run while one policy forgets its object (`sans_garde` of `test_gardes`)."""

import dis
import os
from collections.abc import Iterator
from typing import Any

import pytest

import portal  # noqa: F401  the rooms register their policies
from portal.security import policy
from portal.security.permissions import Permission

VARIABLE = "ESSAI_SANS_GARDE"


def looks_at_its_object(permission: Permission) -> bool:
    """Tell whether the policy of a permission reads the object that it is given."""
    code: Any = policy._POLICIES[permission].__code__  # type: ignore[attr-defined]
    return any(one.argval == code.co_varnames[1] for one in dis.get_instructions(code))


@pytest.fixture(scope="session", autouse=True)
def sans_garde() -> Iterator[None]:
    """Let whoever may do something to anything do it to everything."""
    permission = Permission(os.environ[VARIABLE])
    guarded = policy._POLICIES[permission]
    policy._POLICIES[permission] = lambda actor, obj: guarded(actor, None)
    yield
    policy._POLICIES[permission] = guarded
