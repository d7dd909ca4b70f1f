"""Threads that share a child engine while things happen to the child: exact answers or straight ones that say so."""

import os
import random
import resource
import signal
import threading
import time

import numpy as np
import pytest
import shapely
from tiny_extracts import KIEL, STEP_DEG, two_continents

from routing import child, dataset
from routing.child import ChildEngine
from routing.osrm import Osrm
from routing.process import Process
from routing.straight import Straight

POINTS = np.array([KIEL, (KIEL[0] + 2 * STEP_DEG, KIEL[1] + STEP_DEG), (KIEL[0], KIEL[1] + 3 * STEP_DEG)])
PATIENCE_S = 60


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    home = tmp_path_factory.mktemp("load")
    details = {"outline": shapely.MultiPolygon([shapely.box(10, 54, 11, 55)]), "timezone": "UTC", "statistics": {}}
    return dataset.build(home, "both", two_continents(home / "both.osm.pbf"), details=details)


def kill(pid):
    """Send the end to a child that may have ended by itself meanwhile."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def asked_until_by_road(engine):
    """Ask until a road answers; the answer, or None when that takes forever."""
    give_up_at_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up_at_s:
        answer = engine.table(POINTS)
        if answer.source == "osrm":
            return answer
    return None


@pytest.mark.parametrize(("deadline_s", "seed"), [(30.0, 1), (30.0, 2), (0.1, 3)])
def test_threads_get_exact_or_straight_answers_while_the_child_is_killed_again_and_again(region, deadline_s, seed):
    here, estimate = Osrm(region.base, region.algorithm), Straight()
    right = {
        (row, source): engine.table(POINTS, [row], [0, 1, 2]).duration_s.tolist()
        for row in range(3)
        for source, engine in (("osrm", here), ("straight", estimate))
    }
    answered, wrong, sources = threading.Condition(), [], {"osrm": 0, "straight": 0}
    n_kills, n_threads, chance = 3, 4, random.Random(seed)
    ended = threading.Event()

    def ask(row):
        while not ended.is_set():
            try:
                answer = engine.table(POINTS, [row], [0, 1, 2])
            except Exception as error:  # noqa: BLE001 - the claim is that there is none
                wrong.append(error)
                ended.set()
            else:
                if answer.duration_s.tolist() != right[row, answer.source]:
                    wrong.append((row, answer))
            with answered:
                sources[answer.source] += 1
                answered.notify_all()

    with ChildEngine(region.base, region.algorithm, deadline_s=deadline_s, retry_after_s=0.01) as engine:
        threads = [threading.Thread(target=ask, args=(number % 3,)) for number in range(n_threads)]
        for thread in threads:
            thread.start()
        for _ in range(n_kills):
            with answered:
                goal = sources["osrm"] + chance.randint(1, 20)
                assert answered.wait_for(lambda goal=goal: sources["osrm"] >= goal or ended.is_set(), PATIENCE_S)
            pid = engine.pid
            if pid is not None:
                kill(pid)
        after = asked_until_by_road(engine)
        ended.set()
        for thread in threads:
            thread.join()
        assert not wrong
        assert (after.duration_s == here.table(POINTS).duration_s).all()
        assert engine.source == "osrm"


def test_waiting_for_a_turn_counts_and_the_child_is_not_blamed_for_it(region):
    with ChildEngine(region.base, region.algorithm, deadline_s=0.2) as engine:
        pid = engine.pid
        with engine._lock:  # somebody else's turn takes too long
            answer = engine.table(POINTS)
            assert (answer.source, engine.source) == ("straight", "straight")
        assert engine.table(POINTS).source == "osrm"
        assert engine.pid == pid


def test_an_answer_that_comes_after_its_asker_has_left_is_not_taken_for_the_next_ones(region):
    with ChildEngine(region.base, region.algorithm, deadline_s=30) as engine:
        pid = engine.pid
        expected = engine.table(POINTS, [1], [0, 2])
        os.kill(pid, signal.SIGSTOP)
        for row in (0, 2):
            with pytest.raises(child._OutOfTimeError):
                engine._child.ask(("table", (POINTS, [row], [0, 1, 2])), time.monotonic() + 0.01)
        os.kill(pid, signal.SIGCONT)
        answer = engine.table(POINTS, [1], [0, 2])
        assert answer.duration_s.tolist() == expected.duration_s.tolist()
        assert (answer.source, engine.pid) == ("osrm", pid)


class Sluggish(Process):
    """A child that stands still before it has opened anything."""

    def __init__(self, *what):
        super().__init__(*what)
        os.kill(self.pid, signal.SIGSTOP)


def test_while_a_new_child_is_slow_to_open_straight_lines_answer_at_once_and_roads_when_it_is_ready(
    region, monkeypatch
):
    with ChildEngine(region.base, region.algorithm, deadline_s=1.0) as engine:
        monkeypatch.setattr(child, "Process", Sluggish)
        kill(engine.pid)
        assert engine.table(POINTS).source == "straight"
        pid, began_s = engine.pid, time.monotonic()
        assert {engine.table(POINTS).source for _ in range(20)} == {"straight"}
        assert time.monotonic() - began_s < 1.0
        os.kill(pid, signal.SIGCONT)
        assert asked_until_by_road(engine) is not None
        assert engine.pid == pid


def test_a_question_that_a_stuck_child_does_not_even_read_does_not_hold_up_its_asker(region):
    many = np.broadcast_to(POINTS[0], (20_000, 2))  # more than the line holds
    with ChildEngine(region.base, region.algorithm, deadline_s=0.3) as engine:
        os.kill(engine.pid, signal.SIGSTOP)
        assert engine.table(many, [0], [1]).source == "straight"


def test_where_no_process_can_be_started_straight_lines_answer(region):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ChildEngine(region.base, region.algorithm, retry_after_s=0.0) as engine:
        kill(engine.pid)
        n_open = os.dup(0)
        os.close(n_open)
        resource.setrlimit(resource.RLIMIT_NOFILE, (n_open, hard))
        try:
            assert engine.table(POINTS).source == "straight"
            assert engine.pid is None
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert engine.table(POINTS).source == "osrm"


def test_who_is_interrupted_in_the_middle_of_an_answer_leaves_nothing_wrong_behind(region):
    with ChildEngine(region.base, region.algorithm, deadline_s=30) as engine:
        expected = engine.table(POINTS)
        os.kill(engine.pid, signal.SIGSTOP)
        waiting = signal.signal(
            signal.SIGALRM, signal.default_int_handler
        )  # SIGINT may be ignored, as it is under nohup
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        try:
            with pytest.raises(KeyboardInterrupt):
                engine.table(POINTS, [0], [1])
        finally:
            signal.signal(signal.SIGALRM, waiting)
        after = engine.table(POINTS)
        assert (after.source, after.duration_s.tolist()) == ("osrm", expected.duration_s.tolist())
