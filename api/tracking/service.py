"""Take positions in: the track to the database, the last known to everybody who looks for who is near."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncConnection

from db import positions
from db.live import LiveFix, remember
from db.positions import PositionRow
from dispatch.availability import LIVE_FOR, Fix

CLOCKS_APART = timedelta(seconds=30)
"""How far a device's clock may be ahead of ours."""

NAMED = 10

LOG = structlog.get_logger("tracking")


class UnknownContractors(Exception):
    """Positions of people who are not there; carries their ids. Nothing was written."""

    def __init__(self, contractor_ids: Sequence[UUID]) -> None:
        named = ", ".join(str(one) for one in contractor_ids[:NAMED])
        more = f" and {len(contractor_ids) - NAMED} more" if len(contractor_ids) > NAMED else ""
        super().__init__(f"contractor_id: there is no contractor {named}{more}; nothing was written")
        self.details = {"contractor_ids": [str(one) for one in contractor_ids]}


class FromTheFuture(Exception):
    """A position is ahead of this server's clock; carries which and by how much. Nothing was written."""

    def __init__(self, position: int, ahead_s: int) -> None:
        super().__init__(
            f"positions[{position}].at is {ahead_s} s ahead of the server's clock, more than"
            f" {int(CLOCKS_APART.total_seconds())} s; set the device's clock, or send an offset from UTC"
        )
        self.details = {"position": position, "ahead_s": ahead_s}


async def record(tx: AsyncConnection, redis: Redis, rows: Sequence[PositionRow], *, now: datetime) -> tuple[int, bool]:
    """Write a batch down and pass on what is recent.

    Returns
    -------
    how many were new to the track; whether the live positions took them

    Raises
    ------
    UnknownContractors, FromTheFuture : nothing was written
    """
    for position, row in enumerate(rows):
        if row.at - now > CLOCKS_APART:
            raise FromTheFuture(position, round((row.at - now).total_seconds()))
    trades = await positions.trades_of(tx, {row.contractor_id for row in rows})
    unknown = sorted({row.contractor_id for row in rows} - trades.keys())
    if unknown:
        raise UnknownContractors(unknown)
    added = await positions.add(tx, rows)
    newest: dict[UUID, PositionRow] = {}
    for row in rows:
        if now - row.at <= LIVE_FOR and (row.contractor_id not in newest or row.at > newest[row.contractor_id].at):
            newest[row.contractor_id] = row
    fixes = [LiveFix(who, trades[who], Fix(row.point, row.at)) for who, row in newest.items()]
    try:
        await remember(redis, fixes)
    except (RedisError, OSError) as error:
        LOG.warning("positions are not live", kind=type(error).__name__, n_positions=len(fixes))
        return added, False
    return added, True
