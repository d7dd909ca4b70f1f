"""Roads asked of osrm-routed: the same answers as in process, and straight lines that say so when it is away."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from time import monotonic

import numpy as np
import pytest
import shapely
from osrm_server import OsrmServer, free_port
from tiny_extracts import HOBART, KIEL, STEP_DEG, two_continents

from routing import dataset
from routing.errors import EngineFailed, NoRoute, OffRoad
from routing.osrm_http import LINE_LENGTH_MOST, OsrmHttp
from routing.straight import Straight
from routing.types import UNREACHABLE

PARIS = (2.35, 48.86)
IN_TOWN = np.array([(-71.2519, -29.9045), (-71.3430, -29.9590), (-71.2600, -29.9200), (-71.3300, -29.9700)])


@pytest.fixture(scope="module")
def town(coquimbo):
    server = OsrmServer(coquimbo).start("--max-table-size", "1000")
    with OsrmHttp(server.url, "coquimbo") as engine:
        yield engine
    server.stop()


@pytest.fixture(scope="module")
def continents(tmp_path_factory):
    folder = tmp_path_factory.mktemp("continents")
    outline = shapely.MultiPolygon([shapely.box(10, 54, 11, 55)])
    details = {"outline": outline, "timezone": "UTC", "statistics": {}}
    return dataset.build(folder, "both", two_continents(folder / "both.osm.pbf"), details=details)


@pytest.fixture
def server(continents):
    started = OsrmServer(continents).start()
    yield started
    started.stop()


def same_way(ours, theirs):
    assert ours.source == theirs.source == "osrm"
    assert ours.travel_s.tolist() == theirs.travel_s.tolist()
    assert ours.distance_m.tolist() == theirs.distance_m.tolist()
    assert ours.lonlat == pytest.approx(theirs.lonlat)


@pytest.mark.parametrize(("sources", "targets"), [(None, None), ([2, 0], [3, 2, 1]), ([], None), ([1], [1])])
def test_a_table_is_that_of_the_engine_in_process(town, coquimbo_engine, sources, targets):
    ours, theirs = town.table(IN_TOWN, sources, targets), coquimbo_engine.table(IN_TOWN, sources, targets)
    assert (ours.duration_s == theirs.duration_s).all()
    assert (ours.distance_m == theirs.distance_m).all()
    assert ours.duration_s.shape == theirs.duration_s.shape
    assert ours.source == "osrm"


def test_more_points_than_fit_a_line_are_asked_for_all_the_same(town, coquimbo_engine):
    rng = np.random.default_rng(7)
    lonlat = IN_TOWN[rng.integers(0, 4, 300)] + rng.normal(0.0, 0.002, (300, 2))
    assert lonlat.size * len("-71.2519,") > LINE_LENGTH_MOST
    ours, theirs = town.table(lonlat), coquimbo_engine.table(lonlat)
    assert (ours.duration_s == theirs.duration_s).all()
    same_way(town.route(lonlat[:200]), coquimbo_engine.route(lonlat[:200]))


def test_ways_turns_and_traces_are_those_of_the_engine_in_process(town, coquimbo_engine):
    same_way(town.route(IN_TOWN), coquimbo_engine.route(IN_TOWN))
    same_way(town.route(IN_TOWN[:1]), coquimbo_engine.route(IN_TOWN[:1]))
    assert town.directions(IN_TOWN).steps == coquimbo_engine.directions(IN_TOWN).steps
    trace = coquimbo_engine.route(IN_TOWN[:2]).lonlat[:40]
    at_s = np.arange(len(trace)) * 10
    same_way(town.match(trace, at_s), coquimbo_engine.match(trace, at_s))
    same_way(town.match(trace), coquimbo_engine.match(trace))


def test_snapping_is_that_of_the_engine_in_process(town, coquimbo_engine):
    ours, theirs = town.nearest(IN_TOWN), coquimbo_engine.nearest(IN_TOWN)
    assert ours.names == theirs.names
    assert ours.distance_m == pytest.approx(theirs.distance_m)
    assert ours.lonlat == pytest.approx(theirs.lonlat)


def test_every_point_off_the_road_is_named(town):
    with pytest.raises(OffRoad) as off:
        town.table(np.vstack((IN_TOWN, PARIS, PARIS)))
    assert off.value.indices == (4, 5)
    with pytest.raises(OffRoad):
        town.route(np.array([PARIS]))


def test_the_first_leg_without_a_road_is_named(server):
    with OsrmHttp(server.url, "both") as engine:
        near = KIEL[0] + STEP_DEG, KIEL[1]
        with pytest.raises(NoRoute) as gap:
            engine.route(np.array([KIEL, near, HOBART]))
        assert gap.value.leg == 1
        assert engine.table(np.array([KIEL, HOBART])).duration_s[0, 1] == UNREACHABLE


def test_a_server_that_was_started_again_answers_the_next_question(server):
    points = np.array([KIEL, (KIEL[0] + STEP_DEG, KIEL[1])])
    with OsrmHttp(server.url, "both") as engine:
        before = engine.table(points)
        server.stop()
        server.start()
        after = engine.table(points)
    assert (before.source, after.source) == ("osrm", "osrm")
    assert (before.duration_s == after.duration_s).all()


def test_straight_lines_answer_while_the_server_is_away_and_say_so(server):
    points = np.array([KIEL, (KIEL[0] + STEP_DEG, KIEL[1])])
    server.stop()
    with OsrmHttp(server.url, "both", retry_after_s=0.0) as engine:
        away = engine.table(points)
        assert (away.source, engine.source) == ("straight", "straight")
        assert (away.duration_s == Straight().table(points).duration_s).all()
        assert engine.route(points).source == engine.nearest(points).source == "straight"
        server.start()
        assert engine.table(points).source == engine.source == "osrm"


def test_a_server_that_failed_is_left_alone_for_a_while(server):
    points = np.array([KIEL, (KIEL[0] + STEP_DEG, KIEL[1])])
    server.stop()
    with OsrmHttp(server.url, "both", retry_after_s=3600.0) as engine:
        assert engine.table(points).source == "straight"
        server.start()
        assert engine.table(points).source == "straight"


def test_a_server_that_takes_questions_and_never_answers_costs_the_deadline():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with OsrmHttp(url, "both", deadline_s=0.3) as engine:
            began_s = monotonic()
            assert engine.table(np.array([KIEL, HOBART])).source == "straight"
            assert monotonic() - began_s < 5.0


class Elsewhere(BaseHTTPRequestHandler):
    """A server of something else."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>It works!</html>")

    def log_message(self, *_):
        """Say nothing."""


