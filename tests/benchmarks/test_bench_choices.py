"""Seeds, budgets, engines and instances as somebody types them."""

import pytest

from benchmarks.choices import BadChoice, budgets_of, chosen, engines_of, seeds_of

NAMES = ["vrp/solomon/R101.txt", "vrp/solomon/RC101.txt", "vrp/gh/r1_2_4.txt", "vrp/md/PR11A.vrp"]


@pytest.mark.parametrize(
    ("text", "seeds"),
    [("1", (1,)), ("1..3", (1, 2, 3)), ("1,2", (1, 2)), ("5,1..3,2", (5, 1, 2, 3)), (" 7 .. 8 ", (7, 8)), ("0", (0,))],
)
def test_seeds_are_read_in_order_and_each_once(text, seeds):
    assert seeds_of(text) == seeds


@pytest.mark.parametrize("text", ["", "1..", "..3", "3..1", "a", "1.5", "-1", "1...3", "1..2000"])
def test_what_is_no_seed_is_refused_with_how_to_write_one(text):
    with pytest.raises(BadChoice, match="--seeds"):
        seeds_of(text)


def test_budgets_are_seconds_each_once():
    assert budgets_of("1,5,0.5,5") == (1.0, 5.0, 0.5)


@pytest.mark.parametrize("text", ["0", "-1", "x", "", "1e9", "nan"])
def test_a_budget_that_is_no_time_is_refused(text):
    with pytest.raises(BadChoice, match="must be seconds above 0"):
        budgets_of(text)


def test_vroom_is_short_for_its_deepest_exploration():
    assert engines_of("trades,VROOM,vroom-x5,pyvrp") == ("trades", "vroom-x5", "pyvrp")


def test_a_misspelt_engine_is_named_with_the_nearest():
    with pytest.raises(BadChoice, match="there is no 'ortool' here; did you mean ortools"):
        engines_of("ortool")


def test_an_engine_that_a_suite_cannot_run_is_refused():
    with pytest.raises(BadChoice, match=r"there are: trades$"):
        engines_of("pyvrp", ("trades",))


@pytest.mark.parametrize(
    ("globs", "found"),
    [
        (None, NAMES),
        ("R1_2_4", ["vrp/gh/r1_2_4.txt"]),
        ("r1_2_4.TXT", ["vrp/gh/r1_2_4.txt"]),
        ("r1*", ["vrp/solomon/R101.txt", "vrp/gh/r1_2_4.txt"]),
        ("vrp/solomon/*", ["vrp/solomon/R101.txt", "vrp/solomon/RC101.txt"]),
        ("pr11a.vrp,rc101", ["vrp/solomon/RC101.txt", "vrp/md/PR11A.vrp"]),
        ("./vrp/md/*", ["vrp/md/PR11A.vrp"]),
    ],
)
def test_names_match_without_case_or_extension_and_keep_their_order(globs, found):
    assert chosen(NAMES, globs) == found


def test_a_pattern_that_matches_nothing_says_what_there_is():
    with pytest.raises(BadChoice, match=r"'r2\*' matches nothing; there are: vrp/solomon/R101\.txt"):
        chosen(NAMES, "r1*,r2*")
