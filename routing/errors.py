"""What can go wrong with road data, travel times, problems and plans. Sentences for people, attributes for code."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class RoutingError(Exception):
    """Anything this package refuses or fails at."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input: a stable code, the field, its value and what to do."""

    code: str
    path: str
    value: object
    remedy: str

    def __str__(self) -> str:
        """Field, value and remedy in one line."""
        return f"{self.path} = {self.value!r}: {self.remedy} ({self.code})"


class InvalidProblem(RoutingError):
    """A problem contradicts itself; carries every fault at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


class UnreadableFile(RoutingError):
    """A file is not what its name says; carries the file, the line (0 when unknown) and what is wrong."""

    def __init__(self, file: Path, line: int, reason: str) -> None:
        super().__init__(f"{file}{f', line {line}' if line else ''}: {reason}")
        self.file, self.line, self.reason = file, line, reason


class OffRoad(RoutingError):
    """A point lies farther from any road than a vehicle may be taken to stand."""

    def __init__(self, indices: Sequence[int], distance_m: Sequence[float], limit_m: int) -> None:
        named = ", ".join(
            f"point {i} ({'no road at all' if d == float('inf') else f'{d:,.0f} m'})"
            for i, d in zip(indices, distance_m, strict=True)
        )
        super().__init__(f"farther than {limit_m:,} m from any road: {named}")
        self.indices, self.distance_m, self.limit_m = tuple(indices), tuple(distance_m), limit_m


class NoRoute(RoutingError):
    """No road leads from one point of a route to the next."""

    def __init__(self, leg: int) -> None:
        super().__init__(f"no road leads from point {leg} to point {leg + 1} of the route")
        self.leg = leg


class EngineFailed(RoutingError):
    """The routing engine died or answered with an error that is not the caller's fault."""


class UnknownRegion(RoutingError):
    """No road data of that name; carries the names there are."""

    def __init__(self, region: str, known: Sequence[str]) -> None:
        there = f"there are: {', '.join(known)}" if known else "none has been ingested yet"
        super().__init__(f"no region {region!r}; {there}. Make one with: ./trades ingest region {region} --pbf FILE")
        self.region, self.known = region, tuple(known)


class BuildFailed(RoutingError):
    """Road data could not be built; the version in force, if any, stays. Carries the log to read."""

    def __init__(self, step: str, reason: str, log: Path | None) -> None:
        super().__init__(f"{step} failed: {reason}{f' (full log: {log})' if log else ''}")
        self.step, self.reason, self.log = step, reason, log


class SolveFailed(RoutingError):
    """The search ended in a way that no input should cause: a bug, said as such."""


class InvalidMove(RoutingError):
    """A change that cannot even be priced; carries the argument, its value and what to do."""

    def __init__(self, argument: str, value: object, remedy: str) -> None:
        super().__init__(f"{argument} {value!r} {remedy}")
        self.argument, self.value, self.remedy = argument, value, remedy


class NoOrder(RoutingError):
    """No order of the destinations can be driven; carries their positions, from 0, and the pairs that exclude each other.

    Nothing is named when every destination is on the way somewhere, and yet each order has a leg without a road.
    """

    def __init__(
        self, no_way_there: Sequence[int] = (), no_way_back: Sequence[int] = (), apart: Sequence[tuple[int, int]] = ()
    ) -> None:
        reasons = [f"no road leads to destination {_listed(no_way_there)}"] if no_way_there else []
        reasons += [f"no road leads back from destination {_listed(no_way_back)}"] if no_way_back else []
        reasons += [f"no road leads from destination {i} to {j} or from {j} to {i}" for i, j in apart]
        super().__init__(
            f"no order of the destinations can be driven: {'; '.join(reasons) or 'each has a leg without a road'}"
        )
        self.no_way_there, self.no_way_back, self.apart = tuple(no_way_there), tuple(no_way_back), tuple(apart)


def _listed(positions: Sequence[int]) -> str:
    return ", ".join(str(position) for position in positions)
