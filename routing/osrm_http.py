"""Travel times from a running osrm-routed, by HTTP: the same promises as the engine in process.

A call has a deadline and one more try, on a new connection. When the server is away straight lines answer, ``source``
and the answer say so, and it is not asked again for a while, so that an outage does not slow every call.

Source of requests and answers: OSRM's HTTP API, version 1. Requests of many points are sent as JSON, which osrm-routed
takes since 26; older ones are told by a status that is no answer, and only take so many points as fit a line.
"""

import http.client
import json
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.point import checked_lonlat
from routing.arguments import at_least, positions, rising
from routing.child import DEADLINE_S, RETRY_AFTER_S
from routing.engine import SNAP_LIMIT_M, Directions, RoadRoute, Snaps, TravelTimes
from routing.errors import EngineFailed, NoRoute, OffRoad
from routing.osrm_answers import GPS_PRECISION_M, joined, spread, table_of, turn_by_turn
from routing.straight import Straight
from routing.types import Matrix

REGION = "{region}"
"""Stands for the region's name in an address: one osrm-routed serves one data set."""

CONNECT_WITHIN_S = 5.0
"""A server that is up takes a connection in milliseconds; one more second for each hop is plenty."""

LINE_LENGTH_MOST = 4000
"""Of a request in one line: half of the 8,000 octets that RFC 9112, section 3, asks every server to take."""

_COORDINATE = re.compile(r"coordinate (\d+)")


