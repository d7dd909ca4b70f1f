import json
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon

from geo.area import (
    InvalidArea,
    checked_area,
    contains,
    contains_each,
    from_geojson,
    from_wkb,
    from_wkt,
    merge,
    reach_m,
    simplify,
    surface_m2,
    to_geojson,
    to_wkt,
)
from geo.distance import EARTH_RADIUS_M, distance_m
from geo.point import Point

quick = settings(deadline=None, database=None, max_examples=60)
anywhere = st.builds(Point, st.floats(-180, 180), st.floats(-90, 90))
TOWN = shapely.box(-71.4, -30.1, -71.1, -29.8)
WITH_HOLE = TOWN - shapely.box(-71.3, -30.0, -71.2, -29.9)
SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
BOWTIE = [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]


def star(lon, lat, radii_deg):
    """A polygon whose corners lie in turning directions around a centre: any radii give a valid one."""
    n = len(radii_deg)
    corners = [
        (lon + r * math.cos(2 * math.pi * i / n), lat + r * math.sin(2 * math.pi * i / n))
        for i, r in enumerate(radii_deg)
    ]
    return Polygon(corners)


stars = st.builds(
    star, st.floats(-178, 178), st.floats(-84, 84), st.lists(st.floats(0.01, 1.5), min_size=5, max_size=60)
)
two_stars = st.builds(lambda a, b: merge([a, b]), stars, stars)
areas = stars | two_stars


def test_inside_and_boundary_belong_to_an_area_outside_and_holes_do_not():
    assert contains(WITH_HOLE, Point(-71.35, -29.85))
    assert contains(WITH_HOLE, Point(-71.4, -30.1))
    assert contains(WITH_HOLE, Point(-71.4, -29.95))
    assert contains(WITH_HOLE, Point(-71.25, -29.9))
    assert not contains(WITH_HOLE, Point(-71.25, -29.95))
    assert not contains(WITH_HOLE, Point(-71.0, -29.95))


@quick
@given(areas, anywhere, st.lists(st.floats(0, 1), max_size=20))
def test_no_place_of_an_area_lies_beyond_its_reach(area, origin, shares):
    reach = reach_m(area, origin)
    boundary = area.boundary
    places = [boundary.interpolate(share, normalized=True) for share in shares] + [area.representative_point()]
    for place in [*places, *map(shapely.Point, shapely.get_coordinates(area).tolist())]:
        assert distance_m(origin, Point(place.x, place.y)) <= reach + 1e-6


@quick
@given(areas, anywhere)
def test_reach_is_too_much_by_a_trifle_only(area, origin):
    fine = shapely.get_coordinates(shapely.segmentize(area, area.length / 2000)).tolist()
    seen_m = max(distance_m(origin, Point(lon, lat)) for lon, lat in fine)
    opposite = Point(math.remainder(origin.lon + 180, 360), -origin.lat)
    if not contains(area, opposite):
        # A 4000th of the perimeter: half of it for the bound, half for what this test's own steps overlook.
        assert reach_m(area, origin) <= seen_m + math.radians(area.length) * EARTH_RADIUS_M / 4000 * 1.5


def test_an_area_around_the_antipode_reaches_half_round_the_earth():
    assert reach_m(TOWN, Point(180 - 71.25, 29.95)) == math.pi * EARTH_RADIUS_M


def test_an_edge_over_the_equator_counts_with_its_full_width():
    assert reach_m(shapely.box(0, -1, 2, 1), Point(0, 0)) >= distance_m(Point(0, 0), Point(2, 1))


@quick
@given(areas, st.floats(0, 6))
def test_simplifying_keeps_an_area_valid_with_all_its_parts(area, magnitude):
    simpler = simplify(area, 10**magnitude)
    assert simpler.is_valid
    assert not simpler.is_empty
    assert len(shapely.get_parts(simpler)) == len(shapely.get_parts(area))
    assert set(map(tuple, shapely.get_coordinates(simpler))) <= set(map(tuple, shapely.get_coordinates(area)))


