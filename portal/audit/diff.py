"""What changed between two states of a record, in a form the journal can keep."""

from collections.abc import Iterable
from datetime import date, datetime, time
from enum import Enum
from typing import Any


def plain(value: Any) -> Any:
    """Return a JSON-serialisable form of a value."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    return value


def snapshot(obj: Any, fields: Iterable[str]) -> dict[str, Any]:
    """Return the present values of the fields."""
    return {field: plain(getattr(obj, field)) for field in fields}


def changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """Return {field: [before, after]} for the fields that differ."""
    return {field: [before[field], after[field]] for field in after if before.get(field) != after[field]}
