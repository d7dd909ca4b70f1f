"""VROOM's problem JSON in, its solution or error object out, from a child process with a deadline."""

import asyncio
import json
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from api.errors import OutsideCoverage
from api.lane import Busy, Lane
from api.roads import Roads
from api.vroom.child import Answer, Question, Started
from geo.point import Point
from routing.engine import RoadRoute
from routing.errors import RoutingError, UnknownRegion
from routing.process import Packed, Process, packed
from routing.region import Region
from routing.straight import Straight
from routing.types import Matrix
from routing.vroom.types import INPUT, INTERNAL, ROUTING, VroomError

READ_S = 30.0
"""For starting a child and reading a request."""

GRACE_S = 45.0
"""For travel tables, repair and timetable, besides the search."""

PROBLEMS_EACH = 100
"""Answered by one child before another takes its place, whatever memory it has gathered."""

ROWS_AT_ONCE = 250
"""Of a table: other questions to the same engine get their turn in between, and none outlasts its deadline.

Each part costs a search from every column again: 1,000 places took 9.7 s in parts of 250 rows, 7.2 s whole, 25 s in
parts of 50, on a busy machine.
"""


class Children:
    """One child at a time; it goes on to the next problem, for its imports take a second, unless it fails at one."""

    def __init__(self) -> None:
        self.lane = Lane("VROOM problems", n_waiting=8, patience_s=60.0)
        self._kept: Process | None = None
        self._n_answered = 0

    async def answer(self, roads: Roads, body: bytes, named: Region | None) -> Answer:
        """Wait for a turn and have the child answer; raises ``Busy``."""
        async with self.lane.turn():
            child, self._kept = self._kept, None
            if child is None or not child.alive:
                child, self._n_answered = await asyncio.to_thread(Process, "api.vroom.child", "work"), 0
            found = None
            try:
                found = await _conversation(child, roads, body, named)
            except (EOFError, OSError):
                return refusal(500, INTERNAL, "the process that searched has died; please report this problem")
            finally:
                self._n_answered += 1
                if found is None or self._n_answered >= PROBLEMS_EACH:
                    child.end()
                else:
                    self._kept = child
            if found is None:
                return refusal(503, INTERNAL, "no answer in time; send a smaller problem, or a smaller options.l")
            return found

    def close(self) -> None:
        """End the child."""
        if self._kept is not None:
            self._kept.end()
            self._kept = None


async def answer(roads: Roads, children: Children, body: bytes, region: str | None) -> Answer:
    """What VROOM would answer.

    Parameters
    ----------
    children : who answers
    body : VROOM's problem, with ``options`` as vroom-express takes them
    region : whose roads to take; None: those of the region that holds all places, if any are asked for
    """
    try:
        named = None if region is None else roads.region(region)
    except UnknownRegion as unknown:
        return refusal(400, INPUT, str(unknown))
    try:
        return await children.answer(roads, body, named)
    except Busy as busy:
        return refusal(503, INTERNAL, str(busy))


def refusal(status: int, code: int, message: str) -> Answer:
    """VROOM's error object."""
    body = json.dumps(VroomError(code, message).answer()).encode("ascii")
    return Answer(status, body, "given")


async def _conversation(child: Process, roads: Roads, body: bytes, named: Region | None) -> Answer | None:
    """The child's answer, with its questions answered; None when it does not come in time."""
    until_s = time.monotonic() + READ_S
    await asyncio.to_thread(child.line.send, body)
    while True:
        match await asyncio.to_thread(_heard, child, until_s):
            case Started(limit_s):
                until_s = time.monotonic() + limit_s + GRACE_S
            case Question() as asked:
                await asyncio.to_thread(child.line.send, await _reply(roads, named, asked))
            case Answer() as found:
                return found
            case None:
                return None


def _heard(child: Process, until_s: float) -> Answer | Started | Question | None:
    """What the child says next; None when it says nothing in time."""
    if not child.line.poll(max(0.0, until_s - time.monotonic())):
        return None
    message: Answer | Started | Question = child.line.recv()
    return message


async def _reply(roads: Roads, named: Region | None, asked: Question) -> Matrix | RoadRoute | Packed:
    """What the roads say, or their error as it crosses the line."""
    try:
        region = named or _covering(roads, asked.lonlat)
        if asked.method == "table":
            return await _table(roads, region, asked.lonlat)
        return await roads.route(region, asked.lonlat)
    except RoutingError as error:
        return packed(error)


def _covering(roads: Roads, lonlat: NDArray[np.float64]) -> Region:
    try:
        return roads.covering([Point(lon, lat) for lon, lat in lonlat.tolist()])
    except OutsideCoverage as outside:
        raise VroomError(ROUTING, str(outside)) from outside


async def _table(roads: Roads, region: Region, lonlat: NDArray[np.float64]) -> Matrix:
    """The whole table, a few rows at a time; all of it by straight lines if any part of it is."""
    parts: list[Matrix] = []
    for first in range(0, len(lonlat), ROWS_AT_ONCE):
        rows: Sequence[int] = range(first, min(first + ROWS_AT_ONCE, len(lonlat)))
        part = await roads.table(region, lonlat, rows)
        if part.source == "straight":
            return Straight().table(lonlat)
        parts.append(part)
    return Matrix(
        np.concatenate([part.duration_s for part in parts]),
        np.concatenate([part.distance_m for part in parts]),
        parts[0].source,
    )