@quick
@given(stars, st.floats(1, 5))
def test_no_corner_is_left_farther_from_the_boundary_than_the_tolerance(area, magnitude):
    tolerance_m = 10**magnitude
    boundary = simplify(area, tolerance_m).boundary
    for corner in shapely.points(shapely.get_coordinates(area)):
        near = boundary.interpolate(boundary.project(corner))
        # The nearest place in degrees is not quite the nearest in metres: east and west count for more.
        narrow = math.cos(math.radians(max(abs(area.bounds[1]), abs(area.bounds[3]))))
        assert distance_m(Point(corner.x, corner.y), Point(near.x, near.y)) <= tolerance_m / narrow * 1.01


def test_simplifying_drops_corners_that_say_nothing_and_keeps_holes():
    dotted = shapely.segmentize(WITH_HOLE, 0.01)
    simpler = simplify(dotted, 5)
    assert simpler.equals_exact(WITH_HOLE, 1e-9, normalize=True)
    assert simplify(dotted, 0) is dotted


def test_parts_that_touch_in_a_corner_do_not_come_to_overlap():
    below = Polygon([(0.8, 0.5), (1, 0.1), (0, 0.5), (0.4, 0.8), (0.3, 0.6)])
    above = Polygon([(0.4, 0.8), (0.5, 0.8), (0.8, 0.5), (0.4, 0.7)])
    touching = MultiPolygon([below, above])
    assert touching.is_valid
    assert not touching.simplify(0.3).is_valid  # what GEOS alone makes of it
    assert simplify(touching, 0.3 * 111_195).is_valid


def test_the_corner_where_a_ring_starts_keeps_to_the_tolerance_too():
    spike = star(0, 0, [0.5, 1, 1, 1, 1])
    assert spike.simplify(0.9).hausdorff_distance(spike) > 1.1  # what GEOS alone makes of it
    assert simplify(spike, 0.9 * 111_195).hausdorff_distance(spike) <= 0.9


@pytest.mark.parametrize("tolerance_m", [-1, math.nan, math.inf])
def test_a_senseless_tolerance_is_refused(tolerance_m):
    with pytest.raises(ValueError, match="tolerance_m"):
        simplify(TOWN, tolerance_m)


def test_merging_joins_what_overlaps_or_touches_and_keeps_the_rest_apart():
    left, touching, apart = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(5, 0, 6, 1)
    assert merge([left, touching]).equals(shapely.box(0, 0, 2, 1))
    both = merge([left, apart, touching])
    assert isinstance(both, MultiPolygon)
    assert both.area == 3.0
    assert merge([touching, left, apart]).wkb == both.wkb


def test_merging_names_the_area_that_is_wrong():
    with pytest.raises(InvalidArea, match=r"areas\[1\]: is invalid: Self-intersection"):
        merge([TOWN, Polygon(BOWTIE)])
    with pytest.raises(InvalidArea, match="nothing to merge"):
        merge([])


def test_the_surface_of_a_lune_is_its_share_of_the_sphere():
    assert surface_m2(shapely.box(0, -90, 90, 90)) == pytest.approx(math.pi * EARTH_RADIUS_M**2)


@quick
@given(areas)
def test_geojson_reads_back_to_the_same_area_with_outer_rings_anticlockwise(area):
    geojson = json.loads(json.dumps(to_geojson(area)))
    back = from_geojson(geojson)
    assert back.normalize().equals_exact(area.normalize(), 0.0)
    assert all(part.exterior.is_ccw for part in shapely.get_parts(back))


def test_a_feature_is_read_as_the_area_inside():
    assert from_geojson({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [SQUARE]}}).equals(
        shapely.box(0, 0, 1, 1)
    )


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


