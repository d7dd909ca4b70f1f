"""Last known positions: in Redis for everybody, and in each process as an index that is kept up to date.

Redis holds a hash, contractor → last position, and a stream of the batches that came in. A process reads the hash
once and follows the stream from where it stood before. All of it may be lost: positions come again within seconds.
"""

import asyncio
import heapq
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from typing import Any
from uuid import UUID

import orjson
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from db.nearby import Seen
from dispatch.availability import LIVE_FOR, Fix
from geo.index import CellIndex
from geo.point import Point

# The tag in braces keeps the two on one node of a cluster, as a script needs them.
LAST_KEY = "{positions}:last"
STREAM_KEY = "{positions}:stream"

KEPT_BATCHES = 10_000
"""Of the stream, about; who falls farther behind has still read every last position once."""

SCANNED = 1_000
TAKEN_AT_ONCE = 10
"""Positions taken in before others of the event loop have their turn: 0.2 ms, 0.5 if everybody is new where they are."""

WAIT_MS = 2_000
RETRY_S = (0.2, 5.0)
"""How long after Redis went away it is tried again: at first, and at most."""

LOG = structlog.get_logger("live")

# Batches of several senders may overtake each other: an older position never takes the place of a newer one.
_REMEMBER = """
for i = 3, #ARGV, 2 do
  local known = redis.call('HGET', KEYS[1], ARGV[i])
  local at = tonumber(string.match(ARGV[i + 1], ',(%d+)'))
  if not known or tonumber(string.match(known, ',(%d+)')) < at then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
return redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[1], '*', 'batch', ARGV[2])
"""


@dataclass(frozen=True, slots=True)
class LiveFix:
    """Where a contractor was seen; the trades say in which searches they may turn up."""

    contractor_id: UUID
    trades: tuple[str, ...]
    fix: Fix


async def remember(redis: Redis, fixes: Sequence[LiveFix], *, prefix: str = "") -> None:
    """Tell every process, in one message to Redis; raises ``RedisError`` when it does not answer.

    Parameters
    ----------
    prefix : before the names of keys: nobody follows those, which is for measuring
    """
    if not fixes:
        return
    packed = [(str(one.contractor_id), _packed(one)) for one in fixes]
    arguments: list[Any] = [KEPT_BATCHES, b"[" + b",".join(value for _, value in packed) + b"]"]
    for key, value in packed:
        arguments += [key, value]
    await redis.eval(_REMEMBER, 2, prefix + LAST_KEY, prefix + STREAM_KEY, *arguments)


