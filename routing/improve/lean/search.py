"""The fast kernel as ``routing.improve.engine`` drives it."""

import numpy as np

from routing.improve.lean import columns as at
from routing.improve.lean.ground import Ground
from routing.improve.lean.loop import fill, run, settle
from routing.improve.lean.manner import DAYS, Manner
from routing.improve.lean.rows import State, best_orders, current_orders, state_of


class Lean:
    """One search by the fast kernel, from given orders on."""

    def __init__(self, ground: Ground, orders: list[list[int]], seed: int, manner: Manner = DAYS) -> None:
        self.ground = ground
        self.state: State = state_of(ground, orders, seed)
        self.manner = manner

    @classmethod
    def from_nothing(cls, ground: Ground, orders: list[list[int]]) -> "Lean":
        """A plan by insertion: stops by price per second of service, each where it is cheapest, if that pays.

        ``orders`` are kept and filled up.
        """
        made = cls(ground, orders, 1)
        fill(made.ground, made.state, _dearest_first(made.ground))
        return made

    @classmethod
    def from_chance(cls, ground: Ground, seed: int, manner: Manner) -> "Lean":
        """A plan by insertion in an order drawn by chance."""
        made = cls(ground, [[] for _ in ground.vehicle], seed, manner)
        order = np.random.Generator(np.random.PCG64(seed)).permutation(len(ground.stop)).astype(np.int32)
        fill(made.ground, made.state, order)
        return made

    def settle(self) -> None:
        """Move single stops of the best plan while that is cheaper; each move lowers the objective, so it ends."""
        order = _dearest_first(self.ground)[::-1].copy()
        while settle(self.ground, self.state, order):
            pass

    @property
    def best(self) -> int:
        """Points of the best plan."""
        return int(self.state.numbers[at.BEST])

    def orders(self) -> list[list[int]]:
        """Stops of the best plan, by vehicle."""
        return best_orders(self.state)

    def current(self) -> list[list[int]]:
        """Stops of the plan as it is now, by vehicle."""
        return current_orders(self.state)

    def run(self, n_iterations: int, hot: float, cold: float, from_share: float, to_share: float) -> None:
        """Iterate, as ``loop.run`` says."""
        run(self.ground, self.state, self.manner, n_iterations, hot, cold, from_share, to_share)


def _dearest_first(ground: Ground) -> np.ndarray:
    """Stops by the price of leaving them out per second of service, then by position, int32."""
    per_second = ground.worth / np.maximum(1, ground.service[0])
    return np.argsort(-per_second, kind="stable").astype(np.int32)
