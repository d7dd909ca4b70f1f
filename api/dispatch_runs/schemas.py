"""Runs, previews, commits and changes by hand as HTTP speaks of them."""

from datetime import date as civil_date
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.dispatch_runs.changing import Priced, Wish
from api.dispatch_runs.committing import Committed
from api.dispatch_runs.service import Page
from api.examples import CONTRACTOR, DAY, JOB, REGION
from api.fields import Body, Number, PlanDay, RegionName, Switch
from db.plan_store import RouteRow
from db.runs import RunRow

MOST_LIMIT_S = 600.0
DEFAULT_LIMIT_S = 10.0


class RunIn(Body):
    """A day to plan. At most one of `limit_s` and `budget_iterations`; without either the search takes ten seconds."""

    model_config = ConfigDict(
        json_schema_extra={
            "not": {
                "required": ["limit_s", "budget_iterations"],
                "properties": {"limit_s": {"type": "number"}, "budget_iterations": {"type": "integer"}},
            },
            "examples": [{"date": DAY, "region": REGION, "limit_s": 10}],
        }
    )

    date: PlanDay
    region: RegionName
    limit_s: Annotated[float | None, Number] = Field(
        None, gt=0, le=MOST_LIMIT_S, description="seconds of search", examples=[10]
    )
    budget_iterations: Annotated[int | None, Number] = Field(
        None, ge=0, le=1_000_000, description="iterations in all; the same input then gives the same plan everywhere"
    )
    seed: Annotated[int, Number] = Field(1, ge=0, le=2**31 - 1)

    @model_validator(mode="after")
    def _one_budget(self) -> Self:
        if self.limit_s is not None and self.budget_iterations is not None:
            raise ValueError("limit_s and budget_iterations bound the same search; give one of them")
        return self

    def options(self) -> dict[str, Any]:
        """What the planner needs to know."""
        limit_s = DEFAULT_LIMIT_S if self.limit_s is None and self.budget_iterations is None else self.limit_s
        return {"limit_s": limit_s, "budget_iterations": self.budget_iterations, "seed": self.seed}


class RunStarted(BaseModel):
    """A run that waits for a planner."""

    run_id: UUID
    state: str = Field(examples=["queued"])


class PlacingOut(BaseModel):
    """A job's place in a plan."""

    contractor_id: UUID
    service_starts_at: datetime


class ReasonOut(BaseModel):
    """Why; for jobs that nobody serves with the smallest change that would help."""

    code: str = Field(examples=["cheapest"])
    message: str
    remedy: dict[str, Any] | None = None


class ChangedOut(BaseModel):
    """A job that is served otherwise than before; one side is null for jobs added or removed."""

    job_id: UUID
    before: PlacingOut | None
    after: PlacingOut | None
    reasons: list[ReasonOut]


class BeforeAfter(BaseModel):
    """A figure of the plan in force and of the proposed one."""

    before: int
    after: int


class FiguresOut(BaseModel):
    """What changes in sum."""

    travel_s: BeforeAfter
    distance_m: BeforeAfter
    n_served: BeforeAfter
    unassigned_cost: BeforeAfter = Field(description="points for the jobs that nobody serves")


class DifferenceOut(BaseModel):
    """What changes from one plan to another; `retimed`: by more than five minutes, same contractor."""

    added: list[ChangedOut]
    removed: list[ChangedOut]
    moved: list[ChangedOut]
    retimed: list[ChangedOut]
    n_unchanged: int
    figures: FiguresOut


class LeftOut(BaseModel):
    """A job that nobody serves, and why."""

    job_id: UUID
    reasons: list[ReasonOut]


class RejectedOut(BaseModel):
    """A row that could not be used."""

    file: str = Field(description="contractors or jobs")
    line: int = Field(description="0: the row lies in the database")
    column: str
    id: str
    reason: str


class PreviewOut(DifferenceOut):
    """What a commit would change in the plan that was in force when the run read it."""

    unassigned: list[LeftOut]
    rejected_rows: list[RejectedOut]
    warnings: list[str]
    travel_time_source: str = Field(description="osrm; straight when roads could not be asked")
    stopped_by: str = Field(description="time, iterations, or cancel")
    objective: dict[str, int]
    summary: dict[str, int]


class FailureOut(BaseModel):
    """Why a run ended without a plan."""

    code: str = Field(examples=["nothing_to_plan"])
    message: str


class OutcomeReason(BaseModel):
    """Why a job was left out of a commit."""

    code: str = Field(examples=["cancelled"])
    message: str


class OutcomeOut(BaseModel):
    """What a commit did with a job: assigned, moved, retimed, unchanged, released or left_out."""

    job_id: UUID
    outcome: str = Field(examples=["assigned"])
    reason: OutcomeReason | None


class RunOut(BaseModel):
    """A run."""

    run_id: UUID
    region: str
    date: civil_date
    state: str = Field(description="queued, running, ready, committed, undone, cancelled or failed")
    phase: str = Field(description="reading, matrix, search, judge, reasons, geometry; empty when not running")
    progress: int = Field(ge=0, le=100, description="per cent")
    best: int | None = Field(description="points of the best plan so far")
    options: dict[str, Any]
    base_version: int | None = Field(description="of the day's plan when the run read it; a commit needs it unchanged")
    cancel_asked: bool
    attempts: int
    preview: PreviewOut | None
    outcome: list[OutcomeOut] | None
    failure: FailureOut | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, run: RunRow) -> Self:
        """From a row."""
        return cls(
            run_id=run.id,
            region=run.region,
            date=run.on_date,
            state=run.state,
            phase=run.phase if run.state == "running" else "",
            progress=run.progress,
            best=run.best,
            options=dict(run.options),
            base_version=run.base_version,
            cancel_asked=run.is_cancel_asked,
            attempts=run.attempts,
            preview=None if run.difference is None else PreviewOut.model_validate(run.difference),
            outcome=None if run.outcome is None else [OutcomeOut.model_validate(it) for it in run.outcome],
            failure=None if run.failure is None else FailureOut.model_validate(run.failure),
            created_at=run.created_at,
            updated_at=run.updated_at,
        )


