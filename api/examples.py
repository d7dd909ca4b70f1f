"""Ids for the examples of the API's description: people and jobs of ``./trades ingest demo-day --region coquimbo``."""

from db.ids import contractor_id, job_id

REGION, DAY = "coquimbo", "2026-11-24"
CONTRACTOR = str(contractor_id(REGION, "C01"))
JOB = str(job_id(REGION, "J008"))
"""Work of a trade that the contractor above has."""
