"""Why a run, a commit or a change by hand is refused. The attributes tell code, the sentence tells people."""

from typing import Any
from uuid import UUID

from api.errors import Conflict, NotFound, Unusable


class NoSuchRun(NotFound):
    """No run has this id."""

    def __init__(self, run_id: UUID) -> None:
        super().__init__(f"There is no run {run_id}. GET /dispatch/runs lists those there are.", run_id=str(run_id))


class NoSuchRegion(NotFound):
    """No region has this name."""

    def __init__(self, region: str) -> None:
        super().__init__(f"There is no region {region!r}; ./trades ingest region makes one.", region=region)


class NoSuchJob(NotFound):
    """No job of the region has this id."""

    def __init__(self, job_id: UUID, region: str) -> None:
        super().__init__(f"There is no job {job_id} in region {region!r}.", job_id=str(job_id))


class WrongState(Conflict):
    """A run is not in a state that allows what was asked."""

    def __init__(self, run_id: UUID, state: str, remedy: str) -> None:
        super().__init__(f"Run {run_id} is {state}; {remedy}", run_id=str(run_id), state=state)
        self.state = state


class PlanChanged(Conflict):
    """Somebody changed the plan of the day since; carries what, and what is proposed on top of it."""

    def __init__(self, base_version: int, version: int, **differences: Any) -> None:
        super().__init__(
            f"The plan of the day is at version {version}; this was made for version {base_version}."
            " Nothing was changed. Look at the difference, then try again from the version in force.",
            base_version=base_version,
            version=version,
            **differences,
        )
        self.base_version, self.version = base_version, version


class CannotUndo(Conflict):
    """A commit is not the last change of its day any more."""


class DayUnderWay(Conflict):
    """Somebody has begun or done a job that would be changed; that would rewrite what has happened."""

    def __init__(self, job_ids: list[str]) -> None:
        super().__init__(
            f"{len(job_ids)} job(s) of this day have begun or are done meanwhile. Nothing was changed;"
            " ask for a new run, which leaves them as they are.",
            job_ids=job_ids,
        )


class DoubleBooking(Conflict):
    """Somebody would be in two places at once, by a booking of another day."""

    def __init__(self, constraint: str) -> None:
        super().__init__(
            "Somebody is booked elsewhere at that time, by a plan of another day. Nothing was changed;"
            " plan the day anew.",
            constraint=constraint,
        )
        self.constraint = constraint


class CannotMove(Unusable):
    """A change by hand that cannot be priced at all."""


class MoveBreaks(Unusable):
    """A change by hand would break limits; carries each with its amount."""

    def __init__(self, breaks: list[dict[str, str]], added_points: int) -> None:
        said = "; ".join(it["message"] for it in breaks[:3])
        super().__init__(f"The judge refuses this change: {said}.", breaks=breaks, added_points=added_points)
        self.breaks = breaks


TABLE: dict[type[Exception], tuple[int, str]] = {
    NoSuchRun: (404, "unknown_run"),
    NoSuchRegion: (404, "unknown_region"),
    NoSuchJob: (404, "unknown_job"),
    WrongState: (409, "wrong_state"),
    PlanChanged: (409, "plan_changed"),
    CannotUndo: (409, "cannot_undo"),
    DayUnderWay: (409, "day_under_way"),
    DoubleBooking: (409, "double_booking"),
    CannotMove: (422, "cannot_move"),
    MoveBreaks: (422, "move_breaks"),
}
"""Status and stable code of each."""
