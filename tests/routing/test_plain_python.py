"""Compiled code checks no bounds; the same functions, not compiled, do, and come to the same."""

import plain_runs
import pytest
from plain_python import uncompiled


@pytest.mark.parametrize("name", ["searches", "fleets", "cut_searches", "general_searches", "insertions", "proofs"])
def test_plain_python_finds_the_same_and_steps_outside_no_array(name):
    compiled = getattr(plain_runs, name)()
    assert len({str(one) for one in compiled}) > 1
    assert uncompiled(f"import plain_runs; print(plain_runs.{name}())") == str(compiled)


def test_the_insertions_that_are_compared_take_several_ways():
    assert len({how for how, _ in plain_runs.insertions()}) > 1


def test_the_proofs_that_are_compared_find_orders():
    assert sum(proven and order is not None for order, _, _, proven in plain_runs.proofs()) > 2
