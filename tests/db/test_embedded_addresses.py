"""Which servers are meant: what the environment names wins over what lies under the home."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url

from db import embedded
from db.embedded import AddressNotUnderstood, NotStarted, urls
from db.embedded.places import Places

HOME = Path("/srv/trades")
PLACES = Places(HOME, HOME / "postgres/data", HOME / "redis", HOME / "run", HOME / "logs")


def test_embedded_servers_are_addressed_by_their_sockets_and_by_role():
    found = urls.of_places(PLACES)
    app, owner, admin = (make_url(url) for url in (found.database_url, found.owner_url, found.admin_url))
    assert (app.username, app.database) == ("trades_app", "trades")
    assert (owner.username, owner.database) == ("trades_owner", "trades")
    assert (admin.username, admin.database) == ("postgres", "postgres")
    assert {url.drivername for url in (app, owner, admin)} == {"postgresql+psycopg"}
    assert {url.query["host"] for url in (app, owner, admin)} == {"/srv/trades/run"}
    assert found.redis_url == "unix:///srv/trades/run/redis.sock"


def test_odd_signs_in_a_path_survive_in_the_addresses():
    found = urls.of_places(replace(PLACES, sockets=Path("/srv/a b&c=é%20#?")))
    assert make_url(found.database_url).query["host"] == "/srv/a b&c=é%20#?"
    assert "#" not in found.redis_url
    assert "?" not in found.redis_url


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_database_url_and_redis_url_win_and_nothing_is_started(tmp_path, scheme):
    environ = {"DATABASE_URL": f"{scheme}://me:pw@db:5433/x?sslmode=require", "REDIS_URL": "redis://cache:6379/1"}
    found = embedded.start(tmp_path / "home", environ)
    assert found == embedded.addresses(tmp_path / "home", environ)
    assert found.database_url == "postgresql+psycopg://me:pw@db:5433/x?sslmode=require"
    assert found.owner_url == found.admin_url == found.database_url
    assert (found.redis_url, found.started) == ("redis://cache:6379/1", False)
    assert not (tmp_path / "home").exists()


def test_the_names_that_people_know_make_an_address_too():
    environ = {
        "POSTGRES_HOST": "db.example",
        "POSTGRES_PORT": "5433",
        "POSTGRES_USER": "ann@site",
        "POSTGRES_PASSWORD": "p/w:@?",
        "POSTGRES_DB": "day",
    }
    url = make_url(urls.given_database(environ))
    assert (url.host, url.port, url.username, url.password, url.database) == (
        *("db.example", 5433),
        *("ann@site", "p/w:@?", "day"),
    )


def test_of_those_names_the_host_alone_is_enough_and_the_others_alone_mean_nothing():
    assert urls.given_database({"POSTGRES_HOST": "db"}) == "postgresql+psycopg://trades_app@db:5432/trades"
    assert urls.given_database({"POSTGRES_HOST": "::1"}) == "postgresql+psycopg://trades_app@[::1]:5432/trades"
    assert urls.given_database({"POSTGRES_PASSWORD": "pw", "POSTGRES_DB": "x", "DATABASE_URL": " "}) is None


def test_a_folder_as_host_is_a_socket():
    url = make_url(urls.given_database({"POSTGRES_HOST": "/run/postgresql"}))
    assert (url.host, dict(url.query)) == (None, {"host": "/run/postgresql", "port": "5432"})


def test_database_url_is_heard_before_postgres_host():
    environ = {"DATABASE_URL": "postgresql://a@b/c", "POSTGRES_HOST": "elsewhere"}
    assert urls.given_database(environ) == "postgresql+psycopg://a@b/c"


@pytest.mark.parametrize(
    ("environ", "variable"),
    [
        ({"DATABASE_URL": "mysql://host/trades"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql+asyncpg://host/trades"}, "DATABASE_URL"),
        ({"DATABASE_URL": "host/trades"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://host"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://[host/x"}, "DATABASE_URL"),
        ({"POSTGRES_HOST": "db", "POSTGRES_PORT": "54x"}, "POSTGRES_PORT"),
        ({"POSTGRES_HOST": "db", "POSTGRES_PORT": "65536"}, "POSTGRES_PORT"),
        ({"REDIS_URL": "http://cache"}, "REDIS_URL"),
        ({"REDIS_URL": "cache:6379"}, "REDIS_URL"),
    ],
)
def test_an_address_of_another_kind_is_refused_by_the_name_of_its_variable(tmp_path, environ, variable):
    with pytest.raises(AddressNotUnderstood) as fault:
        embedded.start(tmp_path / "home", environ)
    assert fault.value.variable == variable
    assert str(fault.value).startswith(variable)
    assert "It should look like" in str(fault.value)


def test_a_password_is_in_no_error_and_in_nothing_that_is_shown():
    with pytest.raises(AddressNotUnderstood) as fault:
        urls.given_database({"DATABASE_URL": "mysql://me:secret@host/x"})
    assert "secret" not in str(fault.value)
    assert embedded.without_password("postgresql://me:secret@host:1/x?a=b") == "postgresql://me:***@host:1/x?a=b"
    assert embedded.without_password("redis://:secret@host:1") == "redis://:***@host:1"
    assert embedded.without_password("postgresql://me@/x?password=secret&a=b") == "postgresql://me@/x?password=***&a=b"


def test_before_anything_was_started_there_is_no_address_and_the_command_is_named(tmp_path):
    with pytest.raises(NotStarted, match=r"\./trades db start"):
        embedded.addresses(tmp_path)


def test_migrations_of_a_given_database_need_no_redis(tmp_path):
    found = embedded.start(tmp_path / "home", {"DATABASE_URL": "postgresql://a@b/c"}, redis=False)
    assert (found.database_url, found.redis_url) == ("postgresql+psycopg://a@b/c", "")
    assert not (tmp_path / "home").exists()


def test_a_home_that_is_not_absolute_is_refused():
    with pytest.raises(embedded.HomeNotUsable, match="not an absolute path"):
        embedded.start(Path("trades_home"))
