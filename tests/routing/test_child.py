"""An engine in a child process: whatever happens to the child, callers get an answer that says where it is from."""

import os
import pickle
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import shapely
from tiny_extracts import HOBART, KIEL, STEP_DEG, two_continents

from geo.point import InvalidLonLat
from routing import dataset
from routing.child import ChildEngine
from routing.errors import EngineFailed, NoRoute, OffRoad
from routing.osrm import Osrm

PROJECT = Path(dataset.__file__).parents[1]
POINTS = np.array([KIEL, (KIEL[0] + 2 * STEP_DEG, KIEL[1] + STEP_DEG), (KIEL[0], KIEL[1] + 3 * STEP_DEG)])


def built(home):
    details = {"outline": shapely.MultiPolygon([shapely.box(10, 54, 11, 55)]), "timezone": "UTC", "statistics": {}}
    return dataset.build(home, "both", two_continents(home / "both.osm.pbf"), details=details)


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    return built(tmp_path_factory.mktemp("child"))


@pytest.fixture
def engine(region):
    with dataset.open_engine(region) as opened:
        yield opened


def die(pid):
    """Kill the child and see it gone before going on; the engine itself does not know yet."""
    watch = os.pidfd_open(pid)
    os.kill(pid, signal.SIGKILL)
    ended, _, _ = select.select([watch], [], [], 20)
    assert ended
    os.close(watch)


def test_a_child_answers_as_the_engine_in_process_does(region, engine):
    here = Osrm(region.base, region.algorithm)
    assert engine.source == "osrm"
    for of, to in ((None, None), ([1], [0, 2])):
        near, far = here.table(POINTS, of, to), engine.table(POINTS, of, to)
        assert (far.duration_s == near.duration_s).all()
        assert (far.distance_m == near.distance_m).all()
        assert far.source == "osrm"
    assert (engine.route(POINTS).lonlat == here.route(POINTS).lonlat).all()
    assert engine.nearest(POINTS).names == here.nearest(POINTS).names
    assert (
        engine.match(POINTS, np.array([0, 60, 120])).lonlat == here.match(POINTS, np.array([0, 60, 120])).lonlat
    ).all()


def test_a_killed_child_is_replaced_and_the_answer_is_still_by_road(engine):
    before, pid = engine.table(POINTS), engine.pid
    die(pid)
    after = engine.table(POINTS)
    assert (after.duration_s == before.duration_s).all()
    assert (after.source, engine.source) == ("osrm", "osrm")
    assert engine.pid not in {pid, None}


def test_a_child_killed_while_it_computes_is_replaced(engine):
    grid = np.random.default_rng(1).uniform(0, 3 * STEP_DEG, (900, 2)) + KIEL
    pid, answers = engine.pid, []
    os.kill(pid, signal.SIGSTOP)  # it holds the question and cannot answer
    asking = threading.Thread(target=lambda: answers.append(engine.table(grid)))
    asking.start()
    die(pid)
    asking.join()
    assert answers[0].source == "osrm"
    assert answers[0].duration_s.shape == (900, 900)


def test_when_the_replacement_dies_too_straight_lines_answer_and_say_so(tmp_path):
    region = built(tmp_path)
    with dataset.open_engine(region) as engine:
        by_road = engine.table(POINTS)
        region.folder.rename(tmp_path / "gone")  # the next child has nothing to open
        die(engine.pid)
        estimate = engine.table(POINTS)
        assert (estimate.source, engine.source) == ("straight", "straight")
        assert (estimate.duration_s != by_road.duration_s).any()
        assert engine.pid is None
        assert engine.nearest(POINTS).distance_m.tolist() == [0, 0, 0]
        assert (engine.route(POINTS).lonlat == POINTS).all()


def test_once_the_road_data_is_back_roads_answer_again(tmp_path):
    region = built(tmp_path)
    with ChildEngine(region.base, region.algorithm, retry_after_s=0.0) as engine:
        region.folder.rename(tmp_path / "gone")
        die(engine.pid)
        assert engine.table(POINTS).source == "straight"
        (tmp_path / "gone").rename(region.folder)
        assert engine.table(POINTS).source == "osrm"
        assert engine.source == "osrm"


