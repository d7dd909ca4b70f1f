import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cells import InvalidResolution
from geo.distance import distance_m
from geo.index import CellIndex
from geo.point import Point

quick = settings(deadline=None, database=None, max_examples=100)
anywhere = st.builds(Point, st.floats(-180, 180), st.floats(-90, 90))
PENTAGON = Point(10.53619907546767, 64.70000012793487)


def around(middle, spread_deg):
    return st.builds(
        lambda east, north: Point(middle.lon + east, middle.lat + north),
        st.floats(-spread_deg, spread_deg),
        st.floats(-spread_deg, spread_deg),
    )


near_the_pole = st.builds(Point, st.floats(-180, 180), st.floats(89.9, 90))
at_the_antimeridian = st.builds(
    lambda east, lat: Point(math.copysign(180 - abs(east), east), lat), st.floats(-0.2, 0.2), st.floats(-0.2, 0.2)
)
# Few distinct places, so that equal distances occur.
crowded = st.builds(Point, st.sampled_from([-71.25, -71.2499, -71.2]), st.sampled_from([-29.9, -29.95]))
crowds = st.one_of(
    *(
        st.lists(places, max_size=40)
        for places in (
            anywhere,
            around(PENTAGON, 0.05),
            around(PENTAGON, 5),
            near_the_pole,
            at_the_antimeridian,
            crowded,
            anywhere | crowded,
        )
    )
)


def by_looking_at_all(points, origin, k, within_m=math.inf, where=lambda key: True):
    found = sorted((distance_m(origin, point), key) for key, point in points.items() if where(key))
    return [(key, metres) for metres, key in found if metres <= within_m][:k]


def filled(points, resolution=8):
    index = CellIndex(resolution)
    for key, point in points.items():
        index.put(key, point)
    return index


@quick
@given(crowds, anywhere | crowded, st.integers(1, 12), st.integers(0, 15), st.data())
def test_the_nearest_are_those_a_look_at_all_finds(crowd, elsewhere, k, resolution, data):
    origin = data.draw(st.sampled_from([*crowd, elsewhere]))
    points = dict(enumerate(crowd))
    assert filled(points, resolution).nearest(origin, k) == by_looking_at_all(points, origin, k)


@quick
@given(crowds, anywhere | crowded, st.integers(1, 12), st.floats(0, 7.5), st.integers(2, 4), st.data())
def test_limits_and_filters_leave_exactly_what_they_should(crowd, elsewhere, k, magnitude, divisor, data):
    origin = data.draw(st.sampled_from([*crowd, elsewhere]))
    points = dict(enumerate(crowd))
    exact_m = [distance_m(origin, point) for point in crowd]
    within_m = data.draw(st.sampled_from([10**magnitude, 0.0, *exact_m]))
    found = filled(points).nearest(origin, k, within_m=within_m, where=lambda key: key % divisor == 0)
    assert found == by_looking_at_all(points, origin, k, within_m, lambda key: key % divisor == 0)


@quick
@given(st.lists(st.tuples(st.integers(0, 5), st.none() | crowded | around(PENTAGON, 3)), max_size=40), crowded)
def test_after_any_moves_and_removals_the_answers_are_those_of_a_fresh_index(changes, origin):
    index, points = CellIndex(), {}
    for key, point in changes:
        if point is not None:
            index.put(key, point)
            points[key] = point
        elif key in points:
            index.remove(key)
            del points[key]
        assert len(index) == len(points)
        assert [known for known in range(6) if known in index] == sorted(points)
        assert index.nearest(origin, 3) == by_looking_at_all(points, origin, 3)


def test_equal_distances_are_settled_by_the_smaller_key():
    place = Point(-71.25, -29.9)
    index = filled(dict.fromkeys(["vera", "ana", "luis"], place))
    assert index.nearest(place, 2) == [("ana", 0.0), ("luis", 0.0)]


def test_a_town_of_2000_gives_the_same_as_a_look_at_all():
    chance = random.Random(5)
    points = {i: Point(chance.uniform(-71.4, -71.1), chance.uniform(-30.1, -29.8)) for i in range(2000)}
    index = filled(points)
    for _ in range(20):
        origin = Point(chance.uniform(-71.5, -71.0), chance.uniform(-30.2, -29.7))
        assert index.nearest(origin, 10) == by_looking_at_all(points, origin, 10)


def test_a_filter_is_asked_only_about_keys_near_enough_and_once_each():
    points = {i: Point(-71.25 + i * 0.01, -29.9) for i in range(1000)}
    asked = []
    filled(points).nearest(points[0], 3, where=lambda key: asked.append(key) or True)
    assert len(asked) == len(set(asked))
    assert len(asked) < 20


def test_a_key_that_moves_is_found_at_its_new_place_only():
    index = CellIndex()
    index.put("ana", Point(-71.25, -29.9))
    index.put("ana", Point(2.35, 48.86))
    assert len(index) == 1
    assert index.nearest(Point(-71.25, -29.9), 5, within_m=10_000) == []
    assert index.nearest(Point(2.35, 48.86), 5) == [("ana", 0.0)]


def test_an_emptied_index_keeps_no_buckets():
    chance = random.Random(3)
    index = filled({i: Point(chance.uniform(-180, 180), chance.uniform(-90, 90)) for i in range(50)})
    for key in range(50):
        index.remove(key)
    assert len(index) == 0
    assert index.nearest(Point(0, 0), 1) == []
    assert not index._roots
    assert not index._leaves


def test_removing_a_key_that_is_not_there_is_a_key_error():
    with pytest.raises(KeyError, match="ana"):
        CellIndex().remove("ana")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [({"k": 0}, "k 0"), ({"k": 1, "within_m": -1}, "within_m -1"), ({"k": 1, "within_m": math.nan}, "within_m nan")],
)
def test_a_senseless_question_is_refused(arguments, said):
    with pytest.raises(ValueError, match=said):
        CellIndex().nearest(Point(0, 0), **arguments)


def test_a_resolution_h3_does_not_have_is_refused_at_once():
    with pytest.raises(InvalidResolution):
        CellIndex(16)
