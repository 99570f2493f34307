"""Who a server is asked as, the targets of requests, and where their bodies end."""

import json
import socket

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from serving import serving

from treernn.errors import InputError
from treernn.server.hosts import given_name, is_loopback, name_of, names_to_answer

OURS = [
    *("localhost", "LOCALHOST", "LocalHost.", "a.localhost", "A.b.Localhost.", "localhost:1"),
    *("localhost:", "localhost.:65000", "127.0.0.1", "127.0.0.1:9000", "127.255.1.2", "127.0.0.1."),
    *("[::1]", "[::1]:9000", "[0:0:0:0:0:0:0:1]", "[0000::0001]:80", "[::ffff:127.0.0.1]:9"),
]
OTHERS = [
    *("evil.example", "evil.example:9000", "EVIL.example.", "localhost.evil.example"),
    *("127.0.0.1.evil.example", "127.0.0.1.nip.io:9000", "notlocalhost", "local.host", "com"),
    *("10.0.0.1", "128.0.0.1:9000", "0.0.0.0", "127.1", "0x7f.0.0.1", "2130706433", "127.0.0.01"),
    *(
        "[::]",
        "[::2]:9000",
        "[fe80::1]",
        "[::ffff:10.0.0.1]",
        "localhost%2eevil",
        "xn--lcalhost-q5c",
    ),
]
WRONG = [
    *("", "localhost@evil.example", "evil.example@localhost", "localhost/evil", "local host"),
    *("localhost, evil.example", "localhost:9000:9000", "localhost:x", "::1", "[::1", "[::1]evil"),
    *(
        "[localhost]",
        "http://localhost",
        "localhost?",
        "localhost#",
        ":9000",
        ".",
        "l\u00f6calhost",
    ),
]
PATHS = [
    *(("GET", path) for path in ("/", "/page/main.js", "/result/tree.js", "/healthz", "/ready")),
    *(("GET", path) for path in ("/ping", "/metrics", "/openapi.json", "/api/models", "/nothing")),
    *(("POST", path) for path in ("/", "/api/score", "/api/parse", "/api/score/stream")),
    *(("POST", path) for path in ("/api/jobs", "/api/corrections")),
    *(("HEAD", "/"), ("OPTIONS", "/api/score"), ("DELETE", "/api/jobs/1"), ("PUT", "/")),
]


