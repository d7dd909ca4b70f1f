"""F.json: its shape, its references, and going on with it."""

import json

import pytest
from bench_cases import row

from benchmarks.ledger import Ledger, gap_to, opened, read_ledger
from routing.errors import UnreadableFile

FIELDS = (
    "instance engine seed cores budget_s wall_s cpu_s objective travel n_routes reference reference_kind gap "
    "n_unassigned violations iterations"
)


def test_the_file_has_the_fields_that_others_rely_on(tmp_path):
    ledger = Ledger("field", tmp_path / "f.json")
    ledger.add(row())
    made = json.loads((tmp_path / "f.json").read_text())
    assert set(made) >= {"suite", "machine", "versions", "rows"}
    assert list(made["rows"][0]) == FIELDS.split()
    assert set(made["machine"]) == {"cpu", "cores", "memory_gb", "system"}
    assert made["versions"]["python"]


def test_nothing_in_the_file_names_the_machine_or_a_path_of_it(tmp_path):
    import getpass
    import socket

    ledger = Ledger("field", tmp_path / "f.json")
    ledger.add(row())
    text = (tmp_path / "f.json").read_text()
    assert str(tmp_path) not in text
    assert f'"{socket.gethostname()}"' not in text
    assert f'"{getpass.getuser()}"' not in text


def test_the_best_accepted_plan_of_the_run_is_the_reference_of_its_instance():
    ledger = Ledger("field")
    for made in (
        row(objective=110),
        row(engine="ortools", objective=100),
        row(engine="pyvrp", objective=50, violations=1),
        row(instance="b", objective=70),
    ):
        ledger.add(made)
    assert [(one.reference, one.reference_kind, one.gap) for one in ledger.rows] == [
        (100, "run", 0.1),
        (100, "run", 0.0),
        (100, "run", None),
        (70, "run", 0.0),
    ]


def test_a_better_plan_that_comes_later_moves_the_gaps_of_those_before():
    ledger = Ledger("field")
    ledger.add(row(objective=110))
    ledger.add(row(engine="ortools", objective=100))
    assert [one.gap for one in ledger.rows] == [0.1, 0.0]


def test_a_published_reference_is_never_replaced_by_the_run_s_best():
    ledger = Ledger("solver")
    ledger.add(row(objective=100, reference=98, reference_kind="table", gap=gap_to(100, 98)))
    ledger.add(row(seed=2, objective=99, reference=98, reference_kind="table", gap=gap_to(99, 98)))
    assert [(one.reference, one.gap) for one in ledger.rows] == [(98, 0.020408), (98, 0.010204)]


def test_an_instance_without_any_plan_has_no_reference():
    ledger = Ledger("field")
    ledger.add(row(objective=None, travel=None))
    assert (ledger.rows[0].reference, ledger.rows[0].reference_kind, ledger.rows[0].gap) == (None, None, None)


def test_a_run_is_gone_on_with_where_it_stopped(tmp_path):
    first = opened("field", tmp_path / "f.json", resume=True)
    first.instances["a"] = {"class": "x", "matrix_s": 0.5}
    first.note("something a reader has to know")
    first.add(row())
    second = opened("field", tmp_path / "f.json", resume=True)
    assert second.has("a", "trades", 1, 1, 5.0)
    assert not second.has("a", "trades", 2, 1, 5.0)
    second.add(row(seed=2))
    assert [one.seed for one in read_ledger(tmp_path / "f.json").rows] == [1, 2]
    assert (second.instances, second.notes) == (first.instances, first.notes)


def test_without_resume_a_run_begins_afresh(tmp_path):
    opened("field", tmp_path / "f.json", resume=False).add(row())
    assert opened("field", tmp_path / "f.json", resume=False).rows == []


def test_what_a_suite_counts_besides_rows_is_kept(tmp_path):
    ledger = Ledger("vroom", tmp_path / "f.json", found={"vroom": {"20": {"equal": 3}}})
    ledger.write()
    assert read_ledger(tmp_path / "f.json").found == {"vroom": {"20": {"equal": 3}}}


def test_the_file_of_another_suite_is_not_gone_on_with(tmp_path):
    opened("field", tmp_path / "f.json", resume=True).write()
    with pytest.raises(UnreadableFile, match="it holds suite 'field', not 'solver'"):
        opened("solver", tmp_path / "f.json", resume=True)


@pytest.mark.parametrize("text", ["", "[]", '{"rows": 3, "suite": "x"}', '{"suite": "x", "rows": [{"seed": 1}]}'])
def test_a_file_of_something_else_is_refused(tmp_path, text):
    (tmp_path / "f.json").write_text(text)
    with pytest.raises(UnreadableFile, match="not what"):
        read_ledger(tmp_path / "f.json")


@pytest.mark.parametrize(
    ("value", "reference", "gap"), [(110, 100, 0.1), (100, 100, 0.0), (None, 100, None), (5, None, None), (0, 0, 0.0)]
)
def test_a_gap_is_a_fraction(value, reference, gap):
    assert gap_to(value, reference) == gap


def test_a_file_of_before_iterations_were_counted_is_read(tmp_path):
    Ledger("field", tmp_path / "f.json").add(row())
    made = json.loads((tmp_path / "f.json").read_text())
    del made["rows"][0]["iterations"]
    (tmp_path / "f.json").write_text(json.dumps(made))
    assert read_ledger(tmp_path / "f.json").rows[0].iterations is None


def test_a_row_is_a_line_of_the_file(tmp_path):
    ledger = Ledger("field", tmp_path / "f.json", found={"live": {"day": {"ms": {"place": 1}}}})
    for seed in (1, 2):
        ledger.add(row(seed=seed))
    lines = (tmp_path / "f.json").read_text().splitlines()
    assert sum('"instance": "a"' in line for line in lines) == 2
    assert sum('"day": {"ms"' in line for line in lines) == 1


def test_versions_of_peers_outlive_a_run_that_asked_none(tmp_path):
    ledger = Ledger("field", tmp_path / "f.json", peers={"pyvroom": "1.15.1"})
    ledger.write()
    opened("field", tmp_path / "f.json", resume=True).write()
    assert json.loads((tmp_path / "f.json").read_text())["versions"]["pyvroom"] == "1.15.1"


def test_a_run_that_goes_on_elsewhere_says_so(tmp_path):
    Ledger("field", tmp_path / "f.json", measured_on={"cpu": "Z80"}).write()
    found = opened("field", tmp_path / "f.json", resume=True)
    assert found.measured_on == {"cpu": "Z80"}
    assert any("another machine" in note for note in found.notes)
