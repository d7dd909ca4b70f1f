"""Logs tell what happened, and never stand in the way of what happens."""

import sys

import pytest
import structlog

from api import telemetry


class Full:
    """A file on a disk without room."""

    def write(self, text):
        raise OSError(28, "No space left on device")

    def flush(self):
        raise OSError(28, "No space left on device")

    def isatty(self):
        return False


@pytest.fixture
def _restored():
    yield
    structlog.reset_defaults()


@pytest.mark.usefixtures("_restored")
def test_a_log_on_a_full_disk_loses_its_line_and_nothing_else(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Full())
    with pytest.raises(OSError, match="No space"):
        sys.stderr.write("x")
    telemetry.configure("info", as_json=True)
    structlog.get_logger("test").info("happened")
