"""A few milliseconds of ruin and recreate around one stop that nobody serves."""

import time

import numpy as np

from routing.improve.lean import columns as at
from routing.improve.lean.manner import DAYS
from routing.live.day import Rows
from routing.live.places import only_left, until_placed

AROUND = DAYS._replace(from_left=1.0, whole_row=0.0, at_time=0.3)
"""As people's days are searched, but every ruin is around the one stop, and more often at its time of day."""

CHUNK = 50
"""Iterations between looks at the clock: about half a millisecond."""

HEAT = 0.05
"""Temperature as a share of what the stop is worth."""


def search(rows: Rows, stop: int, limit_s: float) -> bool:
    """Ruin and recreate until somebody serves a stop in a cheaper plan, or the time is over.

    When found, only what hangs together with the stop has changed in the rows, and the caller settles them with the
    new total; otherwise they are as ``Rows.remember`` found them.
    """
    ground, state = rows.ground, rows.state
    until = time.perf_counter() + limit_s
    total, heat = int(state.numbers[at.TOTAL]), HEAT * float(ground.worth[stop])
    only_left(state, stop)
    while time.perf_counter() < until:
        if until_placed(ground, state, AROUND, stop, CHUNK, heat, total):
            rows.go_back(_apart(rows, stop))
            return True
    rows.go_back()
    return False


def _apart(rows: Rows, stop: int) -> list[int]:
    """Rows that have changed, but exchange no stop with the one that serves ``stop``, directly or through others."""
    before, after = rows.before["who"], rows.state.who
    joins: dict[int, set[int]] = {}
    for s in np.flatnonzero((before != after) & (before >= 0) & (after >= 0)).tolist():
        a, b = int(before[s]), int(after[s])
        joins.setdefault(a, set()).add(b)
        joins.setdefault(b, set()).add(a)
    together, waiting = set(), [int(after[stop])]
    while waiting:
        v = waiting.pop()
        if v not in together:
            together.add(v)
            waiting += joins.get(v, ())
    return [v for v in rows.changed() if v not in together]
