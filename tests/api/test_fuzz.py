"""Whatever is sent: no fault of ours, and every answer as the API's description has it.

Schemathesis makes requests up from the OpenAPI document, valid and invalid ones. Of the valid ones every other is given
what nobody can make up: places on the demo day's streets, people and jobs that there are, runs in a state that allows
what is asked (``Known``). Without that nearly all would end at the first check; so each operation has to succeed for at
least 30 % of the valid requests.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from demo_server import DAY, REGION, DemoServer, demo_server
from rich.console import Console
from rich.table import Table
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from servers import KEY

from api.settings import Settings

OPERATIONS = (
    "health",
    "ready",
    "optimise_route",
    "matrix",
    "route",
    "match",
    "nearby_contractors",
    "record_positions",
    "request_run",
    "list_runs",
    "read_run",
    "read_proposed_plan",
    "commit_run",
    "undo_run",
    "cancel_run",
    "change_plan",
    "read_schedule",
    "vroom",
)

SHARE = 0.30
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
)
"""All but ``positive_data_acceptance``: a place in no region is valid, and refused."""

REFUSALS = {"negative_data_rejection": {"expected-statuses": [400, 401, 404, 405, 409, 413, 415, 422]}}
"""How an invalid request may be refused; by default not as too large."""

STREET = (-29.90567, -71.2560), (-29.90568, -71.2575)
"""Two ends of a street, for traces that somebody could have driven."""


@pytest.fixture(scope="module")
def server(module_database_url, servers, worker_number, coquimbo, sample_home):
    settings = Settings(
        database_url=module_database_url,
        redis_url=f"{servers.redis_url}?db={worker_number + 1}",
        home=sample_home,
        key=KEY,
        environment="test",
    )
    with demo_server(settings) as running:
        running.do(running.committed())
        yield running


class Known:
    """What there is, put into every other valid request."""

    def __init__(self, server: DemoServer, seed: int) -> None:
        self._server, self._random, self._turns = server, random.Random(seed), Counter[str]()
        rows = server.do(
            server.rows("select id, st_y(location::geometry) as lat, st_x(location::geometry) as lon from jobs")
        )
        self.places = [{"lat": row.lat, "lng": row.lon} for row in rows]
        self.people = [row.id for row in server.do(server.rows("select id from contractors"))]

    def fill(self, case: schemathesis.Case) -> None:
        """Change a request in place, if it is its turn."""
        name = case.operation.definition.raw["operationId"]
        self._turns[name] += 1
        if name == "vroom" and isinstance(case.body, dict):
            case.body["options"] = {"l": 0.2}  # some would search for a minute
        if self._turns[name] % 2:
            return
        if isinstance(case.body, dict):
            self._place(case.body)
            change = getattr(self, f"_{name}", None)
            if change is not None:
                case.body = change(case.body)
        elif "run_id" in (case.path_parameters or {}):
            case.path_parameters["run_id"] = str(self._server.do(self._run_for(name)))
        elif name == "read_schedule":
            case.path_parameters = {"contractor_id": self._person(), "date": DAY.isoformat()}
        elif name == "route":
            case.query |= {"from": self._text(), "to": self._text()}
            if case.query.get("via"):
                case.query["via"] = [self._text() for _ in case.query["via"]]
        elif name == "nearby_contractors":
            free = {name: value for name, value in case.query.items() if name in ("radius_m", "at", "limit")}
            case.query = free | self._random.choice(self.places) | {"trade": "plumber"}

    def _run_for(self, operation: str) -> Coroutine[Any, Any, UUID]:
        """A run in a state that allows the operation."""
        server = self._server
        states = {"read_run": server.queued, "cancel_run": server.queued, "undo_run": server.committed}
        return states.get(operation, server.ready)()

    def _match(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"points": [self._fix(number) for number in range(len(body["points"]))]}

    def _record_positions(self, body: dict[str, Any]) -> dict[str, Any]:
        now = datetime.now(UTC)
        for number, position in enumerate(body["positions"]):
            position |= {"contractor_id": self._person(), "at": (now - timedelta(seconds=number)).isoformat()}
        return body

    def _request_run(self, body: dict[str, Any]) -> dict[str, Any]:
        return body | {"region": REGION, "date": DAY.isoformat()}

    def _vroom(self, body: dict[str, Any]) -> dict[str, Any]:
        """As many vehicles and jobs, of the least that VROOM's format asks for."""
        vehicles = [{"id": number, "start": self._lonlat()} for number in range(len(body["vehicles"]))]
        jobs = [{"id": number, "location": self._lonlat()} for number in range(1 + len(body.get("jobs", [])))]
        return {"vehicles": vehicles, "jobs": jobs, "options": body["options"]}

    def _place(self, value: Any) -> None:
        """Put known places wherever there are coordinates."""
        if isinstance(value, dict) and {"lat", "lng"} <= value.keys():
            value |= self._random.choice(self.places)
        for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            self._place(part)

    def _person(self) -> str:
        return str(self._random.choice(self.people))

    def _lonlat(self) -> list[float]:
        place = self._random.choice(self.places)
        return [place["lng"], place["lat"]]

    def _text(self) -> str:
        place = self._random.choice(self.places)
        return f"{place['lat']:.6f},{place['lng']:.6f}"

    def _fix(self, number: int) -> dict[str, float]:
        """A vehicle that goes up and down a street."""
        (lat, lng), (_, far) = STREET
        along = abs((number % 20) - 10) / 10
        return {"lat": lat, "lng": lng + along * (far - lng)}

    def _change_plan(self, body: dict[str, Any]) -> dict[str, Any]:
        """Take out a job that is served; or only ask what it would cost to move it within its contractor's day."""
        served = self._server.do(self._server.served())
        while not served:
            self._server.do(self._server.committed())
            served = self._server.do(self._server.served())
        job_id = self._random.choice(sorted(served))
        version = self._server.do(self._server.version())
        moved = self._random.random() < 0.5
        return body | {
            "region": REGION,
            "date": DAY.isoformat(),
            "base_version": version,
            "job_id": str(job_id),
            "contractor_id": str(served[job_id]) if moved else None,
            "position": 0 if moved else None,
            "dry_run": moved or body.get("dry_run", False),
        }


