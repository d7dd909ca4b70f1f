"""./trades plan and ./trades check as somebody at a terminal meets them: files, streams and exit codes."""

import json
from dataclasses import replace
from datetime import date
from io import StringIO

import pytest
from osrm_server import OsrmServer
from rich.console import Console

from dispatch import commands
from dispatch.__main__ import main
from dispatch.planning import Effort
from routing.best import Progress

PEOPLE = [{"id": "C1", "name": "Ana", "lon": -93.62, "lat": 41.58}]
JOBS = [
    {"id": "J1", "lon": -93.61, "lat": 41.585},
    {"id": "J2", "lon": -93.615, "lat": 41.59, "window_start": "10:00", "window_end": "11:00"},
    {"id": "J3", "lon": -93.612, "lat": 41.583, "trade": "plumer"},
]
BAD_ROW = {"id": "J4", "lon": -93.612, "lat": 41.583, "duration_min": 0}


@pytest.fixture(autouse=True)
def home(towns, towns_home, monkeypatch):
    monkeypatch.setenv("TRADES_HOME", str(towns_home))
    monkeypatch.setenv("COLUMNS", "200")
    return towns_home


@pytest.fixture
def trades(desk, capsys):
    """Run a command on the desk; its exit status, stdout and stderr."""

    def run(command, *options, region=("--region", "towns")):
        capsys.readouterr()
        status = main([command, *region, *desk.arguments(), *map(str, options)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_without_out_stdout_is_the_json_alone_and_everything_else_goes_to_stderr(desk, trades):
    desk.write(PEOPLE, JOBS)
    status, out, err = trades("plan", "--limit-s", "0")
    plan = json.loads(out)
    assert status == 0
    assert (plan["date"], plan["timezone"], plan["limit_s"]) == ("2026-11-24", "America/Chicago", 0)
    assert out.startswith("{")
    assert out.endswith("}\n")
    assert "objective" in err
    assert "did you mean 'plumber'?" in err
    assert "took       matrix" in err


def test_with_out_the_files_asked_for_are_written_and_stdout_stays_empty(desk, trades, tmp_path):
    desk.write(PEOPLE, JOBS)
    plan, lines, page = (tmp_path / name for name in ("p.json", "r.geojson", "r.html"))
    status, out, _ = trades("plan", "--budget-iterations", 5, "--out", plan, "--geojson", lines, "--map", page)
    assert (status, out) == (0, "")
    said = json.loads(plan.read_text(encoding="utf-8"))
    assert (said["limit_s"], said["budget_iterations"], said["travel_time_source"]) == (None, 5, "osrm")
    assert json.loads(lines.read_text(encoding="utf-8"))["type"] == "FeatureCollection"
    assert "towns, 24 Nov 2026" in page.read_text(encoding="utf-8")


def test_a_data_set_folder_serves_as_well_as_a_region(desk, trades, towns):
    desk.write(PEOPLE, JOBS)
    status, out, _ = trades("plan", "--limit-s", "0", region=("--graph", str(towns.folder)))
    assert (status, json.loads(out)["summary"]["n_assigned"]) == (0, 2)


def test_roads_are_asked_of_the_server_that_osrm_url_names_and_its_absence_is_told(desk, trades, towns, monkeypatch):
    desk.write(PEOPLE, JOBS)
    server = OsrmServer(towns).start()
    monkeypatch.setenv("OSRM_URL", server.url)
    there = json.loads(trades("plan", "--limit-s", "0")[1])
    server.stop()
    away = json.loads(trades("plan", "--limit-s", "0")[1])
    folder = json.loads(trades("plan", "--limit-s", "0", region=("--graph", str(towns.folder)))[1])
    monkeypatch.delenv("OSRM_URL")
    ours = json.loads(trades("plan", "--limit-s", "0")[1])
    assert [plan["travel_time_source"] for plan in (there, away, folder, ours)] == ["osrm", "straight", "osrm", "osrm"]
    assert there["digest"] == ours["digest"]


def test_an_osrm_url_that_is_none_is_refused(desk, trades, monkeypatch):
    monkeypatch.setenv("OSRM_URL", "roads:5000")
    status, _, err = trades("plan", "--limit-s", "0")
    assert status == 2
    assert "OSRM_URL 'roads:5000' is no address" in err


def test_a_row_that_cannot_be_used_is_told_and_the_run_goes_on(desk, trades):
    desk.write(PEOPLE, [*JOBS, BAD_ROW])
    status, out, err = trades("plan", "--limit-s", "0")
    assert status == 0
    assert [row["id"] for row in json.loads(out)["rejected_rows"]] == ["J4"]
    assert "rejected jobs.csv line 5, duration_min, id J4: duration_min '0'" in err


def test_strict_plans_nothing_and_writes_nothing_when_a_row_cannot_be_used(desk, trades, tmp_path):
    desk.write(PEOPLE, [*JOBS, BAD_ROW])
    status, out, err = trades("plan", "--strict", "--out", tmp_path / "p.json")
    assert (status, out) == (1, "")
    assert "1 row cannot be used and --strict was asked for: nothing was planned" in err
    assert not (tmp_path / "p.json").exists()


def test_strict_plans_when_all_rows_can_be_used(desk, trades):
    desk.write(PEOPLE, JOBS)
    assert trades("plan", "--strict", "--limit-s", "0")[0] == 0


def test_nothing_usable_is_an_error_that_names_the_first_row(desk, trades):
    desk.write(PEOPLE, [BAD_ROW])
    status, out, err = trades("plan")
    assert (status, out) == (2, "")
    assert "no row of it can be used (1 rejected); line 2: duration_min '0'" in err


def test_a_file_of_headings_alone_is_an_error_without_a_row(desk, trades):
    desk.write([], JOBS)
    status, _, err = trades("plan")
    assert status == 2
    assert "contractors.csv" in err
    assert "no row of it can be used (0 rejected)" in err


def test_a_clock_time_that_comes_twice_is_told_as_a_warning(desk, trades):
    desk.write(PEOPLE, [{**JOBS[0], "window_start": "01:30"}])
    files = desk.arguments()[:-1]
    status = main(
        ["plan", "--region", "towns", *files, "2026-11-01", "--limit-s", "0", "--out", str(desk.folder / "p")]
    )
    assert status == 0
    assert "01:30 on 2026-11-01 comes twice" in json.loads((desk.folder / "p").read_text())["warnings"][0]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--tz", "Mars/Base"], "--tz 'Mars/Base' is not a time zone; write for example America/Chicago"),
        (["--tz", "America"], "--tz 'America' is not a time zone"),
        (["--tz", "../zone"], "is not a time zone"),
        (["--out", "/no/such/folder/p.json"], "there is no folder /no/such/folder; make it first"),
        (["--geojson", "/no/such/folder/r.json"], "there is no folder /no/such/folder; make it first"),
        (["--map", "/"], "cannot write /: it is a folder; give the name of a file in it"),
    ],
)
def test_what_cannot_be_done_is_refused_before_the_search(desk, trades, options, says):
    desk.write(PEOPLE, JOBS)
    status, out, err = trades("plan", *options)
    assert (status, out) == (2, "")
    assert says in err
    assert "· search" not in err


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_that_nobody_can_mean_is_refused(desk, capsys, day):
    desk.write(PEOPLE, JOBS)
    assert main(["plan", "--region", "towns", *desk.arguments()[:-1], day]) == 2
    assert f"--date {day} lies outside 1970 to 2199" in capsys.readouterr().err


