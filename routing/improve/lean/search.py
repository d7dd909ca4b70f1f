"""The fast kernel as ``routing.improve.engine`` drives it."""

from routing.arrays import Arrays
from routing.improve.lean import columns as at
from routing.improve.lean.ground import Ground, ground_of
from routing.improve.lean.loop import run
from routing.improve.lean.manner import DAYS, Manner
from routing.improve.lean.rows import State, best_orders, state_of


class Lean:
    """One search by the fast kernel, from given orders on."""

    def __init__(self, arrays: Arrays, orders: list[list[int]], seed: int, manner: Manner = DAYS) -> None:
        self.ground: Ground = ground_of(arrays)
        self.state: State = state_of(self.ground, orders, seed)
        self.manner = manner

    @property
    def best(self) -> int:
        """Points of the best plan."""
        return int(self.state.numbers[at.BEST])

    def orders(self) -> list[list[int]]:
        """Stops of the best plan, by vehicle."""
        return best_orders(self.state)

    def run(self, n_iterations: int, hot: float, cold: float, from_share: float, to_share: float) -> None:
        """Iterate, as ``loop.run`` says."""
        run(self.ground, self.state, self.manner, n_iterations, hot, cold, from_share, to_share)
