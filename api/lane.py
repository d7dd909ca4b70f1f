"""A lane for heavy work: so many at once, a short queue behind them, and a clear no to everybody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.errors import Unavailable


class Busy(Unavailable):
    """More wait already than can be served in good time."""


class Lane:
    """Turns in the order of asking.

    Parameters
    ----------
    work : what is done here, for the sentence of a refusal
    n_at_once : how many have their turn at the same time
    n_waiting : how many may wait behind them
    patience_s : how long one may wait
    """

    def __init__(self, work: str, *, n_at_once: int = 1, n_waiting: int = 16, patience_s: float = 20.0) -> None:
        self._work, self._n_waiting, self._patience_s = work, n_waiting, patience_s
        self._free = asyncio.Semaphore(n_at_once)
        self._waiting = 0

    @property
    def waiting(self) -> int:
        """How many wait at this moment."""
        return self._waiting

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn and hold it; raises ``Busy`` when the queue is full, or has not moved up in time."""
        if self._free.locked() and self._waiting >= self._n_waiting:
            raise self._busy()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience_s):
                await self._free.acquire()
        except TimeoutError:
            raise self._busy() from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()

    def _busy(self) -> Busy:
        said = f"The server is busy with {self._work}; {self._waiting} wait already. Try again in a few seconds."
        return Busy(said, waiting=self._waiting)
