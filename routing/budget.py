"""What a search may still spend."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Plans that a search and all its parts have looked at, to be told of; lanes count together, so it may miss a few."""

    n: int = 0


@dataclass(slots=True)
class Budget:
    """What a search may still spend: seconds of wall time, solutions looked at, or whichever of the two ends first.

    Parameters
    ----------
    until : reading of ``time.monotonic`` at which to stop, None without a clock
    solutions : how many OR-Tools may still look at, None without a count
    cancel : asked between solutions; True ends the search with the best so far
    tally : of this budget and its parts
    """

    until: float | None
    solutions: int | None
    cancel: Callable[[], bool] | None = None
    spent: int = field(default=0)
    began: float = field(default_factory=time.monotonic)
    tally: Tally = field(default_factory=Tally)

    def exhausted(self) -> bool:
        """Whether nothing is left."""
        return (
            (self.until is not None and time.monotonic() >= self.until - 0.01)
            or (self.solutions is not None and self.spent >= self.solutions)
            or self.cancelled()
        )

    def cancelled(self) -> bool:
        """Whether somebody asked to stop."""
        return self.cancel is not None and self.cancel()

    def progress(self) -> float:
        """Share of the budget that is used up, 0 to 1; of a budget without an end 0."""
        if self.solutions is not None:
            return min(1.0, self.spent / max(1, self.solutions))
        if self.until is not None:
            return min(1.0, (time.monotonic() - self.began) / max(1e-9, self.until - self.began))
        return 0.0

    def part(self, share: float) -> "Budget":
        """A share of what is left, to be paid back with ``pay``."""
        left_s = None if self.until is None else max(0.0, self.until - time.monotonic())
        return Budget(
            until=None if left_s is None else time.monotonic() + left_s * share,
            solutions=None if self.solutions is None else max(1, round((self.solutions - self.spent) * share)),
            cancel=self.cancel,
            tally=self.tally,
        )

    def look(self, n: int) -> None:
        """Count plans looked at."""
        self.spent += n
        self.tally.n += n

    def pay(self, part: "Budget") -> None:
        """Count what a part has spent."""
        self.spent += part.spent
