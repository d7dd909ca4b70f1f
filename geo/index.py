"""Who is nearest, in memory: keys at points in buckets of H3 cells, for live positions and batch candidates."""

import heapq
import itertools
import math
from bisect import insort
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Protocol

from geo.cells import ancestors_of, cell_of, direction_of
from geo.distance import EARTH_RADIUS_M, UnitVector, arc_m, unit_vector
from geo.point import Point

_ROUNDING_M = 1e-6  # a hundred times the error of arc_m: bounds stay bounds after rounding
_ROUNDING = 1e-14  # the same for the product of two directions


class Sortable(Hashable, Protocol):
    """What a key must be able to do: ties in distance are settled by the smaller key."""

    def __lt__(self, other: Any, /) -> bool:
        """Whether this key comes first."""
        ...


class _Bucket[Key: Sortable]:
    """A cell that holds something, itself or in its children.

    ``reach_m`` never understates how far from the centre anything inside lies. It grows with what is put in
    and never shrinks: a bucket that empties is thrown away instead.
    """

    __slots__ = ("cell", "centre", "children", "entries", "offset_m", "parent", "reach_m")

    def __init__(self, cell: int, parent: "_Bucket[Key] | None") -> None:
        self.cell, self.parent = cell, parent
        self.centre = direction_of(cell)
        self.offset_m = arc_m(self.centre, parent.centre) if parent else 0.0
        self.reach_m = -math.inf
        self.children: dict[int, _Bucket[Key]] = {}
        self.entries: dict[Key, UnitVector] = {}

    def at_least_m(self, origin: UnitVector) -> float:
        """Nothing inside is nearer than this: the triangle inequality on the sphere."""
        return arc_m(origin, self.centre) - self.reach_m - _ROUNDING_M