def test_an_unknown_region_is_refused_with_those_there_are(desk, trades):
    desk.write(PEOPLE, JOBS)
    status, _, err = trades("plan", region=("--region", "atlantis"))
    assert status == 2
    assert "no region 'atlantis'; there are: towns" in err


@pytest.mark.parametrize(
    "option",
    [
        ["--limit-s", "nan"],
        ["--limit-s", "-1"],
        ["--seed", "1.5"],
        ["--date", "24.11."],
        ["--budget-iterations", "1e9"],
    ],
)
def test_an_option_that_cannot_be_read_ends_with_status_2_and_its_text(desk, trades, option, capsys):
    desk.write(PEOPLE, JOBS)
    with pytest.raises(SystemExit) as ended:
        trades("plan", *option)
    assert ended.value.code == 2
    assert repr(option[1]) in capsys.readouterr().err


def test_more_iterations_than_anybody_can_mean_are_refused(desk, trades, capsys):
    with pytest.raises(SystemExit) as ended:
        trades("plan", "--budget-iterations", 10**20)
    assert ended.value.code == 2
    assert "is more than 1,000,000,000; write fewer" in capsys.readouterr().err


def test_both_budgets_together_are_refused(desk, trades):
    with pytest.raises(SystemExit) as ended:
        trades("plan", "--limit-s", 1, "--budget-iterations", 1)
    assert ended.value.code == 2


