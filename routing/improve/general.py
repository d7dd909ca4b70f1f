"""The general kernel as ``routing.improve.engine`` drives it."""

from routing.arrays import Arrays
from routing.improve import columns as at
from routing.improve.field import Field, field_of
from routing.improve.loop import prepare, run
from routing.improve.state import State, best_orders, state_of


class General:
    """One search by the general kernel, from given orders on."""

    def __init__(self, arrays: Arrays, orders: list[list[int]], seed: int) -> None:
        self.field: Field = field_of(arrays)
        self.state: State = state_of(self.field, orders, seed)
        prepare(self.field, self.state)

    @property
    def best(self) -> int:
        """Points of the best plan."""
        return int(self.state.numbers[at.BEST])

    def orders(self) -> list[list[int]]:
        """Stops of the best plan, by vehicle."""
        return best_orders(self.state)

    def run(self, n_iterations: int, hot: float, cold: float, from_share: float, to_share: float) -> None:
        """Iterate, as ``loop.run`` says."""
        run(self.field, self.state, n_iterations, hot, cold, from_share, to_share)
