"""What every engine checks and how it rounds."""

import numpy as np
import pytest

from routing.arguments import at_least, half_up, positions, rising


def test_halves_are_rounded_up_and_not_to_the_even_neighbour():
    assert half_up(np.array([0.4, 0.5, 1.5, 2.5, 2.49])).tolist() == [0, 1, 2, 3, 2]
    assert half_up(np.array([0.5])).dtype == np.int64


def test_no_positions_means_all_and_an_empty_list_means_none():
    assert positions(None, 3, "sources") == [0, 1, 2]
    assert positions([], 3, "sources") == []


def test_negative_positions_do_not_count_from_the_end():
    with pytest.raises(ValueError, match="targets has -1, but there are 3 points; count from 0"):
        positions([0, -1], 3, "targets")


def test_times_are_whole_rising_seconds_one_for_each_fix():
    assert rising([3, 5], 2).tolist() == [3, 5]
    for bad, words in (
        ([3.5, 5.0], "whole seconds"),
        ([3], "give 2"),
        ([5, 3], r"at_s\[1\] = 3 does not come after 5"),
    ):
        with pytest.raises(ValueError, match=words):
            rising(bad, 2)


def test_too_few_points_are_counted():
    at_least(2, np.zeros((2, 2)))
    with pytest.raises(ValueError, match="lonlat has 1 points; give at least 2"):
        at_least(2, np.zeros((1, 2)))