class CellIndex[Key: Sortable]:
    """Keys at points, and the exact nearest of them to any place.

    Occupied cells form a tree from resolution 0 down to ``resolution``. A search opens the cell with the
    smallest lower bound first and stops when that bound exceeds the k-th best distance found, so it never
    depends on the shape of cells: it is exact across pentagons, at the poles, over the antimeridian, and does
    not walk through empty country when people are few.

    Cost: ``put`` and ``remove`` are O(1) (a move inside a cell touches one bucket; into a new cell at most
    ``resolution`` + 1). ``nearest`` opens the buckets around the point and computes a distance for what is in
    them; with a ``where`` that few fulfil, or few within reach, it may look at everything. With 100,000
    people in a city of 40 km: put 5 us, nearest 10 0.2 ms; memory 0.3 kB each.

    Not safe for several threads at once; keep it in one, as an event loop does.

    Parameters
    ----------
    resolution : of the buckets, 0 to 15; 8 (0.5 km edges) suits a town, good from 10 to 1,000,000 people

    Raises
    ------
    InvalidResolution : not 0 to 15
    """

    def __init__(self, resolution: int = 8) -> None:
        cell_of(Point(0.0, 0.0), resolution)  # refuses a resolution there is not, before anything is put
        self.resolution = resolution
        self._roots: dict[int, _Bucket[Key]] = {}
        self._leaves: dict[int, _Bucket[Key]] = {}
        self._leaf_of: dict[Key, _Bucket[Key]] = {}
        self._reach_m = 0.0  # no root reaches farther; never shrinks

    def __len__(self) -> int:
        """How many keys are in."""
        return len(self._leaf_of)

    def __contains__(self, key: object) -> bool:
        """Whether a key has a position."""
        return key in self._leaf_of

    def put(self, key: Key, point: Point) -> None:
        """Place a key at a point, or move it there."""
        cell = cell_of(point, self.resolution)
        held_by = self._leaf_of.get(key)
        if held_by is not None and held_by.cell != cell:
            self.remove(key)
        leaf = self._leaves.get(cell) or self._grow(cell)
        place = unit_vector(point)
        leaf.entries[key] = place
        self._leaf_of[key] = leaf
        self._reach_m = max(self._reach_m, _stretch(leaf, arc_m(leaf.centre, place)))

    def remove(self, key: Key) -> None:
        """Forget a key; raises ``KeyError`` when it is not there."""
        leaf = self._leaf_of.pop(key)
        del leaf.entries[key]
        if leaf.entries:
            return
        del self._leaves[leaf.cell]
        empty = leaf
        while empty.parent is not None:
            del empty.parent.children[empty.cell]
            if empty.parent.children:
                return
            empty = empty.parent
        del self._roots[empty.cell]

    def nearest(
        self, point: Point, k: int, *, within_m: float | None = None, where: Callable[[Key], bool] | None = None
    ) -> list[tuple[Key, float]]:
        """Return the k keys nearest to a point by great circle, exactly as a look at all of them would.

        Parameters
        ----------
        point : where from
        k : how many at most, 1 or more
        within_m : leave out what lies farther; a key at exactly this distance counts
        where : leave out keys it is false for; asked at most once a key, and only for those near enough

        Returns
        -------
        (key, distance in metres as ``distance_m`` gives it), nearest first, equal distances by key

        Raises
        ------
        ValueError : k below 1; within_m negative or not a number
        """
        limit_m = _checked_limit_m(k, within_m)
        origin = unit_vector(point)
        best: list[tuple[float, Key]] = []
        order = itertools.count()  # settles equal bounds: buckets themselves cannot be compared
        queue = [(root.at_least_m(origin), next(order), root) for root in self._roots_near(origin, limit_m)]
        heapq.heapify(queue)
        while queue:
            at_least_m, _, bucket = heapq.heappop(queue)
            if at_least_m > limit_m:
                break
            for child in bucket.children.values():
                child_at_least_m = child.at_least_m(origin)
                if child_at_least_m <= limit_m:
                    heapq.heappush(queue, (child_at_least_m, next(order), child))
            for key, place in bucket.entries.items():
                metres = arc_m(origin, place)
                if metres > limit_m or (where is not None and not where(key)):
                    continue
                insort(best, (metres, key))
                if len(best) > k:
                    best.pop()
                if len(best) == k:
                    limit_m = best[-1][0]
        return [(key, metres) for metres, key in best]

    def _roots_near(self, origin: UnitVector, limit_m: float) -> Iterable[_Bucket[Key]]:
        """Roots that may hold something within the limit: most of the earth is left out by one product each."""
        far_rad = (limit_m + self._reach_m + _ROUNDING_M) / EARTH_RADIUS_M
        if far_rad >= math.pi:
            return self._roots.values()
        x, y, z = origin
        least = math.cos(far_rad) - _ROUNDING
        return [
            root
            for root in self._roots.values()
            if x * root.centre[0] + y * root.centre[1] + z * root.centre[2] >= least
        ]

    def _grow(self, cell: int) -> _Bucket[Key]:
        """Make a leaf, and what is missing above it."""
        root, *lower = ancestors_of(cell)
        bucket = self._roots.get(root)
        if bucket is None:
            bucket = self._roots[root] = _Bucket(root, None)
        for below in lower:
            held = bucket.children.get(below)
            if held is None:
                held = bucket.children[below] = _Bucket(below, bucket)
            bucket = held
        self._leaves[cell] = bucket
        return bucket


def _checked_limit_m(k: int, within_m: float | None) -> float:
    if k < 1:
        raise ValueError(f"k {k!r} must be 1 or more")
    if within_m is None:
        return math.inf
    if not within_m >= 0.0:
        raise ValueError(f"within_m {within_m!r} must be 0 or more; leave it out for no limit")
    return within_m


def _stretch[Key: Sortable](leaf: _Bucket[Key], reach_m: float) -> float:
    """Let a bucket and those above it reach as far as a new entry; how far the last of them that had to does."""
    bucket: _Bucket[Key] | None = leaf
    stretched_m = 0.0
    while bucket is not None and reach_m > bucket.reach_m:
        bucket.reach_m = stretched_m = reach_m
        reach_m += bucket.offset_m
        bucket = bucket.parent
    return stretched_m
