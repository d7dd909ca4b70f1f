"""Why somebody and why nobody, in the words of the files, on streets where every minute can be counted."""

from dataclasses import replace
from datetime import date

import pytest

from dispatch.columns import default_unserved_cost
from dispatch.reasons import why_this_one
from dispatch.types import JOB_REMEDIES
from geo.area import from_wkt
from routing.arrays import arrays_of
from routing.explain import why_served
from routing.plans import orders_of, plan_of


def first(day, job_id="J9"):
    """The first reason for a job, its remedy proven."""
    reasons = day.reasons()[job_id]
    for reason in reasons:
        if reason.remedy:
            day.proves(job_id, reason.remedy)
    return reasons[0]


def of_kind(day, kind, job_id="J9"):
    (remedy,) = [r.remedy for r in day.reasons()[job_id] if r.remedy and r.remedy.kind == kind]
    day.proves(job_id, remedy)
    return remedy


def test_a_window_is_moved_by_the_minutes_that_the_drive_lacks(planned):
    job = {"id": "J9", "min": 25, "window_start": "07:00", "window_end": "08:10"}
    remedy = of_kind(planned([{"id": "C1"}], [job]), "window")
    assert (remedy.field, remedy.from_, remedy.to, remedy.extra_points) == ("window_end", "08:10", "08:25", 3000)
    assert remedy.message == "if the window ended at 08:25, C1 could come"


def test_a_window_opens_earlier_when_that_is_less(planned):
    job = {"id": "J9", "min": 10, "window_start": "15:30", "window_end": "18:00"}
    remedy = of_kind(planned([{"id": "C1"}], [job]), "window")
    assert (remedy.field, remedy.to) == ("window_start", "15:20")


def test_a_shift_is_stretched_to_the_minute_of_being_back(planned):
    reason = first(planned([{"id": "C1", "shift_end": "08:45"}], [{"id": "J9", "min": 10}]))
    assert (reason.code, reason.remedy.subject_id, reason.remedy.field, reason.remedy.to) == (
        "shift",
        "C1",
        "shift_end",
        "08:50",
    )
    assert reason.remedy.message == "if C1 worked until 08:50"


def test_a_shift_begins_earlier_for_a_window_in_the_morning(planned):
    job = {"id": "J9", "min": 10, "window_end": "08:05"}
    remedy = of_kind(planned([{"id": "C1"}], [job]), "shift")
    assert (remedy.field, remedy.from_, remedy.to) == ("shift_start", "08:00", "07:55")


def test_a_shift_is_stretched_over_midnight(planned):
    person = {"id": "C1", "shift_start": "16:00", "shift_end": "23:45"}
    job = {"id": "J9", "min": 10, "window_start": "23:30", "window_end": "23:35"}
    remedy = of_kind(planned([person], [job]), "shift")
    assert (remedy.field, remedy.to) == ("shift_end", "00:10")


def test_one_job_more_is_allowed(planned):
    day = planned([{"id": "C1", "max_jobs": 1}], [{"id": "J1", "min": 5, "priority": 60}, {"id": "J9", "min": 10}])
    reason = first(day)
    assert (reason.code, reason.remedy.field, reason.remedy.from_, reason.remedy.to) == (
        "max_jobs",
        "max_jobs",
        "1",
        "2",
    )


def test_as_many_minutes_more_may_be_driven_as_it_takes(planned):
    reason = first(planned([{"id": "C1", "max_travel_min": 10}], [{"id": "J9", "min": 10}]))
    assert (reason.code, reason.remedy.field, reason.remedy.to) == ("max_travel", "max_travel_min", "20")


def test_a_trade_nobody_has_is_learned_by_who_is_nearest_and_the_nearest_spelling_is_offered(planned):
    people = [{"id": "C1", "min": 30}, {"id": "C2"}]
    reason = first(planned(people, [{"id": "J9", "trade": "plumer"}]))
    assert reason.code == "no_skill"
    assert reason.message == "nobody has the trade 'plumer'; did you mean 'plumber'?"
    assert (reason.remedy.kind, reason.remedy.subject_id, reason.remedy.to) == ("skill", "C2", "plumber;plumer")


def test_a_trade_like_no_other_is_named_without_a_guess(planned):
    reason = first(planned([{"id": "C1"}], [{"id": "J9", "trade": "xylophonist"}]))
    assert reason.message == "nobody has the trade 'xylophonist'"


def test_a_skill_that_is_missing_beside_the_trade_is_learned(planned):
    reason = first(planned([{"id": "C1", "skills": "welding"}], [{"id": "J9", "skills": "gas"}]))
    assert (reason.code, reason.message) == ("no_skill", "nobody has the trade 'plumber' together with gas")
    assert (reason.remedy.field, reason.remedy.from_, reason.remedy.to) == ("skills", "welding", "gas;welding")


