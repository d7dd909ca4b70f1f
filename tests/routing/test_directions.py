"""Turn by turn: the steps are the way, and every one of them is a sentence."""

import math
import re
from contextlib import closing

import numpy as np
import osmium
import pytest
import shapely
from osmium.osm.mutable import Node, Way
from tiny_extracts import HOBART, KIEL, STEP_DEG, two_continents

from routing import dataset
from routing.child import ChildEngine
from routing.engine import Step
from routing.errors import EngineFailed, NoRoute, OffRoad
from routing.osrm import Osrm
from routing.straight import Straight, bearing_deg
from routing.turns import sentence

IN_TOWN = np.array([(-71.2519, -29.9045), (-71.3430, -29.9590), (-71.2600, -29.9200)])


def built(folder, extract):
    details = {"outline": shapely.MultiPolygon([shapely.box(10, 54, 11, 55)]), "timezone": "UTC", "statistics": {}}
    return dataset.build(folder, "place", extract, details=details)


@pytest.fixture(scope="module")
def continents(tmp_path_factory):
    folder = tmp_path_factory.mktemp("continents")
    region = built(folder, two_continents(folder / "both.osm.pbf"))
    with closing(Osrm(region.base, region.algorithm)) as engine:
        yield engine


def circle(path, name):
    """A roundabout of 80 m across and four streets that end in it, named after where they lead."""
    centre, radius_deg = (10.0, 0.0), 0.00036
    with osmium.SimpleWriter(str(path)) as writer:
        for at in range(12):
            turn = math.radians(30 * at)
            place = centre[0] + radius_deg * math.cos(turn), centre[1] + radius_deg * math.sin(turn)
            writer.add_node(Node(id=1 + at, version=1, location=place))
        for at in range(4):
            turn = math.radians(90 * at)
            place = centre[0] + 8 * radius_deg * math.cos(turn), centre[1] + 8 * radius_deg * math.sin(turn)
            writer.add_node(Node(id=101 + at, version=1, location=place))
        ring = {"highway": "residential", "junction": "roundabout"} | ({"name": name} if name else {})
        writer.add_way(Way(id=1, version=1, nodes=[*range(1, 13), 1], tags=ring))
        for at, street in enumerate(("East Street", "North Street", "West Street", "South Street")):
            tags = {"highway": "residential", "name": street}
            writer.add_way(Way(id=2 + at, version=1, nodes=[101 + at, 1 + 3 * at], tags=tags))
    return path


def said(directions):
    return [[sentence(step) for step in leg] for leg in directions.steps]


def test_a_turn_is_told_with_its_street_and_where_it_is(continents):
    # Along the southern street, which runs east, and up the third that crosses it.
    start, end = (KIEL[0] + 0.5 * STEP_DEG, KIEL[1]), (KIEL[0] + 2 * STEP_DEG, KIEL[1] + 2.5 * STEP_DEG)
    directions = continents.directions(np.array([start, end]))
    assert said(directions) == [["Head east on Street 1", "Turn left onto Street 7", "Arrive at your destination"]]
    depart, turn, arrive = directions.steps[0]
    assert turn.lonlat == pytest.approx((KIEL[0] + 2 * STEP_DEG, KIEL[1]), abs=1e-5)
    assert (depart.bearing_deg, turn.bearing_deg) == (90, 0)
    assert depart.distance_m == pytest.approx(1.5 * 64.9, abs=2)
    assert turn.distance_m == pytest.approx(2.5 * 111.2, abs=2)
    assert (arrive.travel_s, arrive.distance_m) == (0, 0)


def test_steps_sum_up_to_their_leg_and_legs_are_those_of_the_route(coquimbo_engine):
    directions, route = coquimbo_engine.directions(IN_TOWN), coquimbo_engine.route(IN_TOWN)
    assert (directions.travel_s == route.travel_s).all()
    assert (directions.distance_m == route.distance_m).all()
    assert (directions.lonlat[[0, -1]] == route.lonlat[[0, -1]]).all()
    assert directions.source == "osrm"
    assert len(directions.steps) == 2
    for steps, travel_s, distance_m in zip(directions.steps, directions.travel_s, directions.distance_m, strict=True):
        assert sum(step.travel_s for step in steps) == travel_s
        assert sum(step.distance_m for step in steps) == distance_m
        assert min(step.travel_s for step in steps) >= 0
        assert min(step.distance_m for step in steps) >= 0
        assert [steps[0].kind, steps[-1].kind] == ["depart", "arrive"]


def test_in_a_real_town_every_step_becomes_a_sentence_without_anything_missing(coquimbo_engine):
    sentences = [line for leg in said(coquimbo_engine.directions(IN_TOWN)) for line in leg]
    assert "Turn left onto Ruta 5 Norte" in sentences
    assert [line for line in sentences if not re.fullmatch(r"[A-Z](?:[^{}_]| )*[^ ,.]", line) or "  " in line] == []


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("", "roundabout", "At the roundabout take exit 2 onto North Street"),
        ("Star Circus", "rotary", "At Star Circus take exit 2 onto North Street"),
    ],
)
def test_exits_of_a_roundabout_are_counted(tmp_path, name, kind, told):
    region = built(tmp_path, circle(tmp_path / "circle.osm.pbf", name))
    with closing(Osrm(region.base, region.algorithm)) as engine:
        directions = engine.directions(np.array([(10.0, -0.0025), (10.0, 0.0025)]))
    (steps,) = directions.steps
    assert [step.kind for step in steps] == ["depart", kind, f"exit {kind}", "arrive"]
    assert steps[1].exit_number == 2
    assert sentence(steps[1]) == told


