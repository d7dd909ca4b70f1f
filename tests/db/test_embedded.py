"""The servers under TRADES_HOME: real ones, each test in a home of its own, whatever happens to it."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from db import embedded
from db.embedded import HomeNotUsable, Machine, OtherVersion, ServerMissing, postgres, programs, redis
from db.embedded.places import recorded

ROOT = Path(__file__).resolve().parents[2]
AS_ROOT = os.geteuid() == 0
NOBODY = 65534
# A Python whose library lies beside it is found by the second.
HOW_PYTHON_STARTS = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}


@pytest.fixture
def open_folder():
    """A folder that the servers' account can enter, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="trades-"))
    folder.chmod(0o755)
    yield folder
    for home in {file.parent for file in folder.rglob("servers.json")}:
        embedded.remove(home)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def home():
    """A home that the tests of this file share: making one takes seconds. Each finds it in any healthy state."""
    folder = Path(tempfile.mkdtemp(prefix="trades-"))
    folder.chmod(0o755)
    yield folder / "home"
    embedded.remove(folder / "home")
    shutil.rmtree(folder)


def libpq(url):
    return url.replace("+psycopg", "", 1)


def asked(url, question):
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        return connection.execute(question).fetchall()


def told(url, *statements):
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def test_started_servers_are_found_by_whoever_asks_next(home):
    embedded.stop(home)
    first = embedded.start(home)
    second = embedded.start(home)
    assert (first.started, second.started) == (True, False)
    assert asked(second.database_url, "select current_user, current_database()") == [("trades_app", "trades")]
    assert redis.is_ready(recorded(home))
    assert embedded.addresses(home).redis_url == second.redis_url