class LivePositions:
    """Who was seen in the last ten minutes, and where: for one event loop."""

    def __init__(self) -> None:
        self._fixes: dict[UUID, Fix] = {}
        self._trades: dict[UUID, tuple[str, ...]] = {}
        self._everybody: CellIndex[UUID] = CellIndex()
        self._by_trade: dict[str, CellIndex[UUID]] = {}
        self._ages: list[tuple[datetime, UUID]] = []
        self.available = False
        """Whether Redis answers; without it what is known goes stale within ten minutes."""
        self.news = asyncio.Condition()
        """Notified whenever something was taken in, or Redis came or went."""

    def __len__(self) -> int:
        """How many have a position, stale ones included until ``forget_stale``."""
        return len(self._fixes)

    def last(self, contractor_id: UUID) -> Fix | None:
        """The last known position, however old."""
        return self._fixes.get(contractor_id)

    def take(self, fixes: Iterable[LiveFix]) -> None:
        """Take positions in; older than what is known are passed over."""
        for one in fixes:
            known = self._fixes.get(one.contractor_id)
            if known is not None and known.at >= one.fix.at:
                continue
            for trade in self._trades.get(one.contractor_id, ()):
                if trade not in one.trades:
                    self._by_trade[trade].remove(one.contractor_id)
            for trade in one.trades:
                self._by_trade.setdefault(trade, CellIndex()).put(one.contractor_id, one.fix.point)
            self._everybody.put(one.contractor_id, one.fix.point)
            self._fixes[one.contractor_id], self._trades[one.contractor_id] = one.fix, one.trades
            heapq.heappush(self._ages, (one.fix.at, one.contractor_id))

    def forget_stale(self, now: datetime) -> None:
        """Let go of positions that say nothing any more."""
        while self._ages and self._ages[0][0] < now - LIVE_FOR:
            at, contractor_id = heapq.heappop(self._ages)
            fix = self._fixes.get(contractor_id)
            if fix is None or fix.at != at:
                continue  # seen again since
            self._everybody.remove(contractor_id)
            for trade in self._trades.pop(contractor_id):
                self._by_trade[trade].remove(contractor_id)
            del self._fixes[contractor_id]

    def nearest(self, point: Point, trade: str | None, k: int, *, within_m: float, now: datetime) -> list[Seen]:
        """The k people seen nearest in the last ten minutes, of a trade or of any."""
        index = self._everybody if trade is None else self._by_trade.get(trade)
        if index is None or not len(index):
            return []
        oldest = now - LIVE_FOR
        found = index.nearest(point, k, within_m=within_m, where=lambda who: self._fixes[who].at >= oldest)
        return [Seen(contractor_id, self._fixes[contractor_id], metres) for contractor_id, metres in found]

    async def follow(self, redis: Redis) -> None:
        """Keep up with Redis until cancelled; while it is away, try again and say so once."""
        retry_s = RETRY_S[0]
        while True:
            try:
                await self._read(redis)
            except (RedisError, OSError, TimeoutError) as error:
                if self.available or retry_s == RETRY_S[0]:
                    LOG.warning("live positions unavailable", kind=type(error).__name__)
                retry_s = RETRY_S[0] if self.available else min(2 * retry_s, RETRY_S[1])
                await self._say(available=False)
                await asyncio.sleep(retry_s)

    async def _read(self, redis: Redis) -> None:
        newest: Any = await redis.xrevrange(STREAM_KEY, count=1)
        position: Any = newest[0][0] if newest else "0"
        cursor: Any = None
        while cursor != 0:
            answer: Any = await redis.hscan(LAST_KEY, cursor or 0, count=SCANNED)
            cursor, found = answer
            await self._take_packed(found.values())
        if not self.available:
            LOG.info("live positions", known=len(self))
        await self._say(available=True)
        while True:
            batches: Any = await redis.xread({STREAM_KEY: position}, block=WAIT_MS)
            for _, entries in batches:
                for entry, fields in entries:
                    position = entry
                    await self._take_packed(orjson.loads(fields[b"batch"]))
            self.forget_stale(datetime.now(UTC))
            await self._say(available=True)

    async def _take_packed(self, packed: Iterable[Any]) -> None:
        oldest = datetime.now(UTC) - LIVE_FOR
        for some in batched(packed, TAKEN_AT_ONCE):
            for value in some:
                # What is not ours, or of another version, is passed over.
                with suppress(ValueError, TypeError, KeyError):
                    one = _unpacked(orjson.loads(value) if isinstance(value, bytes) else value)
                    if one.fix.at >= oldest:
                        self.take((one,))
            await asyncio.sleep(0)

    async def _say(self, *, available: bool) -> None:
        self.available = available
        async with self.news:
            self.news.notify_all()


def _packed(one: LiveFix) -> bytes:
    at_ms = round(one.fix.at.timestamp() * 1000)
    point = one.fix.point
    return orjson.dumps([str(one.contractor_id), at_ms, point.lon, point.lat, list(one.trades)])


def _unpacked(value: Sequence[Any]) -> LiveFix:
    contractor_id, at_ms, lon, lat, trades = value
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return LiveFix(UUID(contractor_id), tuple(trades), Fix(Point(lon, lat), at))
