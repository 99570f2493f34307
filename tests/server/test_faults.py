"""Clients that are slow, rude or gone; processes that are killed; stops in the middle of work."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from serving import serving

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

LONG = "The film, which is not bad, has a good story and a great cast. " * 60

STREAM = b"POST /api/score/stream HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def strict():
    """A server with little patience and few places."""
    limits = ("--client-limit", "1", "--max-queue", "40", "--time-limit", "20")
    with serving(*limits) as running:
        yield running


def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), timeout=30)


def until_closed(connection):
    """All that comes before the server closes the connection."""
    received = b""
    try:
        while piece := connection.recv(1 << 16):
            received += piece
    except ConnectionResetError:
        pass
    return received


def head_of(length, path="/api/score"):
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


@pytest.mark.parametrize(
    "start", [b"", b"GET /pi", head_of(10)[:-3]], ids=["nothing", "line", "head"]
)
def test_half_a_head_is_cut_off(strict, start):
    with connect(strict) as connection:
        connection.sendall(start)
        began = time.monotonic()
        assert until_closed(connection) == b""
        assert 0.5 < time.monotonic() - began < 5


def test_a_head_of_one_byte_at_a_time_is_cut_off(strict):
    with connect(strict) as connection:
        began = time.monotonic()
        for sent in range(50):
            try:
                connection.sendall(head_of(10)[sent : sent + 1])
            except OSError:
                break
            time.sleep(0.2)
        assert time.monotonic() - began < 8


def test_half_a_body_is_refused(strict):
    with connect(strict) as connection:
        connection.sendall(head_of(1_000) + b'{"text": "')
        began = time.monotonic()
        assert until_closed(connection).startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - began < 5


def test_half_a_line_of_a_stream_is_cut_off(strict):
    with connect(strict) as connection:
        connection.sendall(STREAM)
        time.sleep(1.5)  # between two lines a client may wait longer
        connection.sendall(b'6\r\n"good"\r\n1\r\n\n\r\n')
        for _ in range(40):
            try:
                connection.sendall(b"1\r\nx\r\n")
            except OSError:
                break
            time.sleep(0.2)
        answer = until_closed(connection)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'"label": "positive"' in answer
    assert b"line 2: the next line did not arrive in time" in answer


def test_a_client_that_goes_away_costs_nothing(strict):
    for _ in range(3):
        with connect(strict) as connection:
            body = json.dumps({"texts": [LONG] * 30}).encode()
            connection.sendall(head_of(len(body)) + body)
            time.sleep(0.1)
    assert strict.post("/api/score", {"text": "good"}).status_code == 200


def test_a_client_that_does_not_read_is_cut_off(strict):
    body = json.dumps({"texts": [LONG] * 40}).encode()
    with connect(strict) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(head_of(len(body)) + body)
        deadline = time.monotonic() + 30
        while True:  # its places are free again when the server has given up
            answer = strict.post("/api/score", {"texts": ["good"] * 40})
            if answer.status_code == 200:
                break
            assert answer.status_code == 429
            assert time.monotonic() < deadline
            time.sleep(0.2)


def test_a_huge_body_takes_no_memory(strict):
    memory = psutil.Process(strict.process.pid).memory_info
    before = memory().rss
    with connect(strict) as connection:
        connection.sendall(head_of(100_000_000))
        connection.settimeout(30)
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")
        piece = b"a" * 1_000_000
        try:
            for _ in range(100):
                connection.sendall(piece)
        except OSError:
            pass
    chunks = (b"a" * 1_000_000 for _ in range(100))
    answer = strict.client.post(
        "/api/score", content=chunks, headers={"content-type": "application/json"}
    )
    assert answer.status_code == 413
    assert memory().rss < before + 40_000_000
    assert strict.client.get("/ping").text == "pong\n"


def test_what_is_not_http(strict):
    for junk in (b"\x16\x03\x01" * 100, b"GET / HTTP/9.9\r\n\r\n", b"A" * 200_000, b"\0\r\n\r\n"):
        with connect(strict) as connection:
            try:
                connection.sendall(junk)
            except OSError:
                continue
            assert until_closed(connection).startswith((b"HTTP/1.1 400 ", b""))
    assert strict.client.get("/ping").text == "pong\n"


def test_a_full_queue_is_said(strict):
    answer = strict.post("/api/score", {"texts": ["good"] * 41})
    assert answer.status_code == 413  # it would never have a place
    [worker] = strict.workers()
    os.kill(worker, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(1) as threads:
            first = threads.submit(strict.post, "/api/score", {"texts": ["good"] * 30})
            time.sleep(0.5)
            answer = strict.post("/api/score", {"texts": ["good"] * 11})
            assert answer.status_code == 429
            assert int(answer.headers["retry-after"]) > 0
            assert answer.json()["error"] == ("30 texts wait already; send the request again later")
            os.kill(worker, signal.SIGCONT)
            assert first.result().status_code == 200
    finally:
        os.kill(worker, signal.SIGCONT)
    assert strict.post("/api/score", {"texts": ["good"] * 40}).status_code == 200


def test_a_worker_that_is_killed_comes_back(strict):
    [old] = strict.workers()
    with ThreadPoolExecutor(3) as threads:
        in_work = threads.submit(strict.post, "/api/score", {"texts": [LONG] * 30})
        deadline = time.monotonic() + 20
        while "treernn_batch_texts_sum 0" in strict.client.get("/metrics").text or not _busy(old):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.kill(old, signal.SIGSTOP)  # what comes now waits
        waiting = [threads.submit(strict.post, "/api/score", {"text": f"good {n}"}) for n in (1, 2)]
        time.sleep(0.3)
        os.kill(old, signal.SIGKILL)
        lost = in_work.result()
        assert lost.status_code == 503
        assert lost.headers["retry-after"] == "1"
        assert "has died and is started again" in lost.json()["error"]
        for number, each in enumerate(waiting, 1):
            assert each.result().json()["text"] == f"good {number}"
    [new] = strict.workers()
    assert new != old
    assert strict.client.get("/ready").status_code == 200
    assert "treernn_worker_deaths_total 1.0" in strict.client.get("/metrics").text


def _busy(pid):
    """Whether a process computes."""
    before = sum(psutil.Process(pid).cpu_times()[:2])
    time.sleep(0.15)
    return sum(psutil.Process(pid).cpu_times()[:2]) > before


def test_an_idle_worker_that_is_killed_costs_nothing(strict):
    [old] = strict.workers()
    os.kill(old, signal.SIGKILL)
    assert strict.post("/api/score", {"text": "good"}).status_code == 200
    assert old not in strict.workers()


def gone(pids):
    """Wait until processes have ended."""
    deadline = time.monotonic() + 20
    while any(map(psutil.pid_exists, pids)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_sigterm_finishes_what_is_in_work():
    with serving() as server, ThreadPoolExecutor(1) as threads:
        workers = server.workers()
        for body in (b'{"text": "secret', b'{"secret": 1}', b"\xff", b'{"texts": ["secret", 1]}'):
            for path in ("/api/score", "/api/parse", "/api/score/stream", "/", "/api/jobs"):
                server.client.post(path, content=body, params={"secret": "secret"})
        in_work = threads.submit(server.post, "/api/score", {"texts": [LONG] * 20})
        time.sleep(0.5)
        server.process.send_signal(signal.SIGTERM)
        answer = in_work.result()
        assert answer.status_code == 200
        assert len(answer.json()["results"]) == 20
        out, err = server.process.communicate(timeout=60)
        assert (server.process.returncode, out, err) == (0, "", "")  # nothing is logged either
        gone(workers)


@pytest.mark.slow
def test_sigterm_ends_streams_after_their_lines():
    with serving() as server, connect(server) as connection:
        connection.sendall(STREAM + b'7\r\n"good"\n\r\n')
        time.sleep(0.5)
        server.process.send_signal(signal.SIGTERM)
        answer = until_closed(connection)
        assert b'"label": "positive"' in answer
        assert answer.endswith(b"0\r\n\r\n")
        assert server.process.wait(30) == 0


@pytest.mark.parametrize("seconds", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_ctrl_c_is_silent_while_models_are_loaded(seconds):
    process = subprocess.Popen(
        [sys.executable, "-m", "treernn", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline().startswith("loading small")
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")


@pytest.mark.slow
def test_health_is_quick_while_a_thousand_texts_are_in_work():
    with serving("--time-limit", "600") as server, ThreadPoolExecutor(5) as threads:
        server.client.timeout = 600  # other programs may have the processor
        # None twice: equal phrases of a batch are classified once.
        texts = [
            " ".join(f"{word}{number}" for word in LONG[:500].split()) for number in range(200)
        ]
        in_work = [threads.submit(server.post, "/api/score", {"texts": texts}) for _ in range(5)]
        times = []
        while not all(each.done() for each in in_work):
            began = time.monotonic()
            assert server.client.get("/healthz").status_code == 200
            times.append(time.monotonic() - began)
            time.sleep(0.02)
        assert all(each.result().status_code == 200 for each in in_work)
    times.sort()
    assert len(times) > 50
    assert times[len(times) // 2] < 0.05
    assert times[len(times) * 99 // 100] < 0.25, "the 99th percentile"


def test_ctrl_c_is_silent():
    with serving() as server:
        workers = server.workers()
        server.process.send_signal(signal.SIGINT)
        out, err = server.process.communicate(timeout=60)
        assert (server.process.returncode, out, err) == (130, "", "")
        gone(workers)


@pytest.mark.slow
def test_workers_end_with_a_server_that_is_killed():
    with serving() as server:
        workers = server.workers()
        server.process.kill()
        gone(workers)


def run_serve(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "treernn", "serve", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stderr


def test_what_cannot_start_says_why(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        status, err = run_serve("--port", str(taken.getsockname()[1]))
    assert status == 2
    assert "Address already in use); choose another --host or --port" in err
    assert err.count("\n") == 1
    status, err = run_serve("--port", "0", "--model", str(tmp_path / "none"))
    assert (status, err.count("\n")) == (2, 1)
    assert "no such model folder" in err
    status, err = run_serve("--host", "no such host")
    assert (status, err.count("\n")) == (2, 1)
    (tmp_path / "token").write_text(" \n")
    status, err = run_serve("--token-file", str(tmp_path / "token"))
    assert (status, err) == (2, f"treernn: {tmp_path / 'token'}: the token is empty\n")


@pytest.mark.slow
def test_answers_that_take_too_long():
    with serving("--time-limit", "0.1") as server:
        answer = server.post("/api/score", {"texts": [LONG] * 20})
        assert answer.status_code == 503
        assert (
            answer.json()["error"] == "the answer took longer than 0.1 seconds; send less, or later"
        )
