"""Rows of people or jobs into the database, with their region and the trades that are new, in one transaction."""

from collections.abc import Callable, Iterable
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from db import contractor_intake, job_intake, regions, trades
from db.staging import Stored
from dispatch.match import nearest_spelling
from dispatch.standing_types import StandingContractor, StandingJob
from ingest.usable_rows import Progress
from routing.region import Region

type NewTrades = dict[str, str | None]


async def fill_contractors(
    tx: AsyncConnection, region: Region, people: tuple[StandingContractor, ...], timezone: str, progress: Progress
) -> tuple[Stored, NewTrades]:
    """Write people into a region, which is brought into line first."""
    await regions.upsert(tx, [region])
    new = await _new_trades(tx, {trade for person in people for trade in person.trades})
    tell = _share_of(len(people), progress)
    return await contractor_intake.store(tx, region.name, people, timezone, tell), new


async def fill_jobs(
    tx: AsyncConnection, region: Region, jobs: tuple[StandingJob, ...], wanted_on: date | None, progress: Progress
) -> tuple[Stored, NewTrades]:
    """Write jobs into a region, which is brought into line first."""
    await regions.upsert(tx, [region])
    new = await _new_trades(tx, {job.trade for job in jobs})
    tell = _share_of(len(jobs), progress)
    return await job_intake.store(tx, region.name, jobs, wanted_on, tell), new


async def _new_trades(tx: AsyncConnection, wanted: Iterable[str]) -> NewTrades:
    """Trades nobody has heard of, each with the known one that it may have been meant for."""
    known = set(await trades.names(tx))
    return {trade: nearest_spelling(trade, known) for trade in sorted(set(wanted) - known)}


def _share_of(n_rows: int, progress: Progress) -> Callable[[int], None]:
    return lambda n_sent: progress("write", n_sent / n_rows)
