"""./trades demo plays the main job through database, server, queue and planner, and leaves its files behind."""

import itertools
import json
import re
from contextlib import closing
from datetime import date
from io import StringIO

import pytest
from rich.console import Console

from api import tour
from api.__main__ import main
from api.settings import Settings
from dispatch.__main__ import main as dispatch_main
from dispatch.commands import given, read_day
from routing.dataset import open_engine

ON = date(2026, 11, 24)


@pytest.fixture(scope="module")
def home(coquimbo, sample_home, tmp_path_factory):
    """A home of its own with the region that all share."""
    own = tmp_path_factory.mktemp("demo_home")
    (own / "regions").symlink_to(sample_home / "regions")
    return own


@pytest.fixture(scope="module")
def addressed(home, module_database_url, servers):
    """The environment that the commands see."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRADES_HOME", str(home))
        patch.setenv("DATABASE_URL", module_database_url)
        patch.setenv("REDIS_URL", servers.redis_url)
        yield Settings(home=home, database_url=module_database_url, redis_url=servers.redis_url)


def play(settings):
    heard = StringIO()
    status = tour.run(settings, Console(file=heard, width=140), seed=1, limit_s=0.5, on=ON)
    return status, heard.getvalue()


@pytest.fixture(scope="module")
def played(addressed):
    """The exit status and what was printed, the second time: with a plan in force."""
    play(addressed)
    return play(addressed)


def test_the_demo_tells_who_is_nearest_what_is_planned_one_day_and_the_judges_word(played):
    status, said = played
    headings = re.findall(r"^(\d)  (.+?) ─", said, re.MULTILINE)
    assert status == 0
    assert [number for number, _ in headings] == ["1", "2", "3", "4"]
    assert "Plumbers soonest at the crossing of" in said
    assert re.search(r"^\d+ of \d+ stand elsewhere than the straight line would put them\.$", said, re.MULTILINE)
    assert "In force: version 2 of the day" in said
    assert re.fullmatch(r"judge: 0 violations sha256:[0-9a-f]{64}", said.splitlines()[-1])


def test_the_soonest_are_in_the_order_of_free_at_and_drive(played):
    rows = re.findall(r"^ +\d+  C\d+ +(\d\d:\d\d) +([\d.]+) min", played[1], re.MULTILINE)
    doors = [int(at[:2]) * 60 + int(at[3:]) + float(drive) for at, drive in rows]
    assert len(doors) == 10
    assert all(door <= later + 1 for door, later in itertools.pairwise(doors))


def test_the_demo_leaves_the_plan_it_printed_under_the_ids_of_its_files(played, home):
    plan = json.loads((home / "demo" / "plan.json").read_text(encoding="utf-8"))
    assert played[1].rstrip().endswith(plan["digest"])
    assert (plan["summary"]["n_jobs"], plan["timezone"], plan["travel_time_source"]) == (
        160,
        "America/Santiago",
        "osrm",
    )
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", json.dumps(plan))
    for name in ("routes.geojson", "map.html", "contractors.csv", "jobs.csv"):
        assert (home / "demo" / name).stat().st_size > 1000
        assert str(home / "demo" / name) in played[1]


def test_the_demos_files_are_a_day_that_check_accepts(played, home, capsys):
    folder = home / "demo"
    files = ["--contractors", str(folder / "contractors.csv"), "--jobs", str(folder / "jobs.csv")]
    checked = ["check", str(folder / "plan.json"), "--region", "coquimbo", "--date", "2026-11-24", *files]
    assert dispatch_main(checked) == 0
    assert capsys.readouterr().out.splitlines()[-1] == played[1].splitlines()[-1]


def test_the_judge_s_word_is_the_exit_status(played, home, coquimbo, tmp_path):
    plan = json.loads((home / "demo" / "plan.json").read_text(encoding="utf-8"))
    del plan["unassigned"][0]
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    files = (home / "demo" / "contractors.csv", home / "demo" / "jobs.csv")
    heard = StringIO()
    with closing(open_engine(coquimbo)) as engine:
        day = read_day(given(*files, ON, coquimbo, None), engine)
        assert tour.tell_verdict(tmp_path / "plan.json", day, engine, Console(file=heard, width=140)) == 1
    assert "stop_lost: " in heard.getvalue()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["tour"], "no region 'coquimbo'"), (["tour", "--date", "9999-12-31"], "lies outside 1970 to 2199")],
)
def test_what_keeps_the_demo_from_playing_is_said_with_status_2(
    addressed, arguments, says, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("TRADES_HOME", str(tmp_path))
    assert main(arguments) == 2
    assert says in capsys.readouterr().err
