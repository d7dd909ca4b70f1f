"""Suite http: clocks that run from the instant a request is due, failures that are counted, and one real server."""

import asyncio
import json
import os
import socket
import sys
from contextlib import asynccontextmanager, closing

import pytest

from benchmarks.__main__ import main
from benchmarks.choices import BadChoice
from benchmarks.http_load import asked as read_asked
from benchmarks.http_load.asking import look_around
from benchmarks.http_load.client import Client, Request
from benchmarks.http_load.load import Load, due_s, sent
from benchmarks.http_load.processes import cpu_of_parts, cpu_s
from benchmarks.http_load.suite import rates_of
from benchmarks.ledger import read_ledger
from db import contractor_intake, engine, regions
from dispatch.places import street_places
from dispatch.standing_types import StandingContractor, StandingShift
from geo.point import Point

GET = [Request("GET", "/")]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@asynccontextmanager
async def serving(answer):
    """A server whose every request gets the bytes that ``await answer(head)`` returns; None hangs up."""

    async def talk(reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                said = await answer(head)
                if said is None:
                    break
                writer.write(said)
        except (EOFError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        server.close_clients()
        await server.wait_closed()


async def ok(_head):
    return OK


def load_of(port, **fields):
    return Load(**({"host": "127.0.0.1", "port": port, "key": None, "requests": GET, "seconds": 0.3} | fields))


def test_instants_are_a_poisson_process_of_the_rate():
    instants = due_s(100, 50, seed=1)
    assert instants == sorted(instants) == due_s(100, 50, seed=1)
    assert instants[0] >= 0
    assert instants[-1] < 50
    assert abs(len(instants) - 5000) < 5 * 5000**0.5


async def test_answers_that_are_held_up_count_from_the_instants_at_which_they_were_due():
    due = due_s(100, 0.3, seed=1)
    everybody, n_here = asyncio.Event(), 0

    async def answer(_head):
        nonlocal n_here
        n_here += 1
        if n_here == len(due):
            everybody.set()
        await everybody.wait()
        return OK

    async with serving(answer) as port:
        outcome = await sent(load_of(port, rate_per_s=100))
    # Nobody was answered before the last had come; a client that waits for answers would never have sent it.
    assert outcome.statuses == {"200": len(due)}
    assert all(
        took_s >= due[-1] - instant_s - 1e-6
        for took_s, instant_s in zip(sorted(outcome.took_s)[::-1], due, strict=True)
    )


async def test_a_request_that_waits_for_a_connection_counts_from_when_it_was_due():
    due = due_s(100, 0.3, seed=1)
    free = asyncio.Event()
    asyncio.get_running_loop().call_later(0.5, free.set)

    async def answer(_head):
        await free.wait()
        return OK

    async with serving(answer) as port:
        outcome = await sent(load_of(port, rate_per_s=100, most_connections=1))
    assert len(outcome.took_s) == len(due)
    # The first blocks the only connection for half a second: all others, sent after that, were due before 0.3 s.
    assert min(outcome.took_s) >= 0.5 - due[-1] - 0.05
    assert max(outcome.took_s) >= 0.5 - due[0] - 0.05


async def test_a_closed_loop_keeps_so_many_under_way_and_no_more():
    under_way, most = 0, 0
    together = asyncio.Event()

    async def answer(_head):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        if under_way == 3:
            together.set()
        await together.wait()
        under_way -= 1
        return OK

    async with serving(answer) as port:
        outcome = await sent(load_of(port, n_at_once=3, seconds=0.1))
    assert most == 3
    assert outcome.n_sent >= 3


async def test_every_way_to_fail_is_counted_and_never_timed():
    busy = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
    never = asyncio.Event()

    async def answer(head):
        path = head.split()[1]
        if path == b"/never":
            await never.wait()
        return {b"/busy": busy, b"/gone": None}.get(path, OK)

    paths = ("/", "/busy", "/gone", "/never")
    requests = [Request("GET", path) for path in paths]
    async with serving(answer) as port:
        n = len(due_s(100, 0.3, seed=1))
        outcome = await sent(load_of(port, requests=requests, rate_per_s=100, timeout_s=0.3))
        never.set()
    expected = [len(range(first, n, 4)) for first in range(4)]
    assert outcome.statuses == dict(zip(("200", "503", "broken", "timeout"), expected, strict=True))
    assert len(outcome.took_s) == expected[0]
    assert outcome.n_sent == n


async def test_who_gave_travel_times_is_counted_in_whole_and_in_chunked_answers():
    whole, parted = b'{"travel_time_source":"osrm"}', b'{"a":1,"travel_time_source": "straight"}'
    answers = {
        b"/whole": b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(whole), whole),
        b"/parted": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n"
        % (parted[:5], len(parted) - 5, parted[5:]),
    }

    async def answer(head):
        return answers[head.split()[1]]

    requests = [Request("GET", "/whole"), Request("GET", "/parted")]
    async with serving(answer) as port:
        outcome = await sent(load_of(port, requests=requests, rate_per_s=100))
        client = Client("127.0.0.1", port, None)
        assert (await client.send(requests[1], with_body=True)).body == parted
        await client.close()
    n = outcome.n_sent
    assert outcome.sources == {"osrm": (n + 1) // 2, "straight": n // 2}


async def test_a_kept_connection_that_the_server_closed_meanwhile_is_opened_anew():
    served = []

    async def once(head):
        served.append(head)
        return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" if len(served) != 2 else None

    async with serving(once) as port:
        client = Client("127.0.0.1", port, "secret")
        assert [(await client.send(GET[0])).status for _ in range(2)] == ["200", "200"]
        await client.close()
    assert len(served) == 3
    assert all(b"Authorization: Bearer secret\r\n" in head for head in served)


def test_without_a_server_the_remedy_is_named(helsinki):
    with closing(socket.socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(BadChoice, match=r"no server answers .*\(refused\); start one with \./trades up"):
            look_around("127.0.0.1", nobody.getsockname()[1], None, helsinki, 1)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://10.0.0.1:8000", "this machine only"),
        ("http://trades.example", "this machine only"),
        ("https://127.0.0.1", "address of a server alone"),
        ("http://127.0.0.1:8000/maps", "address of a server alone"),
        ("http://127.0.0.1:99999", "out of range"),
        ("127.0.0.1:8000", "address of a server alone"),
    ],
)
def test_load_goes_to_this_machine_and_nowhere_else(url, why, tmp_path):
    with pytest.raises(BadChoice, match=why):
        read_asked(
            url=url,
            region=None,
            endpoints=None,
            rates="1",
            seconds=1.0,
            seed=1,
            home=tmp_path,
            environ={"TRADES_KEY": "a-key-of-the-tests"},
        )


@pytest.mark.parametrize("text", ["", "fast", "0", "-1", "nan", "10,1e9"])
def test_a_rate_that_is_none_is_refused(text):
    with pytest.raises(BadChoice, match="--rates"):
        rates_of(text)


def test_a_missing_key_is_asked_for(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("TRADES_HOME", str(tmp_path))
    monkeypatch.delenv("TRADES_KEY", raising=False)
    assert main(["run", "http"]) == 2
    assert "no key: TRADES_KEY is not set" in capsys.readouterr().err


def test_a_process_that_works_has_spent_more_than_before():
    before = cpu_s(os.getpid())
    while cpu_s(os.getpid()) < before + 0.02:
        sum(range(100_000))
    assert cpu_s(2**31 - 1) == 0.0  # nobody has this number


def test_without_the_platform_s_note_nobody_is_said_to_pay(tmp_path):
    assert cpu_of_parts(tmp_path, {}) is None


@pytest.fixture
async def served(helsinki, helsinki_engine, sample_home, database_url, redis_url, tmp_path):
    """A home with a region, and a server on it: its port and environment. Twelve electricians live there and work around the clock."""
    homes = street_places(helsinki_engine, helsinki.outline, 1, 12).lonlat.tolist()
    people = [
        StandingContractor(f"c{i}", f"Person {i}", frozenset({"electrician"}), Point(*home), StandingShift(0, 0))
        for i, home in enumerate(homes)
    ]
    made = engine.connect(database_url, pool_size=1)
    async with engine.transaction(made) as tx:
        await regions.bring_into_line(tx, [helsinki])
        await contractor_intake.store(tx, helsinki.name, people, helsinki.timezone)
    await made.dispose()
    home = tmp_path / "served"
    home.mkdir()
    (home / "regions").symlink_to(sample_home / "regions")
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "TRADES_HOME": str(home),
        "TRADES_KEY": "a-key-of-the-tests-0123456789",
        "TRADES_PORT": str(port),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
    }
    # What serves is a child of the process in this note, as it is under ./trades up.
    (home / "up.json").write_text(json.dumps({"pid": os.getpid(), "url": f"http://127.0.0.1:{port}"}))
    log = (tmp_path / "serve.log").open("wb")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "api", "serve"), env=environment, stdout=log, stderr=log
    )
    try:
        client = Client("127.0.0.1", port, None, timeout_s=5.0)
        while (await client.send(Request("GET", "/health"))).status != "200":
            assert process.returncode is None, (tmp_path / "serve.log").read_text()
        await client.close()
        yield port, environment
    finally:
        process.terminate()
        async with asyncio.timeout(30):
            await process.wait()
        log.close()


