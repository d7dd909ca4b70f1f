"""Runs of compiled code that give the same figures whether it is compiled or plain Python."""

from dataclasses import replace

import numpy as np
from detail_cases import detailed_problem
from fleet_cases import fleet
from pair_cases import courier_problem, loaded_problem, paired_problem
from plain_cases import plain_problem, promised_problem, short_days_problem
from rich_cases import rich_problem
from routing_cases import HOUR

from routing.arrays import arrays_of
from routing.budget import Budget
from routing.improve import columns as general_at
from routing.improve.general import General
from routing.improve.lanes import Lanes
from routing.improve.lean import columns as at
from routing.improve.lean.cooling import median_fifth
from routing.improve.lean.districts import Districts
from routing.improve.lean.fewer import with_fewer
from routing.improve.lean.ground import ground_of
from routing.improve.lean.manner import DAYS, FLEET, PAIRS, SERVING
from routing.improve.lean.search import Lean
from routing.insertion import first_orders
from routing.live.day import LiveDay
from routing.live.insert import insert
from routing.live.under_way import under_way
from routing.proof.day import day_of
from routing.proof.one_day import prove_order
from routing.solver import solve
from routing.types import Window

LINKED = ("crews", "successions", "deliveries", "resting", "late", "work", "promises")
"""Features that bear on the times of linked stops."""


def searches():
    """Points at best and now of searches by the fast kernel, from insertion on and settled."""
    found = []
    cases = [(plain_problem(seed, 14, 3), DAYS) for seed in range(0, 32, 3)]
    cases += [(promised_problem(seed, 12, 3), DAYS) for seed in range(4)]
    cases += [(short_days_problem(seed, 14, 3), DAYS) for seed in range(4)]
    cases += [(fleet(seed, 14, 6), FLEET) for seed in range(4)]
    cases += [(paired_problem(seed, 14, 3), DAYS) for seed in range(6)]
    cases += [(loaded_problem(seed, 14, 3), DAYS) for seed in range(1, 3)]
    cases += [(courier_problem(seed, 14), PAIRS) for seed in range(3)]
    cases += [(detailed_problem(seed, 14, 3), (DAYS, SERVING)[seed % 4 // 2]) for seed in range(0, 32, 2)]
    for problem, manner in cases:
        ground = ground_of(arrays_of(problem))
        lean = Lean(ground, Lean.from_nothing(ground, [list(f) for f in arrays_of(problem).frozen]).orders(), 3, manner)
        lean.run(60, 900.0, 50.0, 0.0, 0.999)
        now = int(lean.state.numbers[at.TOTAL])
        lean.settle()
        found.append((now, lean.best))
    return found


def cut_searches():
    """Points at best of searches by districts, and what they found."""
    found = []
    for seed in range(9):
        problem = (plain_problem, promised_problem, paired_problem)[seed % 3](seed, 14, 4)
        ground = ground_of(arrays_of(problem))
        first = Lean.from_nothing(ground, [list(f) for f in arrays_of(problem).frozen]).orders()
        districts = Districts(ground, first, seed, 2, Lanes(Budget(None, 1), 1))
        for k in range(3):
            districts.run(40, 900.0, 50.0, k / 3, (k + 1) / 3)
        found.append((districts.best, districts.orders()))
    return found


def general_searches():
    """Points now and at best of searches by the general kernel, over everything the model can say."""
    found = []
    cases = [rich_problem(seed, n_stops=10) for seed in range(30)]
    cases += [rich_problem(seed, 9, 3, LINKED[: 2 + seed % 5]) for seed in range(10)]
    for seed, problem in enumerate(cases):
        arrays = arrays_of(problem)
        kernel = General(arrays, first_orders(arrays).orders, seed)
        kernel.run(40, 900.0, 50.0, 0.0, 0.999)
        found.append((int(kernel.state.numbers[general_at.TOTAL]), kernel.best))
    return found


def fleets():
    """Orders of as few vehicles as are found in so many iterations."""
    found = []
    for seed in range(3):
        for problem, manner in (
            (courier_problem(seed, 14, 8, 10**5), PAIRS),
            (fleet(seed, 14, 8, cost_fixed=10**5), FLEET),
        ):
            ground = ground_of(arrays_of(problem))
            first = Lean.from_nothing(ground, [[] for _ in problem.vehicles]).orders()
            found.append(with_fewer(ground, first, seed, manner, median_fifth(ground), Budget(None, 60))[1])
    return found


def insertions():
    """What becomes of urgent jobs in days under way: how, and the points of the plan."""
    found = []
    for seed in range(16, 24):
        problem = plain_problem(seed & ~0b1000, 14, 3)
        opens_s = 11 * HOUR + 900 * (seed % 12)
        urgent = replace(
            problem.stops[0],
            id="urgent",
            unserved_cost=60_000,
            windows=(Window(opens_s, opens_s + 1800),) if seed % 2 else (),
            required_vehicles=frozenset(),
            excluded_vehicles=frozenset(),
        )
        then, plan = under_way(problem, solve(problem, iterations=60), 10 * HOUR)
        whole = replace(then, stops=(*then.stops, urgent))
        plan = replace(plan, unassigned=tuple(sorted((*plan.unassigned, "urgent"))))
        # Without a search, which a clock ends.
        told = insert(LiveDay(whole, plan), "urgent", search_s=0.0)
        found.append((told.how, told.plan.objective.total))
    return found


def proofs():
    """Orders, points, bounds and whether they are proven, of small days with windows and without."""
    found = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        n = 7 + seed % 3
        cost = rng.integers(50, 900, (n + 2, n + 2))
        opens_s = np.where(rng.random(n + 2) < 0.5 * (seed % 2), rng.integers(0, 3000, n + 2), 0)
        closes_s = np.where(opens_s > 0, opens_s + 4000, 50_000)
        opens_s[[0, -1]], closes_s[[0, -1]] = 0, 50_000
        proof = prove_order(day_of(cost, cost + 60, opens_s, closes_s), limit_labels=3000)
        found.append((proof.order, proof.cost_points, proof.bound_points, proof.proven))
    return found
