"""Errors of the domain: raised by services, turned into a message next to the field by the web layer."""

from typing import Any


class DomainError(Exception):
    """A rule refused an act.

    `code` names the rule (`room.rule`) and is the key of its French text in `portal.shared.messages`;
    `field` is the form field concerned, None for the whole form; `params` fill the text. `about` is the
    record that stands in the way, to which the web layer leads whoever may see it.
    """

    def __init__(self, code: str, field: str | None = None, *, about: Any = None, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.about = about
        self.params = params


class DomainErrors(Exception):
    """Several rules refused the same act; all are shown together."""

    def __init__(self, errors: list[DomainError]) -> None:
        super().__init__(", ".join(error.code for error in errors))
        self.errors = errors


class StaleVersion(Exception):
    """The record changed since the form was opened: the web layer answers 409 with both texts."""

    def __init__(self, current: Any) -> None:
        super().__init__("stale")
        self.current = current


class NotVisible(Exception):
    """The object does not exist for this actor (404)."""


class Forbidden(Exception):
    """The actor sees the object but may not do this (403)."""
