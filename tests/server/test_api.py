"""``/api``: the answers are those of the library; what is wrong is said in one line."""

from concurrent.futures import ThreadPoolExecutor

import pytest

import treernn
from tests.helpers.near import Near
from treernn.scoring.entries import sentence_heads
from treernn.scoring.sentence import SENTIMENT_FIELDS

TEXTS = [
    "It isn't good. The ending, however, is great!",
    "",
    "<b>Wonderful</b> — «magnifique» 😀\n\nAwful.",
    "-LRB- ) (",
    "这部电影很好看。",
    "a\ud83d b bad",
]


@pytest.fixture(scope="module")
def scorer():
    return treernn.load()


def test_one_text_is_answered_by_its_result(server, scorer):
    for text in TEXTS:
        answer = server.post("/api/score", {"text": text})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json() == Near(scorer(text).to_dict())


def test_several_texts_are_answered_in_order(server, scorer):
    answer = server.post("/api/score", {"texts": TEXTS})
    assert answer.json() == {"results": [Near(scorer(text).to_dict()) for text in TEXTS]}
    assert server.post("/api/score", {"texts": []}).json() == {"results": []}


def test_levels_and_explanations(server, scorer):
    result = scorer(TEXTS[0])
    head = {name: value for name, value in result.to_dict().items() if name != "sentences"}
    assert server.post("/api/score", {"text": TEXTS[0], "level": "review"}).json() == Near(head)
    answer = server.post("/api/score", {"text": TEXTS[0], "level": "sentence"}).json()
    assert answer == Near({**head, "sentences": sentence_heads(result)})
    answer = server.post("/api/score", {"text": TEXTS[0], "explain": True}).json()
    explanations = [each.to_dict() for each in result.explain()]
    assert answer == Near(result.to_dict() | {"explanations": explanations})
    assert explanations


def test_targets(server, scorer):
    text = "Great screen, awful battery. The battery died."
    asked = {"text": text, "targets": ["Battery", "price", "screen"], "classes": 3}
    answer = server.post("/api/score", asked | {"level": "review"}).json()
    result = scorer(text).with_classes(3)
    assert set(answer) == {"text", *SENTIMENT_FIELDS, "problems", "targets"}
    battery, price, screen = answer["targets"]
    assert price == {"target": "price", "mentions": []}
    assert [mention["start"] for mention in battery["mentions"]] == [20, 33]
    strongest = max(battery["mentions"], key=lambda mention: abs(mention["score"]))
    assert strongest == Near(result.target("battery").to_dict())
    assert [mention["label"] for mention in screen["mentions"]] == ["positive"]
    assert server.post("/api/score", {"text": "", "targets": ["a"]}).json()["targets"] == [
        {"target": "a", "mentions": []}
    ]


@pytest.mark.parametrize("targets", ["battery", [""], [1], ["a"] * 101, ["a" * 201], {"a": 1}])
def test_wrong_targets(server, targets):
    answer = server.post("/api/score", {"text": "A battery.", "targets": targets})
    assert answer.status_code == 400
    assert "target" in answer.json()["error"]
    assert "\n" not in answer.json()["error"]


@pytest.mark.parametrize("classes", [3, 2])
def test_three_and_two_classes(server, scorer, classes):
    result = scorer(TEXTS[0]).with_classes(classes)
    asked = {"text": TEXTS[0], "classes": classes, "explain": True}
    answer = server.post("/api/score", asked).json()
    explanations = [each.to_dict() for each in result.explain()]
    assert answer == Near(result.to_dict() | {"explanations": explanations})
    assert len(answer["probabilities"]) == classes
    asked |= {"level": "sentence", "explain": False}
    assert server.post("/api/score", asked).json()["sentences"] == Near(sentence_heads(result))


def test_a_model_and_a_parser_can_be_chosen(server):
    other = treernn.load(parser="right")
    asked = {"text": TEXTS[0], "model": "small", "parser": "right"}
    assert server.post("/api/score", asked).json() == Near(other(TEXTS[0]).to_dict())
    answer = server.client.get("/api/models").json()
    assert answer["models"] == [{"name": "small", "kind": "tree-classifier"}]
    assert answer["parsers"] == ["embedded", "right"]
    assert answer["labels"] == list(treernn.LABELS)
    assert answer["limits"]["characters"] == 20_000


def test_a_text_that_fails_costs_its_own_entry(server, scorer):
    texts = ["A good film.", None, 3, ["a"], {"a": 1}, "x" * 20_001, True, "Awful."]
    results = server.post("/api/score", {"texts": texts}).json()["results"]
    assert results[0] == Near(scorer("A good film.").to_dict())
    assert results[-1] == Near(scorer("Awful.").to_dict())
    assert [each.get("error") for each in results[1:-1]] == [
        "text 2: is null, expected a string",
        "text 3: is 3, expected a string",
        "text 4: is a list, expected a string",
        "text 5: is an object, expected a string",
        "text 6: has 20,001 characters, the limit is 20,000",
        "text 7: is true, expected a string",
    ]


