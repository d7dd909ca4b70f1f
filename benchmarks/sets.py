"""What is run when nobody says otherwise: a smoke set of 25 minutes at most, and the whole set.

Seconds are on one core; ``--parallel 2`` halves them. VROOM ends by itself: where its budget is 60 s, it gets what it
wants. Whoever names seeds, budgets, engines or instances gets those instead.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

SETS = ("smoke", "whole")

TUNING_SEEDS = range(1, 10)
"""Seeds of days that settings of the search are tried on; no set runs them."""

TEST_SEEDS = range(101, 111)
"""Seeds of days that figures are reported on; nothing is tuned on them."""

type Budgets = Mapping[str, tuple[float, ...]]
"""Seconds by engine; "" stands for all that are not named."""

UNHURRIED_S = 60.0
"""For VROOM, which needs a second at 200 jobs and a minute at 3,000."""

_BOTH = {"vroom-x0": (UNHURRIED_S,), "vroom-x5": (UNHURRIED_S,)}
_SMALL: Budgets = {"": (5.0,), "trades": (1.0, 5.0)} | _BOTH
_MEDIUM: Budgets = {"": (5.0,), "trades": (5.0,), "vroom-x0": (UNHURRIED_S,), "vroom-x5": (30.0,)}
_MEDIUM_WHOLE: Budgets = {
    "": (30.0,),
    "trades": (5.0, 30.0),
    "pyvrp": (5.0, 30.0),
    "vroom-x0": (UNHURRIED_S,),
    "vroom-x5": (30.0,),
}
_LARGE: Budgets = {"": (60.0,)}

VRPTW: Budgets = {"": (5.0,)}
_VRPTW_WHOLE: Budgets = {"": (5.0,), "trades": (5.0, 20.0)}
_PAIRS: Budgets = {"": (10.0,)}
_DEPOTS: Budgets = {"": (20.0,)}


@dataclass(frozen=True, slots=True)
class Day:
    """What a name of a generated day says."""

    town: str
    n_jobs: int
    n_people: int
    seed: int
    has_breaks: bool


def day_of(name: str) -> Day | None:
    """Read WORD_JOBSxPEOPLE_SEED, with a b behind it when everybody owes a break; None for another name."""
    found = re.fullmatch(r"([a-z]+)_(\d+)x(\d+)_(\d+)(b?)", name)
    return found and Day(found[1], int(found[2]), int(found[3]), int(found[4]), bool(found[5]))


def days_in(names: Sequence[str], wanted: Callable[[Day], bool]) -> list[str]:
    """The generated days of one kind."""
    return [name for name in names if (day := day_of(name)) is not None and wanted(day)]


def field_set(name: str, names: Sequence[str]) -> list[str]:
    """Days of suite field; cases from files are in both sets when they are small, else in the whole one."""
    whole = name == "whole"
    first = next((day.town for day in map(day_of, names) if day), "")

    def wanted(day: Day) -> bool:
        if day.seed > TEST_SEEDS[2]:
            return False
        if day.n_jobs <= 200:
            return True
        if whole:
            return day.n_jobs in (1000, 3000)
        return day.n_jobs == 1000 and day.seed == TEST_SEEDS[0] and day.town == first

    days = set(days_in(names, wanted))
    return [one for one in names if one in days or (day_of(one) is None and (whole or _jobs_in(one) <= 200))]


def live_set(name: str, names: Sequence[str]) -> list[str]:
    """Days of suite live: 200 and 1,000 jobs, with breaks and without."""
    last = TEST_SEEDS[2] if name == "whole" else TEST_SEEDS[0]
    return days_in(names, lambda day: day.n_jobs in (200, 1000) and day.seed <= last)


def replan_set(name: str, names: Sequence[str]) -> list[str]:
    """Days of suite replan: ten each of 200 and 1,000 jobs, or three and one; every second one with breaks."""
    last = {200: TEST_SEEDS[2], 1000: TEST_SEEDS[0]} if name == "smoke" else dict.fromkeys((200, 1000), TEST_SEEDS[-1])
    return days_in(names, lambda day: day.has_breaks == bool(day.seed % 2) and day.seed <= last.get(day.n_jobs, 0))


def growth_set(name: str, names: Sequence[str]) -> list[str]:
    """Days of suite growth: all sizes from 200 jobs on."""
    last = TEST_SEEDS[2] if name == "whole" else TEST_SEEDS[0]
    first = next((day.town for day in map(day_of, names) if day), "")
    return days_in(
        names, lambda day: day.n_jobs >= 200 and not day.has_breaks and day.seed <= last and day.town == first
    )


def ablation_set(name: str, names: Sequence[str]) -> list[str]:
    """Days and fleets of suite ablation."""
    # One job is 3 % of a day of 200: only many days tell a part that gives 1 %.
    last = {200: TEST_SEEDS[2], 1000: TEST_SEEDS[0]} if name == "smoke" else {200: TEST_SEEDS[-1], 1000: TEST_SEEDS[2]}
    first = next((day.town for day in map(day_of, names) if day), "")
    days = days_in(names, lambda day: not day.has_breaks and day.town == first and day.seed <= last.get(day.n_jobs, 0))
    fleets = [one for one in names if kind_of(one) == "GH-200"]
    return days + _spread(fleets, 6 if name == "whole" else 2)


def solver_set(name: str, names: Sequence[str]) -> list[str]:
    """Published instances: all, or three of each class, four of Gehring & Homberger's."""
    if name == "whole":
        return list(names)
    groups: dict[str, list[str]] = {}
    for one in names:
        groups.setdefault(kind_of(one), []).append(one)
    return [one for group, of in groups.items() for one in _spread(of, 4 if group == "GH-200" else 3)]


