import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.point import (
    BBox,
    CoordinateOutOfRange,
    InvalidBox,
    InvalidLonLat,
    InvalidPoint,
    Point,
    checked_lonlat,
    from_geojson,
    from_wkt,
    lonlat_array,
    to_geojson,
    to_wkt,
)

quick = settings(deadline=None, database=None, max_examples=100)
anywhere = st.builds(Point, st.floats(-180, 180), st.floats(-90, 90))


@pytest.mark.parametrize(
    ("lon", "lat", "field"),
    [(181, 0, "lon"), (-180.001, 0, "lon"), (0, 90.5, "lat"), (math.nan, 0, "lon"), (0, math.inf, "lat")],
)
def test_a_point_off_the_earth_names_the_coordinate(lon, lat, field):
    with pytest.raises(CoordinateOutOfRange, match="longitude comes first") as refused:
        Point(lon, lat)
    assert refused.value.field == field


def test_the_poles_and_both_sides_of_the_antimeridian_are_on_earth():
    assert [Point(180, 90), Point(-180, -90)] == [Point(180.0, 90.0), Point(-180.0, -90.0)]


@quick
@given(anywhere)
def test_geojson_and_wkt_read_back_to_the_very_same_point(point):
    assert from_geojson(json.loads(json.dumps(to_geojson(point)))) == point
    assert from_wkt(to_wkt(point)) == point


def test_geojson_puts_longitude_first():
    assert to_geojson(Point(-71.25, -29.9)) == {"type": "Point", "coordinates": [-71.25, -29.9]}


def test_numpy_numbers_are_written_as_plain_ones():
    assert to_wkt(Point(np.float64(1.5), np.float64(2.25))) == "POINT (1.5 2.25)"


def test_a_geojson_feature_is_read_as_the_point_inside():
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [1, 2]}}
    assert from_geojson(feature) == Point(1.0, 2.0)


@pytest.mark.parametrize(
    ("geojson", "said"),
    [
        ('{"type": "Point"}', "must be an object, got str"),
        ({"type": "Feature", "geometry": None}, "must be an object, got NoneType"),
        ({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, "'LineString'; expected 'Point'"),
        ({"type": "Point"}, "coordinates None must be"),
        ({"type": "Point", "coordinates": [1, 2, 3]}, "without height"),
        ({"type": "Point", "coordinates": ["1", 2]}, "longitude '1' is not a number"),
        ({"type": "Point", "coordinates": [1, True]}, "latitude True is not a number"),
        ({"type": "Point", "coordinates": [1, math.nan]}, "latitude nan is outside"),
        ({"type": "Point", "coordinates": [10**400, 1]}, "longitude 10+ is outside"),
        ({"type": "Point", "coordinates": [200, 100]}, "longitude 200 is outside -180 to 180"),
    ],
)
def test_unusable_geojson_says_what_is_wrong(geojson, said):
    with pytest.raises(InvalidPoint, match=said) as refused:
        from_geojson(geojson)
    assert not refused.value.looks_swapped


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("LINESTRING (0 0, 1 1)", "not a 2D point"),
        ("POINT EMPTY", "not a 2D point"),
        ("POINT Z (1 2 3)", "not a 2D point"),
        ("POINT (1 2 3)", "3 numbers"),
        ("POINT (1)", "1 numbers"),
        ("POINT (1 north)", "not a number"),
        ("SRID=3857;POINT (1 2)", "SRID 3857 is not WGS 84"),
        ("POINT (0 99)", "latitude 99.0"),
        ("POINT (nan 0)", "longitude nan"),
    ],
)
def test_unusable_wkt_says_what_is_wrong(text, said):
    with pytest.raises(InvalidPoint, match=said):
        from_wkt(text)


def test_wkt_is_read_in_any_case_with_the_srid_of_postgis_in_front():
    assert from_wkt(" srid=4326; point(-71.5 -30) ") == Point(-71.5, -30.0)


def test_swapped_coordinates_come_with_the_order_that_fits():
    geojson = {"type": "Point", "coordinates": [40.7, -120.95]}
    for read, swapped in ((from_wkt, "POINT (40.7 -120.95)"), (from_geojson, geojson)):
        with pytest.raises(InvalidPoint, match=r"look swapped, write \(-120.95, 40.7\)") as refused:
            read(swapped)
        assert refused.value.looks_swapped


def test_points_become_rows_of_longitude_and_latitude():
    rows = lonlat_array([Point(1, 2), Point(3, 4)])
    assert rows.dtype == np.float64
    assert rows.tolist() == [[1, 2], [3, 4]]
    assert lonlat_array([]).shape == (0, 2)


@pytest.mark.parametrize(
    ("lonlat", "row", "said"),
    [
        ([[0, 0], [-33, 151.2]], 1, r"lonlat\[1\].*swapped"),
        ([[0, 0], [math.nan, 1], [999, 1]], 1, "longitude nan"),
        ([[0, 91]], 0, "latitude 91.0"),
        ([1, 2], None, r"shape \(2,\)"),
        ([[1, 2, 3]], None, r"shape \(1, 3\)"),
        ([["a", "b"]], None, "cannot be read as numbers"),
    ],
)
def test_a_bad_array_names_its_first_bad_row(lonlat, row, said):
    with pytest.raises(InvalidLonLat, match=said) as refused:
        checked_lonlat(lonlat)
    assert refused.value.row == row


def test_no_coordinates_are_an_empty_array_of_pairs():
    assert checked_lonlat([]).shape == (0, 2)


def test_a_box_holds_its_sides_and_nothing_beyond():
    box = BBox(-1, -2, 3, 4)
    assert all(box.contains(Point(lon, lat)) for lon, lat in [(-1, -2), (3, 4), (0, 0), (3, -2)])
    assert not any(box.contains(Point(lon, lat)) for lon, lat in [(-1.01, 0), (3.01, 0), (0, -2.01), (0, 4.01)])


@quick
@given(st.lists(anywhere, min_size=1, max_size=20))
def test_a_box_around_points_holds_them_all_and_touches_all_four_sides(points):
    box = BBox.around(lonlat_array(points))
    assert all(box.contains(point) for point in points)
    assert {box.west, box.east} <= {point.lon for point in points}
    assert {box.south, box.north} <= {point.lat for point in points}


@pytest.mark.parametrize(
    ("sides", "error", "said"),
    [
        ((170, 0, -170, 1), InvalidBox, "crosses the antimeridian in two"),
        ((0, 5, 1, 4), InvalidBox, "south 5 lies north of north 4"),
        ((-181, 0, 1, 1), CoordinateOutOfRange, "west -181"),
        ((0, 0, 1, math.nan), CoordinateOutOfRange, "north nan"),
    ],
)
def test_a_box_inside_out_or_off_the_earth_is_refused(sides, error, said):
    with pytest.raises(error, match=said):
        BBox(*sides)


def test_a_box_around_nothing_is_refused():
    with pytest.raises(InvalidBox, match="at least one"):
        BBox.around([])
