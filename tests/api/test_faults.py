"""A server whose parts are taken away under load: every answer is right or says that it cannot be had, and all comes back."""

import asyncio
import os
import shutil
import signal
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import small_day
from platform_processes import answers, client, family, free_port, home_with_servers, started, until
from servers import KEY
from small_day import LAT, LON, SmallDay, job, person

from db import embedded
from db.embedded import postgres, redis
from db.embedded.places import recorded
from db.engine import connect, libpq_url

pytestmark = pytest.mark.slow  # real processes that are killed and started again: faults run with --all

DAY = small_day.TUESDAY.isoformat()
NEARBY = f"/maps/contractors/nearby?lat={LAT}&lng={LON}&trade=thatcher&at={DAY}T15:00:00Z"
POOL_WAIT_S = 1.0
NO_LONGER_S = POOL_WAIT_S + 5.0 + 2.0
"""A refusal waits for a free connection, then for the time-out of connecting; the rest is for a busy machine."""


@pytest.fixture(scope="module")
def home(coquimbo):
    """Servers of its own that may be killed, a region of its own that may go, and a day in the database."""
    with home_with_servers() as (home, found), pytest.MonkeyPatch.context() as patch:
        shutil.copytree(coquimbo.folder.parents[1], home / "regions" / "coquimbo", symlinks=True)
        patch.setattr(small_day, "TOWN", "coquimbo")
        asyncio.run(_settle(found.database_url))
        yield home


async def _settle(url):
    engine = connect(url)
    await SmallDay(engine).settle()
    await engine.dispose()


@pytest.fixture(scope="module")
def port(home):
    """Where a server on that home answers."""
    port = free_port()
    given = {"TRADES_KEY": KEY, "TRADES_PORT": str(port), "TRADES_LOG_LEVEL": "warning"}
    quick = {"TRADES_POOL_WAIT_S": str(POOL_WAIT_S), "TRADES_ENGINE_RETRY_S": "0.2"}
    with started(home, "serve", log=home / "serve.log", **given, **quick) as process:
        (home / "serve.pid").write_text(str(process.pid))
        until(lambda: answers(port), or_else=lambda: (home / "serve.log").read_text()[-2000:])
        with client(port) as asking:
            assert asking.get(NEARBY).json()["travel_time_source"] == "osrm"
        yield port
        # What no test has looked for is in the log: a fault of ours is written down as such.
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        assert "unexpected" not in (home / "serve.log").read_text()


@pytest.fixture
def ready(port):
    """A client, once everything that an earlier test has taken away is back."""
    with client(port) as asking:
        until(lambda: asking.get("/ready").json()["status"] == "ready")
        yield asking


def rows(home, statement, *values):
    with psycopg.connect(libpq_url(embedded.addresses(home).database_url), autocommit=True) as connection:
        return connection.execute(statement, values).fetchall()


class Load:
    """Six people who ask one thing after the other; what they were answered, and how long it took."""

    def __init__(self, port, *asks):
        self._port, self._asks, self._stop = port, asks, threading.Event()
        self.answered, self._lock = [], threading.Lock()

    def __enter__(self):
        self._pool = ThreadPoolExecutor(6)
        self._people = [self._pool.submit(self._ask_on, number) for number in range(6)]
        until(lambda: self.count() > 12)
        return self

    def __exit__(self, *_):
        self._stop.set()
        for one in self._people:
            one.result()
        self._pool.shutdown()

    def _ask_on(self, number):
        with client(self._port) as asking:
            while not self._stop.is_set():
                number += 1
                began_s = time.monotonic()
                answer = self._asks[number % len(self._asks)](asking)
                with self._lock:
                    self.answered.append((answer, time.monotonic() - began_s))

    def count(self, status=None):
        with self._lock:
            return sum(status in (None, answer.status_code) for answer, _ in self.answered)

    def more(self, n, status):
        """Wait until so many more were answered so."""
        wanted = self.count(status) + n
        until(lambda: self.count(status) >= wanted, or_else=lambda: f"{self.statuses()}")

    def statuses(self):
        return Counter(answer.status_code for answer, _ in self.answered)


def near(asking):
    return asking.get(NEARBY)


def schedule(asking):
    return asking.get(f"/schedule/{person('p0')}/{DAY}")


def run(asking):
    return asking.post(
        "/dispatch/runs", json={"region": "coquimbo", "date": DAY}, headers={"Idempotency-Key": uuid4().hex}
    )


