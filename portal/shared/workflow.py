"""State machines: one table of transitions per kind of object, one function that fires them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from portal.shared.errors import DomainError, Forbidden

State = TypeVar("State", bound=Enum)


@dataclass(frozen=True)
class Transition(Generic[State]):
    """One allowed change of state.

    `permission` is checked by the caller's `allowed` function; `guard` receives the object and the act's
    parameters and raises a DomainError when a rule refuses.
    """

    name: str
    label: str
    sources: frozenset[State]
    target: State | None  # None: the guard's caller decides (return to the state before a suspension)
    permission: Enum
    guard: Callable[..., None] | None = None


class Workflow(Generic[State]):
    """The transitions of one kind of object, whose current state is in its attribute `statut`."""

    def __init__(self, transitions: Iterable[Transition[State]]) -> None:
        self._by_name = {transition.name: transition for transition in transitions}

    def __getitem__(self, name: str) -> Transition[State]:
        return self._by_name[name]

    def __iter__(self) -> Any:
        return iter(self._by_name.values())

    def available(self, obj: Any, allowed: Callable[[Enum], bool]) -> list[Transition[State]]:
        """Return the transitions that `obj` may take now, for someone whose permissions `allowed` tells."""
        return [t for t in self if obj.statut in t.sources and allowed(t.permission)]

    def fire(
        self,
        obj: Any,
        name: str,
        allowed: Callable[[Enum], bool],
        *,
        target: State | None = None,
        **params: Any,
    ) -> tuple[State, State]:
        """Move `obj` and return (state before, state after); the caller writes the journal.

        Raises Forbidden when the permission is missing, DomainError when the state or the guard refuses.
        """
        transition = self._by_name[name]
        if not allowed(transition.permission):
            raise Forbidden(name)
        before: State = obj.statut
        if before not in transition.sources:
            raise DomainError("etat.transition_impossible", etat=before)
        if transition.guard is not None:
            transition.guard(obj, **params)
        after = transition.target or target
        if after is None:
            raise ValueError(f"transition {name} needs a target")
        obj.statut = after
        return before, after
