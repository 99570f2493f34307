import copy
import dataclasses
import json
import pickle

import nltk
import numpy as np
import pytest

from treernn.errors import InputError
from treernn.parsing.baselines import ShapeParser, right_branching
from treernn.scoring.result import Result
from treernn.scoring.scorer import Scorer
from treernn.scoring.sentence import SENTIMENT_FIELDS, TEXT_DEPTH, Sentence
from treernn.types import Token, Tree

TEXT = "Not bad.<br>A <b>great</b> film!"


@pytest.fixture
def result(scorer):
    return scorer(TEXT)


def test_a_result(result):
    assert (result.text, result.label, result.scored, result.problems) == (
        TEXT,
        "neutral",
        True,
        (),
    )
    first, second = result.sentences
    assert (first.text, first.start, first.end) == ("Not bad.", 0, 8)
    assert second.text == "A <b>great</b> film!"
    assert [token.text for token in second.tokens] == ["A", "great", "film", "!"]
    assert second.label == "neutral"
    assert sum(second.probabilities) == pytest.approx(1)
    assert all(type(value) is float for value in second.probabilities)


def test_repr(result):
    assert repr(result) == (
        "Result(label='neutral', sentences=(Sentence('Not bad.', label='neutral'), "
        "Sentence('A <b>great</b> film!', label='neutral')))"
    )


def test_offsets_of_phrases(result):
    phrases = list(result.phrases())
    assert all(TEXT[phrase.start : phrase.end] == phrase.text for phrase in phrases)
    assert [(phrase.text, phrase.label) for phrase in phrases] == [
        ("Not", "neutral"),
        ("bad", "negative"),
        (".", "neutral"),
        ("Not bad", "negative"),
        ("Not bad.", "neutral"),
        ("A", "neutral"),
        ("great", "very positive"),
        ("film", "neutral"),
        ("!", "neutral"),
        ("film!", "neutral"),
        ("A <b>great", "neutral"),
        ("A <b>great</b> film!", "neutral"),
    ]
    for sentence in result.sentences:
        assert list(sentence.phrases())[-1].probabilities == sentence.probabilities


def test_results_are_immutable(result):
    sentence = result.sentences[0]
    for value, name in [(result, "text"), (sentence, "tree"), (next(result.phrases()), "label")]:
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, name, None)
    with pytest.raises(ValueError, match="read-only"):
        sentence.distributions[0, 0] = 1


def test_nltk_tree(result):
    tree = result.sentences[0].to_nltk()
    assert tree == nltk.Tree.fromstring("(2 (1 (2 Not) (1 bad)) (2 .))")
    both = result.to_nltk()
    assert both.label() == "2"
    assert list(both) == [sentence.to_nltk() for sentence in result.sentences]


def test_the_nltk_tree_of_one_sentence_has_no_additional_root(scorer):
    result = scorer("Great")
    assert result.to_nltk() == nltk.Tree("4", ["Great"])


def test_no_nltk_tree_without_a_sentence(scorer):
    with pytest.raises(InputError, match="there is no tree: empty text"):
        scorer("").to_nltk()


def test_dict(result):
    plain = result.to_dict()
    assert plain["text"] == TEXT
    assert plain["label"] == result.label
    assert plain["probabilities"] == pytest.approx(result.probabilities, abs=1e-6)
    assert plain["problems"] == []
    tree = plain["sentences"][0]["tree"]
    assert tree["text"] == "Not bad."
    assert [child["text"] for child in tree["children"]] == ["Not bad", "."]
    leaf = tree["children"][0]["children"][1]
    assert leaf == {
        "text": "bad",
        "start": 4,
        "end": 7,
        "label": "negative",
        "score": pytest.approx(-0.25, abs=1e-6),
        "stars": pytest.approx(2.5, abs=1e-6),
        "probabilities": pytest.approx([0.1, 0.6, 0.1, 0.1, 0.1], abs=1e-6),
        "word": "bad",
    }


