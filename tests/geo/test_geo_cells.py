import ast
import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo.area import surface_m2
from geo.cells import (
    InvalidCell,
    InvalidResolution,
    cell_of,
    cells_of_points,
    cells_of_polygon,
    cells_within,
    centre_of,
    grow,
    outline,
    parent_of,
    resolution_for,
)
from geo.distance import EARTH_RADIUS_M, distance_m
from geo.point import InvalidLonLat, Point

quick = settings(deadline=None, database=None, max_examples=60)
anywhere = st.builds(Point, st.floats(-180, 180), st.floats(-90, 90))
# Two of the twelve places where five cells meet around one instead of six.
PENTAGONS = [Point(10.53619907546767, 64.70000012793487), Point(-5.245390296777327, 2.3008821116267244)]
near_a_pentagon = st.builds(
    lambda middle, east, north: Point(middle.lon + east, middle.lat + north),
    st.sampled_from(PENTAGONS),
    st.floats(-2, 2),
    st.floats(-2, 2),
)
near_a_pole = st.builds(Point, st.floats(-180, 180), st.floats(89.9, 90))
near_the_antimeridian = st.builds(
    lambda east, lat: Point(math.copysign(180 - abs(east), east), lat), st.floats(-0.3, 0.3), st.floats(-87, 87)
)
places = anywhere | near_the_antimeridian | near_a_pentagon | near_a_pole
LA_SERENA = Point(-71.25, -29.9)
PROJECT = Path(__file__).parents[2]


def moved(point, bearing_rad, metres):
    """The place so many metres away in a straight line."""
    turn, lat = metres / EARTH_RADIUS_M, math.radians(point.lat)
    up = math.sin(lat) * math.cos(turn) + math.cos(lat) * math.sin(turn) * math.cos(bearing_rad)
    across = math.atan2(math.sin(bearing_rad) * math.sin(turn) * math.cos(lat), math.cos(turn) - math.sin(lat) * up)
    lon = math.remainder(point.lon + math.degrees(across), 360)
    return Point(lon, math.degrees(math.asin(max(-1.0, min(1.0, up)))))


