"""Batch runs and changes by hand over HTTP."""

from typing import Annotated, Any
from uuid import UUID

import numpy as np
from fastapi import APIRouter, Path, Query

from api import errors
from api.deps import Operator, RoadsDep, Snapshot, Tx
from api.dispatch_runs import changing, committing, service
from api.dispatch_runs.errors import TABLE
from api.dispatch_runs.schemas import ChangeIn, ChangeOut, CommittedOut, RunIn, RunOut, RunsOut, RunStarted
from api.fields import Day, RegionName
from api.repeatable import Repeatable
from api.roads import Roads
from geo import polyline
from routing.errors import NoRoute, OffRoad
from routing.region import Region
from routing.types import Matrix

errors.register(TABLE)

router = APIRouter(prefix="/dispatch", tags=["dispatch"], route_class=Repeatable, responses=errors.responses(401, 404))

RunId = Annotated[UUID, Path(description="of the answer to POST /dispatch/runs")]


class _RegionWays:
    """The roads of one region, as services ask for them."""

    def __init__(self, roads: Roads, region: Region) -> None:
        self._roads, self._region = roads, region

    async def table(self, lonlat: np.ndarray) -> Matrix:
        """Travel between all points."""
        return await self._roads.table(self._region, lonlat)

    async def line(self, lonlat: np.ndarray) -> str:
        """The line to draw; straight where there is no road, for a picture must not cost the plan."""
        try:
            return polyline.encode((await self._roads.route(self._region, lonlat)).lonlat, precision=6)
        except (NoRoute, OffRoad):
            return polyline.encode(lonlat, precision=6)


def _ways(roads: Roads) -> committing.Roads:
    return lambda name: _RegionWays(roads, roads.region(name))


@router.post("/runs", status_code=202, summary="Have a day planned", responses=errors.responses(409))
async def request_run(asked: RunIn, tx: Tx, who: Operator) -> RunStarted:
    """A planner takes the run up; nothing changes before it is committed.

    Jobs posted for the day or for any day are planned together with those that are booked on it already. On a day on
    which somebody has begun, what has begun or is done stays as it is, and the rest is planned from now on. Codes of
    404: `unknown_region`.
    """
    run_id = await service.request(tx, asked.region, asked.date, asked.options(), actor=who.actor)
    return RunStarted(run_id=run_id, state="queued")


@router.get("/runs", summary="Runs, newest first")
async def list_runs(
    tx: Snapshot,
    _: Operator,
    region: RegionName | None = None,
    on: Annotated[Day | None, Query(alias="date", description="only runs of this day")] = None,
    cursor: Annotated[UUID | None, Query(description="next_cursor of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="how many on a page")] = 20,
) -> RunsOut:
    """Without their previews."""
    return RunsOut.of(await service.page(tx, region=region, on_date=on, cursor=cursor, limit=limit))


@router.get("/runs/{run_id}", summary="How far a run is, and what it proposes")
async def read_run(run_id: RunId, tx: Snapshot, _: Operator) -> RunOut:
    """With `ready` comes the preview: the difference to the plan in force, with reasons."""
    return RunOut.of(await service.read(tx, run_id))


@router.get("/runs/{run_id}/plan", summary="The proposed plan in full", responses=errors.responses(409))
async def read_proposed_plan(run_id: RunId, tx: Snapshot, _: Operator) -> dict[str, Any]:
    """As plan.json, with the ids of the database. 409 `wrong_state` while there is none."""
    return dict(await service.proposed(tx, run_id))


@router.post("/runs/{run_id}/commit", summary="Put in force what a run proposes", responses=errors.responses(409))
async def commit_run(run_id: RunId, tx: Tx, roads: RoadsDep, who: Operator) -> CommittedOut:
    """All of it or nothing; jobs that can no longer be served as proposed are left out with a reason.

    Codes of 409: `plan_changed` (with the difference; nothing is written), `wrong_state`, `day_under_way`
    (somebody has begun a job since the planning), `double_booking`.
    """
    done = await committing.commit(tx, _ways(roads), run_id, actor=who.actor)
    return CommittedOut.of(run_id, "committed", done)


@router.post("/runs/{run_id}/undo", summary="Take a commit back", responses=errors.responses(409))
async def undo_run(run_id: RunId, tx: Tx, roads: RoadsDep, who: Operator) -> CommittedOut:
    """Once, while the commit is the last change of its day. Codes of 409: `cannot_undo`, `wrong_state`."""
    done = await committing.undo(tx, _ways(roads), run_id, actor=who.actor)
    return CommittedOut.of(run_id, "undone", done)


@router.post("/runs/{run_id}/cancel", summary="Stop a run", responses=errors.responses(409))
async def cancel_run(run_id: RunId, tx: Tx, who: Operator) -> RunOut:
    """One that waits is dropped; one under way soon ends with the best plan so far, which can be committed."""
    return RunOut.of(await service.cancel(tx, run_id, actor=who.actor))


@router.post("/changes", summary="Change the plan in force by hand", responses=errors.responses(409))
async def change_plan(asked: ChangeIn, tx: Tx, roads: RoadsDep, who: Operator) -> ChangeOut:
    """Takes a job out, puts it in or moves it; with `dry_run` only says what that would cost and break.

    Codes of 409: `plan_changed` (with the difference), `day_under_way`, `double_booking`; of 422: `cannot_move`,
    `move_breaks` (with what would be broken), `invalid_move`.
    """
    ways, wish = _ways(roads), asked.wish()
    if asked.dry_run:
        return ChangeOut.of(await changing.price(tx, ways, wish), changed=False)
    return ChangeOut.of(await changing.change(tx, ways, wish, actor=who.actor), changed=True)