def exchange(server, head, body=b""):
    """The status and the body of the answer to a request, and all that follows it."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(head.encode("latin-1") + b"\r\n\r\n" + body)
        answer = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    first, _, rest = answer.partition(b"\r\n\r\n")
    length = [line for line in first.lower().split(b"\r\n") if line.startswith(b"content-length: ")]
    size = int(length[0].split()[1]) if length else 0
    return int(first.split()[1]), rest[:size], rest[size:]


def refused(answer):
    """Whether it is an answer of one line."""
    status, body, rest = answer
    [error] = json.loads(body).values()
    return status >= 400 and "\n" not in error and rest == b""


@pytest.mark.parametrize("host", OURS)
def test_names_of_this_machine(server, host):
    assert is_loopback(name_of(host))
    status, body, _ = exchange(server, f"GET /ping HTTP/1.1\r\nHost: {host}\r\nConnection: close")
    assert (status, body) == (200, b"pong\n")


@pytest.mark.parametrize("place", range(len(OTHERS)))
def test_names_of_other_machines(server, place):
    host = OTHERS[place]
    answer = exchange(server, f"GET /ping HTTP/1.1\r\nHost: {host}\r\nConnection: close")
    assert (answer[0], refused(answer)) == (403, True)
    assert json.loads(answer[1])["error"] == (
        f"this server does not answer to the name {name_of(host)}; use localhost, or start it "
        f"with --allowed-host {name_of(host)}"
    )


@pytest.mark.parametrize("place", range(len(WRONG)))
def test_what_is_no_name(server, place):
    assert name_of(WRONG[place]) is None
    answer = exchange(server, f"GET /ping HTTP/1.1\r\nHost: {WRONG[place]}\r\nConnection: close")
    assert (answer[0], refused(answer)) == (400, True)


@pytest.mark.parametrize("place", range(len(PATHS)))
def test_on_every_route(server, place):
    method, path = PATHS[place]
    for headers in (
        {"host": "evil.example"},
        {"host": "evil.example", "origin": "http://evil.example"},
    ):
        answer = server.client.request(method, path, headers=headers, content=b'{"text": "good"}')
        assert answer.status_code == 403
        if method != "HEAD":
            assert answer.json()["error"].startswith("this server does not answer to the name evil")
        assert "access-control-allow-origin" not in answer.headers


def test_long_names_are_cut(server):
    answer = exchange(server, f"GET / HTTP/1.1\r\nHost: {'a' * 5_000}\r\nConnection: close")
    assert (answer[0], refused(answer), len(answer[1]) < 300) == (403, True, True)


@pytest.mark.parametrize(
    "head",
    [
        "GET /ping HTTP/1.1",
        "GET /ping HTTP/1.1\r\nHost: localhost\r\nHost: localhost",
        "GET /ping HTTP/1.1\r\nHost: localhost\r\nHost: evil.example",
        "GET /ping HTTP/1.0\r\nHost: localhost\r\nhost: evil.example",
    ],
    ids=["none", "twice", "two", "two-old"],
)
def test_one_name_is_needed(server, head):
    answer = exchange(server, head)
    assert (answer[0], refused(answer)) == (400, True)
    assert "Host: header" in json.loads(answer[1])["error"]


def test_old_clients_name_no_host(server):
    """HTTP/1.0 has no need to; a browser always does."""
    assert exchange(server, "GET /ping HTTP/1.0")[:2] == (200, b"pong\n")
    assert exchange(server, "GET /ping HTTP/1.0\r\nHost: localhost")[:2] == (200, b"pong\n")
    assert exchange(server, "GET /ping HTTP/1.0\r\nHost: evil.example")[0] == 403


ABSOLUTE = [
    ("http://localhost/ping", "localhost", 200),
    ("HTTP://127.0.0.1:9000/ping", "127.0.0.1:9000", 200),
    ("http://[::1]:9000/ping?a=b", "localhost", 200),
    ("http://localhost", "localhost", 200),
    ("http://localhost?a=/b", "localhost", 200),
    ("http://localhost/p%69ng", "localhost", 200),
    ("http://evil.example/ping", "localhost", 403),
    ("http://localhost/ping", "evil.example", 403),
    ("http://evil.example/ping", "evil.example", 403),
    ("http://localhost@evil.example/ping", "localhost", 400),
    ("http:///ping", "localhost", 400),
    ("ftp://localhost/ping", "localhost", 400),
    ("ping", "localhost", 400),
    ("//evil.example/ping", "localhost", 404),
    ("*", "localhost", 404),
    ("*", "evil.example", 403),
]


@pytest.mark.parametrize("place", range(len(ABSOLUTE)))
def test_targets_that_are_whole_addresses(server, place):
    target, host, status = ABSOLUTE[place]
    answer = exchange(server, f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close")
    assert answer[0] == status
    if status == 200:
        assert answer[1] == b"pong\n" or b"<!doctype html>" in answer[1]
    else:
        assert refused(answer)


def test_a_whole_address_is_scored(server):
    body = b'{"text": "good"}'
    head = f"Content-Type: application/json\r\nConnection: close\r\nContent-Length: {len(body)}"
    for origin, status in (("http://localhost:9000", 200), ("http://evil.example", 403)):
        status_found, answer, _ = exchange(
            server,
            "POST http://localhost:9000/api/score?a=b HTTP/1.1\r\nHost: localhost\r\n"
            f"Origin: {origin}\r\n{head}",
            body,
        )
        assert status_found == status
        assert (json.loads(answer).get("label") == "positive") == (status == 200)


SMUGGLED = b"0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize("version", ["1.1", "1.0"])
@pytest.mark.parametrize("path", ["/", "/api/score", "/ping", "/nothing"])
@pytest.mark.parametrize("order", [1, -1])
def test_two_ends_of_a_body_are_refused(server, version, path, order):
    lengths = [f"Content-Length: {len(SMUGGLED)}", "Transfer-Encoding: Chunked"][::order]
    head = "\r\n".join((f"POST {path} HTTP/{version}", "Host: localhost", *lengths))
    answer = exchange(server, head, SMUGGLED)
    assert (answer[0], refused(answer)) == (400, True)  # and nothing follows it
    assert "Content-Length and Transfer-Encoding" in json.loads(answer[1])["error"]


def test_other_framings_that_are_refused(server):
    for headers in (
        "Content-Length: 3\r\nContent-Length: 4",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Content-Length: -1",
        "Content-Length: +3",
    ):
        answer = exchange(server, f"POST / HTTP/1.1\r\nHost: localhost\r\n{headers}", SMUGGLED)
        assert answer[0] in (400, 501), headers
        assert refused(answer), headers
    head = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked"
    assert exchange(server, head, b"0\r\n\r\n")[0] == 400
    head = "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked"
    assert exchange(server, head, b"4\r\ngood\r\n0\r\n\r\n")[0] == 200


def test_a_body_that_breaks_off_in_the_answer(server):
    """A chunk that is none, after a stream has begun to answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        head = b"POST /api/score/stream HTTP/1.1\r\nHost: localhost\r\n"
        connection.sendall(head + b'Transfer-Encoding: chunked\r\n\r\n7\r\n"good"\n\r\n')
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
        connection.sendall(b"no chunk\r\n")
        while piece := connection.recv(1 << 16):
            assert b"HTTP/1.1" not in piece
    assert server.client.get("/ping").text == "pong\n"


