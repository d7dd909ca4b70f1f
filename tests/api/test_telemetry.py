"""Logs tell what happened, and never stand in the way of what happens."""

import io
import logging
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


@pytest.mark.usefixtures("_restored")
def test_a_log_goes_to_the_standard_error_of_the_moment_not_to_that_of_the_beginning(monkeypatch):
    first, second = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", first)
    telemetry.configure("info", as_json=True)
    first.close()
    monkeypatch.setattr(sys, "stderr", second)
    structlog.get_logger("test").info("happened")
    logging.getLogger("library").warning("heard")
    assert "happened" in second.getvalue()
    assert "heard" in second.getvalue()