class RunBrief(BaseModel):
    """A run in a list."""

    run_id: UUID
    region: str
    date: civil_date
    state: str
    progress: int
    best: int | None
    created_at: datetime

    @classmethod
    def of(cls, run: RunRow) -> Self:
        """From a row."""
        return cls(
            run_id=run.id,
            region=run.region,
            date=run.on_date,
            state=run.state,
            progress=run.progress,
            best=run.best,
            created_at=run.created_at,
        )


class RunsOut(BaseModel):
    """Runs, newest first."""

    runs: list[RunBrief]
    next_cursor: UUID | None

    @classmethod
    def of(cls, page: Page) -> Self:
        """From a page."""
        return cls(runs=[RunBrief.of(run) for run in page.runs], next_cursor=page.next_cursor)


class CommittedOut(BaseModel):
    """What is in force now."""

    run_id: UUID
    state: str = Field(examples=["committed"])
    version: int
    plan_id: UUID | None = Field(description="null: no plan")
    outcome: list[OutcomeOut]

    @classmethod
    def of(cls, run_id: UUID, state: str, done: Committed) -> Self:
        """From what the service answers."""
        outcome = [OutcomeOut.model_validate(it) for it in done.outcome]
        return cls(run_id=run_id, state=state, version=done.version, plan_id=done.plan_id, outcome=outcome)


class ChangeIn(Body):
    """One job taken out (`contractor_id` null), put in or moved. Only a `dry_run` may leave out `base_version`."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": ["base_version"], "properties": {"base_version": {"type": "integer"}}},
                {"required": ["dry_run"], "properties": {"dry_run": {"const": True}}},
            ],
            "examples": [
                {"region": REGION, "date": DAY, "job_id": JOB, "contractor_id": CONTRACTOR, "dry_run": True},
                {
                    "region": REGION,
                    "date": DAY,
                    "job_id": JOB,
                    "contractor_id": CONTRACTOR,
                    "position": 0,
                    "dry_run": True,
                },
            ],
        }
    )

    region: RegionName
    date: PlanDay
    base_version: Annotated[int | None, Number] = Field(
        None,
        ge=0,
        le=2**31 - 1,
        description="of the plan that was looked at, which has to be in force still; 0 when there was never one",
    )
    job_id: UUID = Field(examples=[JOB])
    contractor_id: UUID | None = Field(examples=[CONTRACTOR])
    position: Annotated[int | None, Number] = Field(
        None, ge=0, le=1000, description="among the other stops; null: where it is cheapest"
    )
    dry_run: Switch = Field(False, description="only the price")

    @model_validator(mode="after")
    def _knows_what_it_changes(self) -> Self:
        if self.base_version is None and not self.dry_run:
            raise ValueError("base_version says which plan was looked at; only a dry_run may leave it out")
        return self

    def wish(self) -> Wish:
        """As the service takes it."""
        return Wish(self.region, self.date, self.base_version, self.job_id, self.contractor_id, self.position)


class ChangedStop(BaseModel):
    """A stop of a route that the change touches."""

    job_id: UUID
    arrives_at: datetime
    service_starts_at: datetime
    departs_at: datetime


class ChangedRoute(BaseModel):
    """A route that the change touches."""

    contractor_id: UUID
    starts_at: datetime
    ends_at: datetime
    travel_s: int
    distance_m: int
    stops: list[ChangedStop]

    @classmethod
    def of(cls, route: RouteRow) -> Self:
        """From a row."""
        stops = [
            ChangedStop(
                job_id=stop.job_id,
                arrives_at=stop.arrives_at,
                service_starts_at=stop.service_starts_at,
                departs_at=stop.departs_at,
            )
            for stop in route.stops
        ]
        return cls(
            contractor_id=route.contractor_id,
            starts_at=route.starts_at,
            ends_at=route.ends_at,
            travel_s=route.travel_s,
            distance_m=route.distance_m,
            stops=stops,
        )


class BreakOut(BaseModel):
    """A limit that the change would break."""

    code: str
    subject_id: str
    message: str


class ChangeOut(BaseModel):
    """What a change costs, and what is in force after it."""

    changed: bool
    possible: bool = Field(description="false: the judge refuses it; see breaks")
    added_points: int = Field(description="what the plan costs more than before; negative: less")
    components: dict[str, int]
    breaks: list[BreakOut]
    version: int
    plan_id: UUID | None
    routes: list[ChangedRoute]

    @classmethod
    def of(cls, priced: Priced, *, changed: bool) -> Self:
        """From what the service answers."""
        return cls(
            changed=changed,
            possible=not priced.breaks,
            added_points=priced.added_points,
            components=dict(priced.components),
            breaks=[BreakOut.model_validate(it) for it in priced.breaks],
            version=priced.version,
            plan_id=priced.plan_id,
            routes=[ChangedRoute.of(route) for route in priced.routes],
        )
