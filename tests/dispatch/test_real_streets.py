"""A whole day of 160 jobs through the command line on the real streets of Coquimbo: what the product promises."""

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


def test_the_judge_accepts_the_plan_and_prints_its_digest(files, plan_file, home, capsys):
    status, said = checked(plan_file, files, capsys)
    assert (status, said.splitlines()[-1].split()[:3]) == (0, ["judge:", "0", "violations"])
    assert said.split()[-1] == json.loads(plan_file.read_text(encoding="utf-8"))["digest"]