class OsrmHttp:
    """``TravelTimes`` answered by osrm-routed. Threads may share it; their calls take turns.

    Parameters
    ----------
    url : http or https, with a path if there is one before ``/table/v1``; ``{region}`` in it is the region's name
    region : its name
    deadline_s : how long a call may take, its turn included, before straight lines answer
    retry_after_s : how long straight lines go on answering before the server is asked again
    fallback : answers when the server cannot

    Raises
    ------
    EngineFailed : the address is none
    """

    def __init__(
        self,
        url: str,
        region: str,
        *,
        deadline_s: float = DEADLINE_S,
        retry_after_s: float = RETRY_AFTER_S,
        fallback: TravelTimes | None = None,
    ) -> None:
        self._scheme, self._host, self._port, self._path = address_of(url, region)
        self._deadline_s, self._retry_after_s = deadline_s, retry_after_s
        self._fallback: TravelTimes = fallback or Straight()
        self._lock = threading.Lock()
        self._line: http.client.HTTPConnection | None = None
        self._pause_until_s = 0.0
        self._closed = False
        self._source = "osrm"

    @property
    def source(self) -> str:
        """Who answers: "osrm", or "straight" since a call could not be answered by OSRM and until one can."""
        return self._source

    @property
    def pid(self) -> None:
        """There is no child process."""
        return

    def table(
        self, lonlat: ArrayLike, sources: Sequence[int] | None = None, targets: Sequence[int] | None = None
    ) -> Matrix:
        """See ``Osrm.table``; the matrix says in ``source`` who answered."""
        points = checked_lonlat(lonlat)
        rows, columns = positions(sources, len(points), "sources"), positions(targets, len(points), "targets")

        def by_road(ask: "_Ask") -> Matrix:
            shape = len(rows), len(columns)
            if len(points) < 2 or 0 in shape:  # OSRM takes an empty list for "all", and no table of one point
                _refuse_off_road(ask, points)
                return Matrix(np.zeros(shape, np.int64), np.zeros(shape, np.int64), "osrm")
            part = {} if sources is None else {"sources": rows}
            part |= {} if targets is None else {"destinations": columns}
            answer = _placed(ask, "table", points, {"annotations": ["duration", "distance"], **part})
            return table_of(answer, rows, columns)

        return self._call(by_road, lambda: self._fallback.table(points, sources, targets))

    def route(self, lonlat: ArrayLike) -> RoadRoute:
        """See ``Osrm.route``."""
        points = checked_lonlat(lonlat)
        at_least(1, points)

        def by_road(ask: "_Ask") -> RoadRoute:
            return joined(_ways(ask, points, steps=False)) if len(points) > 1 else _standing(ask, points)

        return self._call(by_road, lambda: self._fallback.route(points))

    def directions(self, lonlat: ArrayLike) -> Directions:
        """See ``Osrm.directions``."""
        points = checked_lonlat(lonlat)
        at_least(1, points)

        def by_road(ask: "_Ask") -> Directions:
            if len(points) > 1:
                return turn_by_turn(_ways(ask, points, steps=True))
            here = _standing(ask, points)
            return Directions(here.travel_s, here.distance_m, here.lonlat, here.source, ())

        return self._call(by_road, lambda: self._fallback.directions(points))

    def nearest(self, lonlat: ArrayLike) -> Snaps:
        """See ``Osrm.nearest``: a request a point, for servers take few points at once."""
        points = checked_lonlat(lonlat)
        return self._call(lambda ask: _snaps(ask, points), lambda: self._fallback.nearest(points))

    def match(self, lonlat: ArrayLike, at_s: ArrayLike | None = None) -> RoadRoute:
        """See ``Osrm.match``."""
        points = checked_lonlat(lonlat)
        at_least(2, points)
        times = None if at_s is None else rising(at_s, len(points))

        def by_road(ask: "_Ask") -> RoadRoute:
            asked: dict[str, Any] = {"geometries": "geojson", "overview": "full", "gaps": "ignore"}
            asked["radiuses"] = [GPS_PRECISION_M] * len(points)
            if times is not None:
                asked["timestamps"] = (times - times[0]).tolist()  # OSRM takes no negative times
            try:
                answer = ask("match", points, asked)
            except _Refused as refused:
                if refused.code == "NoSegment":
                    off_m = _snaps(ask, points).distance_m.tolist()
                    raise OffRoad(range(len(points)), off_m, SNAP_LIMIT_M) from refused
                if refused.code in ("NoMatch", "NoRoute"):
                    raise NoRoute(0) from refused
                raise
            return spread(joined(answer["matchings"]), answer)

        return self._call(by_road, lambda: self._fallback.match(points, times))

    def close(self) -> None:
        """Hang up; further calls raise ``EngineFailed``. Closing twice is harmless."""
        with self._lock:
            self._closed = True
            self._hang_up()

    def __enter__(self) -> Self:
        """Give the engine itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def _call[Answer](self, by_road: "Callable[[_Ask], Answer]", otherwise: Callable[[], Answer]) -> Answer:
        """What the server answers in time, or else the fallback."""
        until_s = time.monotonic() + self._deadline_s
        if self._lock.acquire(timeout=self._deadline_s):
            try:
                if self._closed:
                    raise EngineFailed("the engine is closed; open a new one")
                if time.monotonic() >= self._pause_until_s:
                    answer = by_road(lambda *question: self._asked(until_s, *question))
                    self._source = "osrm"
                    return answer
            except _AwayError:
                self._pause_until_s = time.monotonic() + self._retry_after_s
            finally:
                self._lock.release()
        self._source = self._fallback.source
        return otherwise()

    def _asked(self, until_s: float, service: str, points: NDArray[np.float64], asked: Mapping[str, Any]) -> Any:
        """One answer of the server; whoever calls has the lock.

        Raises
        ------
        _AwayError : twice no answer, or none in time
        _Refused : OSRM says why not; of its code ``EngineFailed`` where nobody knows better
        """
        request = _request(self._path, service, points, {**asked, "generate_hints": False})
        for _ in range(2):
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                break
            try:
                return self._answer(service, request, left_s)
            except (http.client.HTTPException, OSError, ValueError):
                self._hang_up()  # a server that was restarted, or has waited too long for us; or no OSRM at all
        raise _AwayError

    def _answer(self, service: str, request: "_Request", left_s: float) -> Any:
        if self._line is None:
            kind = http.client.HTTPSConnection if self._scheme == "https" else http.client.HTTPConnection
            self._line = kind(self._host, self._port, timeout=min(left_s, CONNECT_WITHIN_S))
            self._line.connect()
        if self._line.sock is not None:
            self._line.sock.settimeout(left_s)
        method, target, body = request
        self._line.request(method, target, body, {"Content-Type": "application/json"} if body else {})
        response = self._line.getresponse()
        said = response.read()
        if response.will_close:
            self._hang_up()
        answer = json.loads(said)
        if not isinstance(answer, dict) or "code" not in answer or response.status >= 500:
            raise http.client.HTTPException(f"status {response.status} is no answer of OSRM")
        if answer["code"] != "Ok":
            raise _Refused(service, str(answer["code"]), str(answer.get("message", "no further words")))
        return answer

    def _hang_up(self) -> None:
        if self._line is not None:
            with suppress(OSError):
                self._line.close()
            self._line = None


type _Ask = Callable[[str, NDArray[np.float64], Mapping[str, Any]], Any]
"""A service, the points, and what else is asked, to OSRM's answer."""


