"""The gate: OR-Tools accepts a sound plan at the points worked out by hand, and refuses it with one thing broken."""

from dataclasses import replace

import pytest
from gate_cases import BOTH, BROKEN, GAS, SOUND, STATED_ALONE
from hand_made import at, day, found, plan, street, to_a, to_b
from routing_cases import HOUR, on_a_street

from routing.gate import GROUP_ROUTES, Verdict, _groups, _load, gate
from routing.gate_figures import actions_s, known
from routing.types import Crew, Delivery, Frozen, Stop, Vehicle


@pytest.mark.parametrize(("problem", "made", "points"), SOUND.values(), ids=SOUND)
def test_a_sound_plan_is_accepted_at_the_points_worked_out_by_hand(problem, made, points):
    assert gate(problem, made) == Verdict(accepted=True, points=points, refused=())
    assert found(problem, made) == []


@pytest.mark.parametrize(("problem", "made"), BROKEN.values(), ids=BROKEN)
def test_the_gate_refuses_a_vehicle_that(problem, made):
    assert gate(problem, made) == Verdict(accepted=False, points=None, refused=("ana",))
    assert found(problem, made) != []


@pytest.mark.parametrize("name", sorted(BROKEN.keys() - STATED_ALONE))
def test_ortools_alone_refuses_a_vehicle_that(name):
    problem, made = BROKEN[name]
    about = known(problem)
    takes_s = {route.vehicle_id: actions_s(about, route) for route in made.routes}
    (group,) = _groups(problem, made)
    assert _load(about, group, takes_s) is None


def test_who_is_tied_to_a_wrong_route_is_refused_with_it():
    crew = street(ben={}, crews=(Crew(("a", "b")),), a={}, b={"place": 1})
    later = day("ben", 1, [at("b", 601, 601, 1201, 600)], 1801, home_s=600, service_s=600)
    assert gate(crew, plan(to_a(), later, travel=2400)).refused == ("ana", "ben")
    delivery = street(ben={}, deliveries=(Delivery("a", "b"),), a={}, b={})
    assert gate(delivery, BOTH).refused == ("ana", "ben")


@pytest.mark.parametrize(
    "made",
    [
        plan(to_a("eva"), travel=1200),
        plan(to_b("ana"), travel=2400, left_out="a"),
        plan(to_a(), travel=1200, left_out="a"),
        plan(to_a(), to_a(), travel=2400),
        plan(),
    ],
    ids=["an unknown vehicle", "an unknown stop", "a stop served and left out", "a vehicle twice", "a stop lost"],
)
def test_a_plan_that_is_none_is_refused_as_a_whole(made):
    assert gate(street(a={}), made) == Verdict(accepted=False, points=None, refused=())


def test_a_route_without_stops_is_refused():
    empty = day("ana", 0, [], 0, home_s=0, service_s=0)
    assert gate(street(a={}), plan(empty, left_out="a", unserved=1000)).refused == ("ana",)


def test_a_vehicle_that_drops_what_it_has_begun_is_refused():
    problem = street(ana={"frozen": (Frozen("a", 100),)}, a={})
    assert gate(problem, plan(left_out="a", unserved=1000)).refused == ("ana",)


@pytest.mark.parametrize("points", [{"travel": 1199}, {"distance": 1200}], ids=["too few", "under another name"])
def test_points_stated_wrong_are_put_right(points):
    assert gate(street(a={}), plan(to_a(), **points)) == Verdict(accepted=False, points=1200, refused=())


def many_days(n_vehicles, **ties):
    """One stop ten minutes away for each vehicle, and the plan that serves them all."""
    names = [f"{number:03}" for number in range(n_vehicles)]
    stops = [Stop(f"s{name}", 1, 600) for name in names]
    problem = on_a_street(stops, [Vehicle(f"v{name}", 0, 0, 0, 8 * HOUR) for name in names], [0, 600])
    routes = [replace(to_a(f"v{name}"), visits=(at(f"s{name}", 600, 600, 1200, 600),)) for name in names]
    return replace(problem, **ties), plan(*routes, travel=1200 * n_vehicles)


def test_routes_are_loaded_in_groups_and_their_points_added_up():
    problem, made = many_days(2 * GROUP_ROUTES + 1)
    assert gate(problem, made) == Verdict(accepted=True, points=1200 * (2 * GROUP_ROUTES + 1), refused=())


def test_one_wrong_route_refuses_its_group_and_nobody_else():
    problem, made = many_days(2 * GROUP_ROUTES)
    choosy = replace(problem.stops[-1], skills=GAS)
    verdict = gate(replace(problem, stops=(*problem.stops[:-1], choosy)), made)
    assert verdict.refused == tuple(vehicle.id for vehicle in problem.vehicles[GROUP_ROUTES:])


def test_routes_tied_to_each_other_are_loaded_together_however_many_they_are():
    n_vehicles = GROUP_ROUTES + 2
    everyone = Crew(tuple(f"s{number:03}" for number in range(n_vehicles)))
    problem, made = many_days(n_vehicles, crews=(everyone,))
    assert gate(problem, made).accepted
    first = replace(made.routes[0], starts_s=1, visits=(at("s000", 601, 601, 1201, 600),), ends_s=1801)
    assert len(gate(problem, replace(made, routes=(first, *made.routes[1:]))).refused) == n_vehicles
