"""On days with everything that a file can say, every remedy works when typed, and one unit less does not."""

import random
from dataclasses import replace
from datetime import date

import pytest

KINDS_OF_DAYS = {
    "an ordinary day": date(2026, 11, 24),
    "clocks go forward": date(2026, 3, 8),
    "clocks go back": date(2026, 11, 1),
    "the eve of going forward": date(2026, 3, 7),
    "the eve of going back": date(2026, 10, 31),
}


def clock(rng: random.Random, low: int, high: int) -> str:
    minutes = rng.randrange(low, high, 5)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def random_rows(seed: int):
    """A few people with odd limits and more jobs than they can take."""
    rng = random.Random(seed)
    people, jobs = [], []
    for number in range(rng.randint(2, 4)):
        starts = rng.choice([rng.randrange(0, 600, 5), rng.randrange(1080, 1435, 5)])
        length = rng.randrange(120, 600, 5)
        pause = starts + length // 2
        row = {
            "id": f"C{number}",
            "min": rng.randint(0, 60),
            "trades": rng.choice(["plumber", "roofer", "plumber;roofer"]),
            "skills": rng.choice(["", "gas"]),
            "shift_start": f"{starts // 60:02d}:{starts % 60:02d}",
            "shift_end": f"{(starts + length) // 60 % 24:02d}:{(starts + length) % 60:02d}",
            "max_jobs": rng.choice(["", "", 1, 2]),
            "max_travel_min": rng.choice(["", "", 10, 45]),
            "cost_per_hour": rng.choice(["", 2500]),
            "cost_per_km": rng.choice(["", 33]),
            "cost_fixed": rng.choice(["", 700]),
        }
        if rng.random() < 0.4:
            at = f"{pause // 60 % 24:02d}:{pause % 60:02d}"
            row |= {"break_start": at, "break_end": at, "break_min": 30}
        people.append(row)
    for number in range(12):
        wish = rng.randrange(8)
        price = "" if wish == 2 else rng.choice(["", "", 600])  # a preference dearer than the job has no single remedy
        opens = rng.randrange(0, 1800, 5)
        jobs.append(
            {
                "id": f"J{number:02d}",
                "min": rng.randint(0, 60),
                "trade": rng.choice(["plumber", "plumber", "roofer", "roofr"]),
                "duration_min": rng.choice([15, 45, 90, 240, 700]),
                "skills": rng.choice(["", "", "gas", "welding"]),
                "priority": rng.choice(["", 20, 80]),
                "unserved_cost": price,
                "window_start": rng.choice(["", clock(rng, opens, opens + 5)]),
                "window_end": rng.choice(["", clock(rng, opens + 5, opens + 90)]),
                "required_contractor": rng.choice(["C0", "C9"]) if wish == 0 else "",
                "excluded_contractors": rng.choice(["C0", "C0;C1"]) if wish == 1 else "",
                "preferred_contractor": "C1" if wish == 2 else "",
            }
        )
    return people, jobs


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", KINDS_OF_DAYS)
def test_whatever_is_left_out_every_remedy_works_and_one_unit_less_does_not(name, seed, desk, planned):
    day = planned(*random_rows(seed + 100 * len(name)), replace(desk, on=KINDS_OF_DAYS[name]))
    assert day.plan.unassigned
    for job_id, reasons in day.reasons().items():
        assert reasons[0].remedy is not None or reasons[0].code in ("unreachable", "too_long"), job_id
        for remedy in (reason.remedy for reason in reasons if reason.remedy):
            if not remedy.message.endswith("required_contractor"):
                day.proves(job_id, remedy)
        kinds = [reason.remedy.kind for reason in reasons if reason.remedy]
        assert len(set(kinds)) == len(kinds)