def test_who_lacks_two_things_learns_neither_and_somebody_new_is_sought(planned):
    reason = first(planned([{"id": "C1"}], [{"id": "J9", "min": 3, "trade": "roofer", "skills": "gas"}]))
    assert (reason.code, reason.remedy.kind, reason.remedy.field) == ("no_skill", "contractor", None)
    assert reason.remedy.to["trades"] == "roofer"
    assert reason.remedy.to["skills"] == "gas"
    assert reason.remedy.message == "if one more roofer worked 08:00 to 17:00 from there"


def test_a_job_dearer_than_its_price_asks_for_the_smallest_priority_that_pays(planned):
    reason = first(planned([{"id": "C1"}], [{"id": "J9", "min": 120}]))
    assert (reason.code, reason.remedy.field, reason.remedy.from_) == ("priority", "priority", "")
    assert default_unserved_cost(int(reason.remedy.to) - 1) <= 14_400 < default_unserved_cost(int(reason.remedy.to))


def test_the_usual_priority_is_named_as_a_number(planned):
    reason = first(planned([{"id": "C1"}], [{"id": "J9", "min": 89, "priority": 20}]))
    assert (reason.remedy.from_, reason.remedy.to) == ("20", "50")


def test_a_job_with_a_price_of_its_own_asks_for_a_point_more_than_it_costs(planned):
    reason = first(planned([{"id": "C1"}], [{"id": "J9", "min": 10, "unserved_cost": 5}]))
    assert (reason.remedy.kind, reason.remedy.field, reason.remedy.to) == ("priority", "unserved_cost", "1201")


def test_what_no_priority_pays_for_asks_for_a_price(planned):
    people = [{"id": "C1", "cost_fixed": 1_000_000}]
    reason = first(planned(people, [{"id": "J9", "min": 10}]))
    assert (reason.remedy.field, reason.remedy.to) == ("unserved_cost", "1001201")


def test_a_required_contractor_without_room_is_let_go(planned):
    people = [{"id": "C1", "shift_end": "08:10"}, {"id": "C2"}]
    reason = first(planned(people, [{"id": "J9", "min": 10, "required_contractor": "C1"}]))
    assert (reason.code, reason.remedy.field, reason.remedy.from_, reason.remedy.to) == (
        "required",
        "required_contractor",
        "C1",
        "",
    )


def test_an_excluded_contractor_is_let_in_the_others_stay_out(planned):
    people = [{"id": "C1", "min": 60}, {"id": "C2"}]
    reason = first(planned(people, [{"id": "J9", "min": 10, "excluded_contractors": "C1;C2"}]))
    assert (reason.code, reason.remedy.field, reason.remedy.from_, reason.remedy.to) == (
        "excluded",
        "excluded_contractors",
        "C1;C2",
        "C1",
    )


def test_somebody_new_is_a_whole_row_who_lives_at_the_job(planned):
    people = [{"id": "C1", "shift_end": "08:10"}]
    remedy = of_kind(planned(people, [{"id": "J9", "min": 10}]), "contractor")
    assert (remedy.field, remedy.to["id"], remedy.to["shift_start"]) == (None, "new-1", "08:00")
    assert float(remedy.to["lat"]) == pytest.approx(41 + 10 / 60)


def test_somebody_new_takes_the_name_that_the_job_asks_for(planned):
    remedy = of_kind(planned([{"id": "C1"}], [{"id": "J9", "required_contractor": "C7"}]), "contractor")
    assert remedy.to["id"] == "C7"
    assert "required_contractor" not in remedy.message


def test_somebody_new_beside_a_wish_for_another_takes_two_changes_and_is_said_only_when_no_single_one_helps(planned):
    people = [{"id": "C1", "shift_end": "08:10"}]
    job = {"id": "J9", "min": 10, "duration_min": 5, "required_contractor": "C1"}
    assert [reason.code for reason in planned(people, [job]).reasons()["J9"]] == ["shift"]
    busy = {"id": "C1", "shift_start": "00:00", "shift_end": "24:00", "max_jobs": 1, "max_travel_min": 0}
    day = planned([busy], [{"id": "J1", "priority": 60}, job])
    (reason,) = day.reasons()["J9"]
    assert reason.remedy.message.endswith("from there, and were J9's required_contractor")
    people, jobs = day.typed(reason.remedy)
    jobs = [{**row, "required_contractor": "new-1"} if row["id"] == "J9" else row for row in jobs]
    assert day.takes("J9", (people, jobs))


def test_somebody_new_for_a_late_job_works_a_day_that_begins_when_its_window_opens(planned):
    job = {"id": "J9", "duration_min": 240, "window_start": "28:50", "window_end": "29:10"}
    remedy = of_kind(planned([{"id": "C1"}], [job]), "contractor")
    assert (remedy.to["shift_start"], remedy.to["shift_end"]) == ("28:50", "12:50")


