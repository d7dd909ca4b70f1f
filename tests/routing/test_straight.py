"""Straight lines in place of roads: exact, symmetric, and never without saying so."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.point import InvalidLonLat
from routing.errors import EngineFailed
from routing.straight import Straight

DEGREE_M = 111_195.0
ON_THE_EQUATOR = np.array([(0.0, 0.0), (0.01, 0.0), (0.0, 0.02)])

degrees = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


def test_a_hundredth_of_a_degree_is_its_length_times_the_detour_at_the_speed():
    table = Straight(detour=1.5, speed_mps=10.0).table(ON_THE_EQUATOR)
    assert table.source == "straight"
    assert table.distance_m[0, 1] == round(0.01 * DEGREE_M * 1.5)
    assert table.duration_s[0, 1] == round(0.01 * DEGREE_M * 1.5 / 10)
    assert table.distance_m[0, 2] == pytest.approx(2 * table.distance_m[0, 1], abs=1)


@given(st.lists(degrees, min_size=1, max_size=6))
def test_there_and_back_are_equal_and_standing_still_is_free(lonlat):
    table = Straight().table(np.array(lonlat))
    assert (table.duration_s == table.duration_s.T).all()
    assert (table.distance_m == table.distance_m.T).all()
    assert not table.duration_s.diagonal().any()


@given(st.lists(degrees, min_size=1, max_size=5), st.data())
def test_a_part_of_a_table_equals_the_same_cells_of_the_whole(lonlat, data):
    positions = st.lists(st.integers(0, len(lonlat) - 1), max_size=4)
    rows, columns = data.draw(positions), data.draw(positions)
    whole, part = Straight().table(np.array(lonlat)), Straight().table(np.array(lonlat), rows, columns)
    assert part.duration_s.shape == (len(rows), len(columns))
    assert (part.duration_s == whole.duration_s[np.ix_(rows, columns)]).all()


def test_the_legs_of_a_route_are_the_cells_of_the_table_and_its_line_the_points():
    engine = Straight()
    route, table = engine.route(ON_THE_EQUATOR), engine.table(ON_THE_EQUATOR)
    assert (route.travel_s == table.duration_s.diagonal(1)).all()
    assert (route.distance_m == table.distance_m.diagonal(1)).all()
    assert (route.lonlat == ON_THE_EQUATOR).all()
    assert (engine.match(ON_THE_EQUATOR, np.array([0, 60, 120])).distance_m == route.distance_m).all()


def test_every_point_stands_on_a_road():
    snaps = Straight().nearest(ON_THE_EQUATOR)
    assert (snaps.lonlat == ON_THE_EQUATOR).all()
    assert snaps.distance_m.tolist() == [0, 0, 0]
    assert snaps.names == ("", "", "")


@pytest.mark.parametrize(("detour", "speed_mps"), [(0.9, 10), (float("nan"), 10), (1.4, 0), (1.4, float("inf"))])
def test_a_detour_or_a_speed_that_cannot_be_is_refused(detour, speed_mps):
    with pytest.raises(ValueError, match="is not a"):
        Straight(detour, speed_mps)


def test_what_osrm_refuses_as_an_argument_is_refused_here_too():
    engine = Straight()
    with pytest.raises(InvalidLonLat):
        engine.table([(0, 91)])
    with pytest.raises(ValueError, match="targets has 3"):
        engine.table(ON_THE_EQUATOR, [0], [3])
    with pytest.raises(ValueError, match="at least 1"):
        engine.route([])
    with pytest.raises(ValueError, match="at least 2"):
        engine.match(ON_THE_EQUATOR[:1])
    with pytest.raises(ValueError, match=r"at_s\[1\] = 0"):
        engine.match(ON_THE_EQUATOR, np.array([0, 0, 1]))


def test_closed_means_closed():
    engine = Straight()
    engine.close()
    with pytest.raises(EngineFailed, match="closed"):
        engine.table(ON_THE_EQUATOR)