async def test_a_running_server_is_measured_and_its_costs_are_told(served, tmp_path, capsys, monkeypatch):
    port, environment = served
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    out, plots = tmp_path / "http.json", tmp_path / "plots"
    arguments = [
        "run",
        "http",
        "--url",
        f"http://127.0.0.1:{port}",
        "--rates",
        "20",
        "--seconds",
        "0.8",
        "--region",
        "helsinki",
    ]
    status = await asyncio.to_thread(main, [*arguments, "--out", str(out), "--plots", str(plots)])
    told = capsys.readouterr()
    assert status == 0, told.err
    assert all(len(line) <= 80 for line in told.out.splitlines())
    figures = read_ledger(out).found["http"]
    assert set(figures["runs"]) == {
        f"{endpoint} {load}"
        for endpoint in ("nearby", "night", "optimize", "schedule")
        for load in ("20/s", "saturation")
    }
    for name, one in figures["runs"].items():
        assert one["n_bad"] == 0, name
        assert one["n_sent"] == one["statuses"]["200"] > 0
        assert one["cpu_ms"]["api"] > 0
        if not name.startswith("schedule"):
            assert one["travel_time_source"] == {"osrm": one["n_sent"]}
    bare = figures["bare"]
    assert bare["n_targets"] == 12
    assert bare["total_ms"] == pytest.approx(bare["statement_ms"] + bare["backend_ms"] + bare["table_ms"], abs=1e-3)
    assert bare["mld_table_ms"] > 0
    share = figures["share"]
    assert share["share_by_mld"] > 0
    assert share["share"] == pytest.approx(share["per_s"] / share["bare_per_s"], abs=1e-3)
    assert f"= {share['share']:.2f} ×" in told.out
    assert [file.name for file in plots.iterdir()] == ["http.svg"]
