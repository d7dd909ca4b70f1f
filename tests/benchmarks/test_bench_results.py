"""Results that are kept with the project: readable, nameless, comparable, and told in the text beside them."""

import re

import pytest

from benchmarks.compare import pairings
from benchmarks.ledger import read_ledger
from benchmarks.results import FOLDER, README, marked, tables_of

FILES = sorted(FOLDER.glob("*.json"))
MACHINE = {"cpu", "cores", "memory_gb", "system"}


def test_there_are_results():
    assert "ablation.json" in {file.name for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_kept_result_names_what_it_was_measured_on_and_no_host_and_no_path(file):
    text = file.read_text(encoding="utf-8")
    ledger = read_ledger(file)
    assert set(ledger.measured_on) == MACHINE
    assert ledger.rows or ledger.found
    # A path has a slash before and after a word; names of instances and systems have none.
    assert re.findall(r'[" ](?:~|\.{0,2})/[\w.-]+', text) == []
    assert re.findall(r"https?://|localhost|\.local\b", text) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_kept_result_is_compared_with_itself_without_a_difference(file):
    found = pairings(read_ledger(file), read_ledger(file))
    assert not any(pairing.is_regression or pairing.worse or pairing.better for pairing in found)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_text_tells_every_kept_result_as_it_is(file):
    found = re.search(marked(file.stem), README.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    assert found[2] == tables_of(read_ledger(file))
