"""Road data sets: a build either puts a whole new version in force or leaves the old one as it was."""

import dataclasses
import fcntl
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections import namedtuple
from contextlib import closing
from datetime import UTC
from pathlib import Path

import numpy as np
import pytest
import shapely
from tiny_extracts import KIEL, STEP_DEG, one_town, town, write_extract

from routing import build_steps, dataset
from routing.errors import BuildFailed, RoutingError, UnknownRegion, UnreadableFile
from routing.osrm import Osrm
from routing.region import InvalidRegionName

PROJECT = Path(dataset.__file__).parents[1]
POINTS = np.array([KIEL, (KIEL[0] + 2 * STEP_DEG, KIEL[1] + STEP_DEG)])

BUILD = """
import json, os, signal, sys
from pathlib import Path
import shapely
from routing import dataset
home, extract, algorithm, kill_at = sys.argv[1:]
def progress(step, share):
    print(step, share, flush=True)
    if step == kill_at:
        os.kill(os.getpid(), signal.SIGKILL)
details = {"outline": shapely.MultiPolygon([shapely.box(10, 54, 11, 55)]), "timezone": "UTC", "statistics": {}}
dataset.build(Path(home), "kiel", Path(extract), algorithm=algorithm, details=details, progress=progress)
"""


def details(**changed):
    outline = shapely.MultiPolygon([shapely.box(10, 54, 11, 55)])
    return {"outline": outline, "timezone": "Europe/Berlin", "statistics": {"n_ways": 8}} | changed


def build(home, extract, **more):
    return dataset.build(home, "kiel", extract, details=details(), **more)


def build_elsewhere(home, extract, algorithm="mld", kill_at="", **process):
    """Build in a process of its own, which may be killed at a step."""
    command = [sys.executable, "-c", BUILD, str(home), str(extract), algorithm, kill_at]
    env = os.environ | {"PYTHONPATH": str(PROJECT)}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, **process)


def versions(home):
    return sorted(folder.name for folder in (home / "regions" / "kiel" / "versions").iterdir())


@pytest.fixture
def extract(tmp_path):
    return one_town(tmp_path / "kiel.osm.pbf")


@pytest.fixture(scope="module")
def in_force(tmp_path_factory):
    """A home in which Kiel is in force; to look at, or to copy before changing it."""
    home = tmp_path_factory.mktemp("in_force")
    build(home, one_town(home / "kiel.osm.pbf"))
    return home


@pytest.fixture
def home(in_force, tmp_path):
    return shutil.copytree(in_force, tmp_path / "home", symlinks=True)


@pytest.fixture
def larger(tmp_path):
    return one_town(tmp_path / "larger.osm.pbf", n=5)


def test_a_region_reads_back_as_it_was_built(in_force):
    region = dataset.region(in_force, "kiel")
    assert (region.name, region.algorithm, region.timezone) == ("kiel", "mld", "Europe/Berlin")
    assert region.outline.equals_exact(details()["outline"])
    assert region.statistics == {"n_ways": 8}
    assert region.built_at.tzinfo == UTC
    assert region.source.file == "kiel.osm.pbf"
    assert region.source == dataset.fingerprint(in_force / "kiel.osm.pbf")
    assert region.folder == (in_force / "regions/kiel/versions" / region.version).resolve()
    assert dataset.load(region.folder) == region
    assert dataset.load(in_force / "regions" / "kiel") == region


def test_the_description_names_no_folder_of_the_machine(in_force):
    text = (dataset.region(in_force, "kiel").folder / "region.json").read_text()
    assert str(in_force) not in text
    assert str(PROJECT) not in text
    assert json.loads(text)["outline"]["type"] == "MultiPolygon"


def test_what_is_in_force_answers(in_force):
    with closing(dataset.open_engine(dataset.region(in_force, "kiel"))) as engine:
        table = engine.table(POINTS)
    assert table.source == "osrm"
    assert table.duration_s[0, 1] > 0


