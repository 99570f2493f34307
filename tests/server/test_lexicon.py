"""A server with a lexicon: JSON, streams, CoreNLP's API and uploaded files."""

import json
import time

import pytest
from serving import serving

TEXT = "The film was not glorpy, it was off the hook."


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    words = tmp_path_factory.mktemp("words") / "words.csv"
    words.write_text("text,score,domain\nglorpy,1,\noff the hook,-1,\nhook,1,\nsick,1,games\n")
    with serving("--lexicon", str(words), "--domain", "games") as running:
        yield running


def test_all_answers_have_the_words_of_the_lexicon(server):
    answer = server.post("/api/score", {"texts": ["glorpy", "sick", TEXT]}).json()["results"]
    assert [each["score"] for each in answer[:2]] == [1, 1]
    assert '"text": "off the hook"' in json.dumps(answer[2])
    assert answer[2]["label"] in ("negative", "very negative")
    lines = server.client.post("/api/score/stream?level=review", content='"glorpy"\n"sick"\n')
    assert [json.loads(line)["score"] for line in lines.text.splitlines()] == [1, 1]
    properties = '{"annotators":"sentiment","outputFormat":"json"}'
    found = server.client.post("/", params={"properties": properties}, content="glorpy").json()
    assert found["sentences"][0]["sentiment"] == "Verypositive"
    job = server.client.post("/api/jobs?name=a.csv", content="text\nglorpy\nsick\n").json()
    while (state := server.client.get(f"/api/jobs/{job['id']}").json())["state"] in (
        "waiting",
        "running",
    ):
        time.sleep(0.2)
    result = server.client.get(f"/api/jobs/{job['id']}/result").text
    assert result.count("very positive") == 2, state