def test_a_server_of_something_else_is_no_engine():
    with HTTPServer(("127.0.0.1", 0), Elsewhere) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        try:
            with OsrmHttp(f"http://127.0.0.1:{other.server_port}", "both") as engine:
                assert engine.table(np.array([KIEL, HOBART])).source == "straight"
        finally:
            other.shutdown()
            thread.join()


def test_a_limit_of_the_server_is_told_with_its_remedy(continents):
    small = OsrmServer(continents).start("--max-table-size", "3")
    points = np.array([KIEL, (KIEL[0] + STEP_DEG, KIEL[1]), (KIEL[0], KIEL[1] + STEP_DEG), HOBART])
    try:
        with OsrmHttp(small.url, "both") as engine, pytest.raises(EngineFailed, match=r"TooBig.*higher limits"):
            engine.table(points)
    finally:
        small.stop()


@pytest.mark.parametrize("url", ["roads:5000", "ftp://roads", "http://", "http://roads:port", "http://me:key@roads"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(EngineFailed, match="OSRM_URL"):
        OsrmHttp(url, "both")


def test_the_name_of_the_region_goes_into_the_address(continents):
    nobody = OsrmHttp(f"http://127.0.0.1:{free_port()}/{{region}}/", "both")
    assert nobody.table(np.array([KIEL, HOBART])).source == "straight"
    nobody.close()
    with pytest.raises(EngineFailed, match="closed"):
        nobody.table(np.array([KIEL, HOBART]))


def test_both_kinds_of_engine_are_opened_by_one_call(continents, server):
    points = np.array([KIEL, (KIEL[0] + STEP_DEG, KIEL[1])])
    with dataset.open_engine(continents) as ours, dataset.open_engine(continents, server.url) as theirs:
        assert isinstance(theirs, OsrmHttp)
        assert (ours.table(points).duration_s == theirs.table(points).duration_s).all()
