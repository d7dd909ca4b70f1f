"""Suite proximity on a small fleet: every way on the real servers, and a judge that finds what is wrong."""

import os

import numpy as np
import pytest
from redis import Redis
from servers import servers_home
from sqlalchemy import create_engine, text

from benchmarks.__main__ import main
from benchmarks.choices import BadChoice
from benchmarks.ledger import Ledger, read_ledger
from benchmarks.proximity import WAYS, Asked, proximity_names, run_proximity, sizes_of
from benchmarks.proximity.fleet import Fleet, Question, fleet, is_right, moved, moves, questions
from benchmarks.proximity.measuring import at_rest
from benchmarks.proximity.suite import ratio
from benchmarks.proximity.ways import ByCellIndex, ByTree
from geo.distance import one_to_many_m

HERE = Question(0.0, 0.0, 0)


def on_the_equator(n, trade=0, step_deg=0.001):
    """People every 111 m east of ``HERE``, the first at 111 m."""
    return Fleet(np.column_stack((step_deg * np.arange(1, n + 1), np.zeros(n))), np.full(n, trade))


@pytest.mark.parametrize(
    ("text", "sizes"), [("1e3..1e6", (1000, 10_000, 100_000, 1_000_000)), ("500,100", (100, 500)), ("1000", (1000,))]
)
def test_sizes_are_powers_of_ten_or_a_list(text, sizes):
    assert sizes_of(text) == sizes


@pytest.mark.parametrize("text", ["", "ten", "1e6..1e3", "99", "1e9", "1..2..3", "1e3,,"])
def test_a_size_that_is_none_is_refused_with_what_to_write(text):
    with pytest.raises(BadChoice, match="--sizes"):
        sizes_of(text)


def test_a_seed_gives_the_same_fleet_and_questions_everywhere():
    one, other = fleet(500, 1), fleet(500, 1)
    assert np.array_equal(one.lonlat, other.lonlat)
    assert questions(5, 1) == questions(5, 1)
    assert not np.array_equal(one.lonlat, fleet(500, 2).lonlat)
    # Nobody lives more than six standard deviations from a middle that lies within these latitudes.
    assert np.abs(one.lonlat[:, 1]).max() < 61


def test_moves_can_be_followed_by_their_number_alone():
    people = fleet(200, 1)
    batches = list(moves(people, 3, 50, 1))
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(moves(people, 2, 50, 1), batches, strict=False))
    last_who, last_where = batches[2]
    assert np.array_equal(moved(people, 3, 50, 1).lonlat[last_who], last_where)
    assert np.array_equal(moved(people, 0, 50, 1).lonlat, people.lonlat)


def test_the_judge_accepts_the_nearest_twenty_in_any_order_and_nothing_else():
    people = on_the_equator(30)
    nearest = list(range(20))
    assert is_right(people, HERE, nearest[::-1], 0.0, 1e-3)
    assert not is_right(people, HERE, [*nearest[:-1], 20], 0.0, 1e-3)  # the 21st in place of the 20th
    assert not is_right(people, HERE, nearest[:-1], 0.0, 1e-3)
    assert not is_right(people, HERE, [*nearest[:-1], 0], 0.0, 1e-3)  # somebody twice
    assert not is_right(people, HERE, [*nearest, 20], 0.0, 1e-3)
    assert not is_right(people, HERE, [], 0.0, 1e-3)


def test_the_judge_lets_ties_within_the_rounding_of_a_way_go_either_way():
    people = on_the_equator(30)
    swapped = [*range(19), 20]
    assert is_right(people, HERE, swapped, 0.0, 112.0)  # they are 111.2 m apart
    assert not is_right(people, HERE, swapped, 0.0, 110.0)


def test_the_judge_holds_answers_to_the_radius():
    people = on_the_equator(3, step_deg=0.1)  # 11, 22 and 33 km away
    assert is_right(people, HERE, [0, 1], 0.0, 1e-3)
    assert not is_right(people, HERE, [0, 1, 2], 0.0, 1e-3)
    assert not is_right(people, HERE, [0], 0.0, 1e-3)
    assert is_right(on_the_equator(3, trade=1), HERE, [], 0.0, 1e-3)


def test_a_way_that_forgets_somebody_is_found_out():
    class Forgetful(ByCellIndex):
        name = "forgetful"

        def numbers(self, answer):
            return super().numbers(answer)[1:]

    people = on_the_equator(30)
    ways = [ByCellIndex(), ByTree(), Forgetful()]
    for way in ways:
        way.build(people)
    found = at_rest(ways, people, [HERE] * 3)
    assert {name: one.n_wrong for name, one in found.items()} == {"cellindex": 0, "ckdtree": 0, "forgetful": 3}
    assert all(one.n_judged == 3 and len(one.took_s) == 3 for one in found.values())