def change(asking):
    """Book a job out of turn or take it away again, whichever the version in force allows."""
    version = asking.get(f"/schedule/{person('p1')}/{DAY}").json().get("version", 0)
    served = asking.get(f"/schedule/{person('p1')}/{DAY}").json().get("stops", [])
    wish = {"region": "coquimbo", "date": DAY, "base_version": version, "job_id": str(job("j1"))}
    return asking.post("/dispatch/changes", json=wish | {"contractor_id": None if served else str(person("p1"))})


def assert_refused_well(answer, took_s):
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "database_unavailable", answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert took_s < NO_LONGER_S


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_without_its_database_the_server_refuses_in_good_time_and_comes_back_by_itself(home, port, ready, how):
    places = recorded(home)
    n_runs, n_versions = (rows(home, f"select count(*) from {table}")[0][0] for table in ("dispatch_runs", "plans"))
    with Load(port, near, schedule, run, change) as load:
        if how == "stopped":
            postgres.stop(places)
        else:
            os.kill(postgres.pid(places), signal.SIGKILL)
        load.more(24, 503)
        embedded.start(home)
        load.more(24, 200)
    bad = [(answer, took_s) for answer, took_s in load.answered if answer.status_code not in (200, 202, 409)]
    for answer, took_s in bad:
        assert_refused_well(answer, took_s)
    assert ready.get("/ready").json()["status"] == "ready"
    # What was answered is stored, what was refused is not: but for those whose answer was lost on the way.
    started = [answer.json()["run_id"] for answer, _ in load.answered if answer.status_code == 202]
    stored = {str(row[0]) for row in rows(home, "select id from dispatch_runs")}
    assert set(started) <= stored
    assert n_runs < len(stored)
    # A run is there with its event and its task, or not at all.
    asked = rows(home, "select payload->>'run_id', id::text from events where name = 'dispatch_run.requested'")
    assert {run_id for run_id, _ in asked} == stored
    tasks = rows(home, "select args->>'event_id' from procrastinate_jobs where task_name = 'planner.plan'")
    assert {event_id for _, event_id in asked} == {event_id for (event_id,) in tasks}
    assert rows(home, "select version from plan_days where on_date = %s", DAY)[0][0] > n_versions
    assert_whole(home)


def assert_whole(home):
    """The plan in force, the bookings and the jobs say the same, whatever was broken off."""
    stops = rows(
        home,
        "select s.job_id, s.contractor_id from plan_days d join stops s on s.plan_id = d.plan_id where d.on_date = %s",
        DAY,
    )
    booked = rows(home, "select job_id, contractor_id from assignments where status in ('planned', 'started')")
    assigned = rows(home, "select id from jobs where status = 'assigned'")
    assert sorted(stops) == sorted(booked)
    assert {one for one, _ in booked} == {one for (one,) in assigned}
    assert rows(home, "select version from plan_days where on_date = %s", DAY) == rows(
        home, "select max(version) from plans where on_date = %s", DAY
    )


def test_a_statement_that_takes_too_long_is_refused(home, ready):
    with psycopg.connect(libpq_url(embedded.addresses(home).owner_url)) as locking, ThreadPoolExecutor(1) as asking:
        locking.execute("lock table contractors in access exclusive mode")
        asked = asking.submit(schedule, ready)
        waiting = "from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'trades serve'"
        until(lambda: rows(home, f"select pid {waiting}"))
        # The same SQLSTATE as that of a time-out, without the wait.
        assert rows(home, f"select pg_cancel_backend(pid) {waiting}") == [(True,)]
        answer = asked.result()
    assert_refused_well(answer, 0.0)


def test_without_redis_people_are_still_found_and_it_is_said(home, port, ready):
    places = recorded(home)
    assert ready.get(NEARBY).json()["live_positions"] is True
    with Load(port, near) as load:
        os.kill(redis.pid(places), signal.SIGKILL)
        until(lambda: ready.get(NEARBY).json()["live_positions"] is False)
        seen = until(lambda: (seen := ready.get("/ready")).json()["status"] != "ready" and seen)
        assert (seen.status_code, seen.json()["status"], seen.json()["redis"]) == (200, "degraded", False)
        embedded.start(home)
        until(lambda: ready.get(NEARBY).json()["live_positions"] is True)
    assert set(load.statuses()) == {200}


def test_an_engine_that_is_killed_under_load_costs_no_answer(home, port, ready):
    server = ready_server(home)
    with Load(port, near) as load:
        for _ in range(3):
            (engine, *_) = until(lambda: engines(server))
            os.kill(engine, signal.SIGKILL)
            load.more(12, 200)
        until(lambda: ready.get(NEARBY).json()["travel_time_source"] == "osrm")
    assert set(load.statuses()) == {200}
    assert {answer.json()["travel_time_source"] for answer, _ in load.answered} <= {"osrm", "straight"}


