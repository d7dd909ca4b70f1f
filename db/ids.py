"""Ids of rows that come from files: the same file gives the same ids on every machine.

Rows made otherwise get a UUIDv7 from ``db.types.new_id``. A row that is there already keeps the id it has.
Source: RFC 9562, 5.5 (UUID version 5).
"""

from uuid import UUID, uuid5

NAMESPACE = UUID("b78a75c5-2ca2-4751-b27d-a260c059f8ba")
"""Drawn once; another one would give every ingested row another id."""


def contractor_id(region: str, external_id: str) -> UUID:
    """Id of the contractor whom a file of this region calls ``external_id``."""
    return uuid5(NAMESPACE, f"{region}/contractor/{external_id}")


def job_id(region: str, external_id: str) -> UUID:
    """Id of the job that a file of this region calls ``external_id``."""
    return uuid5(NAMESPACE, f"{region}/job/{external_id}")
