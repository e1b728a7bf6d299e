"""What the worker knows how to do: kinds of jobs, and housekeeping at regular times. Rooms fill both."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from portal.config import Settings
from portal.jobs.context import JobContext
from portal.shared.clock import Clock
from portal.shared.db import Database

JobFunction = Callable[[JobContext], dict[str, Any] | None]
HousekeepingFunction = Callable[[Database, Clock, Settings], object]


@dataclass(frozen=True)
class Chore:
    """A housekeeping task and the time between two of its runs."""

    name: str
    every: timedelta
    run: HousekeepingFunction


_JOBS: dict[str, JobFunction] = {}
_CHORES: dict[str, Chore] = {}


def job(kind: str) -> Callable[[JobFunction], JobFunction]:
    """Register the function that does the jobs of a kind (`room:act`).

    It receives a JobContext and returns its result, a JSON-serialisable dict, or None when it ended the job
    itself with `context.complete` in the transaction of its effects. It may run again from the start if the
    worker dies: effects and `complete` in one transaction are done exactly once. A DomainError is shown to
    the person; anything else is logged and shown as an unexpected error.
    """

    def decorate(function: JobFunction) -> JobFunction:
        if kind in _JOBS:
            raise ValueError(f"job registered twice: {kind}")
        _JOBS[kind] = function
        return function

    return decorate


def housekeeping(name: str, *, every: timedelta) -> Callable[[HousekeepingFunction], HousekeepingFunction]:
    """Register a task run by the worker about every `every`, as (database, clock, settings); it commits."""

    def decorate(function: HousekeepingFunction) -> HousekeepingFunction:
        if name in _CHORES:
            raise ValueError(f"housekeeping registered twice: {name}")
        _CHORES[name] = Chore(name, every, function)
        return function

    return decorate


def job_function(kind: str) -> JobFunction | None:
    """Return the function of a kind of job."""
    return _JOBS.get(kind)


def chores() -> list[Chore]:
    """Return the registered housekeeping tasks."""
    return list(_CHORES.values())
