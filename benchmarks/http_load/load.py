"""Load, from a process of its own: open (requests come when they come) and closed (so many at once, without a pause)."""

import asyncio
import gc
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

import numpy as np

from benchmarks.http_load.client import MOST_CONNECTIONS, TIMEOUT_S, Client, Request, Response
from routing.errors import EngineFailed
from routing.process import Process

PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Load:
    """What to send.

    Parameters
    ----------
    requests : sent in order, and over again
    rate_per_s : mean of a Poisson process; 0 for a closed loop
    n_at_once : requests under way in a closed loop
    seconds : for so long requests are sent; answers are waited for
    """

    host: str
    port: int
    key: str | None
    requests: Sequence[Request]
    seconds: float
    rate_per_s: float = 0.0
    n_at_once: int = 1
    seed: int = 1
    timeout_s: float = TIMEOUT_S
    most_connections: int = MOST_CONNECTIONS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it.

    Parameters
    ----------
    took_s : of each request that got an answer of 2xx or 3xx, from the instant it was due to the end of its answer
    statuses : how many of each
    sources : how many answers of each ``travel_time_source``
    late_s : how long after its instant the client itself sent the most belated request
    wall_s : from the first instant to the last answer
    cpu_s : of the client
    """

    took_s: tuple[float, ...]
    statuses: dict[str, int]
    sources: dict[str, int]
    late_s: float
    wall_s: float
    cpu_s: float

    @property
    def n_sent(self) -> int:
        """Requests in all."""
        return sum(self.statuses.values())

    def percentile_ms(self, percent: float) -> float | None:
        """A percentile of answers; None without any."""
        return float(np.percentile(self.took_s, percent)) * 1000 if self.took_s else None


class Sender:
    """A process of its own that sends loads, so that measuring and serving do not share an interpreter."""

    def __init__(self) -> None:
        self._child = Process("benchmarks.http_load.load", "work")

    def apply(self, load: Load) -> Outcome:
        """Send one load to its end.

        Raises
        ------
        EngineFailed : the process died or does not answer
        """
        try:
            self._child.line.send(load)
            if not self._child.line.poll(load.seconds + load.timeout_s + PATIENCE_S):
                raise EngineFailed("the process that sends requests does not answer")
            outcome: Outcome = self._child.line.recv()
        except (EOFError, OSError) as error:
            raise EngineFailed("the process that sends requests died") from error
        return outcome

    def close(self) -> None:
        """Let it go."""
        self._child.end()


def work(line: Connection) -> None:
    """Send loads until nobody asks for more: the child's whole life."""
    while True:
        try:
            load: Load = line.recv()
        except EOFError:
            return
        gc.collect()
        gc.disable()
        line.send(asyncio.run(sent(load)))


async def sent(load: Load) -> Outcome:
    """Send a load from this event loop."""
    client = Client(load.host, load.port, load.key, load.timeout_s, load.most_connections)
    tally = _Tally()
    cpu_s, began_s = time.process_time(), time.perf_counter()
    try:
        if load.rate_per_s:
            await _open(client, load, tally, began_s)
        else:
            await _closed(client, load, tally, began_s)
    finally:
        await client.close()
    return Outcome(
        tuple(tally.took_s),
        dict(tally.statuses),
        dict(tally.sources),
        tally.late_s,
        time.perf_counter() - began_s,
        time.process_time() - cpu_s,
    )


def due_s(rate_per_s: float, seconds: float, seed: int) -> list[float]:
    """Instants of a Poisson process, seconds from the start, in order."""
    rng = np.random.default_rng(seed)
    # Given their number, the instants of a Poisson process are uniform.
    instants: list[float] = np.sort(rng.uniform(0.0, seconds, rng.poisson(rate_per_s * seconds))).tolist()
    return instants


class _Tally:
    def __init__(self) -> None:
        self.took_s: list[float] = []
        self.statuses: Counter[str] = Counter()
        self.sources: Counter[str] = Counter()
        self.late_s = 0.0

    def add(self, response: Response, took_s: float) -> None:
        self.statuses[response.status] += 1
        if response.status[0] in "23":
            self.took_s.append(took_s)
            if response.source is not None:
                self.sources[response.source] += 1


async def _open(client: Client, load: Load, tally: _Tally, began_s: float) -> None:
    """Every request at its instant, whatever became of those before; the clock of each runs from that instant."""

    async def one(request: Request, instant_s: float) -> None:
        response = await client.send(request)
        tally.add(response, time.perf_counter() - began_s - instant_s)

    async with asyncio.TaskGroup() as under_way:
        for number, instant_s in enumerate(due_s(load.rate_per_s, load.seconds, load.seed)):
            wait_s = began_s + instant_s - time.perf_counter()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            tally.late_s = max(tally.late_s, time.perf_counter() - began_s - instant_s)
            under_way.create_task(one(load.requests[number % len(load.requests)], instant_s))


async def _closed(client: Client, load: Load, tally: _Tally, began_s: float) -> None:
    numbers = iter(range(10**9))

    async def one_after_another() -> None:
        while (sent_s := time.perf_counter()) < began_s + load.seconds:
            response = await client.send(load.requests[next(numbers) % len(load.requests)])
            tally.add(response, time.perf_counter() - sent_s)
            if response.status in ("refused", "broken"):
                await asyncio.sleep(0.05)  # a server that is gone must not be asked a million times

    async with asyncio.TaskGroup() as under_way:
        for _ in range(load.n_at_once):
            under_way.create_task(one_after_another())
