"""What two plans agree on, glued: stops that both serve one after the other become one stop.

Source: measured on Solomon's and Gehring & Homberger's instances: annealing where two plans disagree gains more than a
chain six times as long. The sums of a segment after Savelsbergh (1992), "The vehicle routing problem with time windows:
minimizing route duration", ORSA Journal on Computing 4(2).
"""

import itertools
from typing import NamedTuple

import numpy as np

from routing.improve.lean import columns as at
from routing.improve.lean.ground import Ground, near_of

type Rows = list[list[int]]


class Contracted(NamedTuple):
    """A problem over segments, and the stops of each; ``saved`` points of legs within segments are no longer counted."""

    ground: Ground
    segments: list[list[int]]
    inner_points: int

    def orders(self, orders: Rows) -> Rows:
        """Orders of stops as orders of segments; each segment stands whole in one of them."""
        number = {segment[0]: k for k, segment in enumerate(self.segments)}
        return [[number[s] for s in order if s in number] for order in orders]

    def expanded(self, orders: Rows) -> Rows:
        """Orders of segments as orders of stops."""
        return [[s for k in order for s in self.segments[k]] for order in orders]


def can_glue(ground: Ground) -> bool:
    """Whether stops may be glued: none belong together, and loads are one number."""
    return bool((ground.stop[:, at.BRINGS] < 0).all()) and ground.stop.shape[1] == at.LOADS


def contracted(ground: Ground, one: Rows, other: Rows) -> Contracted:
    """Glue the legs between stops that both plans have; vehicles that are alike, one class of stops, no breaks."""
    follows = _follows(one)
    shared = {a: b for a, b in _follows(other).items() if follows.get(a) == b}
    behind = set(shared.values())
    n_stops = len(ground.stop)
    segments = [_segment(s, shared) for s in range(n_stops) if s not in behind]
    heads, tails = np.array([s[0] for s in segments]), np.array([s[-1] for s in segments])
    ends = np.arange(n_stops, len(ground.drive))
    leave, arrive = np.concatenate([tails, ends]), np.concatenate([heads, ends])
    drive = np.ascontiguousarray(ground.drive[np.ix_(leave, arrive)])
    cost = np.ascontiguousarray(ground.cost[np.ix_(leave, arrive)])
    stop, service = _stops(ground, segments)
    vehicle = ground.vehicle.copy()
    vehicle[:, [at.START, at.END]] -= n_stops - len(segments)
    m = len(segments)
    small = ground._replace(
        drive=drive,
        drive_to=np.ascontiguousarray(drive.T),
        cost=cost,
        cost_to=np.ascontiguousarray(cost.T),
        stop=stop,
        worth=np.array([ground.worth[segment].sum() for segment in segments], dtype=np.int64),
        vehicle=vehicle,
        service=service[None].astype(np.int32),
        surcharge=np.array([[ground.surcharge[0, segment].sum() for segment in segments]], dtype=np.int64),
        near=near_of(drive[:m, :m], cost[:m, :m], stop, service),
    )
    inner = sum(int(ground.cost[a, b]) for a, b in shared.items())
    return Contracted(small, segments, inner)


def _follows(orders: Rows) -> dict[int, int]:
    return {a: b for order in orders for a, b in itertools.pairwise(order)}


def _segment(head: int, shared: dict[int, int]) -> list[int]:
    segment = [head]
    while segment[-1] in shared:
        segment.append(shared[segment[-1]])
    return segment


def _stops(ground: Ground, segments: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Columns of segments as of stops, int64 (m, columns), and their seconds, int64 (m)."""
    stop, service = np.zeros((len(segments), ground.stop.shape[1]), dtype=np.int64), ground.service[0].astype(np.int64)
    takes = np.zeros(len(segments), dtype=np.int64)
    for k, segment in enumerate(segments):
        earliest, until = ground.stop[segment, at.EARLIEST].tolist(), ground.stop[segment, at.UNTIL].tolist()
        legs = [int(ground.drive[a, b]) for a, b in itertools.pairwise(segment)]
        done = earliest[0] + int(service[segment[0]])
        for leg, opens, s in zip(legs, earliest[1:], segment[1:], strict=True):
            done = max(done + leg, opens) + int(service[s])
        by = until[-1]
        for leg, closes, s in zip(reversed(legs), reversed(until[:-1]), reversed(segment[:-1]), strict=True):
            by = min(closes, by - leg - int(service[s]))
        takes[k] = int(service[segment].sum()) + sum(legs)
        # Begun no later than this, a segment is done by then; the earliest may lie behind the latest: one waits inside.
        stop[k, at.EARLIEST], stop[k, at.UNTIL] = done - takes[k], by
        stop[k, at.DEMAND], stop[k, at.FROZEN_AT] = ground.stop[segment, at.DEMAND].sum(), -1
        stop[k, [at.BRINGS, at.FETCHED]] = -1
    return stop, takes
