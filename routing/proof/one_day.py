"""The best order of one person's stops, all of them served, and the proof: or the best order found, with a bound.

Source: as ``start``, ``bound`` and ``labels`` say, which this calls in turn.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from routing.proof.bound import Stage, bounded
from routing.proof.day import FAR, MOST_STOPS, Day, day_of
from routing.proof.labels import search
from routing.proof.start import good_order
from routing.proof.stated import Stated, refuse_unstated, stated
from routing.proof.walks import walks_of
from routing.types import Problem

LIMIT_LABELS = 200_000
"""Labels made at most, by default: about a tenth of a second."""

STAGES = (
    (Stage(2, 1, 24), 0.05, 60),
    (Stage(5, 1, 12), 0.15, 300),
    (Stage(5, 3, 10), 0.8, 0),
)
"""How closely bounds are worked out, and then the share of all labels and how many of a layer, until the proof is there.

A narrow layer proves little but finds the best order more often than ruins do, and all after that are bounded by it.
Measured by ``benchmarks.tours``."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of the best order.

    Parameters
    ----------
    order : positions of the stops, from 0; None when none was found or, if that is proven, there is none
    cost_points : what the order costs; None without one
    bound_points : what no order costs less than: ``cost_points`` if proven, None when it is proven that there is none
    proven : whether no order is cheaper, or none can be driven
    n_labels : unfinished orders that the proof looked at
    """

    order: tuple[int, ...] | None
    cost_points: int | None
    bound_points: int | None
    proven: bool
    n_labels: int = 0


NO_ORDER = Proof(None, None, None, proven=True)
"""Nobody can serve all the stops."""


def prove_order(day: Day, first: list[int] | None = None, limit_labels: int = LIMIT_LABELS) -> Proof:
    """The best order of a day; the same each time.

    Parameters
    ----------
    day : as ``day.day_of`` makes it; its legs and times are narrowed on the way, so that it serves once
    first : positions of all stops from 0, an order to begin with: it is the answer unless another costs less
    limit_labels : unfinished orders to look at, a few more where it is next to none
    """
    if len(day.cost) == 2:
        return _home_at_once(day)
    known = good_order(day, None if first is None else [stop + 1 for stop in first])
    most = FAR if known is None else points_of(day, known)
    walks, bound, n_labels = walks_of(day), 0, 0
    for stage, share, width in STAGES:
        bound = max(bound, bounded(day, walks, most, stage))
        if bound >= most:
            break
        found = search(day, walks, most, stage.n_near, round(share * limit_labels), width)
        n_labels, bound = n_labels + found.n_labels, max(bound, found.bound)
        if found.order is not None:
            known, most = found.order, points_of(day, found.order)
        if bound >= most:
            break
    if known is None:
        return replace(NO_ORDER, bound_points=None if bound >= FAR else bound, proven=bound >= FAR, n_labels=n_labels)
    bound = min(bound, most)
    return Proof(tuple(stop - 1 for stop in known), most, bound, proven=bound >= most, n_labels=n_labels)


def prove(problem: Problem, limit_labels: int = LIMIT_LABELS) -> Proof:
    """The best order in which the one vehicle of a problem serves every stop; points are those of the whole plan.

    What stops cost if nobody serves them is not looked at.

    Raises
    ------
    ValueError : the problem says something that the programme does not state; names it
    """
    refuse_unstated(problem)
    if not problem.stops:
        return Proof((), 0, 0, proven=True)
    day = stated(problem)
    if day is None:
        return NO_ORDER
    if not any(stop.windows for stop in problem.stops):
        # the shift alone: the cheapest order by far most often fits it, and is found sooner without a clock
        proof = prove_order(day.without_clock(), limit_labels=limit_labels)
        if proof.proven and (proof.order is None or day.in_time(proof.order)):
            return _with_constants(proof, day)
    return _with_constants(prove_order(day.with_clock(), limit_labels=limit_labels), day)


def points_of(day: Day, order: list[int]) -> int:
    """What the legs of an order of stops 1 to n cost."""
    ways = [0, *order, len(day.cost) - 1]
    return int(day.cost[ways[:-1], ways[1:]].sum())


@cache
def warm() -> None:
    """Load the compiled code, or compile it: a quarter of a second in a new process, half a minute where it never ran.

    To be called before a clock starts; the second call costs nothing.
    """
    cost = np.random.default_rng(1).integers(1, 99, (14, 14))
    day = day_of(cost)
    walks = walks_of(day)
    most = points_of(day, good_order(day) or [])
    bounded(day, walks, most + 99, Stage(2, 1, 1))
    search(day, walks, most + 99, 2, 1000)


def _home_at_once(day: Day) -> Proof:
    points = int(day.cost[0, 1])
    late = day.opens_s[0] + day.gap_s[0, 1] > day.closes_s[1]
    return NO_ORDER if points >= FAR or late else Proof((), points, points, proven=True)


def _with_constants(proof: Proof, day: Stated) -> Proof:
    def whole(points: int | None) -> int | None:
        return None if points is None else points + day.constant_points

    return replace(proof, cost_points=whole(proof.cost_points), bound_points=whole(proof.bound_points))


__all__ = ["FAR", "LIMIT_LABELS", "MOST_STOPS", "Proof", "day_of", "points_of", "prove", "prove_order", "warm"]