def test_h3_is_imported_in_one_place_only():
    importers = set()
    for package in ("geo", "routing", "dispatch", "ingest", "db", "api", "benchmarks"):
        for file in (PROJECT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                else:
                    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                if any(name.split(".")[0] == "h3" for name in names):
                    importers.add(file.relative_to(PROJECT).as_posix())
    assert importers == {"geo/cells.py"}


def test_a_known_cell_of_the_h3_documentation():
    assert cell_of(Point(-122.0553238, 37.3615593), 5) == 0x85283473FFFFFFF


@quick
@given(places, st.integers(0, 15))
def test_the_centre_of_a_cell_lies_in_that_cell(point, resolution):
    cell = cell_of(point, resolution)
    assert cell_of(centre_of(cell), resolution) == cell


@quick
@given(places, st.integers(0, 15), st.data())
def test_a_parent_has_the_resolution_asked_for_and_its_own_parents_agree(point, resolution, data):
    cell = cell_of(point, resolution)
    coarse = data.draw(st.integers(0, resolution))
    parent = parent_of(cell, coarse)
    assert cell_of(centre_of(parent), coarse) == parent
    assert parent_of(parent, 0) == parent_of(cell, 0)


def test_cells_of_points_are_unique_sorted_and_those_of_each_point():
    lonlat = [(-71.25, -29.9), (-71.25, -29.9), (2.35, 48.86), (-71.2, -29.9)]
    cells = cells_of_points(lonlat, 8)
    assert cells.dtype == np.uint64
    assert cells.tolist() == sorted({cell_of(Point(lon, lat), 8) for lon, lat in lonlat})
    assert len(cells) == 3
    assert cells_of_points([], 8).dtype == np.uint64


def test_growing_a_hexagon_by_two_rings_makes_nineteen_cells():
    cell = cell_of(LA_SERENA, 8)
    assert [len(grow([cell], n)) for n in range(4)] == [1, 7, 19, 37]
    assert grow([], 2).tolist() == []


def test_growing_a_pentagon_adds_five_cells():
    assert len(grow([cell_of(PENTAGONS[0], 0)], 1)) == 6


@quick
@given(st.lists(near_a_pentagon, min_size=1, max_size=4), st.integers(0, 3), st.integers(0, 2))
def test_growing_twice_is_growing_by_the_sum(points, first, second):
    cells = cells_of_points([(p.lon, p.lat) for p in points], 6)
    np.testing.assert_array_equal(grow(grow(cells, first), second), grow(cells, first + second))


@quick
@given(
    places,
    st.floats(0, 6.5),
    st.integers(0, 2),
    st.lists(st.tuples(st.floats(0, 7), st.floats(0, 1)), min_size=1, max_size=20),
)
def test_every_point_within_the_radius_lies_in_a_cell_of_the_cover(middle, magnitude, coarser, steps):
    radius_m = 10**magnitude
    resolution = max(0, resolution_for(radius_m) - coarser)
    cover = set(cells_within(middle, radius_m, resolution).tolist())
    for bearing_rad, share in steps:
        point = moved(middle, bearing_rad, radius_m * share)
        if distance_m(middle, point) <= radius_m:
            assert cell_of(point, resolution) in cover


@quick
@given(places, st.floats(0, 5))
def test_a_cover_is_no_larger_than_it_must_be(middle, magnitude):
    radius_m = 10**magnitude
    resolution = resolution_for(radius_m)
    for cell in cells_within(middle, radius_m, resolution).tolist():
        centre = centre_of(cell)
        # The middle of a farthest neighbour is farther than any corner of the cell itself.
        spacing_m = max(distance_m(centre, centre_of(near)) for near in grow([cell], 1).tolist())
        assert distance_m(middle, centre) <= radius_m + spacing_m


@pytest.mark.parametrize("radius_m", [5, 37, 250, 1_000, 5_000, 12_345, 25_000, 100_000, 1_000_000, 3_000_000])
def test_the_resolution_for_a_radius_keeps_the_cover_at_20_to_200_cells(radius_m):
    for middle in (LA_SERENA, Point(0, 90), PENTAGONS[0], Point(-122, 0), Point(180, 0)):
        assert 20 <= len(cells_within(middle, radius_m, resolution_for(radius_m))) <= 200


def test_beyond_both_ends_the_resolution_stays_at_the_end():
    assert (resolution_for(0), resolution_for(2e7)) == (15, 0)


def test_no_radius_is_the_cell_itself_and_neighbours_at_hand():
    cover = cells_within(LA_SERENA, 0, 8).tolist()
    assert cell_of(LA_SERENA, 8) in cover
    assert set(cover) <= set(grow([cell_of(LA_SERENA, 8)], 1).tolist())


def test_half_the_earths_circumference_is_the_whole_earth():
    assert len(cells_within(LA_SERENA, math.pi * EARTH_RADIUS_M, 1)) == 842


@pytest.mark.parametrize("radius_m", [-1, math.nan, math.inf])
def test_a_senseless_radius_is_refused(radius_m):
    with pytest.raises(ValueError, match=r"radius_m .* finite number of metres"):
        cells_within(LA_SERENA, radius_m, 8)
    with pytest.raises(ValueError, match="radius_m"):
        resolution_for(radius_m)


def test_an_enormous_cover_is_refused_with_the_resolution_that_suits():
    with pytest.raises(InvalidResolution, match=r"resolution 15.*resolution 6 suits it"):
        cells_within(LA_SERENA, 25_000, 15)
    with pytest.raises(InvalidResolution, match="give a coarser one"):
        cells_of_polygon(shapely.box(-72, -31, -70, -29), 12)


@pytest.mark.parametrize("resolution", [-1, 16])
def test_a_resolution_h3_does_not_have_is_refused(resolution):
    with pytest.raises(InvalidResolution, match="0 to 15"):
        cell_of(LA_SERENA, resolution)
    with pytest.raises(InvalidResolution, match="0 to 15"):
        cells_of_points([(0, 0)], resolution)
    with pytest.raises(InvalidResolution, match="0 to 15"):
        cells_within(LA_SERENA, 10, resolution)


@pytest.mark.parametrize("number", [0, 5, -1, 1 << 64])
def test_a_number_that_is_no_cell_is_refused(number):
    for use in (centre_of, lambda cell: parent_of(cell, 0), lambda cell: grow([cell], 1), lambda cell: outline([cell])):
        with pytest.raises(InvalidCell, match="not an H3 cell") as refused:
            use(number)
        assert refused.value.cell == number


def test_a_cell_that_became_a_float_is_refused_because_its_digits_are_gone():
    with pytest.raises(TypeError, match="float"):
        grow([float(cell_of(LA_SERENA, 8))], 1)


def test_a_parent_finer_than_its_child_is_refused():
    with pytest.raises(InvalidResolution, match="the cell has 8"):
        parent_of(cell_of(LA_SERENA, 8), 9)


def test_a_negative_number_of_rings_is_refused():
    with pytest.raises(ValueError, match="n_rings -1"):
        grow([cell_of(LA_SERENA, 8)], -1)


boxes = st.builds(
    lambda west, south, width, height: shapely.box(west, south, west + width, south + height),
    st.floats(-180, 179),
    st.floats(-75, 74),
    st.floats(0.001, 1),
    st.floats(0.001, 1),
)


@quick
@given(boxes, st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20))
def test_a_polygon_is_covered_by_its_cells(box, shares):
    cover = set(cells_of_polygon(box, 5).tolist())
    west, south, east, north = box.buffer(-1e-4).bounds
    for x, y in shares:
        assert cell_of(Point(west + x * (east - west), south + y * (north - south)), 5) in cover


