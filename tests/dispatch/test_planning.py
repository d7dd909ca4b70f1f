"""From two CSV files to a judged plan, through the command line, on the real streets of Coquimbo."""

import csv
import json
import random
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from dispatch.__main__ import main
from dispatch.generate import generate_day, street_places
from dispatch.tables import write_contractors, write_jobs

ON = date(2026, 11, 24)
DAY = ["--region", "coquimbo", "--date", "2026-11-24"]


@pytest.fixture(scope="module")
def files(coquimbo, coquimbo_engine, tmp_path_factory):
    """A day of 26 people and 160 jobs with every trap, as two files."""
    folder = tmp_path_factory.mktemp("day")
    tz = ZoneInfo(coquimbo.timezone)
    places = street_places(coquimbo_engine, coquimbo.outline, 1, 320)
    day = generate_day(places, ON, tz, seed=1, with_traps=True)
    write_contractors(folder / "contractors.csv", day.contractors, tz, ON)
    write_jobs(folder / "jobs.csv", day.jobs, tz, ON)
    return folder


@pytest.fixture
def home(sample_home, coquimbo, monkeypatch):
    monkeypatch.setenv("TRADES_HOME", str(sample_home))
    return sample_home


def given_files(folder):
    return ["--contractors", str(folder / "contractors.csv"), "--jobs", str(folder / "jobs.csv")]


def planned(folder, out, *options):
    assert main(["plan", *DAY, *given_files(folder), "--out", str(out), *options]) == 0
    return json.loads(out.read_text(encoding="utf-8"))


def edited(path, to, change):
    """A plan file with a change made by hand."""
    said = json.loads(path.read_text(encoding="utf-8"))
    change(said)
    to.write_text(json.dumps(said), encoding="utf-8")
    return to


def checked(plan, folder, capsys):
    capsys.readouterr()
    status = main(["check", str(plan), *DAY, *given_files(folder)])
    return status, capsys.readouterr().out


@pytest.fixture(scope="module")
def plan_file(files, sample_home, coquimbo, tmp_path_factory):
    out = tmp_path_factory.mktemp("plan") / "plan.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRADES_HOME", str(sample_home))
        planned(files, out, "--budget-iterations", "150")
    return out


def test_every_job_left_out_has_a_reason_and_a_verified_remedy(plan_file):
    plan = json.loads(plan_file.read_text(encoding="utf-8"))
    assert plan["unassigned"]
    for left in plan["unassigned"]:
        first = left["reasons"][0]
        assert first["remedy"] is not None or first["code"] in ("unreachable", "too_long")
        assert all(reason["remedy"]["verified"] for reason in left["reasons"] if reason["remedy"])
    codes = {left["reasons"][0]["code"] for left in plan["unassigned"]}
    assert {"no_skill", "too_long"} <= codes


def test_a_trade_nobody_has_is_left_out_with_the_nearest_spelling(plan_file):
    said = [r["message"] for left in json.loads(plan_file.read_text())["unassigned"] for r in left["reasons"]]
    assert "nobody has the trade 'plumer'; did you mean 'plumber'?" in said


def test_every_stop_says_why_this_contractor(plan_file):
    plan = json.loads(plan_file.read_text(encoding="utf-8"))
    stops = [stop for route in plan["routes"] for stop in route["stops"]]
    assert all(stop["reasons"] for stop in stops)
    assert {"cheapest", "no_room_elsewhere"} <= {stop["reasons"][-1]["code"] for stop in stops}


