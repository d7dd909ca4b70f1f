"""The best plan of a search under way: better ones are kept, written down and told of."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from routing.arrays import Arrays
from routing.budget import Tally
from routing.errors import SolveFailed
from routing.evaluation import Driven, driven_orders, driven_points
from routing.limits import is_whole
from routing.search import Found
from routing.types import Improvement

SETTLING_S = 0.2
"""What relocation may take beyond the limit: a plan of insertion's needs 0.13 s at 200 stops, 1.7 s at 1,000."""

REPORT_EVERY_S = 0.2


type Settled = Callable[[list[list[int]], Callable[[], bool]], list[list[int]]]
"""Moves single stops to where they are cheapest, until that is enough."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A search under way.

    Parameters
    ----------
    elapsed_s, n_plans : since it began, seconds and plans looked at
    total, bound : points of the best plan, and of which none can cost less
    n_left_out : stops that the best plan does not serve
    engine : what found it
    orders : its stops by vehicle, kept in case nothing more is heard of the search
    """

    elapsed_s: float
    n_plans: int
    total: int
    bound: int
    n_left_out: int
    engine: str
    orders: list[list[int]]

    def told(self, limit_s: float | None) -> str:
        """How far the search is, and what it has, in a line for a terminal and one on what to do about it."""
        of = f" of {limit_s:g}" if limit_s is not None else ""
        left_out = f", {self.n_left_out:,} left out" if self.n_left_out else ""
        rate = f", {self.n_plans / self.elapsed_s:,.0f} plans/s" if self.n_plans and self.elapsed_s else ""
        return (
            f"search {self.elapsed_s:.1f}{of} s: {self.total:,} points{left_out}{rate}\n"
            f"none can be below {self.bound:,}; Ctrl-C keeps the best so far"
        )


@dataclass(slots=True)
class Best:
    """The best orders so far and how they came about.

    Parameters
    ----------
    total, bound : points of the orders, and of which none can cost less
    began, tally : when the search began, and the plans that it has looked at since
    driven : how routes looked at last are driven
    """

    arrays: Arrays
    orders: list[list[int]]
    total: int
    bound: int
    began: float
    tally: Tally
    on_progress: Callable[[Progress], None] | None
    history: list[Improvement] = field(default_factory=list)
    told_at: float = 0.0
    driven: dict[int, Driven] = field(default_factory=dict)

    def offer(self, orders: list[list[int]] | None, engine: str) -> bool:
        """Keep orders if they are better and can be driven."""
        if orders is None:
            return False
        driven = driven_orders(self.arrays, orders, self.driven) if is_whole(self.arrays, orders) else None
        if driven is None:
            if self.arrays.timed:
                # Parts of a problem know nothing of ties that lead out of them.
                return False
            raise SolveFailed(f"{engine} returned a plan that cannot be driven; please report this problem")
        self.driven = driven
        served = {stop for order in orders for stop in order}
        total = sum(driven_points(self.arrays, *route) for route in driven.values())
        total += sum(stop.unserved_cost for number, stop in enumerate(self.arrays.stops) if number not in served)
        if total >= self.total:
            return False
        self.orders, self.total = orders, total
        self.note(engine)
        return True

    def settle(self, until: float | None, settled: Settled) -> None:
        """Move single stops to where they are cheapest, for a moment even when no time is left."""
        last = None if until is None else max(until, time.monotonic() + SETTLING_S)
        moved = settled(self.orders, lambda: last is not None and time.monotonic() > last)
        if moved != self.orders:
            self.offer(moved, "relocation")

    def note(self, engine: str) -> None:
        """Write an improvement into the history, unless it was heard of, and tell whoever listens."""
        self.hear(self.total, engine)
        if self.on_progress is not None:
            self.told_at = time.monotonic()
            n_left_out = len(self.arrays.stops) - sum(map(len, self.orders))
            elapsed_s = self.told_at - self.began
            self.on_progress(Progress(elapsed_s, self.tally.n, self.total, self.bound, n_left_out, engine, self.orders))

    def hear(self, total: int, engine: str) -> None:
        """Write what a search under way has found into the history."""
        if not self.history or total < self.history[-1].total:
            self.history.append(Improvement(round(time.monotonic() - self.began, 3), total, engine))

    def listen(self, engine: str, paste: Callable[[list[list[int]]], list[list[int]]]) -> Found:
        """What a search under way tells: each total into the history, its orders kept a few times a second."""

        def found(total: int, read: Callable[[], list[list[int]]]) -> None:
            if total < self.total and time.monotonic() - self.told_at >= REPORT_EVERY_S:
                self.offer(paste(read()), engine)
            elif total < self.total and not self.arrays.timed:
                self.hear(total, engine)

        return found