def kind_of(name: str) -> str:
    """The class of a published instance, by the name of its file."""
    stem = name.rpartition("/")[2].lower()
    if stem.endswith(".vrp") or re.match(r"pr\d", stem):
        return "MDVRPTW"
    found = re.match(r"(l?)(rc|r|c)([12])", stem)
    if found is None:
        return "other"
    return "Li-Lim" if found[1] else "GH-200" if "_2_" in stem else f"{found[2]}{found[3]}".upper()


def field_budgets(name: str, of: str) -> Budgets:
    """Seconds on a day, by its size."""
    day = day_of(of)
    n_jobs = day.n_jobs if day else _jobs_in(of)
    if n_jobs <= 200:
        return _SMALL
    if n_jobs <= 1000:
        return _MEDIUM if name == "smoke" else _MEDIUM_WHOLE
    return _LARGE


def solver_budgets(name: str, of: str) -> Budgets:
    """Seconds on a published instance, by its class."""
    kind = kind_of(of)
    if name == "smoke":
        return VRPTW
    return _PAIRS if kind == "Li-Lim" else _DEPOTS if kind == "MDVRPTW" else _VRPTW_WHOLE


def ablation_budgets(name: str, of: str) -> Budgets:
    """Seconds on a day or a fleet: as long as somebody waits for a plan."""
    day = day_of(of)
    return {"": (5.0,)} if name == "whole" or (day and day.n_jobs > 200) else {"": (2.0,)}


SECONDS_A_JOB = {"smoke": 0.01, "whole": 0.04}
"""The longest budget of suite growth: the same effort for each job."""

RUNGS = 5
"""Budgets of suite growth: each is half of the next."""


def growth_budgets(name: str, of: str) -> Budgets:
    """Budgets up to so many seconds a job, each half of the next."""
    day = day_of(of)
    longest_s = SECONDS_A_JOB[name] * (day.n_jobs if day else 200)
    return {"": tuple(round(longest_s / 2**k, 3) for k in reversed(range(RUNGS)))}


def seeds_in(suite: str, name: str) -> str:
    """Seeds of the search, as they are typed."""
    return "1..2" if name == "whole" and suite in ("solver", "ablation") else "1"


def _jobs_in(name: str) -> int:
    """How many jobs the name of a case says it has; 0 when it does not say."""
    found = re.search(r"(\d+)x\d+", name)
    return int(found[1]) if found else 0


def _spread(names: Sequence[str], n: int) -> list[str]:
    """So many of them, evenly from the first to the last."""
    if len(names) <= n:
        return list(names)
    return [names[k * (len(names) - 1) // (n - 1)] for k in range(n)]