def test_directions_refuse_what_a_route_refuses(continents):
    with pytest.raises(NoRoute):
        continents.directions(np.array([KIEL, HOBART]))
    with pytest.raises(OffRoad) as off:
        continents.directions(np.array([KIEL, (2.35, 48.86)]))
    assert off.value.indices == (1,)
    with pytest.raises(ValueError, match="at least 1"):
        continents.directions(np.zeros((0, 2)))


def test_one_point_has_no_legs_and_no_steps(continents):
    for engine in (continents, Straight()):
        alone = engine.directions(np.array([KIEL]))
        assert (alone.steps, alone.travel_s.tolist(), alone.lonlat.shape) == ((), [], (1, 2))


def test_straight_lines_head_for_the_next_point_and_arrive_there():
    engine, points = Straight(), np.array([(0.0, 0.0), (0.01, 0.0), (0.01, 0.02)])
    directions, route = engine.directions(points), engine.route(points)
    assert said(directions) == [
        ["Head east", "Arrive at your destination"],
        ["Head north", "Arrive at your destination"],
    ]
    assert [sum(step.travel_s for step in leg) for leg in directions.steps] == route.travel_s.tolist()
    assert [sum(step.distance_m for step in leg) for leg in directions.steps] == route.distance_m.tolist()
    assert directions.steps[1][0].lonlat == (0.01, 0.0)
    assert directions.source == "straight"


def test_bearings_go_round_clockwise_from_north():
    around = [(0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0)]
    assert [bearing_deg((0.0, 0.0), place) for place in around] == [0, 90, 180, 270]
    assert bearing_deg((0.0, 0.0), (-0.0001, 1.0)) == 0  # 359.99 is north


def test_a_child_gives_the_same_directions(coquimbo, coquimbo_engine):
    with ChildEngine(coquimbo.base, coquimbo.algorithm) as engine:
        assert engine.directions(IN_TOWN).steps == coquimbo_engine.directions(IN_TOWN).steps


def test_closed_engines_give_none(continents):
    engine = Straight()
    engine.close()
    with pytest.raises(EngineFailed, match="closed"):
        engine.directions(np.array([KIEL]))


def step(kind, modifier="", street="", **more):
    return Step(kind, modifier, street, 1, 1, (0.0, 0.0), more.pop("bearing_deg", 0), **more)


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ("Head southwest on Elm Street", step("depart", "", "Elm Street", bearing_deg=225)),
        ("Head north", step("depart", bearing_deg=350)),
        ("Turn left onto Avenida Colón", step("turn", "left", "Avenida Colón")),
        ("Turn sharp right", step("turn", "sharp right")),
        ("Turn slightly left onto Elm Street", step("turn", "slight left", "Elm Street")),
        ("Go straight onto Elm Street", step("turn", "straight", "Elm Street")),
        ("Make a U-turn onto Elm Street", step("turn", "uturn", "Elm Street")),
        ("Make a U-turn on Elm Street", step("continue", "uturn", "Elm Street")),
        ("Continue straight on Elm Street", step("continue", "straight", "Elm Street")),
        ("Continue slightly right on Elm Street", step("continue", "slight right", "Elm Street")),
        ("Continue onto Elm Street", step("new name", "straight", "Elm Street")),
        ("Continue left onto Elm Street", step("new name", "left", "Elm Street")),
        ("Continue", step("new name")),
        ("Continue on Elm Street", step("use lane", "straight", "Elm Street")),
        ("Continue on Elm Street", step("notification", "", "Elm Street")),
        ("Merge left onto Ruta 5 Norte", step("merge", "slight left", "Ruta 5 Norte")),
        ("Merge onto Ruta 5 Norte", step("merge", "straight", "Ruta 5 Norte")),
        ("Take the ramp on the right towards Ovalle", step("on ramp", "right", "", towards="Ovalle")),
        ("Take the ramp", step("ramp")),
        (
            "Take the exit on the right onto A 1 towards Köln",
            step("off ramp", "slight right", "A 1", towards="Köln"),
        ),
        ("Keep left at the fork onto Elm Street", step("fork", "slight left", "Elm Street")),
        ("Keep straight on at the fork", step("fork", "straight")),
        ("At the end of the road turn right onto Elm Street", step("end of road", "right", "Elm Street")),
        (
            "At the roundabout take exit 2 onto Elm Street",
            step("roundabout", "right", "Elm Street", exit_number=2),
        ),
        ("Enter the roundabout", step("roundabout", "right")),
        (
            "At Star Circus take exit 3 onto Elm Street",
            step("rotary", "right", "Elm Street", exit_number=3, roundabout="Star Circus"),
        ),
        ("At the roundabout turn left onto Elm Street", step("roundabout turn", "left", "Elm Street")),
        ("Leave the roundabout onto Elm Street", step("exit roundabout", "right", "Elm Street")),
        ("Leave Star Circus", step("exit rotary", "right", roundabout="Star Circus")),
        ("Arrive at your destination, on the right", step("arrive", "right")),
        ("Arrive at your destination, straight ahead", step("arrive", "straight")),
        ("Arrive at your destination", step("arrive")),
        ("Turn left onto Elm Street", step("something new", "left", "Elm Street")),
        ("Continue onto Elm Street", step("something new", "", "Elm Street")),
        ("Turn left onto {street}", step("turn", "left", "{street}")),
    ],
)
def test_every_kind_of_manoeuvre_has_its_sentence(told, asked):
    assert sentence(asked) == told
