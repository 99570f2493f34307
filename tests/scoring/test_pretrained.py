"""Scoring with the models that come with the package."""

import json

import pytest

import treernn

REVIEWS = [
    "A warm, funny and thoroughly engaging film. I loved every minute of it!",
    "What a tedious, badly acted mess. Avoid.",
    "The film runs for two hours.",
    "I expected a masterpiece.<br /><br />What I got was two hours of boring chases.",
]
STRANGE = [
    "",
    " \n\t",
    "😀" * 1_000,
    "<div><p>&nbsp;</p></div>",
    "".join(map(chr, range(32))),
    "\ud800\udfff good",
    "这部电影很好看。" * 50,
    "Ce film est magnifique, j'ai adoré l'histoire !",
    "good film " * 2_500,
    "!" * 5_000,
    "((((" * 500 + "good" + "))))" * 500,
    "x" * 20_000,
    "a. b. c? " * 300,
    "\u0301\u0301\u0301 e\u0301 \u202e backwards",
]


@pytest.fixture(scope="session")
def scorer():
    return treernn.load()


def test_reviews(scorer):
    labels = [result.label for result in scorer.score_many(REVIEWS)]
    assert labels[0] in ("positive", "very positive")
    assert labels[1] in ("negative", "very negative")
    first, second = (sentence.label for sentence in scorer(REVIEWS[3]).sentences)
    assert first in ("positive", "very positive")
    assert second in ("negative", "very negative")


def test_strange_texts_do_not_affect_others(scorer):
    mixed = [text for strange in STRANGE for text in (strange, REVIEWS[0])]
    results = scorer.score_many(mixed)
    alone = scorer(REVIEWS[0])
    for result in results[1::2]:
        assert result.to_dict()["text"] == REVIEWS[0]
        assert result.probabilities == pytest.approx(alone.probabilities, abs=1e-5)
        assert [s.tree.children for s in result.sentences] == [
            s.tree.children for s in alone.sentences
        ]
    for text, result in zip(STRANGE, results[::2], strict=True):
        assert len(result.text) == len(text)
        assert result.scored or result.problems
        json.loads(result.to_json())
        result.text.encode()


def test_a_batch_is_scored_as_one_by_one(scorer):
    for together, text in zip(scorer.score_many(REVIEWS), REVIEWS, strict=True):
        alone = scorer(text)
        assert together.probabilities == pytest.approx(alone.probabilities, abs=1e-5)
        for phrase, other in zip(together.phrases(), alone.phrases(), strict=True):
            assert (phrase.text, phrase.start) == (other.text, other.start)
            assert phrase.probabilities == pytest.approx(other.probabilities, abs=1e-5)


def test_parsers_by_name_and_as_objects():
    from treernn.parsing.baselines import ShapeParser, left_branching

    text = "It is not a bad film."
    by_name = treernn.load(parser="left")(text)
    assert by_name.sentences[0].tree.children[:2] == ((0, 1), (7, 2))
    by_object = treernn.load(parser=ShapeParser(left_branching))(text)
    assert by_object.probabilities == by_name.probabilities != treernn.load()(text).probabilities
    with pytest.raises(treernn.InputError, match="no parser 'charniak', expected one of"):
        treernn.load(parser="charniak")