type _Request = tuple[str, str, bytes | None]
"""Method, target and body."""


class _AwayError(Exception):
    """The server does not answer, or not in time."""


class _Refused(EngineFailed):  # a kind of EngineFailed, which it is for whoever does not know the code
    """OSRM answered that it cannot."""

    def __init__(self, service: str, code: str, message: str) -> None:
        remedy = "; start osrm-routed with higher limits, see its --help" if code == "TooBig" else ""
        super().__init__(f"OSRM {service} {code}: {message}{remedy}")
        self.code = code


def address_of(url: str, region: str) -> tuple[str, str, int | None, str]:
    """Scheme, host, port and path of an address; raises ``EngineFailed`` when it is none."""
    try:
        parts = urlsplit(url.replace(REGION, quote(region)))
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise EngineFailed(f"OSRM_URL {url!r} is no address: {error}") from error
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.username:
        raise EngineFailed(f"OSRM_URL {url!r} is no address; write for example http://127.0.0.1:5000")
    return parts.scheme, host, port, parts.path.rstrip("/")


def _request(path: str, service: str, points: NDArray[np.float64], asked: Mapping[str, Any]) -> _Request:
    target = f"{path}/{service}/v1/driving"
    places = ";".join(f"{lon!r},{lat!r}" for lon, lat in points.tolist())
    options = "&".join(f"{name}={_in_line(name, value)}" for name, value in asked.items())
    line = f"{target}/{places}?{options}"
    if len(line) <= LINE_LENGTH_MOST:
        return "GET", line, None
    return "POST", target, json.dumps({"coordinates": points.tolist(), **asked}).encode()


def _in_line(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ("," if name == "annotations" else ";").join(str(one) for one in value)
    return str(value)


def _placed(ask: _Ask, service: str, points: NDArray[np.float64], asked: Mapping[str, Any]) -> Any:
    """Ask for points that must be near roads, and turn "some point is too far" into which ones, and how far."""
    try:
        return ask(service, points, {**asked, "radiuses": [SNAP_LIMIT_M] * len(points)})
    except _Refused as refused:
        if refused.code != "NoSegment":
            raise
        _refuse_off_road(ask, points)
        # OSRM measures on its own grid: at the very limit it may refuse what is a few centimetres inside.
        named = _COORDINATE.search(str(refused))
        if named is None:
            raise
        at = int(named.group(1))
        raise OffRoad([at], [float(_snaps(ask, points[at : at + 1]).distance_m[0])], SNAP_LIMIT_M) from refused


def _ways(ask: _Ask, points: NDArray[np.float64], *, steps: bool) -> Any:
    """OSRM's routes through the points: one."""
    asked = {"geometries": "geojson", "overview": "full", "continue_straight": False, "steps": steps}
    try:
        return _placed(ask, "route", points, asked)["routes"]
    except _Refused as refused:
        if refused.code != "NoRoute":
            raise
        durations = _placed(ask, "table", points, {"annotations": ["duration"]})["durations"]
        gaps = [leg for leg in range(len(points) - 1) if durations[leg][leg + 1] is None]
        raise (NoRoute(gaps[0]) if gaps else refused) from refused


def _standing(ask: _Ask, points: NDArray[np.float64]) -> RoadRoute:
    """The way of one point: where it snaps to."""
    _refuse_off_road(ask, points)
    nothing = np.zeros(0, np.int64)
    return RoadRoute(nothing, nothing, _snaps(ask, points).lonlat, "osrm")


def _snaps(ask: _Ask, points: NDArray[np.float64]) -> Snaps:
    found = np.full(points.shape, np.nan)
    distance_m, names = np.full(len(points), np.inf), [""] * len(points)
    for i in range(len(points)):
        try:
            waypoint = ask("nearest", points[i : i + 1], {})["waypoints"][0]
        except _Refused as refused:
            if refused.code != "NoSegment":
                raise
            continue
        if isinstance(waypoint, list):  # asked by JSON, OSRM answers for several points
            waypoint = waypoint[0]
        found[i], distance_m[i], names[i] = waypoint["location"], waypoint["distance"], waypoint["name"]
    return Snaps(found, distance_m, tuple(names), "osrm")


def _refuse_off_road(ask: _Ask, points: NDArray[np.float64]) -> None:
    distance_m = _snaps(ask, points).distance_m
    (far,) = np.nonzero(distance_m > SNAP_LIMIT_M)
    if far.size:
        raise OffRoad(far.tolist(), distance_m[far].tolist(), SNAP_LIMIT_M)