class Told:
    """How often each operation answered what."""

    def __init__(self) -> None:
        self.valid: dict[str, Counter[int]] = defaultdict(Counter)
        self.invalid: dict[str, Counter[int]] = defaultdict(Counter)

    def add(self, other: "Told") -> None:
        """Take another's counts into these."""
        for ours, theirs in ((self.valid, other.valid), (self.invalid, other.invalid)):
            for operation, statuses in theirs.items():
                ours[operation] += statuses

    def share(self, operation: str) -> float:
        """Of the valid requests that succeeded; 304 is a success."""
        statuses = self.valid[operation]
        return sum(n for status, n in statuses.items() if status < 400) / max(1, statuses.total())

    def table(self) -> Table:
        """For people."""
        table = Table("operation", "valid", "2xx", "answers", "invalid", "answers", title="What was asked and answered")
        for operation in sorted({*self.valid, *self.invalid}):
            valid, invalid = self.valid[operation], self.invalid[operation]
            table.add_row(
                operation,
                str(valid.total()),
                f"{self.share(operation):.0%}",
                _listed(valid),
                str(invalid.total()),
                _listed(invalid),
            )
        return table


def _listed(statuses: Counter[int]) -> str:
    return ", ".join(f"{status}: {n}" for status, n in sorted(statuses.items()))


def fuzz(
    server: DemoServer, told: Told, *, examples: int, seed: int, phases: tuple[str, ...], only: str | None = None
) -> list[str]:
    """Ask what schemathesis makes up, of one operation or of all; what was wrong with the answers."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "continue-on-failure": True,
            "request-timeout": 90,
            "headers": {"Authorization": f"Bearer {KEY}"},
            "generation": {"mode": "all", "max-examples": examples, "no-shrink": True, "database": "none"},
            "checks": {"enabled": False} | {name: {"enabled": True} for name in CHECKS} | REFUSALS,
            "phases": {"enabled": False} | {name: {"enabled": True} for name in phases},
        }
    )
    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json", config=config)
    if only is not None:
        schema = schema.include(operation_id=only)
    known = Known(server, seed)

    def before_call(context: Any, case: schemathesis.Case, kwargs: Any) -> None:
        if _is_valid(case):
            known.fill(case)

    def after_call(context: Any, case: schemathesis.Case, response: Any) -> None:
        if case.method.upper() == case.operation.method.upper():
            kind = told.valid if _is_valid(case) else told.invalid
            kind[case.operation.label][response.status_code] += 1

    faults: list[str] = []
    with hooked(before_call, after_call):
        for event in from_schema(schema).execute():
            if isinstance(event, events.ScenarioFinished):
                for checks in event.recorder.checks.values():
                    failed = [check.failure_info.failure for check in checks if check.failure_info is not None]
                    faults += [f"{event.recorder.label}: {failure}" for failure in failed]
            elif isinstance(event, events.NonFatalError | events.FatalError):
                faults.append(f"{event.label}: {event.value!r}")
    return faults


@contextmanager
def hooked(*hooks: Callable[..., None]) -> Iterator[None]:
    """Have schemathesis call these; it takes such hooks for the whole process only."""
    for hook in hooks:
        schemathesis.hook(hook)
    try:
        yield
    finally:
        for hook in hooks:
            schemathesis.hooks.unregister(hook)


def _is_valid(case: schemathesis.Case) -> bool:
    return case.meta is None or case.meta.generation.mode.is_positive


def check(told: Told, faults: list[str]) -> None:
    """Fail, and say why."""
    assert faults == [], f"{len(faults)} wrong answers, first:\n" + "\n\n".join(faults[:5])
    assert {name: _listed(told.valid[name]) for name in told.valid if told.share(name) < SHARE} == {}


@pytest.fixture(scope="module")
def told_at_length(server) -> Iterator[Told]:
    """What all long tests heard; printed in the end."""
    told = Told()
    yield told
    Console(width=160).print(told.table())


def test_every_answer_is_as_described_whatever_is_sent(server):
    told = Told()
    faults = fuzz(server, told, examples=6, seed=1, phases=("examples", "fuzzing"))
    Console(width=160).print(told.table())
    check(told, faults)
    described = server.app.openapi()["paths"]
    assert set(told.valid) == {f"{method.upper()} {path}" for path, item in described.items() for method in item}
    assert {operation["operationId"] for item in described.values() for operation in item.values()} == set(OPERATIONS)


# One test an operation, for each test must end within two minutes.
@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_answer_of_an_operation_is_as_described_however_long_one_tries(server, told_at_length, operation):
    told = Told()
    faults = fuzz(server, told, examples=60, seed=2, phases=("examples", "coverage", "fuzzing"), only=operation)
    told_at_length.add(told)
    check(told, faults)
    assert told.valid


@pytest.mark.slow
def test_what_answers_lead_to_is_answered_as_described(server, told_at_length):
    faults = fuzz(server, told_at_length, examples=60, seed=3, phases=("stateful",))
    assert faults == []