def ready_server(home):
    return int((home / "serve.pid").read_text())


def engines(server):
    """The server's road engines."""
    return [pid for pid in family(server)[1:] if "routing.child" in command(pid)]


def command(pid):
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""


def test_a_region_that_goes_while_it_is_served_is_not_covered_any_more_and_comes_back(home, port, ready):
    link = home / "regions" / "coquimbo" / "current"
    with Load(port, near, table) as load:
        target = link.readlink()
        link.unlink()
        until(lambda: ready.get(NEARBY).json()["covered"] is False)
        load.more(12, 422)
        link.symlink_to(target)
        until(lambda: ready.get(NEARBY).json().get("travel_time_source") == "osrm")
    for answer, _ in load.answered:
        if answer.status_code != 200:
            # The engine may close between the look at the regions and the question.
            assert (answer.status_code, answer.json()["code"]) in ((422, "outside_coverage"), (503, "engine_failed"))


def table(asking):
    places = [{"lat": LAT, "lng": LON}]
    return asking.post("/maps/matrix", json={"sources": places, "targets": places})


def test_a_large_body_is_refused_and_a_slow_client_holds_up_nobody(port, ready):
    assert ready.post("/maps/matrix", content=b" " * 10_000_000).status_code == 413
    with socket.create_connection(("127.0.0.1", port)) as slow:
        head = f"POST /maps/matrix HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\nContent-Length: 1000\r\n\r\n"
        slow.sendall(head.encode() + b"{")
        for _ in range(12):
            assert near(ready).status_code == 200
        slow.sendall(b" " * 999)
        assert slow.recv(100).startswith(b"HTTP/1.1 422")


def test_requests_under_way_are_answered_when_the_server_is_told_to_stop(home, tmp_path, ready):
    port, log = free_port(), tmp_path / "serve.log"
    with started(home, "serve", log=log, TRADES_KEY=KEY, TRADES_PORT=str(port)) as server:
        until(lambda: answers(port), or_else=log.read_text)
        owner = libpq_url(embedded.addresses(home).owner_url)
        with psycopg.connect(owner) as locking, client(port) as asker, ThreadPoolExecutor(1) as asking:
            locking.execute("lock table contractors in access exclusive mode")
            asked = asking.submit(schedule, asker)
            until(lambda: rows(home, "select 1 from pg_stat_activity where wait_event_type = 'Lock'"))
            server.send_signal(signal.SIGTERM)
            until(lambda: not answers(port))
            locking.rollback()
            assert asked.result().status_code == 200
        assert server.wait(15) in (0, -signal.SIGTERM)
    assert "Traceback" not in log.read_text()


def test_a_planner_goes_on_searching_while_the_database_is_away(home, tmp_path, ready):
    places, log = recorded(home), tmp_path / "planner.log"
    with started(home, "planner", log=log) as planner:
        asked = ready.post("/dispatch/runs", json={"region": "coquimbo", "date": DAY, "limit_s": 4, "seed": 7})
        path = f"/dispatch/runs/{asked.json()['run_id']}"
        rows(
            home,
            "delete from procrastinate_jobs where args->>'event_id' <> (select id::text from events where"
            " payload->>'run_id' = %s) returning 1",
            asked.json()["run_id"],
        )
        until(lambda: ready.get(path).json()["phase"] == "search", or_else=log.read_text)
        postgres.stop(places)
        until(
            lambda: log.read_text().count("does not answer") >= 2, or_else=log.read_text
        )  # the run's line, the queue's
        embedded.start(home)
        ended = until(
            lambda: (seen := ready.get(path)).status_code == 200 and seen.json()["state"] != "running" and seen
        )
        assert ended.json()["state"] == "ready", log.read_text()
        attempts = rows(home, "select attempts from dispatch_runs where id = %s", asked.json()["run_id"])
        assert (attempts, planner.poll()) == ([(1,)], None)
        # It hears of the next one as well.
        asked = ready.post("/dispatch/runs", json={"region": "coquimbo", "date": DAY, "budget_iterations": 1})
        path = f"/dispatch/runs/{asked.json()['run_id']}"
        until(lambda: ready.get(path).json()["state"] == "ready", or_else=log.read_text)
        planner.send_signal(signal.SIGTERM)
        assert planner.wait(20) == 0
