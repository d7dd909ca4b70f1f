"""Redis GEOSEARCH: a sorted set a trade, plain commands one at a time over the server's socket."""

import os
import time
from typing import Any

import numpy as np
from redis import Redis

from benchmarks.proximity.fleet import N_TRADES, NEAREST, WITHIN_M, Fleet, Question
from benchmarks.proximity.ways import Built

PREFIX = f"trades-bench:{os.getpid()}:"
"""Of every key of the suite."""

_AT_ONCE = 1000


class ByRedis:
    """GEOSEARCH FROMLONLAT BYRADIUS COUNT ASC WITHDIST, members as short as they can be.

    Redis takes the earth for a sphere of 6,372,797.56 m, 0.03 % larger than ours, and rounds positions to 52 bits,
    0.6 m at the most.
    """

    name, writes, share, metres = "redis", "redis", 3e-4, 1.0

    def __init__(self, url: str) -> None:
        self.url = url
        self._client: Redis = Redis.from_url(url, socket_timeout=60.0)  # type: ignore[type-arg, unused-ignore]

    def build(self, of: Fleet) -> Built:
        """Hold a fleet."""
        self.forget()
        began_s = time.perf_counter()
        for first in range(0, len(of), _AT_ONCE):
            who = np.arange(first, min(first + _AT_ONCE, len(of)))
            write_positions(self._client, PREFIX, of, who, of.lonlat[who])
        took_s = time.perf_counter() - began_s
        version = self._client.info("server").get("redis_version")
        return Built(took_s, self._memory_bytes(), {"redis": version})

    def ask(self, question: Question) -> list[list[Any]]:
        """[member, metres as text], nearest first."""
        return self._client.execute_command(  # type: ignore[no-any-return, no-untyped-call, unused-ignore]
            *("GEOSEARCH", f"{PREFIX}{question.trade}", "FROMLONLAT", question.lon, question.lat),
            *("BYRADIUS", WITHIN_M, "m", "ASC", "COUNT", NEAREST, "WITHDIST"),
        )

    def numbers(self, answer: list[list[Any]]) -> list[int]:
        """The numbers of contractors in an answer."""
        return [int(member) for member, *_ in answer]

    def spent(self) -> tuple[int, int]:
        """How many GEOSEARCH the server has answered since it was started, and in how many microseconds of its own."""
        found: Any = self._client.info("commandstats").get("cmdstat_geosearch", {})
        return int(found.get("calls", 0)), int(found.get("usec", 0))

    def forget(self) -> None:
        """Delete what is under the prefix."""
        self._client.delete(*(f"{PREFIX}{trade}" for trade in range(N_TRADES)))

    def close(self) -> None:
        """Leave nothing behind."""
        self.forget()
        self._client.close()

    def _memory_bytes(self) -> int:
        keys = (f"{PREFIX}{trade}" for trade in range(N_TRADES))
        return sum(int(self._client.memory_usage(key, samples=0) or 0) for key in keys)


def write_positions(client: Any, prefix: str, of: Fleet, who: np.ndarray, lonlat: np.ndarray) -> None:
    """GEOADD of so many, a command a trade, sent together."""
    by_trade: dict[int, list[object]] = {}
    for number, trade, (lon, lat) in zip(who.tolist(), of.trade[who].tolist(), lonlat.tolist(), strict=True):
        by_trade.setdefault(trade, []).extend((lon, lat, number))
    with client.pipeline(transaction=False) as together:
        for trade, values in by_trade.items():
            together.execute_command("GEOADD", f"{prefix}{trade}", *values)
        together.execute()