@pytest.fixture
def bench(servers, monkeypatch):
    """The command as it is typed, on the servers of the tests."""
    monkeypatch.setenv("TRADES_HOME", str(servers_home()))
    for name in ("DATABASE_URL", "POSTGRES_HOST", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    return lambda *arguments: main([str(argument) for argument in arguments])


def left_behind(servers):
    """Databases of the suite and keys of the suite."""
    engine = create_engine(servers.admin_url)
    with engine.connect() as connection:
        named = connection.execute(
            text("select datname from pg_database where datname = :name"), {"name": f"trades_bench_{os.getpid()}"}
        )
        databases = list(named.scalars())
    engine.dispose()
    with Redis.from_url(servers.redis_url) as client:
        return databases, list(client.scan_iter(f"trades-bench:{os.getpid()}:*"))


def test_every_way_answers_as_a_look_at_everybody_does_also_while_people_move(servers, bench, tmp_path, capsys):
    size, n_questions = 10_000, 60
    people, asked = fleet(size, 1), questions(n_questions, 1)
    n_near = [(one_to_many_m(q.point, people.lonlat[people.of_trade(q.trade)]) <= 25_000).sum() for q in asked]
    assert sum(n_near) > n_questions  # there is something to find

    out, plots = tmp_path / "proximity.json", tmp_path / "plots"
    arguments = ("run", "proximity", "--sizes", size, "--cases", n_questions, "--seconds", 1, "--out", out)
    assert bench(*arguments, "--plots", plots) == 0
    told = capsys.readouterr()
    assert all(len(line) <= 80 for line in told.out.splitlines())
    ledger = read_ledger(out)
    assert {(row.instance, row.engine): row.violations for row in ledger.rows} == {
        **{(f"{size}_rest", way): 0 for way in WAYS},
        **{(f"{size}_moving", way): 0 for way in WAYS if way != "ckdtree"},
    }
    figures = ledger.found["proximity"]
    assert all(one["n_judged"] == n_questions for one in figures[f"{size}_rest"].values())
    assert all(one["writes_per_s"] > 0 for one in figures[f"{size}_moving"].values())
    assert f"p99 knn ÷ p99 redis = {ratio(figures[f'{size}_rest']):.2f}" in told.out

    # One walk of the index: the box in the strip of the trade bounds it, the distance on the plane orders it.
    plan = figures[f"{size}_rest"]["knn"]["plan"]
    assert "Index Scan using ix_offerings_home_xy" in plan
    assert "Index Cond: ((home_xy <@ " in plan
    assert "Order By: (home_xy <->" in plan
    assert "Sort" not in plan

    assert left_behind(servers) == ([], [])
    assert sorted(file.name for file in plots.iterdir()) == ["proximity-moving.png", "proximity-rest.png"]
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in plots.iterdir())

    before = out.read_text()
    assert bench(*arguments, "--resume") == 0
    assert [row.wall_s for row in read_ledger(out).rows] == [row.wall_s for row in ledger.rows]
    assert "go into PostgreSQL" not in capsys.readouterr().err
    assert read_ledger(out).found == read_ledger(out).found == ledger.found, before


def test_a_role_that_may_not_create_a_database_is_told_so(servers, tmp_path):
    asked = Asked(
        proximity_names((100,)),
        ("gist",),
        1,
        "zipf",
        5,
        1.0,
        tmp_path,
        {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url},
    )
    with pytest.raises(BadChoice, match=r"may not create a database.*unset DATABASE_URL"):
        run_proximity(asked, Ledger("proximity"), print)


def test_a_server_that_does_not_answer_is_named(servers, tmp_path):
    asked = Asked(
        proximity_names((100,)),
        ("redis",),
        1,
        "zipf",
        5,
        1.0,
        servers_home(),
        {"REDIS_URL": f"unix://{tmp_path}/nobody.sock"},
    )
    with pytest.raises(BadChoice, match=r"proximity: .*nobody\.sock"):
        run_proximity(asked, Ledger("proximity"), print)
    assert left_behind(servers)[0] == []


@pytest.mark.parametrize("way", ["postgis", "gist,rtree"])
def test_a_way_that_there_is_not_is_refused_with_those_there_are(bench, capsys, way):
    assert bench("run", "proximity", "--sizes", "100", "--engines", way) == 2
    assert "knn, gist, h3, cellindex, redis, ckdtree, nearby" in capsys.readouterr().err.replace("\n", " ")