def test_nothing_sends_elsewhere(server):
    """No answer repeats the host of the request as an address to go to."""
    for path in ("/api/models/", "/api/score/", "/page", "/page/", "//evil.example/", "/%2Fevil/"):
        for host in ("localhost", "a.localhost:1"):
            head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close"
            assert exchange(server, head)[0] == 404


def test_other_names_that_are_allowed():
    names = ("--allowed-host", "Films.Example.", "--allowed-host", "fd00::1")
    with serving("--parser", "right", *names) as server:
        for host, status in (
            *(("films.example", 200), ("FILMS.example:443", 200), ("[fd00:0::1]:80", 200)),
            *(("localhost", 200), ("www.films.example", 403), ("films.example.org", 403)),
        ):
            headers = {"host": host, "origin": f"http://{host}"}
            answer = server.post("/api/score", {"text": "good"}, headers=headers)
            assert answer.status_code == status, host


@pytest.mark.parametrize(
    ("given", "host", "address", "token", "expected"),
    [
        ((), "127.0.0.1", "127.0.0.1", None, {"127.0.0.1"}),
        ((), "localhost", "::1", None, {"localhost"}),
        ((), "mybox", "127.0.1.1", None, {"mybox"}),
        ((), "::1", "::1", None, {"::1"}),
        ((), "127.0.0.1", "127.0.0.1", "secret", None),
        ((), "0.0.0.0", "0.0.0.0", None, None),
        ((), "::", "::", None, None),
        ((), "192.168.1.2", "192.168.1.2", None, None),
        (("a.example",), "0.0.0.0", "0.0.0.0", "secret", {"a.example", "0.0.0.0"}),
    ],
)
def test_when_names_matter(given, host, address, token, expected):
    assert names_to_answer(given, host, address, token) == expected


def test_a_server_with_a_token_answers_to_all_names():
    with serving("--parser", "right", TREERNN_TOKEN="secret") as server:
        headers = {"host": "films.example"}
        assert server.client.get("/ping", headers=headers).status_code == 200
        assert server.client.get("/api/models", headers=headers).status_code == 401
        headers["authorization"] = "Bearer secret"
        assert server.client.get("/api/models", headers=headers).status_code == 200


def test_another_name_where_it_listens():
    with serving("--parser", "right", "--host", "localhost") as server:
        assert httpx.get(f"{server.url}/ping", trust_env=False).text == "pong\n"
        answer = httpx.get(f"{server.url}/", headers={"host": "evil.example"}, trust_env=False)
        assert answer.status_code == 403


@given(st.text(max_size=30))
@example("127.0.0.1\n")
@example("[::1%25lo]")
def test_any_text_is_a_name_or_none(host):
    name = name_of(host)
    if name is not None and is_loopback(name):
        assert (
            name == "localhost"
            or name.endswith(".localhost")
            or name[:4] in ("127.", "::1", "::ff")
        )


@pytest.mark.parametrize(
    "given", ["http://a.example", "a.example/b", "", "*", "*.example", "a b", "straße.example:80"]
)
def test_what_cannot_be_allowed(given, in_process):
    with pytest.raises(InputError, match="expected the name of a host"):
        given_name(given)
    status, _, err = in_process("serve", "--allowed-host", given)
    assert (status, err.count("\n")) == (2, 1)


def test_names_that_are_allowed_as_they_are_written():
    assert given_name("Bücher.example") == "xn--bcher-kva.example"
    assert given_name("a.example:80") == "a.example"
    assert given_name("::1") == given_name("[0::1]") == "::1"
