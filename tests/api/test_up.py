"""./trades up and down as processes: what is said, what is watched, and that nothing is left."""

import asyncio
import json
import os
import re
import resource
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest
import small_day
from platform_processes import answers, api, client, family, free_port, home_with_servers, is_alive, started, until
from servers import KEY
from small_day import SmallDay

from api import holding
from api.holding import Running
from api.key import KeyNotUsable, ensure_key
from api.settings import Settings
from api.up import CannotServe, down
from db import embedded
from db.engine import connect, libpq_url

pytestmark = pytest.mark.slow  # real processes that are killed and started again: faults run with --all

TOLD = re.compile(r"· up at (http://\S+) \(process (\d+), log (\S+)\)\n· the key is in (\S+)\n")


@pytest.fixture(scope="module")
def served_elsewhere(module_database_url, servers):
    """Addresses of servers that a home need not start."""
    return {"DATABASE_URL": module_database_url, "REDIS_URL": servers.redis_url}


def note(home):
    return json.loads((home / "up.json").read_text())


@pytest.fixture(scope="module")
def own_home(coquimbo, sample_home):
    """A home with servers of its own, a region and a key that anybody could read; all is ended at the end."""
    with home_with_servers() as (home, _):
        (home / "regions").symlink_to(sample_home / "regions")
        (home / "key").write_text(f"{KEY}\n")
        (home / "key").chmod(0o644)
        yield home
        api(home, "down")


def execute(home, statement):
    with psycopg.connect(libpq_url(embedded.addresses(home).database_url), autocommit=True) as connection:
        made = connection.execute(statement)
        return made.fetchall() if made.description else []


@pytest.fixture(scope="module")
def a_day(own_home):
    """People and jobs of a day in the home's database; which day."""

    async def settle():
        engine = connect(embedded.addresses(own_home).database_url)
        day = SmallDay(engine)
        await day.clear()  # the server has found the region and written it down
        await day.settle()
        await engine.dispose()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(small_day, "TOWN", "coquimbo")
        asyncio.run(settle())
    return small_day.TUESDAY.isoformat()


@pytest.fixture(scope="module")
def up(own_home):
    """What ``up --detach`` said, its port and processes. The tests from here on tell one story, down to its end."""
    port = free_port()
    done = api(own_home, "up", "--detach", "--port", str(port))
    assert done.returncode == 0, done.stdout
    return done.stdout, port, family(note(own_home)["pid"])


def test_up_detached_returns_when_the_server_answers_and_says_where(own_home, up):
    said, port, pids = up
    assert answers(port)
    url, pid, log, key = TOLD.fullmatch(said).groups()
    assert (url, int(pid)) == (f"http://127.0.0.1:{port}", pids[0])
    assert (log, key) == (str(own_home / "logs" / "up.log"), str(own_home / "key"))
    assert (own_home / "key").read_text() == f"{KEY}\n"
    assert (own_home / "key").stat().st_mode & 0o777 == 0o600
    assert f"up at {url}" in (own_home / "logs" / "up.log").read_text()


def test_a_second_up_says_where_the_first_answers(own_home, up):
    _, port, pids = up
    again = api(own_home, "up", "--detach", "--port", str(free_port()))
    assert again.returncode == 0
    assert f"already up at http://127.0.0.1:{port} (process {pids[0]})" in again.stdout
    assert note(own_home)["pid"] == pids[0]


def test_a_port_in_use_is_named_with_the_way_out_and_nothing_is_left(tmp_path, up):
    _, port, _ = up
    done = api(tmp_path, "up", "--port", str(port))
    assert done.returncode == 1
    assert f"port {port} of 127.0.0.1 cannot be used: something else answers there" in done.stdout
    assert f"--port {port + 1}" in done.stdout
    assert not (tmp_path / "up.json").exists()


