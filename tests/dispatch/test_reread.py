"""What plan.json says can be read back as the plan it tells of."""

import json

import pytest

from dispatch import present
from dispatch.planning import Effort, plan_day
from dispatch.reread import day_plan


@pytest.fixture
def made(desk, minutes):
    people = [
        {"id": "C1", "break_start": "12:00", "break_end": "13:00", "break_min": 30},
        {"id": "C2", "max_jobs": 1},
    ]
    jobs = [{"id": "J1", "min": 10}, {"id": "J2", "min": 20}, {"id": "J3", "min": 30}, {"id": "J4", "trade": "roofer"}]
    day = desk.write(people, jobs).read(minutes)
    return day, plan_day(day, minutes, Effort(limit_s=None, iterations=50))


def test_a_plan_read_back_says_the_same_plan_json(made):
    day, plan = made
    assert plan.routes
    assert plan.unassigned[0].reasons[0].remedy
    said = json.loads(present.as_json(plan))
    people, jobs = {person.id: person for person in day.contractors}, {job.id: job for job in day.jobs}
    again = day_plan(said, people, jobs)
    assert json.loads(present.as_json(again)) == said
    assert [route.contractor for route in again.routes] == [route.contractor for route in plan.routes if route.stops]


def test_a_document_that_names_an_unknown_job_is_refused_with_its_id(made):
    day, plan = made
    said = json.loads(present.as_json(plan))
    with pytest.raises(KeyError, match=r"'J[123]'"):
        day_plan(said, {person.id: person for person in day.contractors}, {})
