"""A Tuesday in a small town: people with homes and shifts, jobs near by, straight roads. For tests of plans and bookings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.dispatch_runs import changing, committing, service
from api.dispatch_runs.changing import Priced, Wish
from api.dispatch_runs.committing import Committed
from api.dispatch_runs.handlers import plan_run
from api.dispatch_runs.revising import Ways
from db import plan_store, runs
from db.engine import snapshot, transaction
from db.ids import contractor_id, job_id
from geo import polyline
from routing.straight import Straight
from routing.types import Matrix

TOWN, TUESDAY = "smalltown", date(2026, 11, 24)
LON, LAT = -71.2517, -29.9059
QUICK = {"limit_s": None, "budget_iterations": 20, "seed": 1}
LIVE = "status in ('planned', 'started')"


PROPOSED: list[Any] = []
"""The run that ``SmallDay.ready`` has had planned."""


class StraightWays:
    """Roads as the crow flies, as services ask for them."""

    async def table(self, lonlat: np.ndarray) -> Matrix:
        return Straight().table(lonlat)

    async def line(self, lonlat: np.ndarray) -> str:
        return polyline.encode(lonlat, precision=6)


def straight_ways(_: str) -> Ways:
    return StraightWays()


def straight_engine(_: str) -> Straight:
    return Straight()


def person(name: str) -> UUID:
    return contractor_id(TOWN, name)


def job(name: str) -> UUID:
    return job_id(TOWN, name)


@dataclass
class SmallDay:
    """A database with a town in it, and what an operator does."""

    database: AsyncEngine

    async def execute(self, statement: str, **values: Any) -> list[Any]:
        async with transaction(self.database) as tx:
            result = await tx.execute(text(statement), values)
            return list(result.all()) if result.returns_rows else []

    async def clear(self) -> None:
        """Take everything away again."""
        tables = "assignments", "stops", "routes", "plan_days", "plans", "dispatch_runs", "jobs", "offerings", "shifts"
        for table in (*tables, "time_off", "contractors", "regions", "events", "handled"):
            await self.execute(f"delete from {table}")
        await self.execute("delete from trades where name = 'thatcher'")

    async def settle(self, people: int = 4, jobs: int = 12, *, timezone: str = "America/Santiago") -> "SmallDay":
        """People p0, p1 … from 8 to 16; jobs j0, j1 … of half an hour for that day, each a trade that everybody has."""
        await self.execute(
            "insert into regions (name, version, algorithm, timezone, outline, statistics) values (:name, 'v', 'mld', :tz,"
            " st_multi(st_buffer(cast(st_makepoint(:lon, :lat) as geography), 20000)::geometry)::geography, '{}')",
            name=TOWN,
            tz=timezone,
            lon=LON,
            lat=LAT,
        )
        await self.execute("insert into trades (name, title, typical_duration_s) values ('thatcher', 'Thatcher', 3600)")
        for number in range(people):
            await self.person(f"p{number}", number, timezone)
        for number in range(jobs):
            await self.job(f"j{number}", number)
        return self

    async def person(self, name: str, place: int, timezone: str = "America/Santiago") -> UUID:
        ours = {"id": person(name), "region": TOWN, "name": name, "tz": timezone, **_place(3 * place)}
        await self.execute(
            "insert into contractors (id, region, external_id, name, home, timezone, cost_per_hour)"
            " values (:id, :region, :name, :name, st_makepoint(:lon, :lat), :tz, 3600)",
            **ours,
        )
        await self.execute(
            "insert into offerings (contractor_id, trade_id, home, reach_m, week_min, timezone)"
            " select c.id, t.id, c.home, c.reach_m, '{[0,10080)}', c.timezone from contractors c, trades t"
            " where c.id = :id and t.name = 'thatcher'",
            id=ours["id"],
        )
        await self.execute(
            "insert into shifts (contractor_id, weekday, starts_min, ends_min) values (:id, 1, 480, 960)", id=ours["id"]
        )
        return person(name)

    async def job(self, name: str, place: int, **values: Any) -> UUID:
        row = {"wanted_on": TUESDAY, "duration_s": 1800, "window_start_min": None, "window_end_min": None} | values
        await self.execute(
            "insert into jobs (id, region, external_id, trade_id, location, duration_s, wanted_on, window_start_min,"
            " window_end_min, address) select :id, :region, :name, t.id, st_makepoint(:lon, :lat), :duration_s, :wanted_on,"
            " :window_start_min, :window_end_min, 'Calle ' || :name from trades t where t.name = 'thatcher'",
            id=job(name),
            region=TOWN,
            name=name,
            **_place(place),
            **row,
        )
        return job(name)

    async def request(self, options: Mapping[str, Any] = QUICK, on_date: date = TUESDAY) -> UUID:
        async with transaction(self.database) as tx:
            return await service.request(tx, TOWN, on_date, options, actor="test")

    async def planned(
        self, options: Mapping[str, Any] = QUICK, on_date: date = TUESDAY, now: datetime | None = None
    ) -> UUID:
        """A run that is ready."""
        run_id = await self.request(options, on_date)
        assert await plan_run(self.database, straight_engine, run_id, now=now) == "ready"
        return run_id

    async def ready(self) -> UUID:
        """A run that is ready for the version in force, of a day as ``settle`` makes it, without solving it again.

        The first one of a process is planned; ids follow from names, so that its proposal is good in any database.
        """
        if not PROPOSED:
            run_id = await self.planned()
            PROPOSED.extend(await self.execute("select * from dispatch_runs where id = :id", id=run_id))
            return run_id
        async with transaction(self.database) as tx:
            run_id = await runs.add(tx, TOWN, TUESDAY, QUICK)
            assert await runs.claim(tx, run_id, "earlier") is not None
            at = await plan_store.head(tx, TOWN, TUESDAY)
            row = PROPOSED[0]
            assert await runs.finish(
                tx,
                run_id,
                "earlier",
                document=row.document,
                difference=row.difference,
                base_version=at.version,
                best=row.best,
            )
        return run_id

    async def commit(self, run_id: UUID) -> Committed:
        async with transaction(self.database) as tx:
            return await committing.commit(tx, straight_ways, run_id, actor="test")

    async def undo(self, run_id: UUID) -> Committed:
        async with transaction(self.database) as tx:
            return await committing.undo(tx, straight_ways, run_id, actor="test")

    async def change(
        self, name: str, to: str | None, base_version: int, position: int | None = None, *, dry_run: bool = False
    ) -> Priced:
        who = None if to is None else person(to)
        wish = Wish(TOWN, TUESDAY, base_version, job(name), who, position)
        async with transaction(self.database) as tx:
            if dry_run:
                return await changing.price(tx, straight_ways, wish)
            return await changing.change(tx, straight_ways, wish, actor="test")

    async def run(self, run_id: UUID) -> runs.RunRow:
        async with snapshot(self.database) as tx:
            found = await runs.read(tx, run_id)
        assert found is not None
        return found

    async def version(self) -> int:
        rows = await self.execute("select version from plan_days where region = :r and on_date = :d", r=TOWN, d=TUESDAY)
        return rows[0].version if rows else 0

    async def bookings(self) -> list[Any]:
        """What stands: who is where when."""
        return await self.execute(
            "select job_id, contractor_id, leaves_at, arrives_at, service_starts_at, service_ends_at, departs_at"
            f" from assignments where {LIVE} order by job_id"
        )

    async def routes(self) -> list[Any]:
        """Routes and stops of the plan in force, without the ids of its version."""
        return await self.execute(
            "select r.contractor_id, r.starts_at, r.ends_at, r.travel_s, r.distance_m, r.geometry, s.position, s.job_id,"
            " s.arrives_at, s.service_starts_at, s.departs_at, s.travel_s as leg_s, s.wait_s"
            " from plan_days d join routes r on r.plan_id = d.plan_id"
            " join stops s on s.plan_id = r.plan_id and s.contractor_id = r.contractor_id"
            " where d.region = :r and d.on_date = :d order by r.contractor_id, s.position",
            r=TOWN,
            d=TUESDAY,
        )

    async def statuses(self) -> dict[str, str]:
        return {row.external_id: row.status for row in await self.execute("select external_id, status from jobs")}

    async def check_bookings(self) -> None:
        """Own check: nobody in two places, and bookings say exactly what the plan in force says."""
        booked = sorted(await self.bookings(), key=lambda row: (row.contractor_id, row.leaves_at))
        for one, two in pairwise(booked):
            assert one.contractor_id != two.contractor_id or one.departs_at <= two.leaves_at
        stops = {(row.job_id, row.contractor_id, row.service_starts_at) for row in await self.routes()}
        assert stops == {(row.job_id, row.contractor_id, row.service_starts_at) for row in booked}
        assigned = await self.execute("select id from jobs where status = 'assigned'")
        assert {row.id for row in assigned} == {row.job_id for row in booked}


def outcomes(done: Committed) -> dict[str, int]:
    """How many jobs met which fate."""
    found: dict[str, int] = {}
    for it in done.outcome:
        found[it["outcome"]] = found.get(it["outcome"], 0) + 1
    return found


def _place(number: int) -> dict[str, float]:
    """Places on a grid of about 500 m."""
    return {"lon": LON + 0.005 * (number % 4), "lat": LAT - 0.005 * (number // 4)}