@pytest.mark.parametrize("text", [TEXT, "", "Great", 'né “é” 😀 good \ud800 "q" \\ \x7f'])
def test_json(scorer, text):
    result = scorer(text)
    assert json.loads(result.to_json()) == result.to_dict()
    assert "\n" not in result.to_json()
    result.to_json().encode("ascii")


def test_a_tree_of_any_depth():
    """Five thousand words, a level each."""
    n = 5_000
    tokens = tuple(Token("w", 2 * i, 2 * i + 1) for i in range(n))
    tree = Tree(("w",) * n, right_branching(n), (2,) * (2 * n - 1))
    rows = np.full((tree.num_nodes, 5), 0.2)
    sentence = Sentence(" ".join("w" * n), 0, 2 * n - 1, tokens, tree, rows)
    result = Result(sentence.text, (sentence,), sentence.probabilities)

    node, depth = sentence.to_nltk(), 1
    while isinstance(node[-1], nltk.Tree):
        node, depth = node[-1], depth + 1
    assert depth == n

    node, depth = sentence.to_dict()["tree"], 1
    while "children" in node:
        node, depth = node["children"][-1], depth + 1
    assert depth == n

    written = result.to_json()
    assert written.count('"children": [') == n - 1
    assert written.count('"word": "w"') == n
    assert written.count("{") == written.count("}") == 2 * n + 1
    assert written.count("[") == written.count("]")


@pytest.mark.parametrize("text", [TEXT, "", "good", "\ud800 bad", "好 great. " * 30])
def test_results_are_compared_by_value(scorer, text):
    result, again = scorer(text), scorer(text)
    assert result is not again
    assert result == again
    assert hash(result) == hash(again)
    assert {result: 1}[again] == 1
    assert list(result.phrases()) == list(again.phrases())
    assert result.sentences == again.sentences


def test_different_results(scorer, result):
    others = [scorer(TEXT + " "), scorer(TEXT.replace("great", "bad")), scorer(""), None, TEXT]
    assert all(result != other for other in others)
    assert result != dataclasses.replace(result, problems=("a note",))
    sentence = result.sentences[0]
    changed = sentence.distributions.copy()
    changed[0, 0] += 1e-6
    assert sentence != dataclasses.replace(sentence, distributions=changed)
    assert sentence != sentence.tree
    assert len({result, *others[:3], scorer(TEXT)}) == 4


@pytest.mark.parametrize("text", [TEXT, "", "good"])
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_results_are_pickled(scorer, text, protocol):
    result = scorer(text)
    again = pickle.loads(pickle.dumps(result, protocol))
    assert again == result
    assert again.to_json() == result.to_json()
    assert again._repr_html_() == result._repr_html_()
    assert again.explain() == result.explain()
    for sentence in (*again.sentences, *copy.deepcopy(result).sentences):
        assert not sentence.distributions.flags.writeable
    assert copy.deepcopy(result) == copy.copy(result) == result
    assert len(pickle.dumps(result)) < 20_000


def chain(scorer, depth):
    """A text whose tree is so deep: each node has a word and the rest."""
    words = ["good"] * (depth + 1)
    return Scorer(ShapeParser(right_branching), scorer.classifier)(" ".join(words))


def test_texts_are_left_out_of_the_json_of_deep_trees(scorer):
    shallow, deep = chain(scorer, TEXT_DEPTH), chain(scorer, TEXT_DEPTH + 1)
    for result, texts in ((shallow, True), (deep, False)):
        assert result.to_json() == result.to_json(texts=texts) != result.to_json(texts=not texts)
        for each in (None, True, False):
            assert json.loads(result.to_json(each)) == result.to_dict(each)
    tree = deep.to_dict()["sentences"][0]["tree"]
    assert [*tree] == ["start", "end", *SENTIMENT_FIELDS, "children"]
    assert [*tree["children"][0]] == ["start", "end", *SENTIMENT_FIELDS, "word"]
    sentence = deep.to_dict()["sentences"][0]
    assert sentence["text"] == sentence["text"][tree["start"] : tree["end"]]


def test_json_grows_with_the_text_alone(scorer):
    assert len(chain(scorer, 4_000).to_json()) < 4_100 * 290
