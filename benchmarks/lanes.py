"""Measurements side by side: each lane has cores of its own, and its judge works on them too.

Lanes share memory and the caches of the processor, so figures from several lanes are a little worse than those from
one; engines on the same instance run in the same lane, one after the other, so that they stay comparable.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence

from benchmarks.choices import BadChoice
from benchmarks.machine import allowed_cores

type Cores = tuple[int, ...] | None
"""Cores that a measurement may use; None where a system cannot say."""


def lanes_of(n_lanes: int, n_cores: int) -> list[Cores]:
    """Cores of each lane, the last ones allowed first.

    Raises
    ------
    BadChoice : there are fewer
    """
    allowed = allowed_cores()
    if allowed is None:
        if n_lanes > 1:
            raise BadChoice(f"--parallel {n_lanes}: this system cannot pin processes to cores; leave it out")
        return [None]
    if n_lanes > 1 and n_lanes * n_cores > len(allowed):
        raise BadChoice(
            f"--parallel {n_lanes} with {n_cores} cores each needs {n_lanes * n_cores} cores, there are {len(allowed)}"
        )
    return [tuple(allowed[-n_cores * (k + 1) : len(allowed) - n_cores * k]) for k in range(n_lanes)]


def in_lanes[T](items: Iterable[T], lanes: Sequence[Cores], work: Callable[[T, Cores], None]) -> None:
    """Do the work of each item in whichever lane is free; the first error that comes up is raised, and ends it."""
    if len(lanes) == 1:
        for item in items:
            work(item, lanes[0])
        return
    left, taking, errors = iter(items), threading.Lock(), list[BaseException]()
    # Daemons: who interrupts the run need not wait for what is being measured.
    threads = [threading.Thread(target=_lane, args=(left, taking, errors, cores, work), daemon=True) for cores in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(1.0)
    if errors:
        raise errors[0]


def _lane[T](
    left: Iterator[T],
    taking: threading.Lock,
    errors: list[BaseException],
    cores: Cores,
    work: Callable[[T, Cores], None],
) -> None:
    try:
        if cores is not None:
            os.sched_setaffinity(0, cores)  # of this thread alone, and of the children that it starts
        while not errors:
            with taking:
                item = next(left)
            work(item, cores)
    except StopIteration:
        pass
    except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the lanes
        errors.append(error)
