"""Peers in an environment of their own."""

import hashlib
import sys
from pathlib import Path

import pytest

from benchmarks.peers import LOCK, ask, python_of_peers
from routing.errors import EngineFailed


def test_peers_that_are_there_already_are_not_installed_again(tmp_path):
    python = tmp_path / "peers" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    (tmp_path / "peers" / "stamp").write_text(f"{digest} {sys.version.split()[0]}")
    told = []
    assert python_of_peers(tmp_path, told.append) == python
    assert told == []


def test_peers_that_cannot_be_installed_say_what_to_do_and_leave_nothing_half_made(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(EngineFailed, match=r"could not be installed: .*leave them out with --engines"):
        python_of_peers(tmp_path, lambda _: None)
    assert not (tmp_path / "peers").exists()


def test_every_peer_is_pinned_by_hashes_and_no_registry_is_named():
    text = LOCK.read_text()
    pinned = [line for line in text.splitlines() if "==" in line and not line.startswith("#")]
    assert {line.split("==")[0] for line in pinned} >= {"pyvroom", "pyvrp", "numpy"}
    assert text.count("--hash=sha256:") > len(pinned)
    assert "://" not in text


@pytest.mark.parametrize("script", ["vroom_peer.py", "pyvrp_peer.py"])
def test_a_peer_without_its_packages_fails_by_name(script):
    # Our own environment has neither of them.
    with pytest.raises(EngineFailed, match=rf"{script} failed: ModuleNotFoundError"):
        ask(Path(sys.executable), script, {"budget_s": 1.0}, None)
