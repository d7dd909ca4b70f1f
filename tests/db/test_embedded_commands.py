"""./trades db, on servers of its own."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from db import commands, embedded
from db.__main__ import main

ROOT = Path(__file__).resolve().parents[2]
GIVEN = ("DATABASE_URL", "REDIS_URL", "POSTGRES_HOST")


@pytest.fixture(scope="module")
def module_home():
    folder = Path(tempfile.mkdtemp(prefix="trades-"))
    folder.chmod(0o755)
    yield folder
    embedded.remove(folder)
    shutil.rmtree(folder)


@pytest.fixture
def home(module_home, monkeypatch):
    monkeypatch.setenv("TRADES_HOME", str(module_home))
    for name in GIVEN:
        monkeypatch.delenv(name, raising=False)
    return module_home


def program(*arguments, **variables):
    """As the front door runs it, for what becomes another program."""
    return subprocess.run(
        [sys.executable, "-m", "db", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def connected(home):
    return psycopg.connect(embedded.addresses(home).owner_url.replace("+psycopg", ""), autocommit=True)


def test_start_says_what_it_did_and_that_the_next_one_attached(home, capsys):
    embedded.stop(home)
    assert main(["start"]) == 0
    first = capsys.readouterr().out
    assert main(["start"]) == 0
    second = capsys.readouterr().out
    assert first.startswith("PostgreSQL and Redis: started\n")
    assert second.startswith("PostgreSQL and Redis: running already; attached\n")
    assert f"REDIS_URL=unix://{home}/run/redis.sock\n" in second


def test_migrate_makes_the_tables_once_and_status_counts_their_rows(home, capsys):
    assert main(["reset", "--yes"]) == 0
    assert main(["migrate"]) == 0
    assert re.search(r"^schema: empty -> \w+$", capsys.readouterr().out, re.MULTILINE)
    assert main(["migrate"]) == 0
    assert re.fullmatch(r"schema: \w+, as it was\n", capsys.readouterr().out)
    assert main(["status"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"PostgreSQL +running, \d+\.\d+, PostGIS \d", said)
    assert re.search(r"Redis +running, \d+\.\d+", said)
    assert "(up to date)" in said
    assert "jobs 0" in said


def test_status_of_stopped_servers_is_not_a_success_and_starts_nothing(home, capsys):
    embedded.start(home)
    embedded.stop(home)
    assert main(["status"]) == 1
    said = capsys.readouterr().out
    assert "PostgreSQL  is stopped (embedded)" in said
    assert "Redis       is stopped (embedded)" in said
    assert main(["status"]) == 1


def test_a_given_server_that_does_not_answer_is_named_without_its_password(home, capsys, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/x")
    monkeypatch.setenv("REDIS_URL", "redis://:secret@127.0.0.1:1")
    assert main(["status"]) == 1
    said = capsys.readouterr().out
    assert "postgresql+psycopg://me:***@127.0.0.1:1/x" in said
    assert said.count("(given)") == 2
    assert "secret" not in said


def test_an_unreachable_database_is_one_line_and_no_trace(home, capsys, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/x")
    assert main(["migrate"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("trades db migrate: ")
    assert "port 1 failed" in said
    assert "secret" not in said


def test_what_destroys_wants_a_yes(home, capsys):
    assert main(["reset"]) == 2
    assert "add --yes" in capsys.readouterr().err
    assert main(["migrate", "--down-to", "base"]) == 2
    assert "add --yes" in capsys.readouterr().err


def test_reset_leaves_a_database_alone_that_is_in_use_and_names_who_uses_it(home, capsys):
    embedded.start(home)
    assert main(["reset", "--yes"]) == 0
    with closing(connected(home)) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("set application_name = 'the planner'")
        assert main(["reset", "--yes"]) == 2
        assert "in use by the planner (1)" in capsys.readouterr().err
        assert connection.execute("select count(*) from kept").fetchone() == (0,)
    assert main(["reset", "--yes"]) == 0
    with closing(connected(home)) as connection:
        assert connection.execute("select to_regclass('kept')").fetchone() == (None,)


def test_reset_never_touches_a_given_database(home, capsys, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://me@127.0.0.1:1/x")
    assert main(["reset", "--yes"]) == 2
    assert "DATABASE_URL names another" in capsys.readouterr().err


def test_the_shell_is_psql_with_its_own_options_and_the_role_that_is_asked_for(home):
    embedded.start(home)
    ran = program("shell", "-At", "-c", "select current_user")
    assert (ran.stdout, ran.stderr, ran.returncode) == ("trades_app\n", "", 0)
    assert program("shell", "--role", "owner", "--", "-At", "-c", "select current_user").stdout == "trades_owner\n"
    assert program("shell", "-c", "select 1/0").returncode == 1


def test_psql_gets_a_password_where_other_people_cannot_read_it():
    told = commands._for_psql("postgresql+psycopg://me:p%40ss@db:5433/x?sslmode=require")
    assert told == ("postgresql://me@db:5433/x?sslmode=require", "p@ss")
    assert commands._for_psql("postgresql://me@db/x?password=pw&a=b") == ("postgresql://me@db/x?a=b", "pw")
    assert commands._for_psql("postgresql+psycopg:///x?host=%2Frun") == ("postgresql:///x?host=%2Frun", None)


def test_logs_show_the_end_of_one_servers_log_or_of_both(home, capsys):
    embedded.start(home)
    assert main(["logs", "redis"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"==> {home}/logs/redis.log <==\n")
    assert "ready to accept connections" in said
    assert main(["logs"]) == 0
    assert "database system is ready" in capsys.readouterr().out


def test_followed_logs_go_on_until_they_are_ended(home):
    embedded.start(home)
    following = subprocess.Popen(
        [sys.executable, "-m", "db", "logs", "--follow", "redis"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with following:
        while "ready to accept connections" not in following.stdout.readline():
            assert following.poll() is None
        with (home / "logs/redis.log").open("a") as log:
            log.write("one more line\n")
        while "one more line" not in following.stdout.readline():
            assert following.poll() is None
        following.terminate()


def test_sql_is_what_the_migrations_would_do(home, capsys):
    assert main(["sql"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"create table jobs\b", said, re.IGNORECASE)


def test_the_front_door_is_told_nothing_when_nothing_is_missing(home, capsys):
    assert main(["missing"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "command", [[], ["start"], ["stop"], ["status"], ["logs"], ["shell"], ["migrate"], ["sql"], ["reset"]]
)
def test_help_has_examples_and_fits_eighty_columns(command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as left:
        main([*command, "--help"])
    said = capsys.readouterr().out
    assert left.value.code == 0
    assert " ".join(["  ./trades db", *command]) in said
    assert max(map(len, said.splitlines())) <= 80


@pytest.mark.parametrize("arguments", [["strat"], ["start", "--now"], ["logs", "mysql"], []])
def test_what_is_not_understood_is_not_a_success(arguments, capsys):
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "usage: ./trades db" in capsys.readouterr().err