@pytest.mark.parametrize(
    ("algorithm", "steps"),
    [
        ("mld", ["extract", "partition", "customize", "switch"]),
        ("ch", ["extract", "partition", "customize", "contract", "switch"]),
    ],
)
def test_every_step_is_told_from_nothing_to_done_in_order(tmp_path, extract, algorithm, steps):
    told = []
    build(tmp_path, extract, algorithm=algorithm, progress=lambda step, share: told.append((step, share)))
    assert list(dict.fromkeys(step for step, _ in told)) == steps
    for step in steps:
        shares = [share for told_step, share in told if told_step == step]
        assert (shares[0], shares[-1]) == (0.0, 1.0)
        assert shares == sorted(shares)


def test_nothing_of_a_finished_build_stays_beside_it(in_force):
    root = in_force / "regions" / "kiel"
    assert sorted(path.name for path in root.iterdir()) == ["current", "lock", "versions"]
    left = {
        path.name
        for path in dataset.region(in_force, "kiel").folder.iterdir()
        if not path.name.startswith("region.osrm.")
    }
    assert left == {"region.json", "build.log"}


def test_the_same_extract_again_is_already_done(home, in_force):
    told, before = [], dataset.region(home, "kiel")
    again = build(home, in_force / "kiel.osm.pbf", progress=lambda *step: told.append(step))
    assert again == before
    assert told == [("already done", 1.0)]


def test_force_another_algorithm_or_another_extract_build_anew(home, in_force, larger):
    seen = [dataset.region(home, "kiel").version]
    same = in_force / "kiel.osm.pbf"
    for extract, more in ((same, {"force": True}), (same, {"algorithm": "ch"}), (larger, {"algorithm": "ch"})):
        seen.append(build(home, extract, **more).version)
    assert len(set(seen)) == 4


def test_another_version_of_the_programs_builds_anew(home, in_force):
    description = dataset.region(home, "kiel").folder / "region.json"
    description.write_text(description.read_text().replace('"osrm_bindings": "', '"osrm_bindings": "0.'))
    assert dataset.in_force(home, "kiel", dataset.fingerprint(in_force / "kiel.osm.pbf"), "mld") is None


def test_the_version_in_force_and_the_one_before_are_kept(home, larger):
    first = versions(home)
    built = [build(home, larger, force=True).version for _ in range(3)]
    assert len(set(first + built)) == 4
    assert set(versions(home)) == set(built[1:])
    assert (home / "regions/kiel/current").readlink() == Path("versions") / built[2]


def test_an_open_engine_goes_on_with_its_version_while_a_new_one_is_put_in_force(home, larger):
    with closing(dataset.open_engine(dataset.region(home, "kiel"))) as engine:
        before = engine.table(POINTS).duration_s
        build(home, larger)
        assert (engine.table(POINTS).duration_s == before).all()
        assert engine.source == "osrm"


def test_regions_are_listed_by_name_and_an_unknown_one_names_them(tmp_path, extract):
    assert dataset.regions(tmp_path) == []
    for name in ("b-town", "a_town"):
        dataset.build(tmp_path, name, extract, details=details())
    assert [region.name for region in dataset.regions(tmp_path)] == ["a_town", "b-town"]
    with pytest.raises(UnknownRegion) as unknown:
        dataset.region(tmp_path, "c-town")
    assert unknown.value.known == ("a_town", "b-town")
    for outside in ("../regions/a_town", "", "A_TOWN"):
        with pytest.raises(UnknownRegion):
            dataset.region(tmp_path, outside)


