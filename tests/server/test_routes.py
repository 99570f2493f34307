"""Health, metrics, the page, tokens, other sites, and addresses that do not exist."""

import pytest
from serving import serving

HEALTH = {
    "/ping": "pong",
    "/live": "live",
    "/healthz": "live",
    "/ready": "ready",
    "/readyz": "ready",
}


@pytest.mark.parametrize("path", HEALTH)
def test_health(server, path):
    answer = server.client.get(path)
    assert (answer.status_code, answer.text) == (200, HEALTH[path] + "\n")


def test_what_does_not_exist(server):
    for method, path, status in [
        ("GET", "/nothing", 404),
        ("GET", "/api/nothing", 404),
        ("GET", "/api/score", 405),
        ("POST", "/ping", 405),
        ("PUT", "/", 405),
        ("GET", "/../pyproject.toml", 404),
        ("GET", "/%2e%2e/app.py", 404),
        ("GET", "/%00", 404),
    ]:
        answer = server.client.request(method, path)
        assert answer.status_code == status, (method, path, answer.text)
        assert list(answer.json()) == ["error"]
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_page_allows_nothing_from_elsewhere(server):
    answer = server.client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; ")
    assert policy.endswith("require-trusted-types-for 'script'")
    assert "unsafe" not in policy
    assert "http" not in policy
    head = server.client.head("/")
    assert (head.status_code, head.content) == (200, b"")


def test_metrics_count_requests_and_texts(server):
    def value(line):
        found = [
            row for row in server.client.get("/metrics").text.splitlines() if row.startswith(line)
        ]
        return float(found[0].rsplit(" ", 1)[1]) if found else 0.0

    requests = 'treernn_requests_total{route="/api/score",status="200"}'
    scored, failed = (f'treernn_texts_total{{outcome="{name}"}}' for name in ("scored", "failed"))
    before = [value(line) for line in (requests, scored)]
    server.post("/api/score", {"texts": ["good", "bad", 3]})
    assert [value(line) for line in (requests, scored)] == [before[0] + 1, before[1] + 2]
    assert value("treernn_queue_texts ") == 0
    assert value("treernn_workers_ready ") == 1
    assert value(failed) == 0  # a value that is no text was none
    text = server.client.get("/metrics").text
    assert "treernn_request_seconds_bucket" in text
    assert 'route="other"' in text or server.client.get("/nothing").status_code == 404


def test_pages_of_other_sites_may_not_use_it(server):
    foreign = ("http://evil.example", "null", "http://[", "http://]", "http://[::1", "://", "")
    for origin, status in (*((each, 403) for each in foreign), (server.url, 200)):
        answer = server.post("/api/score", {"text": "good"}, headers={"origin": origin})
        assert answer.status_code == status
        assert "access-control-allow-origin" not in answer.headers
        assert server.client.get("/api/models", headers={"origin": origin}).status_code == 200


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A server with a token, and a site whose pages may use it."""
    token = tmp_path_factory.mktemp("token") / "token"
    token.write_text("se-cret\n")
    with serving(
        "--parser", "right", "--token-file", str(token), "--allow-origin", "https://films.example"
    ) as running:
        yield running


def test_a_token_is_needed(guarded):
    for path in ("/ping", "/ready", "/"):
        assert guarded.client.get(path).status_code == 200
    assert guarded.client.get("/metrics").status_code == 401
    for header in ("", "Bearer", "Bearer wrong", "Basic se-cret", "Bearer sé"):
        answer = guarded.post(
            "/api/score", {"text": "good"}, headers={"authorization": header.encode()}
        )
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "se-cret" not in answer.text
    right = {"authorization": "Bearer se-cret"}
    assert guarded.post("/api/score", {"text": "good"}, headers=right).status_code == 200


def test_a_site_that_is_allowed(guarded):
    site = {"origin": "https://films.example"}
    asked = {**site, "access-control-request-method": "POST"}
    answer = guarded.client.options("/api/score", headers=asked)
    assert answer.headers["access-control-allow-origin"] == "https://films.example"
    answer = guarded.post(
        "/api/score", {"text": "good"}, headers={**site, "authorization": "Bearer se-cret"}
    )
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://films.example"
