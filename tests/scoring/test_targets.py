"""Where targets are, with a target classifier of random weights; what it has learnt is tested with
the included models in test_included_targets.py."""

import dataclasses
import pickle
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from treernn.corpora.targets import SpanTarget, TargetText, target_of_side
from treernn.errors import InputError, ModelError
from treernn.models.target_classifier import TargetClassifier, TargetConfig
from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.parsing.baselines import ShapeParser, balanced, right_branching
from treernn.scoring.reading import read, whole
from treernn.scoring.scorer import Scorer
from treernn.scoring.target_trees import target_trees
from treernn.scoring.targets import locate, mentions, read_tree
from treernn.text.tokenizer import tokenize

WORDS = ("<unk>", "great", "screen", ",", "awful", "battery", ".", "the", "is")


@pytest.fixture(scope="module")
def scorer():
    """With random weights, for which every word around a target counts."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        base = TreeClassifier(TreeConfig(embedding_size=6, hidden_size=7), WORDS).eval()
        targets = TargetClassifier(TargetConfig(6, 7), base).eval()
    made = Scorer(ShapeParser(balanced), base)
    made.target_classifier = targets
    return made


TEXT = "Great screen, awful battery. I like my café ☕ here."


@pytest.mark.parametrize(
    ("term", "start", "phrase"),
    [("screen", 6, "screen"), ("awful battery", 14, None), ("CAFÉ", 39, "café"), ("☕", 44, "☕")],
)
def test_a_target_by_its_words(scorer, term, start, phrase):
    target = scorer(TEXT).target(term)
    assert (target.start, target.end) == (start, start + len(term))
    assert target.text == TEXT[target.start : target.end]
    assert target.phrase_start <= target.start < target.end <= target.phrase_end
    if phrase is not None:
        assert TEXT[target.phrase_start : target.phrase_end] == phrase
    assert sum(target.distribution) == pytest.approx(1, abs=1e-5)
    assert target == scorer.target(TEXT, target.start, target.end)
    assert -1 <= target.score <= 1
    assert target.stars == pytest.approx(3 + 2 * target.score)


def test_three_classes(scorer):
    result = scorer(TEXT).with_classes(3)
    target = result.target("screen")
    assert target.label in ("negative", "neutral", "positive")
    assert len(target.probabilities) == 3


def test_the_strongest_of_several_mentions(scorer):
    text = "A battery. Great battery, awful battery. Batteries."
    spans = mentions(text, "battery")
    assert spans == [(2, 9), (17, 24), (32, 39)]
    [found] = scorer.targets([scorer(text)], [spans])
    strongest = max(found, key=lambda target: abs(target.score))
    assert scorer(text).target("battery") == strongest


@pytest.mark.parametrize(
    ("start", "end", "problem"),
    [
        (5, 5, "target from 5 to 5, expected whole numbers, 0 <= start < end <= 51"),
        (-1, 3, "target from -1 to 3, expected whole numbers"),
        (0, 52, "target from 0 to 52"),
        (1.0, 2, "target from 1.0 to 2"),
        (True, 2, "target from True to 2"),
        (12, 13, None),
        (28, 29, "no word of a sentence is there"),
        (20, 32, "target 'battery. I l': it crosses sentences, expected a part of one"),
        (0, 51, "it crosses sentences"),
    ],
)
def test_wrong_ranges(scorer, start, end, problem):
    if problem is None:
        assert scorer.target(TEXT, start, end).text == ","
        return
    with pytest.raises(InputError) as error:
        scorer.target(TEXT, start, end)
    assert problem in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "term", "problem"),
    [
        (TEXT, "batter", "target 'batter' is not in the text 'Great screen"),
        (TEXT, "battery. I", "target 'battery. I' is not within a sentence of the text"),
        (TEXT, "  ", "the target is empty, expected words of the text"),
        (TEXT, None, "target None, expected words of the text"),
        ("", "a", "is not in the text ''"),
    ],
)
def test_terms_that_are_not_there(scorer, text, term, problem):
    with pytest.raises(InputError) as error:
        scorer(text).target(term)
    assert problem in str(error.value)


def test_places_may_be_numbers_of_numpy(scorer):
    assert scorer.target(TEXT, np.int64(6), np.int32(12)) == scorer.target(TEXT, 6, 12)


def test_each_result_has_its_targets(scorer):
    with pytest.raises(InputError, match="targets of 2 texts for 1 results"):
        scorer.targets([scorer(TEXT)], [[(6, 12)], []])


def test_targets_of_a_text_of_many_sentences(scorer):
    text = "Great screen. ~ The awful battery.\n\n" * 30
    result = scorer(text)
    spans = mentions(text, "battery")
    [targets] = scorer.targets([result], [spans])
    assert [(each.start, each.end) for each in targets] == spans
    assert all(text[each.start : each.end] == "battery" for each in targets)
    with pytest.raises(InputError, match="crosses sentences"):
        scorer.targets([result], [[(spans[4][0], spans[5][1])]])


def test_a_copy_has_no_scorer(scorer):
    result = scorer(TEXT)
    copied = pickle.loads(pickle.dumps(result))
    assert copied == result
    with pytest.raises(InputError, match="has no scorer"):
        copied.target("screen")


def test_the_scorer_is_no_field(scorer):
    result = scorer(TEXT)
    assert set(dataclasses.asdict(result)) == {
        *("text", "sentences", "distribution", "problems", "classes")
    }
    assert dataclasses.replace(result, text="").scorer is None
    assert result.with_classes(3).scorer is scorer


def test_a_scorer_without_targets():
    base = TreeClassifier(TreeConfig(embedding_size=6, hidden_size=7), WORDS).eval()
    with pytest.raises(ModelError, match="knows no sentiment toward targets"):
        Scorer(ShapeParser(balanced), base)("A battery.").target("battery")


def test_results_of_several_processes_know_their_scorer(scorer):
    results = scorer.score_many(["Great battery."] * 600, jobs=1)
    assert results[-1].target("battery") == results[0].target("battery")


PIECES = ["great", "(", "awful", ")", "@you", "https://a.b/c", "battery", "''", "-", "1)", '"', "."]


@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map(" ".join),
    st.sampled_from([balanced, right_branching]),
)
def test_the_tree_of_what_was_read_comes_back(text, shape):
    parser = ShapeParser(shape)
    for tokens in tokenize(text):
        reading = read(tokens)
        [tree] = parser.parse([reading.words])
        rows = np.zeros((tree.num_nodes, 5), np.float32)
        full, _ = whole(reading, tokens, tree, rows)
        back = read_tree(full, reading)
        assert (back.words, back.spans()[-1]) == (tree.words, tree.spans()[-1])
        if len(reading.tokens) == len(reading.words):
            assert sorted(back.spans()) == sorted(tree.spans())


@settings(max_examples=30)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map(" ".join), st.data())
def test_every_token_can_be_a_target(scorer, text, data):
    result = scorer(text)
    for sentence in result.sentences:
        first = data.draw(st.integers(0, len(sentence.tokens) - 1))
        last = data.draw(st.integers(first, len(sentence.tokens) - 1))
        start, end = sentence.tokens[first].start, sentence.tokens[last].end
        target = scorer.target(text, start, end)
        assert sentence.start <= target.phrase_start < target.phrase_end <= sentence.end
        read_tokens = set(read(sentence.tokens).tokens)
        inside = [sentence.tokens[i] for i in range(first, last + 1) if i in read_tokens]
        if inside:
            assert target.phrase_start <= inside[0].start
            assert inside[-1].end <= target.phrase_end


def test_one_batch_as_one_by_one(scorer):
    texts = [TEXT, "The battery is great.", "Great.", "@you awful battery"]
    spans = [[(6, 12), (20, 27), (0, 5)], [(4, 11)], [], [(0, 4), (11, 18)]]
    results = [scorer(text) for text in texts]
    together = scorer.targets(results, spans)
    for text, of_text, found in zip(texts, spans, together, strict=True):
        for (start, end), target in zip(of_text, found, strict=True):
            alone = scorer.target(text, start, end)
            assert (alone.text, alone.phrase_start, alone.phrase_end) == (
                target.text,
                target.phrase_start,
                target.phrase_end,
            )
            assert alone.distribution == pytest.approx(target.distribution, abs=1e-5)
    assert scorer.targets([], []) == []
    assert scorer.targets(results, [[]] * 4) == [[], [], [], []]


def test_training_and_scoring_read_a_target_at_the_same_phrase(scorer):
    label = target_of_side("positive")
    parts = tuple(SpanTarget(*span, label) for span in [(6, 12), (14, 27), (39, 43)])
    [first, second], left_out = target_trees([TargetText(TEXT, parts)], scorer.parser)
    assert left_out == 0
    assert (len(first.places), len(second.places)) == (2, 1)
    sentence = scorer(TEXT).sentences[0]
    reading = read(sentence.tokens)
    located = locate(
        read_tree(sentence.tree, reading), sentence.tokens, reading, [(6, 12), (14, 27)]
    )
    assert tuple(each.place for each in located) == first.places


def test_labels_across_sentences_or_of_the_whole_text_are_left_out(scorer):
    label = target_of_side("negative")
    parts = (SpanTarget(20, 32, label), SpanTarget(0, len(TEXT), label), SpanTarget(27, 28, label))
    found, left_out = target_trees([TargetText(TEXT, parts)], scorer.parser)
    assert ([len(tree.places) for tree in found], left_out) == ([1], 1)


@pytest.mark.parametrize(
    ("text", "term", "expected"),
    [
        ("C++ and c", "C", [(8, 9)]),
        ("I love C++.", "c++", [(7, 10)]),
        ("battery-life, battery\n life", "battery life", [(14, 27)]),
        ("$5 or $50", "$5", [(0, 2)]),
        ("a" * 50 + " b", "a", []),
    ],
)
def test_mentions(text, term, expected):
    found = mentions(text, term)
    if term == "C":  # "C" of "C++" is a word by itself
        assert found == [(0, 1), *expected]
    else:
        assert found == expected


def test_many_targets_take_linear_time(scorer):
    text = "great battery " * 3_000
    score = partial(scorer.score_many, [text])
    [result] = score()
    spans = mentions(text, "battery")
    assert len(scorer.targets([result], [spans])[0]) == len(spans)