def test_a_damaged_region_is_named_when_asked_for_and_does_not_hide_the_others(home, extract):
    dataset.build(home, "other", extract, details=details())
    description = dataset.region(home, "kiel").folder / "region.json"
    description.write_text(description.read_text()[:200])
    assert [region.name for region in dataset.regions(home)] == ["other"]
    with pytest.raises(UnreadableFile, match="not the description of a region") as damaged:
        dataset.region(home, "kiel")
    assert damaged.value.file == description
    assert build(home, extract).folder.is_dir()  # building it again heals it


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("algorithm", "astar"),
        ("outline", {"type": "Point", "coordinates": [1, 2]}),
        ("built_at", "2026-11-24T10:00:00"),
        ("name", "Ä"),
    ],
)
def test_a_description_that_contradicts_itself_is_refused(home, field, value):
    description = dataset.region(home, "kiel").folder / "region.json"
    description.write_text(json.dumps(json.loads(description.read_text()) | {field: value}))
    with pytest.raises(UnreadableFile, match="ingest the region again"):
        dataset.region(home, "kiel")


def test_a_folder_that_is_no_data_set_is_refused(tmp_path):
    with pytest.raises(UnreadableFile, match="name a data-set folder"):
        dataset.load(tmp_path)


@pytest.mark.parametrize("name", ["", "Kiel", "-kiel", "kiel/..", "..", "a" * 64, "kiel\n", "k iel"])
def test_a_name_that_cannot_be_a_folder_is_refused_before_anything_is_written(tmp_path, extract, name):
    with pytest.raises(InvalidRegionName) as refused:
        dataset.build(tmp_path / "home", name, extract, details=details())
    assert refused.value.name == name
    assert not (tmp_path / "home").exists()


def test_details_and_algorithms_that_are_not_understood_are_refused(tmp_path, extract):
    with pytest.raises(ValueError, match="algorithm 'astar' is unknown; take one of mld, ch"):
        build(tmp_path, extract, algorithm="astar")
    with pytest.raises(ValueError, match="outline as a MultiPolygon"):
        dataset.build(tmp_path, "kiel", extract, details=details(outline=shapely.box(0, 0, 1, 1)))
    with pytest.raises(ValueError, match="give"):
        dataset.build(tmp_path, "kiel", extract, details={"timezone": "UTC"})


def test_an_extract_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UnreadableFile, match=r"nowhere.osm.pbf: No such file"):
        build(tmp_path, tmp_path / "nowhere.osm.pbf")


def assert_still_in_force(home, before):
    assert dataset.region(home, "kiel") == before
    with closing(Osrm(before.base, before.algorithm)) as engine:
        assert engine.table(POINTS).duration_s[0, 1] > 0


@pytest.mark.parametrize(
    ("content", "words"),
    [(lambda whole: whole[:-9], "EOF"), (lambda whole: b"", "no data"), (lambda whole: b"no map" * 99, "PBF")],
    ids=["truncated", "empty", "something else"],
)
def test_a_broken_extract_fails_in_its_own_words_and_the_old_version_stays(home, in_force, tmp_path, content, words):
    before, broken = dataset.region(home, "kiel"), tmp_path / "broken.osm.pbf"
    broken.write_bytes(content((in_force / "kiel.osm.pbf").read_bytes()))
    with pytest.raises(BuildFailed) as failed:
        build(home, broken)
    assert failed.value.step == "extract"
    assert words in failed.value.reason
    assert "=== extract" in failed.value.log.read_text()
    assert str(failed.value.log) in str(failed.value)
    assert_still_in_force(home, before)


def test_an_extract_without_roads_for_cars_says_so(tmp_path):
    paths = write_extract(tmp_path / "paths.osm.pbf", *town(KIEL), tags={"highway": "footway"})
    with pytest.raises(BuildFailed, match="holds no road a car may use"):
        build(tmp_path, paths)
    assert dataset.regions(tmp_path) == []


