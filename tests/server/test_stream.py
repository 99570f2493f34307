"""``/api/score/stream``: a line out for each line in, in order and without delay."""

import http.client
import json
import time

import pytest

import treernn
from treernn.scoring.sentence import SENTIMENT_FIELDS


def lines_of(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def post(server, body, **query):
    return server.client.post("/api/score/stream", content=body, params=query)


def test_lines_are_answered_in_order(server):
    texts = [f"Film {number} is {'not ' * (number % 2)}good." for number in range(150)]
    body = "".join(
        json.dumps(text if number % 3 else {"text": text}) + "\n"
        for number, text in enumerate(texts)
    )
    found = lines_of(post(server, body.encode()))
    assert [each["text"] for each in found] == texts
    expected = treernn.load()(texts[1])
    assert found[1]["probabilities"] == pytest.approx(expected.probabilities, abs=5e-6)
    assert found[1]["sentences"][0]["tree"]["text"] == texts[1]


def test_options_are_in_the_address(server):
    [found] = lines_of(post(server, b'"Good."', level="review", explain="true", parser="right"))
    assert set(found) == {"text", *SENTIMENT_FIELDS, "problems", "explanations"}
    [found] = lines_of(post(server, b'"Good."', level="review", classes="2"))
    assert (found["label"], len(found["probabilities"])) == ("positive", 2)
    wrong = ({"level": "x"}, {"model": "large"}, {"explain": "1"}, {"texts": "a"}, {"classes": "4"})
    for query in wrong:
        answer = post(server, b'"Good."', **query)
        assert answer.status_code == 400
        assert list(answer.json()) == ["error"]


def test_a_line_that_fails_costs_itself(server):
    lines = [
        b'"good"',
        b"{not json}",
        b"",
        b'{"text": 1}',
        b'{"txt": "a"}',
        b'"\xff"',
        b"[" * 140_000,
        json.dumps("a" * 20_001).encode(),
        b'"' + b"a" * 300_000 + b'"',
        b"   ",
        b'"bad"\r',
    ]
    found = lines_of(post(server, b"\n".join(lines)))
    assert found[0]["label"] == "positive"
    assert found[-1]["label"] == "negative"
    errors = [each["error"] for each in found[1:-1]]
    assert errors[0].startswith("line 2: not JSON (")
    assert errors[1:3] == [
        "line 4: is 1, expected a string",
        'line 5: expected a string, or {"text": "…"}',
    ]
    assert errors[3].startswith("line 6: not JSON ('utf-8'")
    assert errors[4:] == [
        "line 7: not JSON (nested too deeply)",
        "line 8: has 20,001 characters, the limit is 20,000",
        "line 9: has more than 300,000 bytes, the limit",
    ]
    assert lines_of(post(server, b"")) == []
    assert lines_of(post(server, b"\n\n")) == []


def test_each_answer_comes_before_the_next_line_is_sent(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.putrequest("POST", "/api/score/stream")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    answer = None
    for text in ("good", "bad", "so so"):
        line = json.dumps(text).encode() + b"\n"
        began = time.monotonic()
        for piece in (line[:3], line[3:]):
            connection.send(b"%x\r\n%s\r\n" % (len(piece), piece))
        answer = answer or connection.response_class(connection.sock, method="POST")
        if answer.status == http.client._UNKNOWN:
            answer.begin()
        assert json.loads(answer.readline())["text"] == text
        assert time.monotonic() - began < 5
    connection.send(b"0\r\n\r\n")
    assert answer.read() == b""
    answer.close()
    connection.close()
