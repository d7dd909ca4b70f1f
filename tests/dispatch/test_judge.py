"""Everything that can be wrong with a plan.json is planted into a good one, and found, with its amount."""

import json
from datetime import datetime, timedelta

import pytest

from dispatch import present
from dispatch.judge import judge
from dispatch.planning import Effort, plan_day
from routing.check import KINDS
from routing.dataset import open_engine
from routing.errors import UnreadableFile
from routing.straight import Straight

PEOPLE = [
    {"id": "ana", "break_start": "12:00", "break_end": "13:00", "break_min": 30, "max_jobs": 3, "max_travel_min": 60},
    {"id": "ben", "min": 30, "trades": "roofer", "shift_start": "22:00", "shift_end": "06:00"},
    {"id": "cy", "min": 50, "trades": "plumber;roofer", "cost_fixed": 500, "cost_per_km": 20},
]
JOBS = [
    {"id": "A1", "min": 5, "duration_min": 60, "window_start": "08:10", "window_end": "08:20"},
    {"id": "A2", "min": 10, "duration_min": 120, "window_start": "11:00", "window_end": "11:30"},
    {"id": "A3", "min": 15, "duration_min": 30, "window_start": "14:00", "required_contractor": "ana"},
    {"id": "B1", "min": 31, "trade": "roofer", "window_start": "25:00", "window_end": "25:30"},
    {"id": "C1", "min": 52, "excluded_contractors": "ana"},
    {"id": "X1", "min": 20, "trade": "plumer", "priority": 70},
]
"""Ana serves A1 to A3 and rests between A2 and A3, Ben serves B1 at night, Cy serves C1, nobody can serve X1."""


@pytest.fixture(scope="module")
def good(minutes, tmp_path_factory, desk_of):
    """A good plan as JSON, and the desk it is about."""
    desk = desk_of(tmp_path_factory.mktemp("judge")).write(PEOPLE, JOBS)
    made = plan_day(desk.read(minutes), minutes, Effort(limit_s=None, iterations=0))
    return json.loads(present.as_json(made)), desk


@pytest.fixture
def judged(good, minutes, tmp_path):
    """The judge's verdict on the good plan after a change."""

    def of(change=lambda plan: None, engine=minutes):
        said = json.loads(json.dumps(good[0]))
        change(said)
        path = tmp_path / "plan.json"
        path.write_text(json.dumps(said), encoding="utf-8")
        return judge(path, good[1].read(engine), engine)

    return of


def route(plan, who):
    return next(route for route in plan["routes"] if route["contractor_id"] == who)


def stop(plan, job):
    return next(stop for route in plan["routes"] for stop in route["stops"] if stop["job_id"] == job)


def later(said, minutes, *names):
    for name in names:
        said[name] = (datetime.fromisoformat(said[name]) + timedelta(minutes=minutes)).isoformat()


def moved(plan, job, to):
    """One stop, times and all, in somebody else's route."""
    said = stop(plan, job)
    for each in plan["routes"]:
        each["stops"] = [other for other in each["stops"] if other["job_id"] != job]
    route(plan, to)["stops"].append(said)


def begins_before_the_window(plan):
    later(stop(plan, "A1"), -6, "service_starts_at", "arrives_at")
    later(route(plan, "ana"), -6, "starts_at")


BEYOND_TABLES = {
    *("max_distance", "max_work", "capacity", "frozen", "succession", "succession_gap"),
    *("delivery_pair", "delivery_vehicle", "delivery_order", "crew", "crew_time", "crew_vehicle"),
}
"""What no table of jobs or contractors can ask for."""


