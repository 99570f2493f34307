"""The description of the server is that of its answers."""

import pytest
from serving import serving

from treernn.server.app import ROUTES

ASKED = [
    ("/api/score", {"text": "It isn't good. Great!", "explain": True}),
    ("/api/score", {"text": "Good.", "level": "review"}),
    ("/api/score", {"text": "It isn't good. Great!", "explain": True, "classes": 2}),
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
    methods: dict[str, set[str]] = {}
    for route in ROUTES:
        methods.setdefault(route.path, set()).update(route.methods - {"HEAD"})
    del methods["/openapi.json"]
    methods["/"].remove("GET")  # the page
    found = {
        path: {name.upper() for name in each if name != "parameters"}
        for path, each in described["paths"].items()
    }
    assert found == methods


@pytest.mark.slow
def test_no_request_of_many_is_answered_by_a_fault():
    schemathesis = pytest.importorskip("schemathesis")
    from hypothesis import HealthCheck, given, settings
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    @schemathesis.serializer("application/x-ndjson")
    def lines(_, value):
        return str(value).encode(errors="replace")

    with serving() as server:
        described = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
        operations = [each.ok() for each in described.get_all_operations()]
        for operation in operations:
            jobs = operation.path == "/api/jobs"
            # It cannot be described that the name of a file has an ending of some format, nor what
            # is a map of CoreNLP's properties.
            excluded = [positive_data_acceptance] if jobs or operation.path == "/" else []

            def check(case):
                case.call_and_validate(excluded_checks=excluded)  # noqa: B023 - is called at once

            checks = settings(
                max_examples=8 if jobs else 60,
                suppress_health_check=list(HealthCheck),
                deadline=None,
            )
            checks(given(case=operation.as_strategy())(check))()
    paths = {operation.path for operation in operations}
    assert {"/", "/api/score", "/api/score/stream", "/api/parse", "/api/jobs"} <= paths
