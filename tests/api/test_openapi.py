"""The API describes itself: a valid OpenAPI 3.1 document in which every operation can be understood and tried."""

import json

import jsonschema_rs
import pytest
from map_server import map_settings, serving
from schemathesis.specs.openapi.definitions import OPENAPI_31

from api.app import create_app

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    return create_app(map_settings(tmp_path_factory.mktemp("home"))).openapi()


def operations(document):
    return [
        (f"{method.upper()} {path}", path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def test_the_document_is_valid_openapi_3_1(document):
    assert document["openapi"].startswith("3.1")
    validator = jsonschema_rs.validator_for(OPENAPI_31)
    assert [error.message for error in validator.iter_errors(document)] == []
    assert validator.is_valid({**document, "paths": {"no-slash": 3}}) is False


def test_every_reference_leads_somewhere(document):
    text = json.dumps(document)
    names = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert names <= set(document["components"]["schemas"])


def test_every_operation_has_a_name_of_its_own_a_summary_and_a_description(document):
    found = operations(document)
    ids = [operation["operationId"] for _, _, operation in found]
    assert len(set(ids)) == len(ids)
    for name, _, operation in found:
        assert operation.get("summary"), name
        assert operation.get("description"), name
        assert operation.get("tags"), name


def test_every_operation_names_its_errors_as_problem_details_or_as_the_format_has_them(document):
    for name, _, operation in operations(document):
        assert {"422", "500", "503"} <= set(operation["responses"]), name
        for status, response in operation["responses"].items():
            if status >= "400":
                assert response["content"], f"{name} {status}"


def test_every_operation_that_needs_the_key_says_401(document):
    for name, _, operation in operations(document):
        if operation.get("security") and not name.endswith("/nearby"):
            assert "401" in operation["responses"], name


def parts(document, schema):
    """A schema and all that it is made of, references followed once."""
    seen, left = set(), [schema]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            yield part
            reference = part.get("$ref")
            if reference is not None and reference not in seen:
                seen.add(reference)
                left.append(document["components"]["schemas"][reference.rpartition("/")[2]])
            left += part.values()
        elif isinstance(part, list):
            left += part


def test_every_parameter_is_described(document):
    for name, _, operation in operations(document):
        for parameter in operation.get("parameters", []):
            described = [part for part in parts(document, parameter) if part.get("description")]
            assert described, f"{name} {parameter['name']}"


def test_every_body_comes_with_an_example(document):
    for name, _, operation in operations(document):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert [part for part in parts(document, content) if part.get("examples") or part.get("example")], name


def test_every_example_is_as_its_schema_says(document):
    for name, schema in document["components"]["schemas"].items():
        asked = {**schema, "components": document["components"]}
        for example in schema.get("examples", []):
            assert [error.message for error in jsonschema_rs.validator_for(asked).iter_errors(example)] == [], name


@pytest.mark.asyncio(loop_scope="session")
async def test_the_examples_about_the_map_are_answered(maps, document):
    for name in ("OptimiseIn", "MatrixIn", "MatchIn"):
        for example in document["components"]["schemas"][name]["examples"]:
            path = {"OptimiseIn": "/maps/optimize-route", "MatrixIn": "/maps/matrix", "MatchIn": "/maps/match"}[name]
            answer = await maps.post(path, json=example)
            assert answer.status_code == 200, answer.text
            assert answer.json()["travel_time_source"] == "osrm"
    parameters = document["paths"]["/maps/route"]["get"]["parameters"]
    shown = {p["name"]: p.get("examples") or p["schema"].get("examples") for p in parameters}
    given = {
        name: next(iter(values.values()))["value"] if isinstance(values, dict) else values[0]
        for name, values in shown.items()
        if values
    }
    assert (await maps.get("/maps/route", params=given)).status_code == 200


@pytest.mark.asyncio(loop_scope="session")
async def test_the_document_is_served(tmp_path, document):
    async with serving(map_settings(tmp_path), key=None) as stranger:
        assert (await stranger.get("/openapi.json")).json() == json.loads(json.dumps(document))