def test_a_job_longer_than_every_shift_says_so(planned):
    reason = first(planned([{"id": "C1"}], [{"id": "J9", "duration_min": 600}]))
    assert (reason.code, reason.message) == ("too_long", "it takes 600 min, longer than every shift")
    assert reason.remedy.field == "shift_end"


def test_somebody_new_begins_at_the_first_of_two_equal_clock_times(desk, planned):
    autumn = replace(desk, on=date(2026, 11, 1))
    job = {"id": "J9", "trade": "roofer", "window_start": "01:30", "window_end": "01:35"}
    remedy = of_kind(planned([{"id": "C1"}], [job], autumn), "contractor")
    assert (remedy.to["shift_start"], remedy.to["shift_end"]) == ("01:30", "16:00")


def test_a_shift_that_would_end_in_an_hour_that_comes_twice_ends_after_it(desk, planned):
    """Back at the second 01:20, which no cell can say: 01:20 means the first."""
    autumn = replace(desk, on=date(2026, 10, 31))
    people = [{"id": "C1", "shift_start": "20:00", "shift_end": "24:30"}]
    job = {"id": "J9", "min": 10, "window_start": "25:40"}
    remedy = of_kind(planned(people, [job], autumn), "shift")
    assert (remedy.field, remedy.from_, remedy.to) == ("shift_end", "00:30", "02:00")


def test_no_remedy_is_a_shift_of_more_than_a_day_on_the_clock(desk, planned):
    """From 20:40 to 45:40 pass 24 hours when clocks go forward; a row cannot say it, but it says the part needed."""
    spring = replace(desk, on=date(2026, 3, 7))
    job = {"id": "J9", "duration_min": 700, "window_start": "20:40", "window_end": "21:05"}
    remedy = of_kind(planned([{"id": "C1"}], [job], spring), "contractor")
    assert (remedy.to["shift_start"], remedy.to["shift_end"]) == ("20:40", "09:20")


def why(day, job_id="J9"):
    """Codes and sentences of why a job is served by whom it is."""
    (job,) = [job for job in day.day.jobs if job.id == job_id]
    names = {person.id: person.name for person in day.day.contractors}
    return [(r.code, r.message) for r in why_this_one(job, why_served(day.problem, day.plan)[job_id], names)]


def test_the_cheapest_is_named_with_the_next_and_the_difference(planned):
    people = [
        {"id": "C1", "name": "Ana"},
        {"id": "C2", "name": "Ben", "min": 30},
        {"id": "C3", "name": "Cy", "min": 50},
    ]
    assert why(planned(people, [{"id": "J9", "min": 10}])) == [
        ("cheapest", "Ana adds 1,200 points; next Ben 2,400 (+1,200), Cy 4,800 (+3,600)")
    ]


def test_the_only_one_who_may_do_it_is_said_to_be(planned):
    people = [{"id": "C1", "name": "Ana"}, {"id": "C2", "trades": "roofer"}]
    assert why(planned(people, [{"id": "J9", "min": 10}])) == [
        ("only_one", "only Ana may do it; Ana adds 1,200 points")
    ]


def test_a_required_contractor_is_said_to_be_required(planned):
    people = [{"id": "C1"}, {"id": "C2", "name": "Ben", "min": 30}]
    assert why(planned(people, [{"id": "J9", "min": 10, "required_contractor": "C2"}])) == [
        ("required", "must be served by Ben; Ben adds 2,400 points")
    ]


@pytest.mark.parametrize(
    ("n_others", "says"),
    [(1, "the other who may do it has no room"), (2, "none of the 2 others who may do it has room")],
)
def test_others_without_room_are_counted(planned, n_others, says):
    full = [{"id": f"C{n + 2}", "shift_end": "08:10"} for n in range(n_others)]
    assert why(planned([{"id": "C1", "name": "Ana"}, *full], [{"id": "J9", "min": 10}])) == [
        ("no_room_elsewhere", f"Ana adds 1,200 points; {says}")
    ]


def test_a_preferred_contractor_who_comes_is_said_to_be_preferred(planned):
    people = [{"id": "C1", "name": "Ana"}, {"id": "C2", "name": "Ben"}]
    assert why(planned(people, [{"id": "J9", "min": 10, "preferred_contractor": "C1"}])) == [
        ("preferred", "Ana is preferred"),
        ("cheapest", "Ana adds 1,200 points; next Ben 2,100 (+900)"),
    ]


def test_a_plan_that_gives_a_job_to_somebody_dearer_is_said_to(minutes, planned):
    """Both jobs with Ana: the second would cost nothing more with Ben, who drives past it once he has the first."""
    people = [{"id": "C1", "name": "Ana"}, {"id": "C2", "name": "Ben", "min": 1}]
    day = planned(people, [{"id": "J1", "min": 10, "required_contractor": "C2"}, {"id": "J9", "min": 9}])
    day.plan = moved_to(day, "J9", "C1")
    assert why(day) == [
        (
            "not_cheapest",
            "Ana adds 1,080 points; as the plan stands it would be cheaper with Ben 0 (-1,080)",
        )
    ]