PLANTED = {
    "unknown_stop": (lambda plan: stop(plan, "A1").update(job_id="A9"), "A9", 1),
    "unknown_vehicle": (lambda plan: route(plan, "ana").update(contractor_id="eve"), "eve", 1),
    "vehicle_repeated": (lambda plan: plan["routes"].append(route(plan, "ben")), "ben", 2),
    "stop_repeated": (lambda plan: route(plan, "cy")["stops"].append(stop(plan, "C1")), "C1", 2),
    "stop_lost": (lambda plan: route(plan, "ana")["stops"].pop(), "A3", 1),
    "route_empty": (lambda plan: route(plan, "cy")["stops"].clear(), "cy", 1),
    "skill": (lambda plan: moved(plan, "B1", "ana"), "B1", 1),
    "required": (lambda plan: moved(plan, "A3", "cy"), "A3", 1),
    "excluded": (lambda plan: moved(plan, "C1", "ana"), "C1", 1),
    "leg_wrong": (lambda plan: stop(plan, "A2").update(travel_s=240), "A2", 60),
    "leg_short": (lambda plan: later(stop(plan, "A2"), -1, "arrives_at"), "A2", 60),
    "service_early": (lambda plan: later(stop(plan, "C1"), -3, "service_starts_at"), "C1", 180),
    "service_short": (lambda plan: later(stop(plan, "C1"), -7, "departs_at"), "C1", 420),
    "window_early": (begins_before_the_window, "A1", 360),
    "window_late": (lambda plan: later(stop(plan, "A1"), 12, "service_starts_at"), "A1", 120),
    "wait_wrong": (lambda plan: stop(plan, "C1").update(wait_s=5), "C1", 5),
    "shift_early": (lambda plan: later(route(plan, "ben"), -300, "starts_at"), "ben", None),
    "shift_late": (lambda plan: later(route(plan, "ben"), 300, "ends_at"), "ben", None),
    "max_stops": (lambda plan: moved(plan, "C1", "ana"), "ana", 1),
    "max_travel": (lambda plan: route(plan, "ana").update(travel_s=3660), "ana", 60),
    "break_missing": (lambda plan: route(plan, "ana")["breaks"].clear(), "ana", 1800),
    "break_early": (lambda plan: later(route(plan, "ana")["breaks"][0], -90, "starts_at", "ends_at"), "ana", None),
    "break_late": (lambda plan: later(route(plan, "ana")["breaks"][0], 60, "starts_at", "ends_at"), "ana", None),
    "break_length": (lambda plan: later(route(plan, "ana")["breaks"][0], -1, "ends_at"), "ana", 60),
    "break_outside_shift": (
        lambda plan: later(route(plan, "ana")["breaks"][0], 300, "ends_at", "starts_at"),
        "ana",
        None,
    ),
    "break_in_service": (lambda plan: later(route(plan, "ana")["breaks"][0], -45, "starts_at", "ends_at"), "A2", None),
    "total_wrong": (lambda plan: route(plan, "ana").update(service_s=60), "ana", 12_540),
    "objective_wrong": (lambda plan: plan["objective"].update(unserved=1), "", None),
    "digest_wrong": (lambda plan: plan.update(digest="sha256:0"), "", 1),
    "summary_wrong": (lambda plan: plan["summary"].update(distance_m=1), "", 1),
}
"""Kind of violation -> how it is planted, its subject, and its amount where the head can work it out."""


def test_the_good_plan_is_good(judged, good):
    verdict = judged()
    assert verdict.violations == ()
    assert verdict.digest == good[0]["digest"]
    assert verdict.objective is not None
    assert verdict.objective.total == good[0]["objective"]["total"]
    assert [len(route["stops"]) for route in good[0]["routes"]] == [3, 1, 1]


@pytest.mark.parametrize("kind", PLANTED)
def test_what_is_planted_is_found(kind, judged):
    plant, subject, amount = PLANTED[kind]
    found = [violation for violation in judged(plant).violations if violation.kind == kind]
    assert subject in [violation.subject for violation in found]
    assert amount is None or amount in [violation.amount for violation in found]


def test_every_kind_of_violation_is_planted():
    """All but a leg without a road, which takes two towns without one between them; see below."""
    assert set(PLANTED) == (set(KINDS) - {"unreachable"} - BEYOND_TABLES) | {"digest_wrong", "summary_wrong"}


def test_a_leg_without_a_road_is_found(towns, desk, tmp_path):
    """A hand-made plan sends somebody to the island as if there were a ferry."""
    desk.write(
        [{"id": "ana", "lon": -93.62, "lat": 41.58}],
        [{"id": "A1", "lon": -93.61, "lat": 41.59}, {"id": "A2", "lon": -93.40, "lat": 41.58}],
    )
    plan = {
        "routes": [
            {
                "contractor_id": "ana",
                "starts_at": "2026-11-24T08:00:00-06:00",
                "ends_at": "2026-11-24T10:30:00-06:00",
                "stops": [
                    {
                        "job_id": "A2",
                        "arrives_at": "2026-11-24T09:00:00-06:00",
                        "service_starts_at": "2026-11-24T09:00:00-06:00",
                        "departs_at": "2026-11-24T09:30:00-06:00",
                    }
                ],
            }
        ],
        "unassigned": [{"job_id": "A1"}],
    }
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan), encoding="utf-8")
    with open_engine(towns) as engine:
        verdict = judge(path, desk.read(engine), engine)
    found = [(violation.kind, violation.subject) for violation in verdict.violations]
    assert [pair for pair in found if pair[0] == "unreachable"] == [("unreachable", "A2"), ("unreachable", "ana")]
    assert verdict.travel_time_source == "osrm"


@pytest.mark.parametrize(
    "name", ["n_jobs", "n_assigned", "n_contractors", "n_contractors_used", "travel_s", "distance_m"]
)
def test_every_figure_of_the_summary_is_judged(name, judged):
    (found,) = judged(lambda plan: plan["summary"].update({name: plan["summary"][name] + 1})).violations
    assert (found.kind, f"summary.{name} is stated as" in found.message) == ("summary_wrong", True)


