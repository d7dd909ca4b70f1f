"""A plan as plan.json, GeoJSON and tables: what the contract says, to the letter."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import shapely
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from dispatch import present
from dispatch.types import (
    Contractor,
    DayPlan,
    Job,
    PlannedRoute,
    PlannedStop,
    Reason,
    RejectedRow,
    Remedy,
    Shift,
    UnassignedJob,
    Window,
)
from geo import polyline
from geo.point import Point
from routing.types import Improvement, Objective, Search

CHICAGO = ZoneInfo("America/Chicago")
LINE = [(-93.60, 41.58), (-93.61, 41.59), (-93.62, 41.60), (-93.60, 41.58)]
WIDER = Remedy("window", "J9", "window_end", "12:00", "12:25", "Ana comes at 12:25.", 740, verified=True)
NEW = Remedy("contractor", "N1", None, None, {"id": "N1", "trades": "roofer"}, "One more roofer.", 3600, verified=True)


def at(hour, minute=0, second=0):
    return datetime(2026, 11, 24, hour, minute, second, tzinfo=CHICAGO)


def job(name, **more):
    told = {"trade": "plumber", "point": Point(-93.61, 41.59), "duration_s": 1800, "unserved_cost": 10_800}
    return Job(id=name, **{**told, **more})


def stop(of, arrives_at, *, wait_s=0, **more):
    begins_at = arrives_at + timedelta(seconds=wait_s)
    departs_at = begins_at + timedelta(seconds=of.duration_s)
    return PlannedStop(of, arrives_at, begins_at, departs_at, 600, 4000, wait_s, **more)


def day_plan(**changes):
    """Ana serves J1 and Jé2 with a break between; J10 and J9 are left."""
    ana = Contractor("C1", "Ana Rojas", frozenset({"plumber"}), Point(-93.60, 41.58), Shift(at(8), at(17)))
    first = stop(
        job("J1", address="12 Main St", window=Window(at(8), at(9))),
        at(8, 15),
        wait_s=300,
        reasons=(Reason("nearest", "Nearest plumber."),),
    )
    second = stop(job("Jé2", point=Point(-93.62, 41.60)), at(9, 30, 5))
    route = PlannedRoute(
        ana,
        at(8, 5),
        at(10, 10, 5),
        1800,
        3600,
        300,
        12_000,
        polyline.encode(LINE),
        ((at(8, 50), at(9, 20)),),
        (first, second),
    )
    told = {
        "on": date(2026, 11, 24),
        "timezone": "America/Chicago",
        "seed": 1,
        "limit_s": 10.0,
        "budget_iterations": None,
        "travel_time_source": "osrm",
        "search": Search(
            "trades", "0.1.0", "limit_s", 2000, "solution", "insertion", (Improvement(0.12345, 23_400, "insertion"),)
        ),
        "phases": {"matrix": 0.25, "judge": 0.001},
        "objective": Objective(travel=1800, preference=7, unserved=21_600),
        "bound": None,
        "routes": (route,),
        "unassigned": (
            UnassignedJob(job("J10", priority=80), (Reason("unreachable", "No road leads there."),)),
            UnassignedJob(
                job("J9", priority=20), (Reason("window", "Too early.", WIDER), Reason("shift", "All are busy.", NEW))
            ),
        ),
        "n_contractors": 3,
    }
    return DayPlan(**{**told, **changes})


def drawn(*tables, columns=80):
    console = Console(width=columns, file=StringIO(), color_system=None)
    console.print(*tables)
    return console.file.getvalue()


def test_plan_json_has_exactly_the_keys_of_the_contract_in_its_order():
    said = present.plan_dict(day_plan(rejected_rows=(RejectedRow("jobs.csv", 3, "lat", "J5", "no latitude"),)))
    assert list(said) == [
        "date", "timezone", "seed", "limit_s", "budget_iterations", "travel_time_source", "solver", "phases",
        "objective", "bound", "routes", "unassigned", "summary", "rejected_rows", "warnings", "digest",
    ]  # fmt: skip
    assert list(said["solver"]) == [
        "name",
        "version",
        "stopped_by",
        "iterations",
        "iteration_unit",
        "found_by",
        "history",
    ]
    assert list(said["routes"][0]) == [
        "contractor_id", "starts_at", "ends_at", "travel_s", "service_s", "wait_s", "distance_m", "geometry", "breaks", "stops",
    ]  # fmt: skip
    assert list(said["routes"][0]["breaks"][0]) == ["starts_at", "ends_at"]
    assert list(said["routes"][0]["stops"][0]) == [
        "job_id", "lon", "lat", "arrives_at", "service_starts_at", "departs_at", "travel_s", "distance_m", "wait_s", "reasons",
    ]  # fmt: skip
    assert list(said["summary"]) == [
        "n_jobs", "n_assigned", "n_contractors", "n_contractors_used", "travel_s", "distance_m", "wait_s", "late_s", "priority_unassigned",
    ]  # fmt: skip
    assert list(said["rejected_rows"][0]) == ["file", "line", "column", "id", "reason"]


def test_times_carry_the_offset_of_the_plans_zone_whatever_zone_they_came_in():
    plan = day_plan()
    abroad = replace(plan.routes[0], starts_at=plan.routes[0].starts_at.astimezone(UTC))
    said = present.plan_dict(replace(plan, routes=(abroad,)))["routes"][0]
    assert said["starts_at"] == "2026-11-24T08:05:00-06:00"
    assert said["stops"][1]["arrives_at"] == "2026-11-24T09:30:05-06:00"
    assert said["breaks"] == [{"starts_at": "2026-11-24T08:50:00-06:00", "ends_at": "2026-11-24T09:20:00-06:00"}]


def test_the_objective_lists_every_component_and_they_add_up():
    said = present.plan_dict(day_plan())["objective"]
    total = said.pop("total")
    assert total == sum(said.values()) == 23_407
    assert set(said) == {
        "travel",
        "distance",
        "service",
        "fixed",
        "overtime",
        "late",
        "balance",
        "stability",
        "preference",
        "unserved",
    }


def test_the_history_is_a_list_of_time_total_and_engine():
    assert present.plan_dict(day_plan())["solver"]["history"] == [[0.123, 23_400, "insertion"]]


def test_a_remedy_is_an_object_with_its_own_keys_or_null():
    far, early = present.plan_dict(day_plan())["unassigned"]
    assert far == {
        "job_id": "J10",
        "reasons": [{"code": "unreachable", "message": "No road leads there.", "remedy": None}],
    }
    assert early["reasons"][0]["remedy"] == {
        "kind": "window", "subject_id": "J9", "field": "window_end", "from": "12:00", "to": "12:25",
        "message": "Ana comes at 12:25.", "extra_points": 740, "verified": True,
    }  # fmt: skip
    assert early["reasons"][1]["remedy"]["field"] is None
    assert early["reasons"][1]["remedy"]["to"] == {"id": "N1", "trades": "roofer"}


def test_the_summary_counts_jobs_people_and_the_weight_of_what_is_left():
    assert present.summary(day_plan()) == {
        "n_jobs": 4, "n_assigned": 2, "n_contractors": 3, "n_contractors_used": 1,
        "travel_s": 1800, "distance_m": 12_000, "wait_s": 300, "late_s": 0, "priority_unassigned": 100,
    }  # fmt: skip


def test_lateness_counts_from_the_end_of_the_window_to_the_start_of_service():
    plan = day_plan()
    first, second = plan.routes[0].stops
    late = replace(first, job=replace(first.job, window=Window(None, at(8, 18))))
    route = replace(plan.routes[0], stops=(late, second))
    assert present.summary(replace(plan, routes=(route,)))["late_s"] == 120


def test_the_digest_is_the_hash_of_the_contracts_text():
    # printf '%s' '{"routes":{"C1":[["J1","2026-11-24T14:20:00Z"],["Jé2","2026-11-24T15:30:05Z"]]},"unassigned":["J10","J9"]}' | sha256sum
    known = "sha256:6295795ff48d4487831ee0889120c05424f451bfce8393b810c9177b001d52d7"
    assert present.plan_dict(day_plan())["digest"] == known
    assert present.digest(day_plan().routes, ["J9", "J10"]) == known


def test_the_digest_sees_neither_the_order_of_routes_nor_people_without_a_stop():
    (route,) = day_plan().routes
    idle = replace(route, contractor=replace(route.contractor, id="C0"), stops=())
    other = replace(route, contractor=replace(route.contractor, id="C2"), stops=route.stops[:1])
    assert present.digest([route, idle, other], []) == present.digest([other, route], [])


def test_the_digest_changes_with_one_second():
    (route,) = day_plan().routes
    first, second = route.stops
    later = replace(first, service_starts_at=first.service_starts_at + timedelta(seconds=1))
    assert present.digest([replace(route, stops=(later, second))], []) != present.digest([route], [])


def test_a_contractor_without_a_stop_is_in_no_route():
    plan = day_plan()
    idle = replace(plan.routes[0], contractor=replace(plan.routes[0].contractor, id="C0"), stops=())
    said = present.plan_dict(replace(plan, routes=(idle, *plan.routes)))
    assert [route["contractor_id"] for route in said["routes"]] == ["C1"]
    assert said["summary"]["n_contractors_used"] == 1


def test_the_file_reads_back_as_the_plan_and_keeps_letters_as_they_are(tmp_path):
    present.write_json(day_plan(), tmp_path / "plan.json")
    text = (tmp_path / "plan.json").read_text(encoding="utf-8")
    assert json.loads(text) == present.plan_dict(day_plan())
    assert "Jé2" in text
    assert [file.name for file in tmp_path.iterdir()] == ["plan.json"]


def test_geojson_draws_the_road_and_puts_a_point_on_everything(tmp_path):
    plan = day_plan()
    ends_elsewhere = replace(plan.routes[0], contractor=replace(plan.routes[0].contractor, end=Point(-93.5, 41.5)))
    present.write_geojson(replace(plan, routes=(ends_elsewhere,)), tmp_path / "routes.geojson")
    said = json.loads((tmp_path / "routes.geojson").read_text(encoding="utf-8"))
    assert [feature["properties"]["kind"] for feature in said["features"]] == [
        "route", "home", "end", "stop", "stop", "unassigned", "unassigned",
    ]  # fmt: skip
    shapes = [shapely.from_geojson(json.dumps(feature)) for feature in said["features"]]
    assert all(shape.is_valid for shape in shapes)
    assert said["features"][0]["geometry"]["coordinates"] == [list(place) for place in LINE]
    second = said["features"][4]["properties"]
    assert (second["order"], second["job_id"], second["contractor_id"]) == (2, "Jé2", "C1")
    assert second["service_starts_at"] == "2026-11-24T09:30:05-06:00"
    assert said["features"][6]["properties"]["reasons"][0]["remedy"]["to"] == "12:25"


def test_a_route_without_geometry_is_drawn_from_place_to_place():
    route = replace(day_plan().routes[0], geometry="")
    assert present.geometry_lonlat(route).tolist() == [
        [-93.60, 41.58],
        [-93.61, 41.59],
        [-93.62, 41.60],
        [-93.60, 41.58],
    ]


def test_the_day_table_shows_times_window_job_drive_wait_and_reason():
    text = drawn(present.day_table(day_plan().routes[0]))
    assert "Ana Rojas (C1): 2 stops, 08:05 to 10:10, 30 min driving, 12.0 km" in text
    first = next(line for line in text.splitlines() if "J1 12 Main St" in line)
    assert first.split()[0] == "1"
    for said in ("08:15", "08:20", "08:00–09:00", " 10 ", " 5 ", "Nearest plumber."):
        assert said in first
    assert "any time" in text


def test_windows_in_another_zone_are_shown_by_the_plans_clocks():
    route = day_plan().routes[0]
    first, second = route.stops
    abroad = replace(first.job, window=Window(at(8).astimezone(UTC), at(9).astimezone(UTC)))
    assert "08:00–09:00" in drawn(present.day_table(replace(route, stops=(replace(first, job=abroad), second))))


def test_a_time_after_midnight_is_marked():
    (route,) = day_plan().routes
    assert "08:05 to 02:10+1" in drawn(present.day_table(replace(route, ends_at=at(10, 10) + timedelta(hours=16))))


def test_the_unassigned_table_names_cause_remedy_price_and_what_to_type():
    text = " ".join(drawn(present.unassigned_table(day_plan()), columns=400).split())
    assert "2 jobs not served" in text
    assert "→ Ana comes at 12:25. [J9 window_end: 12:00 → 12:25; +740 points]" in text
    assert "→ One more roofer. [add N1; its row is in plan.json; +3,600 points]" in text
    assert "No road leads there. (unreachable)" in text


def test_empty_tables_say_so():
    plan = day_plan(unassigned=())
    assert "Every job is served" in drawn(present.unassigned_table(plan))
    assert "No row was rejected" in drawn(present.rejected_table(plan))


def test_rejected_rows_are_shown_with_file_line_column_and_reason():
    text = drawn(
        present.rejected_table(day_plan(rejected_rows=(RejectedRow("jobs.csv", 48, "lat", "J5", "no latitude"),)))
    )
    for said in ("1 row rejected", "jobs.csv:48", "lat", "J5", "no latitude"):
        assert said in text


def test_names_are_neither_markup_nor_steer_the_terminal():
    (route,) = day_plan().routes
    hostile = replace(route, contractor=replace(route.contractor, name="[red]Ana[/] \x1b[2J\x07"))
    text = drawn(present.day_table(hostile))
    assert "[red]Ana[/]" in text
    assert "\x1b" not in text
    assert "\x07" not in text


def test_the_summary_says_what_is_served_what_it_costs_and_how_it_was_found():
    lines = present.summary_lines(day_plan(travel_time_source="straight"))
    assert lines[0] == "Tue 24 Nov 2026, America/Chicago"
    assert lines[1] == "served     2 of 4 jobs, by 1 of 3 contractors"
    assert lines[2] == "driving    30 min, 12.0 km; waiting 5 min"
    assert lines[3] == "objective  23,407 points = travel 1,800 + preference 7 + unserved 21,600"
    assert lines[4] == "search     trades 0.1.0, 2,000 solutions, stopped by limit_s, seed 1"
    assert "straight lines" in lines[5]


texts = st.text(max_size=200)


@given(name=texts, address=texts, message=texts)
def test_whatever_people_type_everything_fits_80_columns(name, address, message):
    plan = day_plan()
    (route,) = plan.routes
    first, second = route.stops
    first = replace(
        first,
        job=replace(first.job, address=address, window=Window(at(8), at(9) + timedelta(days=1))),
        reasons=(Reason("x", message),),
    )
    route = replace(route, contractor=replace(route.contractor, name=name), stops=(first, second))
    left = UnassignedJob(job("J9", address=address), (Reason("x", message, replace(WIDER, message=message, to=name)),))
    plan = replace(plan, routes=(route,), unassigned=(left,), search=replace(plan.search, version=address))
    console = Console(width=80, color_system=None)
    for table in (present.day_table(route), present.unassigned_table(plan)):
        for line in console.render_lines(table):
            assert sum(segment.cell_length for segment in line) <= 80
    assert all(len(line) <= 80 for line in present.summary_lines(plan))