@pytest.mark.parametrize(
    ("geojson", "path", "said"),
    [
        ("{}", "geojson", "is a str, not an object; parse the text"),
        ({"type": "Feature", "geometry": None}, "geojson.geometry", "is a NoneType"),
        ({"type": "Point", "coordinates": [0, 0]}, "geojson.type", "is 'Point'; give a Polygon"),
        ({"type": "FeatureCollection", "features": []}, "geojson.type", "is 'FeatureCollection'"),
        ({"type": "Polygon"}, "geojson.coordinates", "is a NoneType; give a list of rings"),
        ({"type": "MultiPolygon", "coordinates": 3}, "geojson.coordinates", "give a list of polygons"),
        (polygon(), "geojson", "is empty"),
        ({"type": "MultiPolygon", "coordinates": []}, "geojson", "is empty"),
        (polygon(7), "geojson.coordinates[0]", "give a list of positions"),
        (polygon(SQUARE[:3]), "geojson.coordinates[0]", "has 3 positions; give three corners or more"),
        (polygon(SQUARE[:4]), "geojson.coordinates[0]", "not where it began; add (0.0, 0.0) at the end"),
        (polygon(SQUARE, [[0, 0], [1, 0, 9], [1, 1]]), "geojson.coordinates[1][1]", "has 3 numbers"),
        (polygon([[0, "0"], [1, 0]]), "geojson.coordinates[0][0]", "'0' is not a number"),
        (polygon([[False, 0], [1, 0]]), "geojson.coordinates[0][0]", "False is not a number"),
        (polygon([[0, 0], 1]), "geojson.coordinates[0][1]", "is a int; give a position"),
        (polygon([[-33, 151], [1, 0]]), "geojson.coordinates[0][0]", "look swapped, write (151, -33)"),
        (polygon([[math.nan, 1], [1, 0]]), "geojson.coordinates[0][0]", "longitude nan"),
        (polygon([[10**400, 1], [1, 0]]), "geojson.coordinates[0][0]", "is outside -180 to 180"),
        (
            polygon([[0, 0], [170, 0], [-170, 1], [0, 0]]),
            "geojson.coordinates[0][1]",
            "from longitude 170.0 to -170.0 spans more than 180 degrees; cut what crosses the antimeridian there",
        ),
        (polygon(BOWTIE), "geojson", "Self-intersection[0.5 0.5] (longitude latitude); redraw it there"),
        (
            {"type": "MultiPolygon", "coordinates": [[SQUARE], [[[0, 0], [1, 0]]]]},
            "geojson.coordinates[1][0]",
            "has 2 positions",
        ),
    ],
)
def test_unusable_geojson_says_where_why_and_what_to_do(geojson, path, said):
    with pytest.raises(InvalidArea) as refused:
        from_geojson(geojson)
    assert refused.value.path == path
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("area", "said"),
    [
        (shapely.Point(0, 0), "is a Point; give a Polygon"),
        (Polygon(), "is empty"),
        (Polygon(BOWTIE), "Self-intersection"),
        (shapely.box(-33, 100, -32, 101), "look swapped"),
        (shapely.box(0, 0, 200, 1), "longitude 200.0"),
    ],
)
def test_an_unusable_area_is_refused_before_it_is_used(area, said):
    uses = (
        checked_area,
        to_geojson,
        lambda given: simplify(given, 1),
        lambda given: reach_m(given, Point(0, 0)),
        lambda given: merge([given]),
    )
    for use in uses:
        with pytest.raises(InvalidArea, match=said):
            use(area)


@pytest.mark.parametrize("area", [TOWN, WITH_HOLE, MultiPolygon([TOWN, shapely.box(0.1, 0.2, 1 / 3, 1)])])
def test_well_known_text_and_binary_read_back_to_the_same_area(area):
    assert from_wkt(to_wkt(area)) == area
    assert from_wkb(area.wkb) == area


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no well-known text"),
        ("POLYGON((0 0, 1 0))", "no well-known text"),
        ("POINT(1 2)", "is a Point"),
        ("POLYGON EMPTY", "is empty"),
        ("POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))", "is invalid"),
        ("POLYGON((0 0, 200 0, 200 1, 0 0))", "degrees on earth"),
    ],
)
def test_unusable_well_known_text_says_what_is_wrong(text, said):
    with pytest.raises(InvalidArea, match=said):
        from_wkt(text)


def test_many_places_are_told_apart_at_once():
    lonlat = np.array([(-71.25, -29.95), (-71.11, -29.81), (0.0, 0.0)])
    assert contains_each(WITH_HOLE, lonlat).tolist() == [False, True, False]
