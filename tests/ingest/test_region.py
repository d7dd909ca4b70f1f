"""From an extract to a region in force, by function and by command."""

import fcntl
import io
import json
import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from tiny_extracts import KIEL, STEP_DEG, one_town

from ingest import __main__ as command
from ingest.region import ingest_region
from routing import dataset
from routing.errors import UnreadableFile
from routing.region import InvalidRegionName
from routing.roads import read_roads

PROJECT = Path(dataset.__file__).parents[1]


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TRADES_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="module")
def kiel(tmp_path_factory):
    return one_town(tmp_path_factory.mktemp("extracts") / "kiel.osm.pbf")


def test_an_ingested_region_is_in_force_with_its_details_and_lines(home, kiel):
    done = ingest_region(home, "kiel", extract=kiel)
    assert done.built
    assert dataset.regions(home) == [done.region]
    assert done.region.timezone == "Europe/Berlin"
    assert done.region.statistics["n_ways"] == 8
    drawn = read_roads(done.region.folder)
    assert [kind for kind, _ in drawn] == ["residential"] * 8
    assert np.abs(drawn[0][1] - [(KIEL[0] + i * STEP_DEG, KIEL[1]) for i in range(4)]).max() < 1e-6


def test_every_step_has_its_seconds_and_the_memory_is_that_of_a_process(home, kiel):
    done = ingest_region(home, "kiel", extract=kiel)
    assert set(done.seconds) == {"read and describe", "extract", "partition", "customize", "switch"}
    assert all(0 <= seconds < 60 for seconds in done.seconds.values())
    assert 30 < done.peak_memory_mb < 10_000


def test_the_same_extract_again_changes_nothing_and_reads_nothing(home, kiel):
    first = ingest_region(home, "kiel", extract=kiel)
    told = []
    again = ingest_region(home, "kiel", extract=kiel, progress=lambda *step: told.append(step))
    assert not again.built
    assert again.region == first.region
    assert (again.seconds, told) == ({}, [])


def test_a_sample_again_is_skipped_because_its_bytes_are_the_same(coquimbo, sample_home):
    again = ingest_region(sample_home, "coquimbo", sample="coquimbo")
    assert not again.built
    assert again.region == coquimbo


def test_the_outline_of_a_sample_holds_its_roads_and_its_time_zone_is_right(coquimbo, helsinki):
    assert coquimbo.timezone == "America/Santiago"
    assert helsinki.timezone == "Europe/Helsinki"
    assert coquimbo.statistics["n_ways"] == 19_846
    west, south, east, north = coquimbo.outline.bounds
    assert (-71.8, -30.4) < (west, south) < (east, north) < (-70.8, -29.5)
    for region in (coquimbo, helsinki):
        drawn = np.vstack([line for _, line in read_roads(region.folder)])
        assert region.outline.bounds[0] < drawn[:, 0].min()
        assert drawn[:, 0].max() < region.outline.bounds[2]


def test_nothing_is_written_for_a_name_or_an_extract_that_cannot_be_used(home, kiel, tmp_path):
    broken = tmp_path / "broken.osm.pbf"
    broken.write_bytes(kiel.read_bytes()[:-9])
    with pytest.raises(InvalidRegionName):
        ingest_region(home, "Kiel", extract=kiel)
    with pytest.raises(UnreadableFile, match="fetch or copy it again"):
        ingest_region(home, "kiel", extract=broken)
    with pytest.raises(ValueError, match="give an extract"):
        ingest_region(home, "kiel")
    assert not home.exists()


