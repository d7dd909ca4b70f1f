"""The regions there are and their engines, for one process: opened lazily, one of each, brought up to date by itself.

A small question (one point against a few dozen) and a large one never wait for each other: each region has an engine
for quick questions and, once somebody asks, another for tables of many points. A region that is prepared for tables
has a third, for ways from close by to one place. All are child processes, so that a crash of OSRM costs an answer's
precision and not the server.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import shapely
import structlog

from api.errors import OutsideCoverage
from geo.area import surface_m2
from geo.distance import one_to_many_m
from geo.point import Point
from routing.dataset import Engine, open_engine
from routing.dataset import regions as registered
from routing.engine import Directions, RoadRoute, Snaps
from routing.errors import EngineFailed, UnknownRegion
from routing.region import Region
from routing.types import Matrix

LOOK_EVERY_S = 1.0
"""How old the view of the registry may be."""

QUICK_CELLS = 100
"""Tables of at most so many cells are quick: they take OSRM a few milliseconds."""

NEAR_M = 4_000.0
"""From how far to one place MLD answers sooner than CH; both give the same times.

Measured in Columbus, 50 points to one, CPU ms of MLD and CH, by how far the farthest is: 2.8 and 7.4 (0.8 km), 4.2 and
8.2 (2 km), 7.2 and 8.7 (4 km), 9.9 and 9.8 (6 km), 12.4 and 10.0 (10 km).
"""

LOG = structlog.get_logger("roads")


@dataclass(frozen=True, slots=True)
class _Known:
    region: Region
    surface_m2: float


@dataclass(slots=True)
class _Line:
    """One engine and the thread that speaks with it, so that a slow answer holds up nobody else."""

    engine: Engine
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "roads"))

    def close(self) -> None:
        """End both; questions under way are answered first."""
        self.thread.shutdown(wait=True)
        self.engine.close()


class Roads:
    """Regions under a home folder.

    Parameters
    ----------
    home : TRADES_HOME
    deadline_s : how long a question may take before straight lines answer
    retry_after_s : how long until a failed engine is tried again
    osrm_url : of an osrm-routed that is asked instead of child processes; see ``OsrmHttp``
    """

    def __init__(self, home: Path, *, deadline_s: float = 5.0, retry_after_s: float = 2.0, osrm_url: str = "") -> None:
        self._home, self._deadline_s, self._retry_after_s = home, deadline_s, retry_after_s
        self._osrm_url = osrm_url
        self._links: dict[str, str] = {}
        self._known: dict[str, _Known] = {}
        self._looked_s = -LOOK_EVERY_S
        self._lines: dict[tuple[str, str, str], asyncio.Future[_Line]] = {}

    def names(self) -> list[str]:
        """The regions in force, sorted."""
        self._look()
        return sorted(self._known)

    def regions(self) -> list[Region]:
        """The regions in force, by name."""
        self._look()
        return [self._known[name].region for name in sorted(self._known)]

    def region(self, name: str) -> Region:
        """A region by name; raises ``UnknownRegion`` with those there are."""
        self._look()
        if name not in self._known:
            raise UnknownRegion(name, sorted(self._known))
        return self._known[name].region

    def region_at(self, point: Point) -> Region | None:
        """The region whose outline contains the point: of several the smallest, then the latest."""
        self._look()
        here = shapely.Point(point.lon, point.lat)
        found = [known for known in self._known.values() if known.region.outline.intersects(here)]
        if not found:
            return None
        return _first(found)

    def covering(self, points: Sequence[Point]) -> Region:
        """The region that all points lie in.

        Raises
        ------
        OutsideCoverage : a point lies in none, or no region holds them all; carries the regions there are
        """
        self._look()
        names = sorted(self._known)
        for number, point in enumerate(points):
            if self.region_at(point) is None:
                raise OutsideCoverage(
                    f"Point {number} ({point.lat}, {point.lon}) lies in no region. {_there_are(names)}",
                    regions=names,
                    point=number,
                )
        here = shapely.points([(point.lon, point.lat) for point in points])
        holding = [known for known in self._known.values() if shapely.intersects(known.region.outline, here).all()]
        if not holding:
            raise OutsideCoverage(f"No region holds all the points. {_there_are(names)}", regions=names)
        return _first(holding)

    async def table(
        self,
        region: Region,
        lonlat: np.ndarray,
        sources: Sequence[int] | None = None,
        targets: Sequence[int] | None = None,
    ) -> Matrix:
        """See ``TravelTimes.table``; the matrix says who answered."""
        n_cells = (len(lonlat) if sources is None else len(sources)) * (
            len(lonlat) if targets is None else len(targets)
        )
        kind = "quick" if n_cells <= QUICK_CELLS else "large"
        own = not self._osrm_url and region.algorithm == "ch"
        if kind == "quick" and own and _from_close_by(lonlat, targets) and region.has_mld:
            kind = "near"
        line = await self._line(region, kind)
        return await self._ask(line, lambda: line.engine.table(lonlat, sources, targets))

    async def route(self, region: Region, lonlat: np.ndarray) -> RoadRoute:
        """See ``TravelTimes.route``."""
        line = await self._line(region, "quick")
        return await self._ask(line, lambda: line.engine.route(lonlat))

    async def directions(self, region: Region, lonlat: np.ndarray) -> Directions:
        """See ``TravelTimes.directions``."""
        line = await self._line(region, "quick")
        return await self._ask(line, lambda: line.engine.directions(lonlat))

    async def nearest(self, region: Region, lonlat: np.ndarray) -> Snaps:
        """See ``TravelTimes.nearest``."""
        line = await self._line(region, "quick")
        return await self._ask(line, lambda: line.engine.nearest(lonlat))

    async def match(self, region: Region, lonlat: np.ndarray, at_s: np.ndarray | None) -> RoadRoute:
        """See ``TravelTimes.match``."""
        line = await self._line(region, "large")
        return await self._ask(line, lambda: line.engine.match(lonlat, at_s))

    def sources(self) -> dict[str, str]:
        """Who answers for each region that is open: "osrm", or "straight" when any of its engines is away."""
        done = [(key[0], line) for key, line in self._lines.items() if line.done() and line.exception() is None]
        found = sorted((name, line.result().engine.source) for name, line in done)
        return dict(found)  # in this order "straight" comes last, and stays

    def pids(self) -> list[int]:
        """The child processes, for whoever wants to see what happens when one dies."""
        done = [line.result() for line in self._lines.values() if line.done() and line.exception() is None]
        return [line.engine.pid for line in done if line.engine.pid is not None]

    async def close(self) -> None:
        """End every engine."""
        lines, self._lines = list(self._lines.values()), {}
        for line in lines:
            if line.done() and line.exception() is None:
                await asyncio.to_thread(line.result().close)

    async def _ask[Answer](self, line: _Line, ask: Callable[[], Answer]) -> Answer:
        try:
            asked = asyncio.get_running_loop().run_in_executor(line.thread, ask)
        except RuntimeError as closed:  # the region went, or was replaced, since the line was fetched
            raise EngineFailed("the region's roads have just been replaced; ask again") from closed
        return await asked

    async def _line(self, region: Region, kind: str) -> _Line:
        key = region.name, region.version, kind
        if key not in self._lines:
            self._lines[key] = asyncio.ensure_future(asyncio.to_thread(self._open, region, kind))
        try:
            return await asyncio.shield(self._lines[key])
        except Exception:
            self._lines.pop(key, None)  # the next question tries again
            raise

    def _open(self, region: Region, kind: str) -> _Line:
        asked = replace(region, algorithm="mld") if kind == "near" else region
        engine = open_engine(asked, self._osrm_url, deadline_s=self._deadline_s, retry_after_s=self._retry_after_s)
        return _Line(engine)

    def _look(self) -> None:
        """Read the registry again when a version was switched, came or went."""
        now_s = time.monotonic()
        if now_s - self._looked_s < LOOK_EVERY_S:
            return
        self._looked_s = now_s
        links = {link.parent.name: str(link.readlink()) for link in self._home.glob("regions/*/current")}
        if links == self._links:
            return
        self._links = links
        self._known = {region.name: _Known(region, surface_m2(region.outline)) for region in registered(self._home)}
        for known in self._known.values():
            shapely.prepare(known.region.outline)
        self._let_go_of_old()
        LOG.info("regions", names=sorted(self._known))

    def _let_go_of_old(self) -> None:
        """Close engines whose version is not in force any more, after the questions they are answering."""
        in_force = {(known.region.name, known.region.version) for known in self._known.values()}
        for key in [key for key in self._lines if key[:2] not in in_force]:
            opening = self._lines.pop(key)
            opening.add_done_callback(_close_behind)


def _from_close_by(lonlat: np.ndarray, targets: Sequence[int] | None) -> bool:
    """Whether the ways asked for lead from all around to one place."""
    if targets is None or len(targets) != 1:
        return False
    lon, lat = lonlat[targets[0]].tolist()
    return bool(one_to_many_m(Point(lon, lat), lonlat).max() <= NEAR_M)


def _first(regions: Sequence[_Known]) -> Region:
    """Of several the smallest, then the latest."""
    return min(regions, key=lambda known: (known.surface_m2, -known.region.built_at.timestamp())).region


def _close_behind(opening: "asyncio.Future[_Line]") -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.get_loop().run_in_executor(None, opening.result().close)


def _there_are(names: Sequence[str]) -> str:
    return f"There are: {', '.join(names)}." if names else "There is none yet; ./trades ingest region makes one."
