"""Fewer vehicles where each costs more than any detour: one is taken away, and its stops are to find room with the others.

What is left over again and again becomes dearer to leave over, until others give way for it.

Source: sums of absences after Christiaens & Vanden Berghe (2020), "Slack induction by string removals for vehicle routing
problems", Transportation Science 54(2), section on fleet minimisation; as penalties of ejection in Nagata & Braysy
(2009), "A powerful route minimization heuristic for the vehicle routing problem with time windows", Operations Research
Letters 37(5).
"""

import time

import numpy as np

from routing.budget import Budget
from routing.improve.compiled import compiled
from routing.improve.lean import columns as at
from routing.improve.lean.ground import NEVER, Ground
from routing.improve.lean.loop import iterate
from routing.improve.lean.manner import Manner
from routing.improve.lean.rows import State, state_of

type Rows = list[list[int]]

DETOUR = 10
"""Longest legs that one vehicle may cost before as few as possible are wanted whatever they drive."""

TEMPERATURE = 0.4
"""In units of the median leg to the fifth nearest stop: where plans of such instances change their shape."""

ABSENCE = 1.0
"""The same for what an iteration adds to the price of a stop that nobody serves."""

FIRST_ABSENCES = 10
"""What every stop is taken to have been left over for already: more than a usual detour."""

CHUNK_S, FIRST_CHUNK, N_CHUNKS = 0.1, 500, 20
"""Seconds and iterations between looks at the clock, and looks where iterations are counted."""


def counts_vehicles(ground: Ground) -> bool:
    """Whether a vehicle costs more than any detour, and all are of one kind."""
    return is_one_kind(ground) and int(ground.vehicle[0, at.FIXED]) > DETOUR * int(ground.cost.max(initial=0))


def is_one_kind(ground: Ground) -> bool:
    """Whether no vehicle can do what another cannot, or at another price."""
    return len(set(ground.vehicle[:, at.KIND].tolist())) == 1


def with_fewer(
    ground: Ground, orders: Rows, seed: int, manner: Manner, unit: float, part: Budget
) -> tuple[Ground, Rows]:
    """As few vehicles as are found to serve all, and their orders; what was given, where not all find room.

    Parameters
    ----------
    orders : of all vehicles, maybe with stops left over
    unit : points of the median leg to the fifth nearest stop
    part : what may be spent; all of it is, unless no plan can do with fewer
    """
    n_stops, absences = len(ground.stop), np.zeros(len(ground.stop), dtype=np.int64)
    all_served = orders
    if sum(map(len, orders)) < n_stops:
        found = served(ground, orders, seed, manner, unit, part, absences)
        if found is None:
            return ground, orders
        all_served = found
    best = [order for order in all_served if order]
    while len(best) > least_vehicles(ground) and not part.exhausted():
        least = min(range(len(best)), key=lambda k: (int(absences[best[k]].sum()), len(best[k])))
        fewer = served(ground, best[:least] + best[least + 1 :], seed, manner, unit, part, absences)
        if fewer is None:
            break
        best = [order for order in fewer if order]
    return fleet_of(ground, len(best)), best


def least_vehicles(ground: Ground) -> int:
    """A number of vehicles that no plan can do without: their loads, and their time for service and the shortest legs."""
    n_stops, vehicle = len(ground.stop), ground.vehicle[0]
    legs = ground.drive[:, :n_stops].astype(np.int64)
    legs[np.arange(n_stops), np.arange(n_stops)] = NEVER
    busy_s = int(ground.service[0].sum() + legs.min(axis=0).sum())
    shift_s = max(1, int(vehicle[at.LAST_RETURN] - vehicle[at.OPENS]))
    load = int(ground.stop[:, at.DEMAND].sum())
    return max(1, -(-busy_s // shift_s), -(-load // max(1, int(vehicle[at.CAPACITY]))))


def served(
    ground: Ground, rows: Rows, seed: int, manner: Manner, unit: float, part: Budget, absences: np.ndarray
) -> Rows | None:
    """Rows in which all is served, None where the budget ends before."""
    price = np.where(ground.stop[:, at.FETCHED] < 0, max(1, round(ABSENCE * unit)), 0)
    # Where a stop has been hard to place before, it still is.
    narrow = fleet_of(ground, len(rows))._replace(worth=price * (FIRST_ABSENCES + absences))
    narrow.vehicle[:, at.FIXED] = 0
    state = state_of(narrow, rows, seed)
    chunk = FIRST_CHUNK if part.solutions is None else max(1, part.solutions // N_CHUNKS)
    while not part.exhausted():
        if part.solutions is not None:
            chunk = min(chunk, part.solutions - part.spent)
        began = time.monotonic()
        n = until_allserved(narrow, state, manner, price, chunk, TEMPERATURE * unit)
        part.look(n)
        if state.numbers[at.N_LEFT] == 0:
            absences[:] = narrow.worth // np.maximum(1, price) - FIRST_ABSENCES
            return [state.row[v, 1 : k + 1, at.NODE].tolist() for v, k in enumerate(state.head[at.LENGTH])]
        if part.solutions is None:
            chunk = max(1, min(4 * chunk, round(chunk * CHUNK_S / max(1e-6, time.monotonic() - began))))
    return None


def fleet_of(ground: Ground, n: int) -> Ground:
    """The first so many vehicles of one kind."""
    return ground._replace(
        vehicle=ground.vehicle[:n].copy(),
        able=np.arange(n, dtype=np.int32),
        able_from=np.array([0, n], dtype=np.int32),
        may=np.ascontiguousarray(ground.may[:, :n]),
    )


@compiled
def until_allserved(g: Ground, st: State, m: Manner, price: np.ndarray, n_iterations: int, temperature: float) -> int:
    """Iterate until nobody is left over; how often. What is, costs ``price`` more each time: int64 (stops), points."""
    for k in range(n_iterations):
        iterate(g, st, m, temperature)
        if st.numbers[at.N_LEFT] == 0:
            return k + 1
        for i in range(st.numbers[at.N_LEFT]):
            s = st.left[i]
            g.worth[s] += price[s]
            st.numbers[at.TOTAL] += price[s]
    return n_iterations
