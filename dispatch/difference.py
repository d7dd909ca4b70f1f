"""What changes from one plan of a day to another: who is served by whom and when, and the figures before and after."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

RETIMED_FROM_S = 300
"""A start of service that moves by no more than five minutes is the same promise."""


@dataclass(frozen=True, slots=True)
class Placing:
    """A job's place in a plan."""

    job_id: str
    contractor_id: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Figures:
    """What a plan amounts to; ``unassigned_cost`` is the price of the jobs nobody serves, in points."""

    travel_s: int = 0
    distance_m: int = 0
    n_served: int = 0
    unassigned_cost: int = 0


@dataclass(frozen=True, slots=True)
class Changed:
    """A job on both sides of a difference; one side is None for a job that was added or removed."""

    job_id: str
    before: Placing | None
    after: Placing | None


@dataclass(frozen=True, slots=True)
class Difference:
    """From one plan to another; each list is sorted by the start of service, then by job.

    Parameters
    ----------
    added, removed : served only after, only before
    moved : served by another contractor
    retimed : served by the same one, beginning more than ``RETIMED_FROM_S`` earlier or later
    n_unchanged : served on both sides, and none of these
    before, after : figures
    """

    added: tuple[Changed, ...]
    removed: tuple[Changed, ...]
    moved: tuple[Changed, ...]
    retimed: tuple[Changed, ...]
    n_unchanged: int
    before: Figures
    after: Figures

    @property
    def is_empty(self) -> bool:
        """Whether nobody would notice."""
        return not (self.added or self.removed or self.moved or self.retimed)


def difference(
    before: Iterable[Placing], after: Iterable[Placing], figures: tuple[Figures, Figures] = (Figures(), Figures())
) -> Difference:
    """Compare two plans of the same day.

    Parameters
    ----------
    before, after : each job at most once
    figures : of both
    """
    old, new = {place.job_id: place for place in before}, {place.job_id: place for place in after}
    both = [Changed(job, old[job], new[job]) for job in old.keys() & new.keys()]
    moved = [case for case in both if _contractor(case.before) != _contractor(case.after)]
    stayed = [case for case in both if _contractor(case.before) == _contractor(case.after)]
    retimed = [case for case in stayed if _shift_s(case) > RETIMED_FROM_S]
    return Difference(
        added=_sorted(Changed(job, None, new[job]) for job in new.keys() - old.keys()),
        removed=_sorted(Changed(job, old[job], None) for job in old.keys() - new.keys()),
        moved=_sorted(moved),
        retimed=_sorted(retimed),
        n_unchanged=len(stayed) - len(retimed),
        before=figures[0],
        after=figures[1],
    )


def unassigned_cost(weights: Mapping[str, int], served: Iterable[str]) -> int:
    """The price, in points, of the jobs that a plan leaves out.

    Parameters
    ----------
    weights : job -> points for leaving it out, of every job there is to serve
    """
    left = weights.keys() - set(served)
    return sum(weights[job] for job in left)


def _contractor(place: Placing | None) -> str | None:
    return None if place is None else place.contractor_id


def _shift_s(case: Changed) -> float:
    if case.before is None or case.after is None:
        return 0.0
    return abs((case.after.starts_at - case.before.starts_at).total_seconds())


def _sorted(cases: Iterable[Changed]) -> tuple[Changed, ...]:
    def key(case: Changed) -> tuple[datetime, str]:
        place = case.after or case.before
        assert place is not None  # noqa: S101  # for the type checker: one side is always there
        return place.starts_at, case.job_id

    return tuple(sorted(cases, key=key))
