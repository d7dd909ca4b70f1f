"""Every table, so that whoever needs the whole schema imports one module."""

from db import accounts, contractors, events, jobs, organisations, places, plans, positions, regions, trades
from db.types import metadata

__all__ = ["metadata"]

SUBJECTS = (accounts, contractors, events, jobs, organisations, places, plans, positions, regions, trades)
"""The modules whose tables ``metadata`` holds once they are imported."""