def test_the_command_tells_its_steps_on_stderr_and_keeps_stdout_free(home, kiel, capsys):
    assert command.main(["region", "kiel", "--pbf", str(kiel)]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    steps = [line for line in err.splitlines() if line.startswith("· ")]
    assert steps[:5] == ["· read", "· extract", "· partition", "· customize", "· switch"]
    assert "region kiel: 2 km of road, 16 junctions, 8 street names, time zone Europe/Berlin; mld, built in" in steps[5]
    assert command.main(["region", "kiel", "--pbf", str(kiel)]) == 0
    assert "in force already" in capsys.readouterr().err


def test_the_summary_is_json_without_a_path_of_this_machine(home, kiel, capsys):
    assert command.main(["region", "kiel", "--osm", str(kiel), "--algorithm", "ch", "--json"]) == 0
    out = capsys.readouterr().out
    summary = json.loads(out)
    assert str(home) not in out
    assert str(kiel.parent) not in out
    region = dataset.region(home, "kiel")
    assert (home / summary["folder"]).resolve() == region.folder
    assert (summary["region"], summary["version"], summary["algorithm"]) == ("kiel", region.version, "ch")
    assert summary["skipped"] is False
    assert set(summary["seconds"]) == {"read and describe", "extract", "partition", "customize", "contract", "switch"}
    assert summary["counts"] == {
        "n_ways": 8,
        "n_junctions": 16,
        "n_edges": 48,
        "n_street_names": 8,
        "n_intersections": 12,
    }
    assert summary["km_by_class"].keys() == {"residential"}
    assert (summary["timezone"], summary["outline_parts"]) == ("Europe/Berlin", 1)
    assert summary["intersections_per_km2"] > 0
    assert summary["peak_memory_mb"] > 30
    assert command.main(["region", "kiel", "--osm", str(kiel), "--algorithm", "ch", "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["skipped"] is True
    assert again["folder"] == summary["folder"]


def test_force_builds_although_nothing_has_changed(home, kiel, capsys):
    built = []
    for more in ([], ["--force"]):
        assert command.main(["region", "kiel", "--pbf", str(kiel), "--json", *more]) == 0
        built.append(json.loads(capsys.readouterr().out)["folder"])
    assert built[0] != built[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["region", "Kiel!", "--pbf", "x.osm.pbf"], "region name 'Kiel!' cannot be used"),
        (["region", "kiel", "--pbf", "nowhere.osm.pbf"], "nowhere.osm.pbf: No such file"),
    ],
)
def test_bad_input_ends_with_2_and_one_sentence(home, capsys, arguments, words):
    assert command.main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    (said,) = [line for line in err.splitlines() if line.startswith("trades ingest: ")]
    assert words in said
    assert "Traceback" not in err
    assert not home.exists()


def test_a_truncated_extract_ends_with_2_and_its_name(home, kiel, tmp_path, capsys):
    broken = tmp_path / "broken.osm.pbf"
    broken.write_bytes(kiel.read_bytes()[:-9])
    assert command.main(["region", "kiel", "--pbf", str(broken)]) == 2
    assert f"{broken}: it is not complete OpenStreetMap data" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["region"],
        ["region", "kiel"],
        ["region", "kiel", "--sample", "paris"],
        ["region", "kiel", "--pbf", "a", "--osm", "b"],
    ],
)
def test_a_command_that_lacks_or_doubles_something_ends_with_2(home, capsys, arguments):
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 2
    assert "./trades ingest" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["region", "--help"]])
def test_help_fits_80_columns_and_shows_how(capsys, monkeypatch, arguments):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    assert "./trades ingest region coquimbo --sample coquimbo" in shown


def test_a_build_that_fails_ends_with_1_and_says_why(home, kiel, capsys):
    root = home / "regions" / "kiel"
    root.mkdir(parents=True)
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert command.main(["region", "kiel", "--pbf", str(kiel)]) == 1
    assert "another build of region 'kiel' is under way" in capsys.readouterr().err


def test_ctrl_c_ends_with_130_and_the_same_command_finishes_the_work(home, tmp_path):
    extract = one_town(tmp_path / "town.osm.pbf", n=40)
    arguments = [sys.executable, "-m", "ingest", "region", "kiel", "--pbf", str(extract)]
    running = subprocess.Popen(
        arguments,
        cwd=PROJECT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - a job in the background ignores it
    )
    with running:
        while running.stderr.readline() != "· extract\n":
            pass
        os.killpg(running.pid, signal.SIGINT)  # as a terminal does: everything in the foreground
        said = running.stderr.read()
    assert running.returncode == 130
    assert "Traceback" not in said
    assert said.splitlines()[-1].startswith("interrupted; the same command goes on")
    assert dataset.regions(home) == []
    again = subprocess.run(arguments, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert again.returncode == 0
    assert [region.name for region in dataset.regions(home)] == ["kiel"]


def test_on_a_terminal_a_bar_names_the_step():
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=80, _environ={})
    with command._progress(console) as tell:
        tell("extract", 0.0)
        tell("extract", 1.0)
    assert "extract" in screen.getvalue()
    assert "━" in screen.getvalue()


def test_versions_carry_the_moment_they_were_built(home, kiel):
    before = datetime.now().astimezone().replace(microsecond=0)
    built_at = ingest_region(home, "kiel", extract=kiel).region.built_at
    assert before <= built_at <= datetime.now().astimezone()
