import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.distance import EARTH_RADIUS_M, along_m, distance_m, one_to_many_m, pairwise_m, unit_vectors
from geo.point import InvalidLonLat, Point, lonlat_array

quick = settings(deadline=None, database=None, max_examples=200)
anywhere = st.builds(Point, st.floats(-180, 180), st.floats(-90, 90))
HALF_ROUND_M = math.pi * EARTH_RADIUS_M
ROUNDING_M = 1e-7


def test_a_degree_of_the_equator_is_a_360th_of_the_circumference():
    assert distance_m(Point(10, 0), Point(11, 0)) == pytest.approx(2 * HALF_ROUND_M / 360, abs=ROUNDING_M)


def test_pole_to_equator_is_a_quarter_round():
    assert distance_m(Point(123, 90), Point(-45, 0)) == pytest.approx(HALF_ROUND_M / 2, abs=ROUNDING_M)


def test_paris_to_london_is_344_km():
    assert distance_m(Point(2.3522, 48.8566), Point(-0.1276, 51.5072)) == pytest.approx(343_900, abs=500)


def test_the_antimeridian_is_no_wall():
    assert distance_m(Point(179.9, 0), Point(-179.9, 0)) == pytest.approx(2 * HALF_ROUND_M / 1800, abs=ROUNDING_M)
    assert distance_m(Point(180, 40), Point(-180, 40)) < ROUNDING_M


@quick
@given(anywhere, st.floats(1e-9, 1e-3))
def test_near_the_antipode_a_metre_is_still_a_metre(point, short_deg):
    opposite = Point(math.copysign(180, -point.lon) + point.lon, -point.lat)
    assert distance_m(point, opposite) == pytest.approx(HALF_ROUND_M, abs=ROUNDING_M)
    aside = Point(opposite.lon, opposite.lat - math.copysign(short_deg, opposite.lat))
    short_m = math.radians(short_deg) * EARTH_RADIUS_M
    assert HALF_ROUND_M - distance_m(point, aside) == pytest.approx(short_m, abs=ROUNDING_M)


@quick
@given(anywhere, anywhere)
def test_distance_is_symmetric_to_the_last_bit_and_at_most_half_round(a, b):
    assert distance_m(a, b) == distance_m(b, a)
    assert 0.0 <= distance_m(a, b) <= HALF_ROUND_M


@quick
@given(anywhere)
def test_a_point_is_at_no_distance_from_itself(point):
    assert distance_m(point, point) == 0.0
    assert one_to_many_m(point, lonlat_array([point])).tolist() == [0.0]


@quick
@given(anywhere, anywhere, anywhere)
def test_a_detour_is_never_shorter(a, b, via):
    assert distance_m(a, b) <= distance_m(a, via) + distance_m(via, b) + ROUNDING_M


@quick
@given(anywhere, anywhere)
def test_the_chord_form_agrees_with_the_haversine_of_the_textbook(a, b):
    lon_a, lat_a, lon_b, lat_b = map(math.radians, (a.lon, a.lat, b.lon, b.lat))
    h = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    textbook_m = 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, h)))
    # The textbook's own error at the antipode is what the tolerance is for.
    assert distance_m(a, b) == pytest.approx(textbook_m, abs=0.5)


@quick
@given(st.lists(anywhere, max_size=6), st.lists(anywhere, max_size=6))
def test_arrays_agree_with_pairs(a, b):
    metres = pairwise_m(lonlat_array(a), lonlat_array(b))
    assert metres.shape == (len(a), len(b))
    assert metres.dtype == np.float64
    expected = np.array([[distance_m(p, q) for q in b] for p in a]).reshape(len(a), len(b))
    np.testing.assert_allclose(metres, expected, rtol=0, atol=ROUNDING_M)
    for row, origin in enumerate(a):
        np.testing.assert_array_equal(one_to_many_m(origin, lonlat_array(b)), metres[row])


@quick
@given(st.lists(anywhere, min_size=1, max_size=8))
def test_the_steps_of_a_line_are_the_distances_from_place_to_place(line):
    expected = [distance_m(a, b) for a, b in pairwise(line)]
    np.testing.assert_allclose(along_m(lonlat_array(line)), expected, rtol=0, atol=ROUNDING_M)


@quick
@given(st.lists(anywhere, min_size=1, max_size=6))
def test_directions_have_length_one(points):
    np.testing.assert_allclose(np.linalg.norm(unit_vectors(lonlat_array(points)), axis=1), 1.0, rtol=1e-14)


def test_a_bad_row_is_named():
    with pytest.raises(InvalidLonLat, match=r"lonlat\[1\]"):
        pairwise_m([(0, 0)], [(0, 0), (0, 95)])
    with pytest.raises(InvalidLonLat, match="longitude nan"):
        one_to_many_m(Point(0, 0), [(math.nan, 0)])
