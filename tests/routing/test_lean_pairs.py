"""Deliveries and loads in the fast kernel: pairs stay whole, rows are what is known of them, the cheapest place is found."""

from hypothesis import given, settings
from hypothesis import strategies as st
from lean_runs import after, cheapest_way_in
from pair_cases import courier_problem, loaded_problem, paired_problem

from routing.arrays import arrays_of
from routing.check import violations
from routing.improve.lean import columns as at
from routing.improve.lean.ground import ground_of
from routing.improve.lean.insert import way_in
from routing.improve.lean.rows import current_orders as current
from routing.improve.lean.rows import state_of
from routing.improve.lean.search import Lean
from routing.insertion import first_orders
from routing.orders import Orders
from routing.solver import solve

CASES = st.one_of(
    st.builds(lambda seed: paired_problem(seed, 6 + seed % 20, 1 + seed % 4), st.integers(0, 10**6)),
    st.builds(lambda seed: loaded_problem(seed, 6 + seed % 20, 1 + seed % 4), st.integers(0, 10**6)),
    st.builds(lambda seed: courier_problem(seed, 6 + seed % 20), st.integers(0, 10**6)),
)


@settings(max_examples=80)
@given(problem=CASES, seed=st.integers(1, 5))
def test_every_row_can_be_driven_at_the_price_that_the_kernel_says(problem, seed):
    _, state = after(problem, 300, seed)
    orders = Orders(arrays_of(problem), current(state))
    assert orders.drivable()
    assert orders.points() == state.numbers[at.TOTAL]


@settings(max_examples=60)
@given(problem=CASES, seed=st.integers(1, 5))
def test_what_is_known_of_rows_is_what_a_look_from_nothing_finds(problem, seed):
    ground, state = after(problem, 300, seed)
    again = state_of(ground, current(state), 1)
    assert state.numbers[at.TOTAL] == again.numbers[at.TOTAL]
    assert state.who.tolist() == again.who.tolist()
    assert (state.head[[at.LENGTH, at.TRAVEL, at.IDLE]] == again.head[[at.LENGTH, at.TRAVEL, at.IDLE]]).all()
    for v, n in enumerate(state.head[at.LENGTH].tolist()):
        assert state.row[v, 1 : n + 1].tolist() == again.row[v, 1 : n + 1].tolist()
    left = set(state.left[: state.numbers[at.N_LEFT]].tolist())
    assert left == {s for s in range(len(state.who)) if state.who[s] < 0 and ground.stop[s, at.FETCHED] < 0}


@settings(max_examples=80)
@given(problem=CASES)
def test_a_stop_or_both_ends_of_a_delivery_go_where_they_are_cheapest_of_all_places(problem):
    arrays = arrays_of(problem)
    ground, state = after(problem, 40)
    rows = current(state)
    for s in state.left[: state.numbers[at.N_LEFT]].tolist():
        for v, row in enumerate(rows):
            if ground.may[ground.stop[s, at.CLASS], v]:
                assert way_in(ground, state, v, s) == cheapest_way_in(ground, arrays, v, row, s)


@settings(max_examples=30)
@given(problem=CASES)
def test_settling_moves_a_delivery_as_a_whole_and_only_where_that_is_cheaper(problem):
    arrays = arrays_of(problem)
    lean = Lean(ground_of(arrays), first_orders(arrays).orders, 1)
    before = lean.best
    lean.settle()
    orders = Orders(arrays, lean.orders())
    assert orders.drivable()
    assert orders.points() == lean.best <= before


def test_the_judge_accepts_what_solve_makes_of_days_with_deliveries():
    n_brought, n_better = 0, 0
    for seed in range(12):
        problem = paired_problem(seed, 24, 4)
        first, plan = solve(problem, iterations=0), solve(problem, iterations=1000)
        assert not violations(problem, plan)
        assert plan.objective.total <= first.objective.total
        n_better += plan.objective.total < first.objective.total
        n_brought += sum(pair.delivery not in plan.unassigned for pair in problem.deliveries)
    assert n_brought > 12
    assert n_better > 3
