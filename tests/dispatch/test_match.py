"""Who may do a job, and who is there soonest by road, on a coast with one bridge over one river."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from dispatch.match import eligible, nearest_by_road, nearest_spelling
from dispatch.types import Contractor, Job, Shift
from geo.point import Point
from routing.errors import OffRoad
from routing.straight import Straight
from routing.types import UNREACHABLE, Matrix

SHIFT = Shift(datetime(2026, 11, 24, 11, tzinfo=UTC), datetime(2026, 11, 24, 20, tzinfo=UTC))
SOUTH_OF_RIVER = Point(-71.0, -30.01)


class RiverCountry(Straight):
    """Roads run straight at 10 m/s; the river at 30° south is crossed at 70.9° west only.

    North of 29° south there are no roads; west of 72° west lies an island.
    """

    def __init__(self) -> None:
        super().__init__(detour=1.0, speed_mps=10.0)
        self.n_tables = 0

    @property
    def source(self) -> str:
        return "osrm"

    def table(self, lonlat, sources=None, targets=None):
        self.n_tables += 1
        off = [i for i, (_, lat) in enumerate(lonlat) if lat > -29]
        if off:
            raise OffRoad(off, [5000.0] * len(off), 1000)
        bridge = np.array([[-70.9, -30.0]])
        to_bridge = super().table(np.vstack((lonlat, bridge))).distance_m[-1][: len(lonlat)]
        straight = super().table(lonlat).distance_m
        north, island = lonlat[:, 1] > -30, lonlat[:, 0] < -72
        road_m = np.where(north[:, None] != north[None, :], to_bridge[:, None] + to_bridge[None, :], straight)
        road_m = np.where(island[:, None] != island[None, :], UNREACHABLE, road_m)
        duration_s = np.where(road_m < UNREACHABLE, road_m // 10, UNREACHABLE)
        cells = np.ix_(sources, targets)
        return Matrix(duration_s[cells], road_m[cells], self.source)


def contractor(contractor_id, lon, lat, *, trades=("plumber",), skills=()):
    return Contractor(
        contractor_id, f"Name of {contractor_id}", frozenset(trades), Point(lon, lat), SHIFT, skills=frozenset(skills)
    )


ACROSS = contractor("C1", -71.0, -29.99)  # 2.2 km away, 19 km over the bridge
SAME_SIDE = contractor("C2", -71.0, -30.05)  # 4.4 km
FARTHER = contractor("C3", -71.0, -30.10)  # 10 km
ISLANDER = contractor("C4", -72.1, -30.01)
OFF_ROAD = contractor("C5", -71.0, -28.0)


def test_the_nearest_by_road_comes_first_though_another_is_nearer_in_a_straight_line():
    matches = nearest_by_road(RiverCountry(), [ACROSS, SAME_SIDE, FARTHER], SOUTH_OF_RIVER)
    assert [(m.contractor.id, m.rank, m.straight_rank) for m in matches] == [("C2", 1, 2), ("C3", 2, 3), ("C1", 3, 1)]
    assert matches[0].drive_s == 444
    assert (matches[0].distance_m, matches[0].road_distance_m) == (4448, 4448)
    assert (matches[2].distance_m, matches[2].drive_s) == (2224, matches[2].road_distance_m // 10)


def test_reasons_give_both_ranks_and_who_is_nearer_but_slower_in_figures():
    matches = nearest_by_road(RiverCountry(), [ACROSS, SAME_SIDE], SOUTH_OF_RIVER)
    assert [reason.code for reason in matches[0].reasons] == ["rank", "nearer_but_slower"]
    assert matches[0].reasons[0].message == "1st by road: 7 min 24 s, 4.4 km; 2nd by straight line: 4.4 km"
    minutes, seconds = divmod(matches[1].drive_s, 60)
    assert f"C1 (2.2 km straight, {minutes} min {seconds:02d} s)" in matches[0].reasons[1].message
    assert [reason.code for reason in matches[1].reasons] == ["rank"]


def test_many_who_are_nearer_but_slower_are_counted():
    crowd = [contractor(f"N{i}", -71.0, -29.99 + i / 10_000) for i in range(5)]
    matches = nearest_by_road(RiverCountry(), [*crowd, SAME_SIDE], SOUTH_OF_RIVER)
    assert matches[0].reasons[1].message.endswith("and 2 more")


def test_an_estimate_is_not_called_a_road():
    (match,) = nearest_by_road(Straight(), [SAME_SIDE], SOUTH_OF_RIVER)
    assert "by road" not in match.reasons[0].message
    assert "estimated from the straight line" in match.reasons[0].message


def test_who_cannot_reach_the_point_or_stands_off_any_road_is_left_out():
    matches = nearest_by_road(RiverCountry(), [ISLANDER, OFF_ROAD, SAME_SIDE], SOUTH_OF_RIVER)
    assert [match.contractor.id for match in matches] == ["C2"]
    assert nearest_by_road(RiverCountry(), [OFF_ROAD], SOUTH_OF_RIVER) == []


def test_a_point_off_any_road_is_refused_as_point_0():
    with pytest.raises(OffRoad) as off:
        nearest_by_road(RiverCountry(), [SAME_SIDE, OFF_ROAD], Point(-71.0, -28.0))
    assert off.value.indices == (0,)


def test_trade_and_skills_are_asked_before_distance():
    gas = contractor("C9", -71.0, -30.2, trades=("plumber", "hvac"), skills=("gas", "heights"))
    people = [SAME_SIDE, gas, contractor("C8", -71.0, -30.011, trades=("roofer",), skills=("gas",))]
    found = nearest_by_road(RiverCountry(), people, SOUTH_OF_RIVER, trade="plumber", skills=frozenset({"gas"}))
    assert [(match.contractor.id, match.straight_rank) for match in found] == [("C9", 1)]
    assert nearest_by_road(RiverCountry(), people, SOUTH_OF_RIVER, trade="baker") == []


def test_equal_drives_are_ordered_by_id_whatever_the_order_given():
    twins = [contractor("B", -71.0, -30.05), contractor("A", -71.0, -30.05)]
    for people in (twins, twins[::-1]):
        found = nearest_by_road(RiverCountry(), people, SOUTH_OF_RIVER)
        assert [(match.contractor.id, match.straight_rank) for match in found] == [("A", 1), ("B", 2)]


def test_one_table_times_the_candidates_and_the_limit_cuts_after_ranking():
    engine = RiverCountry()
    found = nearest_by_road(engine, [ACROSS, SAME_SIDE, FARTHER], SOUTH_OF_RIVER, limit=1)
    assert ([match.contractor.id for match in found], engine.n_tables) == (["C2"], 1)


def test_more_candidates_are_taken_when_the_nearest_cannot_come():
    near_islanders = [replace(ISLANDER, id=f"I{i}") for i in range(3)]
    far = contractor("C7", -71.0, -33.0)
    found = nearest_by_road(RiverCountry(), [*near_islanders, far], SOUTH_OF_RIVER, limit=1, candidates=2)
    assert [(match.contractor.id, match.straight_rank) for match in found] == [("C7", 4)]


@pytest.mark.parametrize("bounds", [{"limit": 0}, {"candidates": 0}])
def test_bounds_below_one_are_refused(bounds):
    with pytest.raises(ValueError, match="1 or more"):
        nearest_by_road(RiverCountry(), [SAME_SIDE], SOUTH_OF_RIVER, **bounds)


JOB = Job("J1", "plumber", SOUTH_OF_RIVER, 3600, 10_800)


def test_who_passes_every_filter_is_eligible():
    assert eligible(SAME_SIDE, JOB) == []
    assert eligible(SAME_SIDE, replace(JOB, required_contractor="C2", preferred_contractor="C1")) == []


def test_each_filter_missed_is_named():
    job = replace(
        JOB,
        trade="baker",
        skills=frozenset({"gas", "heights"}),
        excluded_contractors=frozenset({"C2"}),
        required_contractor="C1",
    )
    missed = eligible(SAME_SIDE, job)
    assert [reason.code for reason in missed] == ["no_trade", "no_skill", "no_skill", "excluded", "not_required"]
    assert "plumber, not baker" in missed[0].message
    assert "gas" in missed[1].message
    assert "C1" in missed[4].message


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("plumer", "plumber"), ("Plumber", "plumber"), (" ELECTRICAN ", "electrician"), ("zoologist", None), ("", None)],
)
def test_the_nearest_spelling_of_a_trade_is_offered_if_any_is_near(typed, meant):
    assert nearest_spelling(typed, ["roofer", "plumber", "electrician", "hvac"]) == meant


def test_the_nearest_spelling_does_not_depend_on_order():
    trades = ["planter", "painter", "Painter", "pointer"]
    orders = (trades, trades[::-1], sorted(trades))
    assert {nearest_spelling("paintr", order) for order in orders} == {"Painter"}
    assert {nearest_spelling("pinter", order) for order in orders} == {"pointer"}  # as near as painter