def test_a_server_that_is_killed_is_replaced_and_nobody_is_refused_meanwhile(own_home, up):
    _, port, _ = up
    server = note(own_home)["processes"][0]
    with client(port) as asking:
        assert asking.get("/health").status_code == 200
    os.kill(server, signal.SIGKILL)
    with client(port, timeout=60.0) as asking:  # the line waits for the next server: its socket was never closed
        assert asking.get("/health").status_code == 200
    assert until(lambda: note(own_home)["processes"][0] != server)
    assert not is_alive(server)


def test_a_run_whose_planner_is_killed_is_taken_up_by_the_next(own_home, up, a_day):
    _, port, _ = up
    with client(port) as asking:
        asked = asking.post("/dispatch/runs", json={"region": "coquimbo", "date": a_day, "limit_s": 60})
        assert asked.status_code == 202, asked.text
        run = f"/dispatch/runs/{asked.json()['run_id']}"
        until(lambda: asking.get(run).json()["phase"] == "search")
        planner = note(own_home)["processes"][1]
        os.kill(planner, signal.SIGKILL)
        until(lambda: note(own_home)["processes"][1] != planner)
        # As if the dead one had been silent for a minute.
        execute(own_home, "update dispatch_runs set seen_at = seen_at - interval '1 minute' where state = 'running'")
        until(lambda: asking.get(run).json()["phase"] != "search")
        until(lambda: asking.get(run).json()["phase"] == "search")
        assert asking.post(f"{run}/cancel").status_code == 200
        ended = until(lambda: (seen := asking.get(run).json())["state"] != "running" and seen)
        assert (ended["state"], ended["preview"]["stopped_by"]) == ("ready", "cancel")
        assert len(ended["preview"]["added"]) > 0


