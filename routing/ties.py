"""What stops have to do with each other, by position: who goes together, who comes after whom, and when."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from routing.types import Problem


@dataclass(frozen=True, slots=True)
class Gap:
    """Service at ``later`` begins within [least_s, most_s] after service at ``earlier`` ends; None means any time."""

    earlier: int
    later: int
    least_s: int
    most_s: int | None


@dataclass(frozen=True, slots=True)
class Ties:
    """The ties of a problem.

    Parameters
    ----------
    units : by tied stop, all the stops that are served with it or not at all, itself included; deliveries in order
    pickup_of : by delivery
    crews : stops that begin at the same moment
    gaps : successions
    after : by stop, those that must be served if it is
    before : by stop, those that may only be served if it is
    """

    units: dict[int, tuple[int, ...]]
    pickup_of: dict[int, int]
    crews: tuple[tuple[int, ...], ...]
    gaps: tuple[Gap, ...]
    after: dict[int, tuple[int, ...]]
    before: dict[int, tuple[int, ...]]

    def unit(self, stop: int) -> tuple[int, ...]:
        """The stops served with this one or not at all."""
        return self.units.get(stop, (stop,))

    def followers(self, stop: int) -> list[int]:
        """The unit of a stop, and every stop that falls with it, each once."""
        found: list[int] = []
        waiting = [*self.unit(stop)]
        while waiting:
            other = waiting.pop(0)
            if other not in found:
                found.append(other)
                waiting += self.unit(other)
                waiting += self.before.get(other, ())
        return found

    def bonds(self) -> Iterator[tuple[int, int]]:
        """Pairs of stops, maybe of different vehicles, whose times depend on each other."""
        for crew in self.crews:
            yield from ((crew[0], other) for other in crew[1:])
        for gap in self.gaps:
            yield gap.earlier, gap.later


def ties_of(problem: Problem) -> Ties:
    """The ties by position; a delivery whose pickup is frozen stands alone, but knows its pickup."""
    at = {stop.id: number for number, stop in enumerate(problem.stops)}
    frozen = {at[case.stop] for vehicle in problem.vehicles for case in vehicle.frozen}
    pairs = [(at[link.pickup], at[link.delivery]) for link in problem.deliveries]
    crews = tuple(tuple(at[name] for name in crew.stops) for crew in problem.crews)
    gaps = tuple(Gap(at[s.first], at[s.then], s.least_s, s.most_s) for s in problem.successions)
    gaps = tuple(gap for gap in gaps if gap.later not in frozen)
    after: dict[int, tuple[int, ...]] = {}
    before: dict[int, tuple[int, ...]] = {}
    for gap in gaps:
        after[gap.later] = (*after.get(gap.later, ()), gap.earlier)
        before[gap.earlier] = (*before.get(gap.earlier, ()), gap.later)
    return Ties(
        units=_units([pair for pair in pairs if pair[0] not in frozen], crews),
        pickup_of={delivery: pickup for pickup, delivery in pairs},
        crews=tuple(crew for crew in crews if crew[0] not in frozen),
        gaps=gaps,
        after=after,
        before=before,
    )


def _units(pairs: list[tuple[int, int]], crews: tuple[tuple[int, ...], ...]) -> dict[int, tuple[int, ...]]:
    """Join pairs and crews that share a stop."""
    units: dict[int, tuple[int, ...]] = {}
    for group in (*pairs, *crews):
        joined = list(dict.fromkeys(other for stop in group for other in units.get(stop, (stop,))))
        # A pickup stands before its delivery whatever is joined later: both come from one pair, in order.
        for stop in joined:
            units[stop] = tuple(joined)
    return units


def ties_within(problem: Problem, stops: set[str]) -> dict[str, Any]:
    """The fields of a problem that tie stops, with those ties alone whose stops are all among these."""
    return {
        "deliveries": tuple(link for link in problem.deliveries if {link.pickup, link.delivery} <= stops),
        "successions": tuple(link for link in problem.successions if {link.first, link.then} <= stops),
        "crews": tuple(crew for crew in problem.crews if set(crew.stops) <= stops),
    }
