"""What can happen: the catalogue. Past tense, small, versioned, ids and no personal data."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Self
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened. The wire name follows from the class: ``JobAssigned`` is ``job.assigned``."""

    VERSION: ClassVar[int] = 1

    @classmethod
    def wire_name(cls) -> str:
        """The subject, a dot, and what happened to it."""
        words = re.findall(r"[A-Z][a-z0-9]*", cls.__name__)
        return f"{'_'.join(words[:-1])}.{words[-1]}".lower()

    def payload(self) -> dict[str, Any]:
        """What JSON can hold."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: str(value) if isinstance(value, UUID | date) else value for name, value in values.items()}

    @classmethod
    def read(cls, payload: Mapping[str, Any]) -> Self:
        """The event of a stored payload."""
        kinds = {field.name: field.type for field in dataclasses.fields(cls)}
        return cls(**{name: _read(kinds[name], value) for name, value in payload.items() if name in kinds})


def _read(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if kind in (UUID, UUID | None):
        return UUID(value)
    return date.fromisoformat(value) if kind is date else value


@dataclass(frozen=True, slots=True)
class DispatchRunRequested(Event):
    """Somebody asked for a day to be planned."""

    run_id: UUID
    region: str
    on_date: date


@dataclass(frozen=True, slots=True)
class DispatchRunEnded(Event):
    """A run has something to show, was cancelled, or failed."""

    run_id: UUID
    state: str


@dataclass(frozen=True, slots=True)
class PlanCommitted(Event):
    """A day has a new plan in force; ``origin`` is run, change or undo, ``plan_id`` null when it has none."""

    region: str
    on_date: date
    version: int
    plan_id: UUID | None
    origin: str


@dataclass(frozen=True, slots=True)
class JobAssigned(Event):
    """A job has a contractor, for the first time or another one than before."""

    job_id: UUID
    contractor_id: UUID
    on_date: date


@dataclass(frozen=True, slots=True)
class JobUnassigned(Event):
    """A job has lost its contractor and waits again."""

    job_id: UUID
    contractor_id: UUID
    on_date: date


CATALOGUE: Mapping[str, type[Event]] = {
    kind.wire_name(): kind
    for kind in (DispatchRunRequested, DispatchRunEnded, PlanCommitted, JobAssigned, JobUnassigned)
}