def test_a_remedy_typed_into_the_files_is_a_remedy(files, plan_file, home, tmp_path):
    """Each cell that a remedy names is changed in a copy; the job is then served or cheaper to leave than to serve."""
    plan = json.loads(plan_file.read_text(encoding="utf-8"))
    before = {left["job_id"] for left in plan["unassigned"]}
    left, remedy = next(
        (left, left["reasons"][0]["remedy"])
        for left in plan["unassigned"]
        if left["reasons"][0]["code"] == "no_skill" and left["reasons"][0]["remedy"]["field"] == "trades"
    )
    with (files / "contractors.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["id"] == remedy["subject_id"]:
            assert row["trades"] == remedy["from"]
            row["trades"] = remedy["to"]
    with (tmp_path / "contractors.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    (tmp_path / "jobs.csv").write_text((files / "jobs.csv").read_text(encoding="utf-8"), encoding="utf-8")
    after = planned(tmp_path, tmp_path / "again.json", "--budget-iterations", "150")
    assert left["job_id"] in before - {unserved["job_id"] for unserved in after["unassigned"]}


def test_shuffled_rows_give_the_same_digest(files, plan_file, home, tmp_path):
    for name in ("contractors.csv", "jobs.csv"):
        heading, *rows = (files / name).read_text(encoding="utf-8").splitlines()
        random.Random(3).shuffle(rows)
        (tmp_path / name).write_text("\n".join([heading, *rows, ""]), encoding="utf-8")
    again = planned(tmp_path, tmp_path / "again.json", "--budget-iterations", "150")
    assert again["digest"] == json.loads(plan_file.read_text(encoding="utf-8"))["digest"]


def test_files_for_maps_are_written_beside_the_plan(files, home, tmp_path):
    geojson, page = tmp_path / "routes.geojson", tmp_path / "routes.html"
    planned(files, tmp_path / "p.json", "--limit-s", "0", "--geojson", str(geojson), "--map", str(page))
    assert json.loads(geojson.read_text(encoding="utf-8"))["type"] == "FeatureCollection"
    assert "OpenStreetMap" in page.read_text(encoding="utf-8")


def test_without_out_the_json_goes_to_stdout_alone(files, home, capsys):
    assert main(["plan", *DAY, *given_files(files), "--limit-s", "0"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["date"] == "2026-11-24"
    assert "objective" in said.err


def test_the_judge_accepts_the_plan_and_prints_its_digest(files, plan_file, home, capsys):
    status, said = checked(plan_file, files, capsys)
    assert (status, said.splitlines()[-1].split()[:3]) == (0, ["judge:", "0", "violations"])
    assert said.split()[-1] == json.loads(plan_file.read_text(encoding="utf-8"))["digest"]


def first_route(plan):
    return next(route for route in plan["routes"] if len(route["stops"]) > 1)


def first_stop(plan):
    return first_route(plan)["stops"][0]


def with_break(plan):
    return next(route for route in plan["routes"] if route["breaks"])


PLANTED = {
    "leg_wrong": lambda plan: first_stop(plan).update(travel_s=first_stop(plan)["travel_s"] + 60),
    "service_early": lambda plan: first_stop(plan).update(service_starts_at="2026-11-24T00:00:00-03:00"),
    "stop_lost": lambda plan: plan["unassigned"].pop(),
    "stop_repeated": lambda plan: plan["unassigned"].append({"job_id": first_stop(plan)["job_id"]}),
    "unknown_stop": lambda plan: first_stop(plan).update(job_id="nobody"),
    "unknown_vehicle": lambda plan: first_route(plan).update(contractor_id="nobody"),
    "vehicle_repeated": lambda plan: plan["routes"].append(first_route(plan)),
    "break_missing": lambda plan: with_break(plan).update(breaks=[]),
    "shift_early": lambda plan: first_route(plan).update(starts_at="2026-11-24T01:00:00-03:00"),
    "total_wrong": lambda plan: first_route(plan).update(wait_s=first_route(plan)["wait_s"] + 1),
    "objective_wrong": lambda plan: plan["objective"].update(total=plan["objective"]["total"] - 1),
    "digest_wrong": lambda plan: plan.update(digest="sha256:0"),
    "summary_wrong": lambda plan: plan["summary"].update(n_assigned=plan["summary"]["n_assigned"] + 1),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_what_is_wrong_with_a_hand_made_plan_is_found(kind, files, plan_file, home, tmp_path, capsys):
    status, said = checked(edited(plan_file, tmp_path / "bad.json", PLANTED[kind]), files, capsys)
    assert status == 1
    assert f"{kind}: " in said


def test_a_hand_made_plan_may_leave_out_what_can_be_worked_out(files, plan_file, home, tmp_path, capsys):
    def bare(plan):
        for name in ("objective", "summary", "digest", "solver", "phases"):
            del plan[name]
        for route in plan["routes"]:
            for name in ("travel_s", "distance_m", "service_s", "wait_s"):
                del route[name]
            for stop in route["stops"]:
                for name in ("travel_s", "distance_m", "wait_s", "reasons"):
                    del stop[name]

    assert checked(edited(plan_file, tmp_path / "bare.json", bare), files, capsys)[0] == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not JSON"),
        ("[]", "a JSON object"),
        ('{"routes": []}', "unassigned lacks 'unassigned'"),
        ('{"routes": [{"contractor_id": "C01"}], "unassigned": []}', "routes[0] lacks 'stops'"),
        (
            (
                '{"routes": [{"contractor_id": "C01", "stops": [], "starts_at": "2026-11-24T08:00:00", "ends_at": ""}],'
                ' "unassigned": []}'
            ),
            "has no offset",
        ),
    ],
)
def test_a_file_that_is_no_plan_is_refused_by_name(text, says, files, home, tmp_path, capsys):
    bad = tmp_path / "bad.json"
    bad.write_text(text, encoding="utf-8")
    assert main(["check", str(bad), *DAY, *given_files(files)]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert "bad.json" in said


def test_a_plan_that_is_not_there_is_refused(files, home, tmp_path, capsys):
    assert main(["check", str(tmp_path / "none.json"), *DAY, *given_files(files)]) == 2
    assert "No such file" in capsys.readouterr().err


ROWS = {
    "swapped": ("J1,plumber,-29.9,-71.25,30,,", "swapped"),
    "far": ("J1,plumber,-72.5,-30.5,30,,", "m from the nearest road"),
    "closed": ("J1,plumber,-71.25,-29.9,30,12:00,11:00", "window"),
    "none": ("J1,plumber,-71.25,-29.9,0,,", "duration_min"),
    "long": ("J1,plumber,-71.25,-29.9,2400,,", "duration_min"),
}


def small(folder, job, *, contractor="C1,Ana,plumber,-71.25,-29.905,08:00,16:00"):
    (folder / "contractors.csv").write_text(f"id,name,trades,lon,lat,shift_start,shift_end\n{contractor}\n")
    heading = "id,trade,lon,lat,duration_min,window_start,window_end"
    (folder / "jobs.csv").write_text(f"{heading}\nJ0,plumber,-71.251,-29.906,30,,\n{job}\n")
    return folder


@pytest.mark.parametrize("name", ROWS)
def test_a_row_that_cannot_be_used_is_named_and_the_rest_is_planned(name, home, tmp_path, capsys):
    row, says = ROWS[name]
    plan = planned(small(tmp_path, row), tmp_path / "p.json", "--limit-s", "0")
    assert (plan["summary"]["n_assigned"], [r["id"] for r in plan["rejected_rows"]]) == (1, ["J1"])
    assert says in plan["rejected_rows"][0]["reason"] + plan["rejected_rows"][0]["column"]
    assert "rejected jobs.csv line 3" in capsys.readouterr().err


def test_strict_plans_nothing_when_a_row_cannot_be_used(home, tmp_path):
    folder = small(tmp_path, ROWS["none"][0])
    assert main(["plan", *DAY, *given_files(folder), "--strict", "--out", str(tmp_path / "p.json")]) == 1
    assert not (tmp_path / "p.json").exists()


def test_a_contractor_far_from_any_road_is_rejected_and_nobody_left_is_said(home, tmp_path, capsys):
    folder = small(tmp_path, ROWS["none"][0], contractor="C1,Ana,plumber,-72.5,-30.5,08:00,16:00")
    assert main(["plan", *DAY, *given_files(folder)]) == 2
    assert "no row of it can be used" in capsys.readouterr().err


def test_a_shift_over_midnight_serves_a_job_at_night(home, tmp_path):
    folder = small(
        tmp_path, "J1,plumber,-71.25,-29.9,30,25:30,26:30", contractor="C1,Ana,plumber,-71.25,-29.905,22:00,06:00"
    )
    plan = planned(folder, tmp_path / "p.json", "--limit-s", "0")
    night = next(s for route in plan["routes"] for s in route["stops"] if s["job_id"] == "J1")
    assert night["service_starts_at"] == "2026-11-25T01:30:00-03:00"


def test_wishes_and_prices_of_the_files_reach_the_reasons(home, tmp_path):
    (tmp_path / "contractors.csv").write_text(
        "id,name,trades,lon,lat,shift_start,shift_end,max_jobs,max_travel_min\n"
        "C1,Ana,plumber;roofer,-71.25,-29.905,08:00,16:00,2,\n"
        "C2,Ben,plumber,-71.26,-29.95,08:00,16:00,,1\n"
    )
    heading = "id,trade,lon,lat,duration_min,window_start,window_end,unserved_cost,preferred_contractor"
    (tmp_path / "jobs.csv").write_text(
        f"{heading},required_contractor,excluded_contractors\n"
        "J0,plumber,-71.251,-29.906,30,,,,C1,,\n"
        "J1,plumber,-71.252,-29.907,30,,,,,C1,\n"
        "J2,plumber,-71.253,-29.908,30,,,,,,C2\n"
        "J3,plumber,-71.253,-29.909,30,,,1,,,\n"
        "J4,roofer,-71.253,-29.908,30,06:00,07:00,,,,C1\n"
        "J5,plumber,-71.253,-29.91,30,,,,,C2,\n"
        "J6,plumber,-71.253,-29.91,30,,,,,C9,\n"
    )
    plan = planned(tmp_path, tmp_path / "p.json", "--budget-iterations", "50")
    left = {job["job_id"]: job["reasons"] for job in plan["unassigned"]}
    kinds = {reason["remedy"]["kind"] for reasons in left.values() for reason in reasons if reason["remedy"]}
    assert {"max_jobs", "max_travel", "contractor"} <= kinds
    assert all(reasons[0]["remedy"] for reasons in left.values())
    assert plan["summary"]["n_assigned"] + len(left) == 7


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["plan", "--region", "atlantis", "--date", "2026-11-24"], "no region 'atlantis'; there are: coquimbo"),
        (["plan", "--region", "coquimbo", "--date", "2026-11-24", "--tz", "Mars/Base"], "is not a time zone"),
        (["plan", "--graph", "/nowhere", "--date", "2026-11-24"], "ingest region"),
    ],
)
def test_what_cannot_be_acted_on_is_said_with_a_remedy(arguments, says, files, home, capsys):
    assert main([*arguments, *given_files(files)]) == 2
    assert says in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    "option", [["--date", "24.11.2026"], ["--limit-s", "soon"], ["--limit-s", "-1"], ["--seed", "-1"]]
)
def test_an_option_that_cannot_be_read_ends_with_its_form(option, files, home, capsys):
    with pytest.raises(SystemExit):
        main(["plan", *DAY, *given_files(files), *option])
    assert option[1] in capsys.readouterr().err


def test_the_demo_ends_with_the_judges_word_and_leaves_its_files(home, capsys):
    assert main(["demo", "--limit-s", "1"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[-1].startswith("judge: 0 violations sha256:")
    assert "Ten plumbers nearest" in said
    plan = json.loads((home / "demo" / "plan.json").read_text(encoding="utf-8"))
    assert plan["summary"]["n_jobs"] == 160
    assert (home / "demo" / "map.html").is_file()