def test_the_application_reads_and_writes_what_the_owner_makes_and_makes_nothing_itself(home):
    found = embedded.start(home)
    told(found.owner_url, "create table visits (id serial primary key, door geography(point))")
    told(found.database_url, "insert into visits (door) values ('point(-71.3 -29.9)')")
    assert asked(found.database_url, "select count(*) from visits") == [(1,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        told(found.database_url, "create table mine (id int)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        told(found.database_url, "drop table visits")


def test_a_new_database_is_born_with_the_extensions_and_the_same_rights(home):
    found = embedded.start(home)
    embedded.create_database(found, "for a test")
    url = found.owner_url.replace("/trades?", "/for%20a%20test?")
    extensions = asked(url, "select extname from pg_extension where extname <> 'plpgsql' order by 1")
    assert extensions == [("btree_gist",), ("pg_trgm",), ("postgis",)]
    told(url, "create table visits (id int)")
    assert asked(url.replace("trades_owner@", "trades_app@"), "select count(*) from visits") == [(0,)]


def test_the_servers_listen_on_a_socket_that_only_their_account_can_reach_and_on_no_port(home):
    found = embedded.start(home)
    sockets = recorded(home).sockets
    assert sockets.stat().st_mode & 0o777 == 0o700
    assert (sockets.stat().st_uid == 0) is False
    shown = asked(found.admin_url, "select name, setting from pg_settings where name in ('listen_addresses')")
    assert shown == [("listen_addresses", "")]
    assert asked(found.admin_url, "select current_setting('data_checksums'), current_setting('server_encoding')") == [
        ("on", "UTF8")
    ]


def test_after_kill_9_of_both_servers_the_next_start_has_the_data(home):
    found = embedded.start(home)
    told(found.owner_url, "create table kept (n int)", "insert into kept values (42)")
    places = recorded(home)
    for pid in (postgres.pid(places), redis.pid(places)):
        os.kill(pid, signal.SIGKILL)
    again = embedded.start(home)
    assert again.started
    assert asked(again.owner_url, "select n from kept") == [(42,)]
    assert redis.is_ready(places)


def test_of_starts_at_the_same_time_one_starts_and_the_others_attach(home):
    embedded.stop(home)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(embedded.start, [home] * 4))
    assert sorted(one.started for one in found) == [False, False, False, True]
    assert len({one.database_url for one in found}) == 1


def test_a_pid_file_with_the_number_of_another_program_neither_stops_that_nor_hinders_the_start(home):
    embedded.start(home)
    embedded.stop(home)
    with subprocess.Popen(["sleep", "60"], user=(home / "postgres").stat().st_uid) as bystander:
        (home / "postgres/data/postmaster.pid").write_text(f"{bystander.pid}\n{home}/postgres/data\n")
        (home / "redis/redis.pid").write_text(f"{bystander.pid}\n")
        assert embedded.stop(home) == embedded.Stopped()
        assert embedded.start(home).started
        assert redis.pid(recorded(home)) not in (None, bystander.pid)
        assert bystander.poll() is None
        bystander.kill()


def test_servers_whose_sockets_were_removed_are_started_anew(home):
    embedded.start(home)
    for socket in recorded(home).sockets.iterdir():
        socket.unlink()
    again = embedded.start(home)
    assert again.started
    assert asked(again.database_url, "select 1") == [(1,)]
    assert embedded.start(home).started is False


def test_stopping_twice_is_no_error_and_says_what_was_running(home):
    embedded.start(home)
    assert embedded.stop(home) == embedded.Stopped(postgres=True, redis=True)
    assert embedded.stop(home) == embedded.Stopped(postgres=False, redis=False)


def test_a_home_moved_to_a_long_and_odd_path_keeps_its_data_and_gets_its_sockets_elsewhere(home):
    told(embedded.start(home).owner_url, "create table moved (n int)", "insert into moved values (7)")
    embedded.stop(home)
    parent = home.parent / ('it\'s an "odd" $HOME, é ' + "x" * 100)
    parent.mkdir(mode=0o755)
    moved = home.rename(parent / "home")
    try:
        found = embedded.start(moved)
        sockets = recorded(moved).sockets
        assert asked(found.database_url, "select n from moved") == [(7,)]
        assert redis.is_ready(recorded(moved))
        assert not sockets.is_relative_to(moved)
        assert len(os.fsencode(sockets / ".s.PGSQL.5432")) <= 107
        assert [str(sockets) in note for note in found.notes] == [True]
    finally:
        embedded.stop(moved)
        shutil.rmtree(recorded(moved).sockets)
        moved.rename(home)


def test_a_home_in_a_folder_that_is_closed_to_others_works_and_its_data_are_where_the_servers_can_go(open_folder):
    closed, elsewhere = open_folder / "closed", open_folder / "state"
    closed.mkdir(mode=0o700)
    found = embedded.start(closed / "home", machine=Machine(state_folder=elsewhere))
    assert asked(found.database_url, "select 1") == [(1,)]
    data = recorded(closed / "home").data
    assert data.is_relative_to(elsewhere if AS_ROOT else closed)
    assert [str(elsewhere) in note for note in found.notes] == ([True] if AS_ROOT else [])
    assert embedded.start(closed / "home").database_url == found.database_url


def test_an_ordinary_user_has_servers_of_their_own(open_folder):
    home = open_folder / "home"
    home.mkdir()
    # Imported before root is left: the Python may lie where only root can read it.
    program = """
import os, sys
from pathlib import Path
import psycopg, encodings.idna
from db import embedded
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[2]))
home = Path(sys.argv[1])
found = embedded.start(home)
with psycopg.connect(found.database_url.replace("+psycopg", "")) as connection:
    print(connection.execute("select current_user").fetchone()[0])
print(found.started, embedded.start(home).started, (home / "postgres/data").stat().st_uid == os.getuid())
print(embedded.stop(home))
"""
    if AS_ROOT:
        os.chown(home, NOBODY, NOBODY)
    ran = subprocess.run(
        [sys.executable, "-c", program, home, str(NOBODY)],
        env=HOW_PYTHON_STARTS | {"PYTHONPATH": str(ROOT), "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.stdout.splitlines() == ["trades_app", "True False True", "Stopped(postgres=True, redis=True)"], (
        ran.stderr
    )


def test_a_machine_without_servers_is_told_the_packages_and_the_alternative(open_folder):
    bare = Machine(postgres_patterns=(f"{open_folder}/none/*/bin",), path=str(open_folder))
    with pytest.raises(ServerMissing) as fault:
        embedded.start(open_folder / "home", machine=bare)
    assert fault.value.missing == ("postgres", "redis")
    assert "apt-get install 'postgresql-[0-9]+-postgis-3$' redis-server" in str(fault.value)
    assert "DATABASE_URL and REDIS_URL" in str(fault.value)
    assert not (open_folder / "home").exists()


def test_a_postgresql_without_postgis_is_named_with_what_it_lacks(open_folder):
    bin_folder = open_folder / "lib/postgresql/16/bin"
    bin_folder.mkdir(parents=True)
    for program in ("postgres", "initdb", "pg_ctl"):
        (bin_folder / program).symlink_to("/bin/true")
    extensions = open_folder / "share/postgresql/16/extension"
    extensions.mkdir(parents=True)
    for name in ("btree_gist", "pg_trgm"):
        (extensions / f"{name}.control").touch()
    lame = Machine(postgres_patterns=(f"{open_folder}/lib/postgresql/*/bin",), path=str(open_folder))
    with pytest.raises(ServerMissing, match="PostgreSQL 16 is there, but lacks postgis"):
        embedded.start(open_folder / "home", {"REDIS_URL": "redis://elsewhere"}, machine=lame)


@pytest.fixture
def broken_home(open_folder):
    """A home whose data folder says its version and holds nothing else."""
    data = open_folder / "home/postgres/data"
    data.mkdir(parents=True)
    data.chmod(0o700)
    if AS_ROOT:
        os.chown(data, *pwd.getpwnam("postgres")[2:4])
    (data / "PG_VERSION").write_text(f"{programs.find_postgres().major}\n")
    return open_folder / "home"


def test_data_of_a_version_that_is_not_installed_are_left_alone_and_both_versions_named(broken_home):
    (broken_home / "postgres/data/PG_VERSION").write_text("9.6\n")
    with pytest.raises(OtherVersion) as fault:
        embedded.start(broken_home)
    assert (fault.value.made_by, fault.value.installed) == (9, programs.find_postgres().major)
    assert "postgresql-9-postgis-3" in str(fault.value)
    assert (broken_home / "postgres/data/PG_VERSION").exists()


def test_a_server_that_does_not_start_shows_the_last_lines_of_its_log(broken_home):
    with pytest.raises(embedded.ServerFailed) as fault:
        embedded.start(broken_home)
    assert "PostgreSQL did not start" in str(fault.value)
    assert any("could not access the server configuration file" in line for line in fault.value.last_lines)


if AS_ROOT:  # an ordinary user's servers enter what the user enters

    def test_a_database_in_a_home_that_its_server_cannot_enter_is_not_replaced_by_an_empty_one(broken_home):
        broken_home.parent.chmod(0o700)
        with pytest.raises(HomeNotUsable, match="it holds a database, and postgres cannot enter"):
            embedded.start(broken_home, machine=Machine(state_folder=broken_home.parent / "state"))