def test_a_hole_larger_than_its_cells_stays_uncovered():
    ring = shapely.box(-71.4, -30.1, -71.1, -29.8) - shapely.box(-71.35, -30.05, -71.15, -29.85)
    cover = set(cells_of_polygon(ring, 8).tolist())
    assert cell_of(Point(-71.25, -29.95), 8) not in cover
    assert cell_of(Point(-71.38, -30.08), 8) in cover


def test_all_parts_of_a_multipolygon_are_covered():
    parts = shapely.MultiPolygon([shapely.box(0, 0, 0.1, 0.1), shapely.box(100, 0, 100.1, 0.1)])
    expected = [*cells_of_polygon(parts.geoms[0], 7), *cells_of_polygon(parts.geoms[1], 7)]
    assert sorted(expected) == cells_of_polygon(parts, 7).tolist()


def test_a_polygon_around_the_whole_world_is_covered_by_all_cells():
    assert len(cells_of_polygon(shapely.box(-180, -90, 180, 90), 1)) == 842


def test_an_empty_polygon_has_no_cells_and_one_off_the_earth_is_refused():
    assert cells_of_polygon(shapely.Polygon(), 8).tolist() == []
    with pytest.raises(InvalidLonLat):
        cells_of_polygon(shapely.box(0, 0, 200, 1), 2)


@quick
@given(
    st.lists(anywhere | near_the_antimeridian | near_a_pentagon, min_size=1, max_size=4),
    st.integers(0, 2),
    st.randoms(),
)
def test_an_outline_is_valid_holds_its_cells_and_does_not_depend_on_their_order(points, n_rings, chance):
    assume(all(abs(point.lat) < 88 for point in points))
    cells = grow(cells_of_points([(p.lon, p.lat) for p in points], 6), n_rings)
    whole = outline(cells)
    assert whole.is_valid
    for centre in map(centre_of, cells.tolist()):
        assert shapely.intersects_xy(whole, centre.lon, centre.lat)
    # A cell of this resolution has at most about 50 km2.
    assert surface_m2(whole) < 60e6 * len(grow(cells, 2))
    shuffled = cells.tolist() * 2
    chance.shuffle(shuffled)
    assert outline(shuffled).wkb == whole.wkb


def test_an_outline_has_no_slivers_and_no_holes():
    cell = cell_of(LA_SERENA, 8)
    ring = np.setdiff1d(grow([cell], 5), grow([cell], 2))
    whole = outline(ring)
    assert [len(part.interiors) for part in whole.geoms] == [0]
    assert whole.equals(outline(grow([cell], 5)))
    # Each side of a disk of n rings has 2 n + 1 edges; the first corner comes twice.
    assert len(shapely.get_coordinates(whole)) == 6 * (2 * 5 + 1) + 1


def test_an_island_inside_a_filled_hole_is_part_of_the_whole():
    cell = cell_of(LA_SERENA, 8)
    island_and_ring = np.union1d([np.uint64(cell)], np.setdiff1d(grow([cell], 5), grow([cell], 2)))
    assert outline(island_and_ring).equals(outline(grow([cell], 5)))


def test_parts_of_an_outline_come_largest_first_then_from_the_west():
    small_east, small_west = cell_of(Point(-70.0, -29.9), 8), cell_of(Point(-72.0, -29.9), 8)
    large = grow([cell_of(LA_SERENA, 8)], 1)
    parts = outline([small_east, *large.tolist(), small_west]).geoms
    assert parts[0].covers(shapely.Point(LA_SERENA.lon, LA_SERENA.lat))
    assert parts[0].area > parts[1].area >= parts[2].area
    assert all(part.exterior.is_ccw for part in parts)


def test_an_outline_over_the_antimeridian_is_cut_there_and_loses_nothing():
    cells = cells_within(Point(179.99, 10), 25_000, 7)
    parts = outline(cells).geoms
    touches = sorted((part.bounds[0] == -180.0, part.bounds[2] == 180.0) for part in parts)
    assert touches == [(False, True), (True, False)]
    assert all(part.bounds[2] - part.bounds[0] < 1 for part in parts)
    for centre in map(centre_of, cells.tolist()):
        assert any(shapely.intersects_xy(part, centre.lon, centre.lat) for part in parts)


def test_an_outline_over_the_antimeridian_in_the_far_south_closes_exactly():
    cells = grow([cell_of(Point(180, -80), 6)], 1)
    assert [round(part.bounds[3] - part.bounds[1], 1) for part in outline(cells).geoms] == [0.2, 0.2]


def test_no_cells_have_an_empty_outline():
    assert outline([]).is_empty


def test_cells_around_a_pole_have_no_outline_in_degrees():
    with pytest.raises(ValueError, match="surround a pole"):
        outline(cells_within(Point(0, 90), 1_000, 8))


def test_an_outline_of_mixed_resolutions_is_refused():
    with pytest.raises(InvalidResolution, match="differs"):
        outline([cell_of(LA_SERENA, 8), cell_of(LA_SERENA, 7)])
