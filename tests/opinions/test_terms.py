"""Noun phrases of scored texts."""

import time

import numpy as np
import pytest

from treernn.evaluation.tagging import tagging_metrics
from treernn.opinions.terms import Term, noun_runs, tags_of, terms, terms_of
from treernn.scoring.result import Result
from treernn.scoring.scorer import load
from treernn.scoring.sentence import Sentence
from treernn.training.data.reading import load_gold_tags
from treernn.types import Token, Tree


@pytest.fixture(scope="module")
def scorer():
    return load("small")


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Battery life is amazing but the screen scratches easily.", ["battery life", "screen"]),
        ("The batteries died, great lenses though.", ["battery", "lens"]),
        ("Our waiter forgot the appetizers.", ["waiter", "appetizer"]),
        ("Nothing helps and everyone is angry.", []),
        ("It is good.", []),
        ("I love the food, the staff and the prices!", ["food", "staff", "price"]),
        ("the customer service is horrible", ["customer service"]),
        ("See http://example.com/phone @shop", []),
        ("I love the sound 🎧🔥", ["sound"]),
        ("The pizza 🍕 and the wine :wine_glass: were great 👍", ["pizza", "wine"]),
    ],
)
def test_terms_of_a_text(scorer, text, keys):
    assert [term.key for term in terms(scorer(text))] == keys


def test_a_term_points_into_the_original_text(scorer):
    text = "  “Great”   screens!!<br>The  <b>battery   life</b> — awful… Café prices, too."
    found = terms(scorer(text))
    assert [text[term.start : term.end] for term in found] == [term.text for term in found]
    assert Term("screens", text.index("screens"), text.index("!!"), "screen", "screen", 0) in found
    assert ("battery life", "life") in [(term.key, term.head) for term in found]
    assert [term.sentence for term in found] == sorted(term.sentence for term in found)
    assert found[-1].sentence > 0


def test_many_texts_as_one_by_one(scorer):
    texts = ["The screen is great.", "", "Awful sound and no manual!", "   ", "It broke."]
    results = scorer.score_many(texts)
    assert terms_of(results) == [terms(result) for result in results]
    assert terms_of([]) == []
    assert terms(Result("", (), None)) == ()


def test_runs_of_nouns():
    words = ["the", "home", "page", "of", "my", "phone"]
    assert [*noun_runs(words, ["DT", "NN", "NN", "IN", "PRP$", "NN"])] == [(1, 3), (5, 6)]
    assert [*noun_runs([], [])] == []
    assert [*noun_runs(["x"] * 3, ["NN"] * 3)] == []  # a letter is no name


def test_long_sentences_are_tagged_in_pieces():
    sentences = [["the", "phone", "is"] * 300, [], ["good"], ["phones"] * 150, ["works"] * 151]
    tags = tags_of(sentences)
    assert [*map(len, tags)] == [*map(len, sentences)]
    assert tags[0][:3] == ["DT", "NN", "VBZ"]


def test_a_long_text_of_nouns_takes_linear_time():
    # A parse is made up: the parser has limits of its own.
    def seconds(count):
        words = (("phone", "battery", "screen") * count)[:count]
        tokens = tuple(Token(word, 8 * i, 8 * i + len(word)) for i, word in enumerate(words))
        text = "".join(f"{word:8}" for word in words)
        tree = Tree(words, labels=(2,) * count)
        sentence = Sentence(text, 0, len(text), tokens, tree, np.full((count, 5), 0.2))
        result = Result(text, (sentence,), (0.2,) * 5)
        began = time.perf_counter()
        assert terms(result) == ()  # such a run is no name
        return time.perf_counter() - began

    seconds(1_000)
    assert seconds(16_000) < 20 * seconds(4_000) + 1  # 128 kB


def test_the_tagger_on_tags_made_by_hand(data_file):
    examples = load_gold_tags(data_file("nltk-treebank.zip"))
    words, tags = zip(*examples, strict=True)
    metrics = tagging_metrics(tags, tags_of(words))
    assert metrics.accuracy == pytest.approx(94.75, abs=0.1)  # as its model card says
    assert metrics.f1["NN"] > 93
    assert metrics.f1["NNS"] > 96
