"""./trades demo plays the main job on the streets of Coquimbo and leaves its files behind."""

import json
import re
from datetime import date
from io import StringIO

import pytest
from rich.console import Console

from dispatch import demo
from dispatch.__main__ import main
from dispatch.commands import given, read_day
from dispatch.planning import Effort, plan_day
from routing.dataset import open_engine

ON = date(2026, 11, 24)


@pytest.fixture(scope="module")
def home(coquimbo, sample_home, tmp_path_factory):
    """A home of its own with the region that all share."""
    own = tmp_path_factory.mktemp("demo_home")
    (own / "regions").symlink_to(sample_home / "regions")
    return own


@pytest.fixture(scope="module")
def played(home):
    """The exit status and what was printed."""
    heard = StringIO()
    status = demo.run(home, Console(file=heard, width=140), seed=1, limit_s=0.5, on=ON)
    return status, heard.getvalue()


def test_the_demo_tells_who_is_nearest_what_is_planned_one_day_and_the_judges_word(played):
    status, said = played
    headings = re.findall(r"^(\d)  (.+?) ─", said, re.MULTILINE)
    assert status == 0
    assert [number for number, _ in headings] == ["1", "2", "3", "4"]
    assert "Ten plumbers nearest to the crossing of" in said
    assert re.search(r"^\d+ of 10 stand elsewhere than the straight line would put them\.$", said, re.MULTILINE)
    assert re.fullmatch(r"judge: 0 violations sha256:[0-9a-f]{64}", said.splitlines()[-1])


def test_the_nearest_are_in_the_order_of_the_road(played):
    drives = [float(minutes) for minutes in re.findall(r"\(C\d+\)\s+([\d.]+) min", played[1])]
    assert len(drives) == 10
    assert drives == sorted(drives)


def test_the_demo_leaves_the_plan_it_printed(played, home):
    plan = json.loads((home / "demo" / "plan.json").read_text(encoding="utf-8"))
    assert played[1].rstrip().endswith(plan["digest"])
    assert (plan["summary"]["n_jobs"], plan["timezone"], plan["travel_time_source"]) == (
        160,
        "America/Santiago",
        "osrm",
    )
    for name in ("routes.geojson", "map.html", "contractors.csv", "jobs.csv"):
        assert (home / "demo" / name).stat().st_size > 1000
        assert str(home / "demo" / name) in played[1]


def test_the_demos_files_are_a_day_that_check_accepts(played, home, monkeypatch, capsys):
    monkeypatch.setenv("TRADES_HOME", str(home))
    folder = home / "demo"
    files = ["--contractors", str(folder / "contractors.csv"), "--jobs", str(folder / "jobs.csv")]
    assert main(["check", str(folder / "plan.json"), "--region", "coquimbo", "--date", "2026-11-24", *files]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == played[1].splitlines()[-1]


def test_the_demo_ends_with_status_1_and_says_what_the_judge_finds(played, home, coquimbo, tmp_path):
    plan = json.loads((home / "demo" / "plan.json").read_text(encoding="utf-8"))
    del plan["unassigned"][0]
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    files = (home / "demo" / "contractors.csv", home / "demo" / "jobs.csv")
    heard = StringIO()
    with open_engine(coquimbo) as engine:
        day = read_day(given(*files, ON, coquimbo, None), engine)
        assert demo._print_end(tmp_path, day, engine, {}, Console(file=heard, width=140)) == 1
    assert "stop_lost: " in heard.getvalue()


def test_a_day_without_a_route_shows_no_contractors_day(minutes, desk):
    day = desk.write([{"id": "C1"}], [{"id": "J1", "trade": "roofer"}]).read(minutes)
    heard = StringIO()
    demo._print_plan(plan_day(day, minutes, Effort(limit_s=0)), Console(file=heard, width=140))
    assert "nobody has the trade 'roofer'" in heard.getvalue()
    assert "One contractor's day" not in heard.getvalue()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["demo"], "no region 'coquimbo'"), (["demo", "--date", "9999-12-31"], "lies outside 1970 to 2199")],
)
def test_what_keeps_the_demo_from_playing_is_said_with_status_2(arguments, says, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TRADES_HOME", str(tmp_path))
    assert main(arguments) == 2
    assert says in capsys.readouterr().err
