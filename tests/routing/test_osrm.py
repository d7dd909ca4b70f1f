"""OSRM in this process: what it does silently is made loud, and parts of a table equal the whole."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import shapely
from tiny_extracts import HOBART, KIEL, STEP_DEG, one_town, two_continents

from geo.distance import along_m, pairwise_m
from geo.point import InvalidLonLat
from routing import dataset
from routing.engine import SNAP_LIMIT_M
from routing.errors import EngineFailed, NoRoute, OffRoad
from routing.osrm import Osrm
from routing.osrm_answers import cells
from routing.types import UNREACHABLE

PARIS = (2.35, 48.86)
IN_TOWN = np.array([(-71.2519, -29.9045), (-71.3430, -29.9590), (-71.2600, -29.9200), (-71.3300, -29.9700)])
"""La Serena, Coquimbo, and a place in each outside the middle."""


def details():
    return {"outline": shapely.MultiPolygon([shapely.box(10, 54, 11, 55)]), "timezone": "UTC", "statistics": {}}


@pytest.fixture(scope="module")
def continents(tmp_path_factory):
    folder = tmp_path_factory.mktemp("continents")
    built = dataset.build(folder, "both", two_continents(folder / "both.osm.pbf"), details=details())
    with closing(Osrm(built.base, built.algorithm)) as engine:
        yield engine


def test_a_table_is_whole_seconds_and_metres_with_nothing_on_the_diagonal(coquimbo_engine):
    table = coquimbo_engine.table(IN_TOWN)
    assert table.source == "osrm"
    assert table.duration_s.dtype == table.distance_m.dtype == np.int64
    assert table.duration_s.shape == table.distance_m.shape == (4, 4)
    assert not table.duration_s.diagonal().any()
    assert not table.distance_m.diagonal().any()
    off_diagonal = ~np.eye(4, dtype=bool)
    assert (table.duration_s[off_diagonal] > 0).all()


def test_roads_are_never_shorter_than_the_straight_line_between_their_ends(coquimbo_engine):
    table, snapped = coquimbo_engine.table(IN_TOWN), coquimbo_engine.nearest(IN_TOWN)
    assert (table.distance_m >= np.floor(pairwise_m(snapped.lonlat, snapped.lonlat) * 0.99)).all()


def test_a_part_of_a_table_equals_the_same_cells_of_the_whole(coquimbo_engine):
    whole, part = coquimbo_engine.table(IN_TOWN), coquimbo_engine.table(IN_TOWN, [2, 0], [3, 2, 1])
    assert (part.duration_s == whole.duration_s[np.ix_([2, 0], [3, 2, 1])]).all()
    assert (part.distance_m == whole.distance_m[np.ix_([2, 0], [3, 2, 1])]).all()


def test_a_part_of_a_table_equals_the_whole_also_where_the_other_points_choose_the_island(continents):
    # Alone, the two points of Hobart could snap to whatever lies nearest; the whole set decides for all of them.
    points = np.array([KIEL, (KIEL[0] + STEP_DEG, KIEL[1]), HOBART, (HOBART[0] + STEP_DEG, HOBART[1])])
    whole = continents.table(points)
    assert (continents.table(points, [2], [3]).duration_s == whole.duration_s[2:3, 3:4]).all()


@pytest.mark.parametrize(("sources", "targets", "shape"), [([], [0], (0, 1)), ([0, 1], [], (2, 0)), ([], [], (0, 0))])
def test_a_table_from_nowhere_is_empty_instead_of_being_all(coquimbo_engine, sources, targets, shape):
    assert coquimbo_engine.table(IN_TOWN, sources, targets).duration_s.shape == shape


def test_a_table_of_one_point_is_zero_and_of_none_is_empty(coquimbo_engine):
    assert coquimbo_engine.table(IN_TOWN[:1]).duration_s.tolist() == [[0]]
    assert coquimbo_engine.table(np.zeros((0, 2))).duration_s.shape == (0, 0)


@pytest.mark.parametrize("bad", [-1, 4])
def test_a_position_outside_the_points_is_refused_before_osrm_sees_it(coquimbo_engine, bad):
    with pytest.raises(ValueError, match=f"sources has {bad}, but there are 4 points"):
        coquimbo_engine.table(IN_TOWN, [bad], [0])


def test_every_point_off_the_road_is_named_with_its_distance(coquimbo_engine):
    at_sea = (-71.60, -29.95)
    with pytest.raises(OffRoad) as refused:
        coquimbo_engine.table(np.array([IN_TOWN[0], PARIS, IN_TOWN[1], at_sea]))
    assert refused.value.indices == (1, 3)
    assert refused.value.limit_m == SNAP_LIMIT_M
    paris_m, sea_m = refused.value.distance_m
    assert 11_000_000 < paris_m < 12_500_000
    assert 15_000 < sea_m < 35_000


def test_a_lone_point_off_the_road_is_refused_too(coquimbo_engine):
    for question in (coquimbo_engine.table, coquimbo_engine.route):
        with pytest.raises(OffRoad) as refused:
            question(np.array([PARIS]))
        assert refused.value.indices == (0,)


def test_a_route_names_its_points_off_the_road(coquimbo_engine):
    with pytest.raises(OffRoad) as refused:
        coquimbo_engine.route(np.array([IN_TOWN[0], PARIS]))
    assert refused.value.indices == (1,)


def test_the_limit_lies_at_a_thousand_metres(continents):
    # South of the town's southern street, which runs east and west: the way to it is straight north.
    metre_deg = 1 / 111_195
    middle = KIEL[0] + 1.5 * STEP_DEG
    near, far = (middle, KIEL[1] - 990 * metre_deg), (middle, KIEL[1] - 1010 * metre_deg)
    assert continents.table(np.array([KIEL, near])).duration_s.shape == (2, 2)
    with pytest.raises(OffRoad) as refused:
        continents.table(np.array([KIEL, far]))
    assert refused.value.indices == (1,)
    assert refused.value.distance_m[0] == pytest.approx(1010, rel=0.005)


@pytest.mark.parametrize("excess_mm", range(-200, 201, 40))
def test_a_point_at_the_very_limit_is_either_answered_or_named(continents, excess_mm):
    # OSRM measures on its own grid, so what it refuses may be a few centimetres inside the limit.
    point = (KIEL[0] + 1.5 * STEP_DEG, KIEL[1] - (1000 + excess_mm / 1000) / 111_195)
    named: tuple[int, ...] = (1,)
    try:
        assert continents.table(np.array([KIEL, point])).duration_s[0, 1] > 0
    except OffRoad as refused:
        named = refused.indices
    assert named == (1,)


def test_swapped_coordinates_are_refused_instead_of_answered_with_zeros(coquimbo_engine, helsinki_engine):
    with pytest.raises(OffRoad):
        helsinki_engine.table(np.array([(60.17, 24.94), (60.171, 24.941)]))
    with pytest.raises(InvalidLonLat, match="swapped"):
        coquimbo_engine.table(np.array([(-29.9, -71.25)]) * (1, 1.3))


@pytest.mark.parametrize("bad", [np.nan, np.inf, 181.0])
def test_a_coordinate_not_on_earth_is_refused_by_its_row(coquimbo_engine, bad):
    with pytest.raises(InvalidLonLat) as refused:
        coquimbo_engine.table(np.array([IN_TOWN[0], (bad, -29.9)]))
    assert refused.value.row == 1


def test_no_road_between_continents_is_unreachable_in_time_and_distance(continents):
    points = np.array([KIEL, (KIEL[0] + STEP_DEG, KIEL[1] + STEP_DEG), HOBART])
    table = continents.table(points)
    cut = [[False, False, True], [False, False, True], [True, True, False]]
    assert ((table.duration_s == UNREACHABLE) == cut).all()
    assert ((table.distance_m == UNREACHABLE) == cut).all()


def test_the_first_leg_without_a_road_is_named(continents):
    kiel, kiel_too = KIEL, (KIEL[0] + 2 * STEP_DEG, KIEL[1])
    with pytest.raises(NoRoute) as refused:
        continents.route(np.array([kiel, kiel_too, kiel, HOBART, kiel]))
    assert refused.value.leg == 2


def test_a_route_turns_round_at_a_stop_on_a_dead_end(continents):
    # Without turning round at the corner there and back would be twice the same street by another way.
    out, back = continents.route(np.array([KIEL, (KIEL[0] + STEP_DEG, KIEL[1]), KIEL])).distance_m
    assert out == back == round(float(along_m([KIEL, (KIEL[0] + STEP_DEG, KIEL[1])])[0]))


def test_the_legs_of_a_route_are_the_cells_of_the_table(coquimbo_engine):
    table, route = coquimbo_engine.table(IN_TOWN), coquimbo_engine.route(IN_TOWN)
    assert np.abs(route.travel_s - table.duration_s.diagonal(1)).max() <= 1
    assert np.abs(route.distance_m / table.distance_m.diagonal(1) - 1).max() < 0.01


def test_a_route_is_drawn_in_full_from_the_first_snap_to_the_last(coquimbo_engine):
    route, snapped = coquimbo_engine.route(IN_TOWN), coquimbo_engine.nearest(IN_TOWN)
    assert route.lonlat[0] == pytest.approx(snapped.lonlat[0], abs=1e-3)
    assert route.lonlat[-1] == pytest.approx(snapped.lonlat[-1], abs=1e-3)
    assert along_m(route.lonlat).sum() == pytest.approx(route.distance_m.sum(), rel=0.01)


def test_a_route_of_one_point_has_no_leg_and_of_none_is_refused(coquimbo_engine):
    route = coquimbo_engine.route(IN_TOWN[:1])
    assert (len(route.travel_s), len(route.distance_m), route.lonlat.shape) == (0, 0, (1, 2))
    with pytest.raises(ValueError, match="give at least 1"):
        coquimbo_engine.route(np.zeros((0, 2)))


def test_the_nearest_road_is_found_however_far_and_never_refused(coquimbo_engine):
    snaps = coquimbo_engine.nearest(np.array([IN_TOWN[0], PARIS]))
    assert snaps.distance_m[0] < 100
    assert snaps.distance_m[1] > 11_000_000
    assert np.isfinite(snaps.lonlat).all()


def test_the_nearest_road_comes_with_its_street_name(continents):
    assert continents.nearest(np.array([(KIEL[0] + 0.5 * STEP_DEG, KIEL[1])])).names == ("Street 1",)


def test_a_trace_finds_back_to_the_road_it_was_driven_on(coquimbo_engine):
    driven = coquimbo_engine.route(IN_TOWN[[0, 2]])
    fixes = driven.lonlat[::3] + np.random.default_rng(1).normal(0, 2e-5, driven.lonlat[::3].shape)
    matched = coquimbo_engine.match(fixes, np.arange(len(fixes)) * 10)
    assert len(matched.travel_s) == len(matched.distance_m) == len(fixes) - 1
    assert matched.distance_m.sum() == pytest.approx(along_m(driven.lonlat[::3]).sum(), rel=0.1)


def test_a_fix_in_the_fields_takes_no_road_and_the_next_one_carries_the_way(continents):
    street = [(KIEL[0] + i * 0.2 * STEP_DEG, KIEL[1]) for i in range(12)]
    whole = continents.match(np.array(street), np.arange(12) * 5)
    street[5] = (street[5][0], KIEL[1] - 0.005)  # 550 m off
    matched = continents.match(np.array(street), np.arange(12) * 5)
    assert matched.distance_m[4] == 0
    # OSRM may give up the fix beside an outlier as well; the way past both is one leg then.
    carried = int(np.argmax(matched.distance_m[4:])) + 5
    assert matched.distance_m[carried - 1] == whole.distance_m[:carried].sum() - matched.distance_m[:4].sum()
    assert matched.distance_m.sum() == pytest.approx(whole.distance_m.sum(), abs=1)


def test_a_trace_without_times_is_matched_too(continents):
    street = np.array([(KIEL[0] + i * 0.2 * STEP_DEG, KIEL[1]) for i in range(6)])
    assert continents.match(street).distance_m.sum() == pytest.approx(float(along_m(street).sum()), abs=2)


def test_a_trace_far_from_every_road_names_all_its_fixes(continents):
    with pytest.raises(OffRoad) as refused:
        continents.match(np.array([PARIS, (PARIS[0] + 0.001, PARIS[1])]))
    assert refused.value.indices == (0, 1)


def test_fixes_that_go_back_in_time_are_named(continents):
    street = np.array([(KIEL[0] + i * 0.2 * STEP_DEG, KIEL[1]) for i in range(3)])
    with pytest.raises(ValueError, match=r"at_s\[2\] = 5 does not come after 5"):
        continents.match(street, np.array([0, 5, 5]))
    with pytest.raises(ValueError, match="give 3 whole seconds"):
        continents.match(street, np.array([0, 5]))
    with pytest.raises(ValueError, match="give at least 2"):
        continents.match(street[:1])


def test_a_table_larger_than_osrms_own_limits_is_answered(continents):
    # Out of the box OSRM refuses more than 100 places in a table, 500 in a route and 100 fixes in a trace.
    grid = np.array([(KIEL[0] + i * 5e-6, KIEL[1]) for i in range(501)])
    assert continents.table(grid).duration_s.shape == (501, 501)
    assert len(continents.route(grid).travel_s) == 500
    assert len(continents.match(grid).travel_s) == 500


def test_both_algorithms_give_the_same_durations(tmp_path):
    extract = one_town(tmp_path / "town.osm.pbf", n=8)
    points = np.random.default_rng(1).uniform(0, 7 * STEP_DEG, (30, 2)) + KIEL
    durations = []
    mld, ch = (
        dataset.build(tmp_path, algorithm, extract, algorithm=algorithm, details=details())
        for algorithm in ("mld", "ch")
    )
    assert mld.has_mld
    assert ch.has_mld
    for base, algorithm in ((mld.base, "mld"), (ch.base, "mld"), (ch.base, "ch")):
        with closing(Osrm(base, algorithm)) as engine:
            durations.append(engine.table(points).duration_s)
    assert durations[0].max() > 60
    assert (durations[0] == durations[1]).all()
    assert (durations[0] == durations[2]).all()


def test_road_data_that_is_not_there_or_of_the_other_algorithm_does_not_open(coquimbo):
    with pytest.raises(EngineFailed, match="road data 'nowhere' does not open"):
        Osrm(Path("nowhere"), "mld")
    with pytest.raises(EngineFailed, match="does not open as ch"):
        Osrm(coquimbo.base, "ch")


def test_a_closed_engine_says_so(coquimbo):
    engine = Osrm(coquimbo.base, coquimbo.algorithm)
    engine.close()
    with pytest.raises(EngineFailed, match="closed"):
        engine.nearest(IN_TOWN)


def test_less_than_nothing_is_nothing_and_no_way_is_unreachable():
    # Between two addresses on one street OSRM has said -0.9 m.
    assert cells([[0.0, -0.9], [None, 2.5]], (2, 2)).tolist() == [[0, 0], [UNREACHABLE, 3]]