def test_a_database_that_is_killed_is_started_again(own_home, up, a_day):
    _, port, _ = up
    pid = int((own_home / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    with client(port) as asking:
        os.kill(pid, signal.SIGKILL)
        until(lambda: asking.get("/ready").status_code == 503)
        ready = until(lambda: (seen := asking.get("/ready")).status_code == 200 and seen.json())
        assert ready["status"] == "ready"
        run_id = asking.post(
            "/dispatch/runs", json={"region": "coquimbo", "date": a_day, "budget_iterations": 1}
        ).json()
        run = f"/dispatch/runs/{run_id['run_id']}"
        until(lambda: asking.get(run).json()["state"] == "ready")


def test_down_answers_what_is_under_way_and_leaves_nothing_running(own_home, up, a_day):
    _, port, pids = up
    pids = family(note(own_home)["pid"])
    assert len(pids) >= 3
    with psycopg.connect(libpq_url(embedded.addresses(own_home).owner_url)) as locking, ThreadPoolExecutor(2) as pool:
        locking.execute("lock table contractors in access exclusive mode")
        asked = pool.submit(ask, port, f"/schedule/{uuid4()}/{a_day}")
        waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'trades serve'"
        until(lambda: execute(own_home, waiting))
        stopping = pool.submit(api, own_home, "down")
        until(lambda: not answers(port))  # nobody new gets in
        assert not asked.done()
        locking.rollback()
        assert asked.result() == 404
        done = stopping.result()
    assert (done.returncode, done.stdout) == (0, "· stopped; PostgreSQL and Redis are stopped\n")
    assert [pid for pid in pids if is_alive(pid)] == []
    assert not any(server.answers for server in embedded.status(own_home))
    assert not (own_home / "up.json").exists()


def ask(port, path):
    with client(port) as asking:
        return asking.get(path).status_code


def test_a_second_down_is_harmless(own_home, up):
    done = api(own_home, "down")
    assert (done.returncode, done.stdout) == (0, "· nothing was up\n")


def test_down_makes_no_home(tmp_path):
    assert api(tmp_path / "never", "down").returncode == 0
    assert list(tmp_path.iterdir()) == []


def interrupt(process):
    """Ctrl-C, as a terminal sends it: to the whole group."""
    os.killpg(process.pid, signal.SIGINT)


def test_a_killed_watcher_leaves_processes_that_end_and_the_next_up_waits_for_them(tmp_path, served_elsewhere):
    port, log = free_port(), tmp_path / "up.log"
    asked = ("up", "--port", str(port))
    with started(tmp_path, *asked, log=log, **served_elsewhere) as first:
        until(lambda: "· up at" in log.read_text(), or_else=log.read_text)
        left = family(first.pid)
        first.kill()
        first.wait()
        with started(tmp_path, *asked, log=log, **served_elsewhere) as second:
            until(lambda: log.read_text().count("· up at") == 2, or_else=log.read_text)
            assert [pid for pid in left if is_alive(pid)] == []
            ours = family(second.pid)
            interrupt(second)
            assert second.wait(30) == 0
    assert [pid for pid in ours if is_alive(pid)] == []
    assert not answers(port)
    assert "is started again" not in log.read_text()


def test_down_ends_what_a_killed_watcher_has_left_even_when_it_does_not_listen(tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setattr(holding, "LEFT_BEHIND_S", 0.3)
    with holding.take_processes(home, print) as lock:
        deaf = subprocess.Popen(["sh", "-c", "trap '' TERM; exec cat"], stdin=subprocess.PIPE, pass_fds=[lock.fileno()])
    holding.write(home, Running(2**22 + 1, "http://127.0.0.1:1", (deaf.pid,)))
    assert holding.has_left_behind(home)
    assert down(Settings(home=home)) == 0
    assert deaf.wait() == -signal.SIGKILL
    deaf.stdin.close()
    assert not holding.has_left_behind(home)


def test_a_number_that_now_belongs_to_another_process_is_not_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(holding, "LEFT_BEHIND_S", 0.1)
    with holding.take_processes(tmp_path, print) as lock:
        holder = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=[lock.fileno()])
    stranger = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    holding.write(tmp_path, Running(stranger.pid, "http://127.0.0.1:1", (stranger.pid,)))
    with pytest.raises(CannotServe, match=r"processes\.lock and do not end"):
        down(Settings(home=tmp_path))
    assert stranger.poll() is None
    for process in (holder, stranger):
        process.communicate()


def test_processes_that_end_at_once_are_not_started_for_ever(tmp_path):
    done = api(
        tmp_path,
        "up",
        "--port",
        str(free_port()),
        DATABASE_URL="postgresql://nobody@/x",
        REDIS_URL="redis://y",
        TRADES_POOL_SIZE="0",
    )
    assert done.returncode == 2
    assert "POOL_SIZE cannot be used" in done.stdout


@pytest.mark.parametrize("command", ["up", "down"])
def test_a_home_that_is_a_file_is_named_with_the_remedy(tmp_path, command):
    home = tmp_path / "file"
    home.write_text("mine")
    done = api(home / "in" if command == "up" else home, command)
    assert home.read_text() == "mine"
    if command == "up":
        assert done.returncode == 1
        assert str(home) in done.stdout
        assert "Set TRADES_HOME" in done.stdout or "set TRADES_HOME" in done.stdout
        assert "Traceback" not in done.stdout


def test_a_full_disk_is_said_and_leaves_no_half_key(tmp_path, served_elsewhere):
    full = {"before": no_byte_more, **served_elsewhere}
    done = api(tmp_path, "up", "--port", str(free_port()), **full)
    assert done.returncode == 1
    assert str(tmp_path / "key") in done.stdout
    assert "Make room there" in done.stdout
    assert sorted(file.name for file in tmp_path.iterdir()) == ["processes.lock", "up.lock"][1:]
    assert api(tmp_path, "down").returncode == 0


def no_byte_more():
    """As on a full disk: files can be made, and nothing can be written to them."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


@pytest.mark.parametrize("text", ["", "short", "é" * 40])
def test_a_file_that_holds_no_key_is_refused_rather_than_taken_for_one(tmp_path, text):
    (tmp_path / "key").write_text(text)
    with pytest.raises(KeyNotUsable, match="Delete it"):
        ensure_key(tmp_path, None)


def test_two_who_make_the_key_at_once_have_the_same(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = {key for key, _ in pool.map(lambda _: ensure_key(tmp_path, None), range(32))}
    assert len(keys) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["key"]
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
