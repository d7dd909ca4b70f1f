"""Which roads a map page carries, and how they are written down."""

import numpy as np
import pytest

from dispatch.map_roads import N_RANKS, pack, road_layer, simplified
from geo import polyline


def test_packed_lines_read_back_to_a_metre():
    lines = [np.array([[-71.3, -29.9], [-71.31, -29.95]]), np.array([[10.0, 50.0], [10.1, 50.1], [10.2, 50.0]])]
    packed = pack([*lines, np.array([[1.0, 1.0]])])
    assert packed.counts == (2, 3)
    assert polyline.decode(packed.text, precision=5) == pytest.approx(np.concatenate(lines), abs=5e-6)


def test_when_a_page_is_full_wide_roads_stay_and_then_the_ones_near_the_plan():
    def street(kind, lon):
        return kind, np.array([[lon, 50.0], [lon, 50.001]])

    roads = [
        street("residential", 10.01),
        street("residential", 10.02),
        street("residential", 10.001),
        street("motorway", 10.025),
    ]
    layer = road_layer(roads, np.array([[10.0, 50.0], [10.0, 50.001]]), max_points=4)
    assert [sum(rank.counts) for rank in layer.ranks] == [2, 0, 0, 0, 2, 0]
    assert polyline.decode(layer.ranks[4].text, precision=5)[0] == pytest.approx([10.001, 50.0])
    assert layer.n_left_out == 2


def test_roads_far_from_the_plan_are_not_drawn():
    roads = [("primary", np.array([[10.0, 50.0], [10.0, 50.01]])), ("primary", np.array([[11.0, 50.0], [11.0, 50.01]]))]
    layer = road_layer(roads, np.array([[10.0, 50.0]]))
    assert sum(len(rank.counts) for rank in layer.ranks) == 1
    assert layer.n_left_out == 0


def test_without_roads_every_rank_is_empty():
    assert [rank.counts for rank in road_layer([], np.empty((0, 2))).ranks] == [()] * N_RANKS


def test_a_road_no_town_knows_is_drawn_with_the_smallest():
    roads = [(kind, np.array([[10.0, 50.0], [10.0, 50.01]])) for kind in ("trunk_link", "track", "never_heard_of")]
    assert [len(rank.counts) for rank in road_layer(roads, np.empty((0, 2))).ranks] == [1, 0, 0, 0, 0, 2]


def test_points_on_a_straight_line_are_left_out_and_corners_stay():
    line = np.array([[10.0, 50.0], [10.001, 50.0], [10.002, 50.0], [10.002, 50.001]])
    assert simplified(line).tolist() == [[10.0, 50.0], [10.002, 50.0], [10.002, 50.001]]


def test_a_closed_road_keeps_its_shape():
    ring = np.array([[10.0, 50.0], [10.001, 50.0], [10.001, 50.001], [10.0, 50.0]])
    assert simplified(ring).tolist() == ring.tolist()


def test_neighbours_in_the_list_of_roads_do_not_run_into_each_other():
    roads = [
        ("primary", np.array([[10.0, 50.0], [10.01, 50.0]])),
        ("primary", np.array([[10.01, 50.0], [10.02, 50.0]])),
    ]
    assert road_layer(roads, np.empty((0, 2))).ranks[1].counts == (2, 2)