@pytest.fixture
def plan_file(desk, trades):
    desk.write(PEOPLE, JOBS)
    path = desk.folder / "plan.json"
    assert trades("plan", "--limit-s", "0", "--out", path)[0] == 0
    return path


def test_check_accepts_a_good_plan_and_prints_its_price_and_digest(trades, plan_file):
    plan = json.loads(plan_file.read_text(encoding="utf-8"))
    status, out, _ = trades("check", plan_file)
    lines = [line.split() for line in out.splitlines()]
    assert status == 0
    assert ["total", f"{plan['objective']['total']:,}", "points"] in lines
    assert ["unserved", "10,800"] in lines
    assert out.splitlines()[-1] == f"judge: 0 violations {plan['digest']}"


def test_check_ends_with_status_1_and_names_what_is_wrong(trades, plan_file):
    plan = json.loads(plan_file.read_text(encoding="utf-8"))
    plan["unassigned"] = []
    plan_file.write_text(json.dumps(plan), encoding="utf-8")
    status, out, _ = trades("check", plan_file)
    assert status == 1
    assert "stop_lost: J3 is neither served nor listed as unassigned" in out
    assert "judge: 4 violations" in out


def test_check_of_a_plan_about_strangers_names_no_price(trades, plan_file):
    plan = json.loads(plan_file.read_text(encoding="utf-8"))
    plan["routes"][0]["contractor_id"] = "[bold]eve"
    plan_file.write_text(json.dumps(plan), encoding="utf-8")
    status, out, _ = trades("check", plan_file)
    assert status == 1
    assert "unknown_vehicle: no vehicle is called '[bold]eve'" in out
    assert "points" not in out.splitlines()[-2]


@pytest.mark.parametrize(("text", "says"), [("{", "it is not JSON"), ("{}", "routes lacks 'routes'")])
def test_check_of_a_file_that_is_no_plan_ends_with_status_2(trades, plan_file, text, says):
    plan_file.write_text(text, encoding="utf-8")
    status, _, err = trades("check", plan_file)
    assert status == 2
    assert says in err


def test_check_of_a_plan_that_is_not_there_ends_with_status_2(trades, plan_file):
    status, _, err = trades("check", plan_file.with_name("none.json"))
    assert status == 2
    assert "No such file" in err


def listen(effort, *, terminal):
    """What somebody sees while a search tells of a step and of a better plan."""
    heard = StringIO()
    console = Console(file=heard, force_terminal=terminal, width=120, color_system=None)
    with commands.progress(console, effort) as told:
        told.on_step("search")
        told.on_progress(Progress(1.5, 3000, total=1234, bound=900, n_left_out=2, engine="local search", orders=[]))
    return told, heard.getvalue()


def test_elsewhere_than_on_a_terminal_each_phase_is_a_line():
    told, heard = listen(Effort(limit_s=3.0, seed=5), terminal=False)
    assert heard == "· search\n"
    assert (told.limit_s, told.seed) == (3.0, 5)


@pytest.mark.parametrize("effort", [Effort(limit_s=3.0), Effort(limit_s=None, iterations=9)])
def test_on_a_terminal_one_line_changes_and_nothing_stays(effort):
    told, heard = listen(effort, terminal=True)
    assert "\n· " not in heard
    assert (told.limit_s, told.iterations) == (effort.limit_s, effort.iterations)


def test_clock_times_of_a_region_without_a_time_zone_are_utc_and_that_is_said(desk, towns, capsys):
    nowhere = replace(towns, timezone="UTC")
    people, jobs = desk.write([{**PEOPLE[0], "shift_end": "23:00"}], JOBS[:1]).files
    of = commands.given(people, jobs, date(2026, 11, 24), nowhere, None)
    console = Console(stderr=True, width=200)
    status = commands.plan(of, Effort(limit_s=0), console, out=None, geojson=None, map_file=None, strict=False)
    said = capsys.readouterr()
    assert (status, json.loads(said.out)["timezone"]) == (0, "UTC")
    assert "the region's time zone is unknown; clock times are read as UTC (set --tz)" in said.err