def test_a_file_that_may_not_grow_fails_and_the_old_version_stays(home, tmp_path):
    # The nearest thing to a full disk without one: no file of the build may grow beyond 64 KiB.
    before, town_30 = dataset.region(home, "kiel"), one_town(tmp_path / "town.osm.pbf", n=30)
    limit = 64 * 1024
    ended = build_elsewhere(home, town_30, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    assert ended.returncode == 1
    assert "extract failed: a file grew past the size this process may write" in ended.stderr
    assert_still_in_force(home, before)
    assert build(home, town_30).version != before.version


@pytest.mark.parametrize(
    ("returncode", "tail", "words"),
    [
        (1, "[error] write: No space left on device", "the disk is full"),
        (-signal.SIGXFSZ, "", "ulimit -f"),
        (-signal.SIGKILL, "", "memory ran out"),
        (-signal.SIGSEGV, "", "ended by SIGSEGV"),
        (-signal.SIGABRT, "terminate called\n  what():  PBF error: unexpected EOF\n", "PBF error: unexpected EOF"),
        (1, '[2026-11-24T10:35:04] [error] Input file "x" not found!\n', 'Input file "x" not found!'),
        (3, "nothing of note", "exit status 3"),
    ],
)
def test_the_cause_of_a_failure_is_said_in_words(tmp_path, returncode, tail, words):
    assert words in build_steps.failure_in_words(returncode, tail, tmp_path)


def test_a_build_that_ended_in_trouble_on_a_full_disk_blames_the_disk(tmp_path, monkeypatch):
    disk = namedtuple("disk", "total used free")  # noqa: PYI024 - what shutil gives
    monkeypatch.setattr(shutil, "disk_usage", lambda _: disk(10**9, 10**9 - 4096, 4096))
    assert "the disk is full (0 MB free)" in build_steps.failure_in_words(-signal.SIGBUS, "", tmp_path)


def test_a_disk_too_full_for_the_build_is_noticed_before_it_starts(home, larger, monkeypatch):
    disk, before, told = namedtuple("disk", "total used free"), dataset.region(home, "kiel"), []  # noqa: PYI024
    monkeypatch.setattr(shutil, "disk_usage", lambda _: disk(10**9, 10**9 - 10**6, 10**6))
    with pytest.raises(BuildFailed, match="about 20 MB are needed and 1 MB are free") as refused:
        build(home, larger, progress=lambda *step: told.append(step))
    assert refused.value.step == "space check"
    assert told == []
    assert dataset.region(home, "kiel") == before


@pytest.mark.parametrize(
    ("algorithm", "kill_at", "kept"),
    [
        ("mld", "partition", "names"),
        ("mld", "customize", "partition"),
        ("ch", "contract", "mldgr"),
        ("mld", "switch", "mldgr"),
    ],
)
def test_a_killed_build_goes_on_after_its_last_finished_step(home, larger, algorithm, kill_at, kept):
    before = dataset.region(home, "kiel")
    killed = build_elsewhere(home, larger, algorithm, kill_at)
    assert killed.returncode == -signal.SIGKILL
    assert_still_in_force(home, before)
    written = (home / "regions/kiel/building" / f"region.osrm.{kept}").stat().st_mtime_ns
    region = build(home, larger, algorithm=algorithm)
    assert (region.folder / f"region.osrm.{kept}").stat().st_mtime_ns == written
    log = (region.folder / "build.log").read_text()
    assert [line for line in log.splitlines() if line.startswith("=== ")] == [
        f"=== {step}" for step in build_steps.STEPS[algorithm]
    ]
    with closing(Osrm(region.base, algorithm)) as engine:
        assert engine.table(POINTS).duration_s[0, 1] > 0


def test_a_partition_killed_half_way_starts_from_what_extract_wrote(home, larger, tmp_path):
    # Partition renumbers the files of extract in place; a second run over a mixture would not notice.
    build_elsewhere(home, larger, "mld", "customize")
    working = home / "regions/kiel/building"
    (working / "partition.done").unlink()  # as if it had been killed just before the mark
    assert (working / "extracted").is_dir()
    (working / "region.osrm.ebg").write_bytes(b"half a file")
    region = build(home, larger)
    fresh = build(tmp_path / "fresh", larger)
    points = np.random.default_rng(1).uniform(0, 4 * STEP_DEG, (20, 2)) + KIEL
    with closing(Osrm(region.base, "mld")) as resumed, closing(Osrm(fresh.base, "mld")) as whole:
        assert (resumed.table(points).duration_s == whole.table(points).duration_s).all()


def test_a_killed_build_of_another_extract_is_not_gone_on_with(home, larger, tmp_path):
    build_elsewhere(home, larger, "mld", "customize")
    other = one_town(tmp_path / "other.osm.pbf", n=6)
    region = build(home, other)
    assert region.source.file == "other.osm.pbf"
    far_corner = np.array([KIEL, (KIEL[0] + 5 * STEP_DEG, KIEL[1] + 5 * STEP_DEG)])
    with closing(Osrm(region.base, "mld")) as engine:
        assert engine.nearest(far_corner).distance_m.max() < 1


def test_what_was_built_but_does_not_open_is_not_put_in_force_and_not_gone_on_with(home, larger):
    before = dataset.region(home, "kiel")
    build_elsewhere(home, larger, "mld", "switch")
    (home / "regions/kiel/building/region.osrm.mldgr").write_bytes(b"")
    with pytest.raises(BuildFailed, match="does not open") as failed:
        build(home, larger)
    assert failed.value.step == "switch"
    assert_still_in_force(home, before)
    assert build(home, larger).source.file == "larger.osm.pbf"


def test_an_interrupted_build_leaves_the_old_version_and_no_program_running(home, larger):
    before = dataset.region(home, "kiel")

    def interrupt(step, share):
        if (step, share) == ("partition", 0.0):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(home, larger, progress=interrupt)
    assert_still_in_force(home, before)
    assert build(home, larger).version != before.version


def test_a_second_build_of_the_same_region_is_refused_while_the_first_runs(home, larger, tmp_path):
    refused = []

    def try_another(step, share):
        if (step, share) == ("partition", 0.0):
            with pytest.raises(BuildFailed, match="another build of region 'kiel' is under way") as failed:
                build(home, larger)
            refused.append(failed.value.step)
            dataset.build(home, "elsewhere", larger, details=details())  # another region may

    build(home, larger, progress=try_another)
    assert refused == ["lock"]
    assert build_elsewhere(home, larger).stdout == "already done 1.0\n"


def test_the_lock_outlives_a_killed_parent_as_long_as_its_program_writes(home, tmp_path):
    # The program inherits the lock's descriptor. Two writers in one folder would make a mixture nobody notices.
    lock = os.open(home / "regions/kiel/lock", os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    writing = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=[lock])
    os.close(lock)
    with pytest.raises(BuildFailed, match="under way"):
        build(home, one_town(tmp_path / "x.osm.pbf", n=3))
    writing.communicate()
    assert build(home, tmp_path / "x.osm.pbf").source.file == "x.osm.pbf"


def test_further_files_are_there_when_the_version_is_put_in_force_and_their_failure_stops_it(home, larger):
    before = dataset.region(home, "kiel")

    def fail(folder):
        raise OSError(28, "No space left on device", str(folder))

    with pytest.raises(OSError, match="No space left"):
        build(home, larger, finish=fail)
    assert_still_in_force(home, before)
    region = build(home, larger, finish=lambda folder: (folder / "more.txt").write_text("more"))
    assert (region.folder / "more.txt").read_text() == "more"


@pytest.mark.parametrize("suffix", [".osm", ".osm.gz", ".osm.bz2"])
def test_every_kind_of_extract_is_read(tmp_path, suffix):
    region = build(tmp_path, one_town(tmp_path / f"kiel{suffix}"))
    with closing(Osrm(region.base, "mld")) as engine:
        assert engine.table(POINTS).duration_s[0, 1] > 0


def test_every_error_of_a_build_is_one_of_ours():
    assert issubclass(InvalidRegionName, RoutingError)
    assert issubclass(InvalidRegionName, ValueError)
    assert dataclasses.is_dataclass(dataset.Region)