def moved_to(day, job_id, contractor_id):
    """The plan with one job in somebody else's hands."""
    problem = day.problem
    stop = next(n for n, s in enumerate(problem.stops) if s.id == job_id)
    orders = [[other for other in order if other != stop] for order in orders_of(problem, day.plan)]
    orders[next(n for n, v in enumerate(problem.vehicles) if v.id == contractor_id)].append(stop)
    return plan_of(arrays_of(problem), orders)


def test_a_price_typed_in_the_file_is_what_a_remedy_raises_even_when_it_is_the_usual_one(planned):
    """Six hours of driving for a job of 10,800 points: the priority would change nothing beside a price."""
    people, job = [{"id": "C1"}], {"id": "J9", "min": 120, "duration_min": 15}
    usual = of_kind(planned(people, [job]), "priority")
    assert (usual.field, usual.from_) == ("priority", "")
    typed = of_kind(planned(people, [job | {"unserved_cost": 10_800}]), "priority")
    assert (typed.field, typed.from_, typed.to) == ("unserved_cost", "10800", "14401")


def test_somebody_new_is_never_named_like_somebody_excluded(planned):
    remedy = of_kind(
        planned([{"id": "C1", "shift_end": "08:10"}], [{"id": "J9", "excluded_contractors": "new-1"}]), "contractor"
    )
    assert remedy.subject_id == "new-2"


def test_where_a_preference_outweighs_the_job_somebody_new_would_have_to_be_preferred(planned):
    job = {"id": "J9", "unserved_cost": 600, "preferred_contractor": "C1", "min": 30}
    (reason,) = planned([{"id": "C1", "trades": "roofer;x"}], [job | {"skills": "gas"}]).reasons()["J9"]
    remedy = reason.remedy
    assert remedy.message.endswith("and were J9's preferred_contractor")
    assert (remedy.extra_points, remedy.verified) == (0, True)


def test_a_job_that_costs_nothing_to_leave_out_says_that_nothing_pays(planned):
    (reason,) = planned([{"id": "C1", "shift_end": "10:00"}], [{"id": "J9", "min": 100, "unserved_cost": 0}]).reasons()[
        "J9"
    ]
    assert (reason.code, reason.remedy) == ("priority", None)


def test_every_kind_of_remedy_is_typed_into_the_file_that_holds_its_subject(planned):
    """``JOB_REMEDIES`` says which file; the map page and people rely on it."""
    people = [{"id": "C1", "max_jobs": 1}, {"id": "C2", "trades": "roofer"}]
    jobs = [
        {"id": "J1"},
        {"id": "J2", "required_contractor": "C1"},
        {"id": "J3", "excluded_contractors": "C1"},
        {"id": "J4", "trade": "roofer", "window_start": "05:00", "window_end": "06:00"},
        {"id": "J5", "trade": "roofer", "min": 120, "unserved_cost": 100},
        {"id": "J6", "trade": "roofer", "excluded_contractors": "C2"},
    ]
    day = planned(people, jobs)
    remedies = [r.remedy for reasons in day.reasons().values() for r in reasons if r.remedy]
    assert {"window", "priority", "excluded", "max_jobs", "contractor"} <= {remedy.kind for remedy in remedies}
    for remedy in remedies:
        assert remedy.subject_id.startswith("J") == (remedy.kind in JOB_REMEDIES)


NORTH = "POLYGON((-94 41.2, -93 41.2, -93 42, -94 42, -94 41.2))"


def test_somebody_is_not_sent_outside_their_service_area_and_would_come_without_it(planned):
    people = [{"id": "C1", "service_area": NORTH}]
    day = planned(people, [{"id": "J1", "min": 10}, {"id": "J2", "min": 20}])
    assert [visit.stop_id for route in day.plan.routes for visit in route.visits] == ["J2"]
    reason = first(day, "J1")
    assert (reason.code, reason.remedy.subject_id, reason.remedy.field, reason.remedy.to) == (
        "service_area",
        "C1",
        "service_area",
        "",
    )
    assert from_wkt(reason.remedy.from_) == from_wkt(NORTH)
    day.proves("J1", reason.remedy)


def test_who_is_excluded_and_does_not_serve_the_place_has_no_single_remedy(planned):
    people = [{"id": "C1", "service_area": NORTH}]
    reasons = planned(people, [{"id": "J9", "min": 10, "excluded_contractors": "C1"}]).reasons()["J9"]
    assert {reason.remedy.kind for reason in reasons} == {"contractor"}