def test_during_an_outage_no_child_is_started_for_every_question(tmp_path):
    region = built(tmp_path)
    with ChildEngine(region.base, region.algorithm, retry_after_s=3600.0) as engine:
        region.folder.rename(tmp_path / "gone")
        die(engine.pid)
        assert engine.table(POINTS).source == "straight"
        (tmp_path / "gone").rename(region.folder)
        assert engine.table(POINTS).source == "straight"
        assert engine.pid is None


def test_a_child_that_does_not_answer_in_time_is_given_up(region):
    with ChildEngine(region.base, region.algorithm, deadline_s=0.2) as engine:
        watch = os.pidfd_open(engine.pid)
        os.kill(engine.pid, signal.SIGSTOP)
        assert engine.table(POINTS).source == "straight"
        assert engine.source == "straight"
        assert engine.pid is None
        with pytest.raises(ProcessLookupError):
            signal.pidfd_send_signal(watch, 0)
        os.close(watch)


def test_errors_come_back_as_the_same_classes_with_their_attributes(engine):
    with pytest.raises(OffRoad) as off:
        engine.table(np.array([KIEL, (2.35, 48.86)]))
    assert (off.value.indices, off.value.limit_m) == ((1,), 1000)
    assert "farther than 1,000 m from any road: point 1" in str(off.value)
    with pytest.raises(NoRoute) as cut:
        engine.route(np.array([KIEL, HOBART]))
    assert cut.value.leg == 0
    with pytest.raises(ValueError, match="targets has 9, but there are 3 points"):
        engine.table(POINTS, [0], [9])
    with pytest.raises(InvalidLonLat) as bad:
        engine.table([(0, 91)])
    assert bad.value.row == 0
    assert engine.source == "osrm"


def test_threads_share_an_engine_without_mixing_up_answers(engine):
    expected = [engine.table(POINTS, [i], [0, 1, 2]).duration_s for i in range(3)]
    wrong = []

    def ask(i):
        wrong.extend(1 for _ in range(40) if (engine.table(POINTS, [i], [0, 1, 2]).duration_s != expected[i]).any())

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_closing_ends_the_child_and_further_questions_are_refused(region):
    engine = dataset.open_engine(region)
    watch = os.pidfd_open(engine.pid)
    engine.close()
    engine.close()
    with pytest.raises(ProcessLookupError):
        signal.pidfd_send_signal(watch, 0)
    os.close(watch)
    with pytest.raises(EngineFailed, match="closed"):
        engine.table(POINTS)


def test_road_data_that_does_not_open_is_an_error_at_once_not_an_estimate(tmp_path, region):
    with pytest.raises(EngineFailed, match="does not open"):
        ChildEngine(tmp_path / "nowhere.osrm", "mld")
    with pytest.raises(EngineFailed, match="does not open as ch"):
        ChildEngine(region.base, "ch")


def test_the_child_leaves_when_its_parent_is_killed(region):
    program = (
        "import pickle, sys; from pathlib import Path; from routing.child import ChildEngine\n"
        "engine = ChildEngine(Path(sys.argv[1]), 'mld')\n"
        "pickle.dump(engine.pid, sys.stdout.buffer); sys.stdout.flush(); sys.stdin.read()"
    )
    # Read from a pipe, as a script given to the interpreter is: the child must not need the caller's main module.
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(region.base)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
    )
    with parent:
        watch = os.pidfd_open(pickle.load(parent.stdout))
        parent.kill()
    ended, _, _ = select.select([watch], [], [], 20)
    os.close(watch)
    assert ended


def test_modules_lying_where_the_caller_stands_are_not_taken_for_ours(tmp_path, region, monkeypatch):
    (tmp_path / "numpy.py").write_text("raise SystemExit('the wrong numpy')")
    (tmp_path / "routing.py").write_text("raise SystemExit('the wrong routing')")
    monkeypatch.chdir(tmp_path)
    with dataset.open_engine(region) as engine:
        assert engine.table(POINTS).source == "osrm"
