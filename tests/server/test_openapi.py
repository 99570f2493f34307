"""The description of the server is that of its answers."""

import pytest

from treernn.server.app import ROUTES

ASKED = [
    ("/api/score", {"text": "It isn't good. Great!", "explain": True}),
    ("/api/score", {"text": "Good.", "level": "review"}),
    ("/api/score", {"texts": ["Good. So?", "", 3, "a" * 20_001], "level": "sentence"}),
    ("/api/score", {"text": 1}),
    ("/api/parse", {"text": "It isn't good. Great!"}),
    ("/api/parse", {"texts": ["Good.", None]}),
    ("/api/models", None),
    ("/ready", None),
]


@pytest.fixture(scope="module")
def described(server):
    answer = server.client.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


@pytest.mark.parametrize("place", range(len(ASKED)))
def test_answers_are_as_described(server, described, place):
    path, asked = ASKED[place]
    answer = server.client.get(path) if asked is None else server.post(path, asked)
    operation = described["paths"][path]["get" if asked is None else "post"]
    content = operation["responses"][str(answer.status_code)]["content"]
    kind = answer.headers["content-type"].partition(";")[0]
    value = answer.json() if kind == "application/json" else answer.text
    schema = {**content[kind]["schema"], "components": described["components"]}
    validator = pytest.importorskip("jsonschema_rs").Draft202012Validator(schema)
    validator.validate(value)
    assert not validator.is_valid({"x": 1} if isinstance(value, dict) else 1)


def test_all_routes_are_described(described):
    paths = {route.path: route.methods - {"HEAD"} for route in ROUTES if route.path != "/"}
    found = {path: {name.upper() for name in each} for path, each in described["paths"].items()}
    assert {path: methods for path, methods in found.items() if path != "/"} == {
        path: methods for path, methods in paths.items() if path != "/openapi.json"
    }


@pytest.mark.slow
def test_no_request_of_many_is_answered_by_a_fault(server):
    schemathesis = pytest.importorskip("schemathesis")
    from hypothesis import HealthCheck, given, settings

    @schemathesis.serializer("application/x-ndjson")
    def lines(_, value):
        return str(value).encode(errors="replace")

    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    count = 0
    for operation in schema.get_all_operations():
        strategy = operation.ok().as_strategy()

        @settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
        @given(case=strategy)
        def check(case):
            case.call_and_validate()

        check()
        count += 1
    assert count > 8