WRONG = [
    ({}, 400, 'expected "text", a string, or "texts", a list of strings'),
    ({"text": "a", "texts": []}, 400, 'expected "text", a string, or "texts", a list of strings'),
    ({"text": None}, 400, "text is null, expected a string"),
    ({"text": "a" * 20_001}, 413, "text has 20,001 characters, the limit is 20,000"),
    ({"texts": "a"}, 400, 'texts is "a", expected a list of strings'),
    ({"texts": ["a"] * 201}, 413, "201 texts, the limit is 200 in a request; send several"),
    ({"text": "a", "model": "large"}, 400, 'model is "large", expected small'),
    ({"text": "a", "model": ["small"]}, 400, "model is a list, expected small"),
    ({"text": "a", "parser": "left"}, 400, 'parser is "left", expected embedded or right'),
    ({"text": "a", "level": 1}, 400, "level is 1, expected review or sentence or phrase"),
    ({"text": "a", "classes": 4}, 400, "classes is 4, expected 5, 3 or 2"),
    ({"text": "a", "classes": True}, 400, "classes is true, expected 5, 3 or 2"),
    ({"text": "a", "classes": "3"}, 400, 'classes is "3", expected 5, 3 or 2'),
    ({"text": "a", "explain": "yes"}, 400, 'explain is "yes", expected true or false'),
    (
        {"text": "a", "\x1b[31mx": 1},
        400,
        'unknown field "\\u001b[31mx", expected some of text, texts, model, parser, '
        "level, explain, classes, targets",
    ),
]


@pytest.mark.parametrize("place", range(len(WRONG)))
def test_what_is_wrong_is_said(server, place):
    asked, status, error = WRONG[place]
    answer = server.post("/api/score", asked)
    assert (answer.status_code, answer.json()) == (status, {"error": error})


BODIES = [
    (b"", 400, "the body is not JSON (Expecting value: line 1 column 1 (char 0))"),
    (b"[1]", 400, 'the body is no JSON object, expected {"text": "…"} or {"texts": ["…"]}'),
    (b'{"text": NaN}', 400, "the body is not JSON (it has the number NaN)"),
    (b'{"text": "\xff"}', 400, "the body is not JSON ('utf-8' codec can't decode byte 0xff"),
    (b"[" * 140_000 + b"]" * 140_000, 400, "the body is not JSON (nested too deeply)"),
    (b'{"a":' + b"[" * 140_000 + b"]" * 140_000 + b"}", 400, "the body is not JSON (nested too"),
    (b'{"text": "' + b"a" * 300_000 + b'"}', 413, "the body has more than 300,000 bytes"),
]


@pytest.mark.parametrize("place", range(len(BODIES)))
def test_bodies_that_are_no_requests(server, place):
    body, status, error = BODIES[place]
    kind = {"content-type": "application/json"}
    answer = server.client.post("/api/score", content=body, headers=kind)
    assert answer.status_code == status
    assert answer.json()["error"].startswith(error)


def test_bodies_of_other_types_are_refused(server):
    answer = server.client.post("/api/score", data={"text": "a"})
    assert answer.status_code == 415
    assert answer.json()["error"].endswith("expected application/json")


def test_trees_alone(server, scorer):
    answer = server.post("/api/parse", {"text": "It isn't good. Bad"}).json()
    [first, second] = scorer("It isn't good. Bad").sentences
    assert [each["words"] for each in answer["sentences"]] == [
        ["It", "is", "n't", "good", "."],
        ["Bad"],
    ]
    assert answer["sentences"][0]["children"] == Near(first.tree.children)
    assert answer["sentences"][0]["offsets"] == [[0, 2], [3, 5], [5, 8], [9, 13], [13, 14]]
    assert answer["sentences"][1]["brackets"] == "(X Bad)"
    assert answer["sentences"][1]["start"] == second.start == 15
    several = server.post("/api/parse", {"texts": ["It isn't good. Bad", 1]}).json()["results"]
    assert several == [answer, {"error": "text 2: is 1, expected a string"}]


def test_answers_of_concurrent_requests_are_kept_apart(server, scorer):
    texts = [f"Film {number} is {'very ' * (number % 7)}good." for number in range(120)]
    with ThreadPoolExecutor(12) as threads:
        answers = threads.map(lambda text: server.post("/api/score", {"text": text}).json(), texts)
        found = list(answers)
    assert [each["text"] for each in found] == texts
    for text, answer in zip(texts[:14], found, strict=False):
        assert answer == Near(scorer(text).to_dict())
