"""A storage in the test's own folder."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portal.config import Settings
from portal.documents.storage import Storage


@pytest.fixture
def storage_with(tmp_path: Path) -> Callable[..., Storage]:
    """Return a function making a storage from settings."""

    def make(**kwargs: Any) -> Storage:
        return Storage(Settings(environnement="test", var_dir=tmp_path / "var", **kwargs))

    return make


@pytest.fixture
def storage(storage_with: Callable[..., Storage]) -> Storage:
    return storage_with()
