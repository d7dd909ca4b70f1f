"""VROOM requests, answered in a process of their own: whatever it takes, and even if it dies, the server lives on.

The roads stay with the server: the child asks for tables and lines over its line, so that no road data is loaded
twice and the server's stand-in answers when OSRM does not.
"""

import json
import math
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from geo.point import checked_lonlat
from routing.engine import RoadRoute
from routing.errors import EngineFailed, Fault, RoutingError, UnreadableFile
from routing.json_lines import parsed
from routing.process import Packed, unpacked
from routing.solver import solve
from routing.types import Matrix
from routing.vroom import Effort, answered
from routing.vroom.types import INPUT, INTERNAL, ROUTING, VroomError, refused

TOO_LARGE = 4
"""vroom-express's own code, for problems that are larger than it takes."""

MOST_TASKS, MOST_VEHICLES = 1_000, 200
"""What vroom-express takes unless told otherwise; a shipment is two tasks."""

DEFAULT_LIMIT_S, MOST_LIMIT_S = 5.0, 60.0
MOST_EXPLORATION = 5
LEAST_S = 0.5

STATUS = {0: 200, INTERNAL: 500, INPUT: 400, ROUTING: 400, TOO_LARGE: 413}
"""HTTP's status for VROOM's code. vroom-express says 500 for 3, too; here the request is at fault: a place off the road."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the child wants to know from the roads: a method of ``TravelTimes`` and its arguments."""

    method: str
    lonlat: np.ndarray


@dataclass(frozen=True, slots=True)
class Started:
    """The child has read its request and may search for so long."""

    limit_s: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes over HTTP: its status, VROOM's solution or error object, and who answered for the roads."""

    status: int
    body: bytes
    travel_time_source: str


@dataclass(frozen=True, slots=True)
class Options:
    """What a request's ``options`` ask for, as VROOM's command line would: -g, -c, -l."""

    geometry: bool
    choose_eta: bool
    limit_s: float


def work(line: Connection) -> None:
    """Read requests from the line and answer them, until the other side hangs up: the child's whole life."""
    try:
        while True:
            body: bytes = line.recv()
            line.send(_answer(line, body))
    except (EOFError, OSError):
        return


def _answer(line: Connection, body: bytes) -> Answer:
    roads = _Roads(line)
    try:
        found = _read(body)
        options = read_options(found)
        line.send(Started(options.limit_s))
        effort = Effort(limit_s=options.limit_s, search=solve)
        said = answered(found, roads, geometry=options.geometry, choose_eta=options.choose_eta, effort=effort)
        if roads.source == "straight":
            said["travel_time_source"] = "straight"
        code = 0
    except VroomError as error:
        code, said = error.code, error.answer()
    except RoutingError as error:
        code, said = ROUTING, VroomError(ROUTING, str(error)).answer()
    status = 503 if isinstance(roads.failed, EngineFailed) and code == ROUTING else STATUS[code]
    return Answer(status, json.dumps(said, separators=(",", ":")).encode("ascii"), roads.source)


def _read(body: bytes) -> Any:
    """The JSON of a body, known to be of a size that is taken; raises ``VroomError``."""
    try:
        found = parsed(body.decode("utf-8"), Path("body"))
    except UnicodeDecodeError as error:
        raise VroomError(INPUT, f"the body is not UTF-8 (byte {error.start}); JSON must be") from error
    except UnreadableFile as error:
        raise VroomError(INPUT, str(error)) from error
    if isinstance(found, dict):
        n_tasks = _n(found, "jobs") + 2 * _n(found, "shipments")
        for name, n, most in (("tasks", n_tasks, MOST_TASKS), ("vehicles", _n(found, "vehicles"), MOST_VEHICLES)):
            if n > most:
                message = f"{n:,} {name} are too many, the most is {most:,}; ./trades solve --vroom takes more"
                raise VroomError(TOO_LARGE, message)
    return found


def _n(found: dict[str, Any], name: str) -> int:
    value = found.get(name)
    return len(value) if isinstance(value, list) else 0


def read_options(found: Any) -> Options:
    """The options of a problem; ``t`` (threads) is passed over, ``x`` (exploration) allows a second for each level.

    Raises
    ------
    VroomError : code 2, with every option that cannot be used
    """
    given = found.get("options", {}) if isinstance(found, dict) else {}
    if not isinstance(given, dict):
        raise VroomError(INPUT, "options must be an object in braces: g, c, l, x, t")
    faults = [
        Fault("wrong_type", f"options.{name}", given[name], "must be true or false")
        for name in ("g", "c")
        if name in given and given[name] not in (True, False)
    ]
    level = given.get("x", MOST_EXPLORATION)
    if type(level) is not int or not 0 <= level <= MOST_EXPLORATION:
        faults.append(Fault("wrong_type", "options.x", level, f"must be a whole number from 0 to {MOST_EXPLORATION}"))
        level = MOST_EXPLORATION
    limit_s = given.get("l", max(LEAST_S, DEFAULT_LIMIT_S * level / MOST_EXPLORATION))
    if type(limit_s) not in (int, float) or not (math.isfinite(limit_s) and 0 < limit_s <= MOST_LIMIT_S):
        faults.append(
            Fault("wrong_type", "options.l", limit_s, f"must be seconds of search, above 0 and up to {MOST_LIMIT_S:g}")
        )
    if faults:
        raise refused(faults)
    return Options(bool(given.get("g", False)), bool(given.get("c", False)), float(limit_s))


class _Roads:
    """``routing.vroom.Roads`` at the other end of the line."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self.source = "given"
        """Who answered: "osrm"; "straight" once a straight line was among the answers; "given" while nobody did."""
        self.failed: Exception | None = None

    def table(self, lonlat: np.ndarray) -> Matrix:
        """Travel between all points."""
        return self._ask("table", lonlat)  # type: ignore[no-any-return]

    def route(self, lonlat: np.ndarray) -> RoadRoute:
        """The way through the points in order."""
        return self._ask("route", lonlat)  # type: ignore[no-any-return]

    def _ask(self, method: str, lonlat: ArrayLike) -> Any:
        self._line.send(Question(method, checked_lonlat(lonlat)))
        reply: Packed | Matrix | RoadRoute = self._line.recv()
        if isinstance(reply, tuple):
            self.failed = unpacked(reply)
            raise self.failed
        self.source = "straight" if "straight" in (self.source, reply.source) else reply.source
        return reply