@pytest.mark.parametrize(("name", "due"), [("wait_s", 0), ("late_s", 0), ("priority_unassigned", 70)])
def test_what_the_summary_says_of_waiting_and_of_those_left_out_is_judged(name, due, judged, good):
    assert name == "wait_s" or good[0]["summary"][name] == due
    (found,) = judged(lambda plan: plan["summary"].update({name: 99_999})).violations
    assert f"summary.{name} is stated as 99999" in found.message


@pytest.mark.parametrize(
    "name",
    ["travel", "distance", "fixed", "overtime", "late", "balance", "stability", "preference", "unserved", "total"],
)
def test_every_component_of_the_objective_is_judged(name, judged):
    (found,) = judged(lambda plan: plan["objective"].update({name: plan["objective"][name] + 1})).violations
    assert found.kind == "objective_wrong"


def test_a_job_called_out_of_two_routes_is_named_once_with_its_count(judged):
    def twice(plan):
        plan["unassigned"].append({"job_id": "C1"})

    found = {violation.kind: violation for violation in judged(twice).violations}
    assert found["stop_repeated"].message == "C1 stands in the plan 2 times"
    assert found["digest_wrong"]


def test_who_is_unknown_leaves_the_plan_without_a_price(judged):
    assert judged(PLANTED["unknown_vehicle"][0]).objective is None
    assert judged(PLANTED["unknown_stop"][0]).objective is None


def test_a_plan_without_figures_is_judged_by_its_times_alone(judged, good):
    def bare(plan):
        for name in set(plan) - {"routes", "unassigned"}:
            del plan[name]
        for each in plan["routes"]:
            for name in ("travel_s", "distance_m", "service_s", "wait_s", "geometry"):
                del each[name]
            for visit in each["stops"]:
                for name in ("travel_s", "distance_m", "wait_s", "reasons", "lon", "lat"):
                    del visit[name]

    verdict = judged(bare)
    assert (verdict.violations, verdict.digest) == ((), good[0]["digest"])


def test_a_plan_made_with_estimates_is_judged_by_the_roads_there_are(judged):
    """Roads that are half as fast: the legs take longer than the plan says."""
    slow = Straight(detour=1.0, speed_mps=15.0)
    assert {"leg_wrong", "leg_short"} <= {violation.kind for violation in judged(engine=slow).violations}


def test_ids_may_be_numbers_in_json_and_are_texts_all_the_same(desk, minutes, tmp_path):
    desk.write([{"id": "1"}], [{"id": "2", "min": 10}, {"id": "x", "min": 5, "trade": "roofer"}])
    made = plan_day(desk.read(minutes), minutes, Effort(limit_s=None, iterations=0))
    said = json.loads(present.as_json(made))
    said["routes"][0]["contractor_id"] = 1
    said["routes"][0]["stops"][0]["job_id"] = 2
    said["unassigned"].append({"job_id": 3})
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(said), encoding="utf-8")
    kinds = {violation.kind for violation in judge(path, desk.read(minutes), minutes).violations}
    assert kinds == {"unknown_stop", "digest_wrong", "summary_wrong"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda plan: plan.pop("unassigned"), "unassigned lacks 'unassigned'"),
        (lambda plan: plan["routes"][1].pop("stops"), "routes[1] lacks 'stops'"),
        (lambda plan: plan["routes"][0].update(starts_at="2026-11-24T08:00:00"), "routes[0] cannot be read"),
        (lambda plan: plan["routes"][0].update(starts_at=8), "routes[0] cannot be read"),
        (lambda plan: plan["routes"][0].update(travel_s=float("inf")), "routes[0] cannot be read"),
        (lambda plan: plan["routes"][0].update(starts_at="0001-01-01T00:00:00+14:00"), "routes[0] cannot be read"),
        (lambda plan: plan.update(routes="none"), "routes[0] cannot be read"),
        (lambda plan: plan.update(objective=[]), "objective cannot be read"),
        (lambda plan: plan.update(summary=None), "summary cannot be read"),
    ],
)
def test_a_field_that_cannot_be_read_is_named(judged, change, says):
    with pytest.raises(UnreadableFile) as unreadable:
        judged(change)
    assert says in str(unreadable.value)
    assert "plan.json in ARCHITECTURE.md" in str(unreadable.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{\n\n]", "line 3"),
        ("[" * 100_000, "not JSON"),
        ("\ud83d", "not JSON"),
        ("[]", "a JSON object with routes and unassigned is needed"),
    ],
)
def test_a_file_that_is_no_json_object_is_refused(text, says, desk, minutes, tmp_path):
    path = tmp_path / "plan.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    day = desk.write([{"id": "ana"}], [{"id": "A1"}]).read(minutes)
    with pytest.raises(UnreadableFile) as unreadable:
        judge(path, day, minutes)
    assert says in str(unreadable.value)
