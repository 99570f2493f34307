"""What is said of hand-made trees, exactly, and of real ones with the models that are shipped."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import treernn
from treernn.parsing.baselines import right_branching
from treernn.scoring.document import combine, weights
from treernn.scoring.explain import MIN_INFLUENCE
from treernn.scoring.result import Result
from treernn.scoring.sentence import Sentence
from treernn.types import Token, Tree

VERY_BAD, BAD, NEUTRAL, GOOD, VERY_GOOD = np.eye(5)
LEANS_BAD = np.array([0.0, 0.45, 0.55, 0.0, 0.0])


def sentence(words, children, rows, start=0):
    """A sentence whose words stand apart by a blank."""
    tokens = []
    for word in words.split():
        at = tokens[-1].end + 1 if tokens else start
        tokens.append(Token(word, at, at + len(word)))
    rows = np.array(rows)
    tree = Tree(tuple(words.split()), tuple(children), tuple(rows.argmax(axis=1).tolist()))
    return Sentence(words, start, tokens[-1].end, tuple(tokens), tree, rows)


def text(*sentences):
    whole = combine([each.distributions[-1] for each in sentences])
    return Result(" ".join(each.text for each in sentences), sentences, tuple(whole.tolist()))


def said(*args):
    """Kind, text and influence of all there is to say of one sentence."""
    return [(each.kind, each.text, each.influence) for each in text(sentence(*args)).explain()]


def test_negation():
    found = text(sentence("not bad", [(0, 1)], [NEUTRAL, BAD, GOOD])).explain()
    assert [(each.kind, each.text) for each in found] == [
        ("negation", '"not bad" turns "bad" (negative) to positive')
    ]
    # From -1, which "bad" says, to 1.
    assert found[0].influence == 2
    assert found[0].phrase.text == "not bad"
    assert [(part.text, part.label) for part in found[0].parts] == [
        ("not", "neutral"),
        ("bad", "negative"),
    ]


def test_a_negating_word_is_no_opinion_of_its_own():
    assert said("not good", [(0, 1)], [BAD, GOOD, BAD]) == [
        ("negation", '"not good" turns "good" (positive) to negative', 2)
    ]


def test_a_negation_may_only_weaken():
    assert said("not awful", [(0, 1)], [NEUTRAL, VERY_BAD, BAD]) == [
        ("negation", '"not awful" weakens "awful" (very negative) to negative', 1)
    ]
    assert said("never awful", [(0, 1)], [NEUTRAL, VERY_BAD, NEUTRAL]) == [
        ("negation", '"never awful" turns "awful" (very negative) to neutral', 2)
    ]


def test_a_phrase_that_leans_to_a_side():
    assert said("not good", [(0, 1)], [NEUTRAL, GOOD, LEANS_BAD]) == [
        ("negation", '"not good" turns "good" (positive) to rather negative', pytest.approx(1.45))
    ]


def test_reversal():
    assert said("supposedly good", [(0, 1)], [NEUTRAL, GOOD, BAD]) == [
        ("reversal", '"supposedly good" turns "good" (positive) to negative', 2)
    ]


def test_contrast():
    children = [(1, 2), (0, 3)]
    rows = [BAD, NEUTRAL, VERY_GOOD, VERY_GOOD, GOOD]
    # What both say comes to 2 - 1, which is what the whole says; but the loser said -1.
    assert said("slow but rewarding", children, rows)[0] == (
        "contrast",
        '"but rewarding" (very positive) outweighs "slow" (negative)',
        1,
    )
    rows = [BAD, NEUTRAL, GOOD, GOOD, NEUTRAL]
    assert said("slow but rewarding", children, rows) == [
        ("contrast", '"slow" (negative) and "but rewarding" (positive) balance each other', 1)
    ]


def test_stronger_and_weaker():
    assert said("very good", [(0, 1)], [NEUTRAL, GOOD, VERY_GOOD]) == [
        ("intensifier", '"very good" strengthens "good" (positive) to very positive', 1)
    ]
    assert said("somewhat great", [(0, 1)], [NEUTRAL, VERY_GOOD, GOOD]) == [
        ("diminisher", '"somewhat great" weakens "great" (very positive) to positive', 1)
    ]
    assert said("somewhat bad", [(0, 1)], [NEUTRAL, BAD, NEUTRAL]) == [
        ("diminisher", '"somewhat bad" turns "bad" (negative) to neutral', 1)
    ]
    assert said("warm funny", [(0, 1)], [GOOD, GOOD, VERY_GOOD]) == [
        ("accord", '"warm" (positive) and "funny" (positive) strengthen each other to '
         "very positive", 1)
    ]  # fmt: skip


def test_an_opinion_that_no_part_has():
    assert said("two thumbs up", [(1, 2), (0, 3)], [NEUTRAL] * 4 + [GOOD]) == [
        ("phrase", '"two thumbs up" is positive, which no part of it is alone', 1)
    ]


def test_a_word():
    assert said("Great", [], [VERY_GOOD]) == [("word", '"Great" is very positive', 2)]
    assert said("a great film", [(1, 2), (0, 3)], [NEUTRAL, GOOD, NEUTRAL, GOOD, GOOD]) == [
        ("word", '"great" is positive', 1)
    ]


def test_influence_goes_as_far_as_the_distribution():
    half = (GOOD + NEUTRAL) / 2
    children = [(1, 2), (0, 3)]
    # Half of what "good" says is left above it.
    assert said("a good film", children, [NEUTRAL, GOOD, NEUTRAL, half, half]) == [
        ("word", '"good" is positive', 0.5)
    ]
    # Nothing of it is left, so that it explains nothing.
    assert said("a bad film", children, [NEUTRAL, BAD, NEUTRAL, GOOD, GOOD]) == [
        ("reversal", '"bad film" turns "bad" (negative) to positive', 2)
    ]


def test_punctuation_turns_nothing():
    worse = (BAD + VERY_BAD) / 2
    assert said("bad .", [(0, 1)], [BAD, NEUTRAL, worse]) == [("word", '"bad" is negative', 0.5)]


def test_of_an_opinion_something_is_said_however_weak():
    """Something that shares it."""
    weak = np.array([0.0, 0.0, 0.6, 0.4, 0.0])
    strong = np.array([0.0, 0.0, 0.0, 0.3, 0.7])
    assert MIN_INFLUENCE > 0.4 * 0.3
    assert said("fine .", [(0, 1)], [weak, NEUTRAL, strong]) == [
        ("word", '"fine" is rather positive', pytest.approx(0.4 * 0.3))
    ]
    assert said("fine .", [(0, 1)], [weak[::-1], NEUTRAL, strong]) == []
    assert said("a film", [(0, 1)], [NEUTRAL] * 3) == []


def test_no_phrase_is_told_twice():
    """Neither the parts of what was told, nor what it is a part of."""
    well = (GOOD + VERY_GOOD) / 2
    rows = [NEUTRAL, NEUTRAL, BAD, GOOD, well]
    found = said("really not bad", [(1, 2), (0, 3)], rows)
    assert found == [("negation", '"not bad" turns "bad" (negative) to positive', 1)]


def test_quotes_are_on_one_line_without_what_separates():
    good = sentence("a good film , --", right_branching(5), [NEUTRAL] * 8 + [GOOD])
    [found] = text(good).explain()
    assert found.text == '"a good film" is positive, which no part of it is alone'
    assert found.phrase.text == "a good film , --"


def test_long_quotes_are_cut():
    words = " ".join(f"word{i}" for i in range(30))
    [(_, says, _)] = said(words, right_branching(30), [NEUTRAL] * 58 + [GOOD])
    assert says == (
        '"word0 word1 word2 word3 word4 word5 word6 … word27 word28 word29" is positive, '
        "which no part of it is alone"
    )


def test_of_several_sentences_first_those_that_weigh_most():
    first = sentence("Good", [], [GOOD])
    second = sentence("Dull", [], [BAD], 5)
    third = sentence("Awful", [], [VERY_BAD], 10)
    result = text(first, second, third)
    shares = weights([GOOD, BAD, VERY_BAD])
    found = result.explain()
    assert [(each.kind, each.text) for each in found] == [
        ("sentence", '"Awful" is very negative and weighs 41% of the text'),
        ("sentence", '"Dull" is negative and weighs 33% of the text'),
        ("word", '"Awful" is very negative'),
        ("word", '"Dull" is negative'),
        ("word", '"Good" is positive'),
    ]
    influence = [2 * shares[2], shares[1], 2 * shares[2], shares[1], shares[0]]
    assert [each.influence for each in found] == pytest.approx(influence)
    assert [each.kind for each in result.explain(1)] == ["sentence", "word"]
    assert result.explain(0) == ()


def test_where_the_sentences_balance_all_may_be_named():
    result = text(sentence("Good", [], [GOOD]), sentence("Dull", [], [BAD], 5))
    assert [each.text for each in result.explain() if each.kind == "sentence"] == [
        '"Dull" is negative and weighs 58% of the text',
        '"Good" is positive and weighs 42% of the text',
    ]


def test_nothing_scored_nothing_said(scorer):
    assert scorer("").explain() == ()


def test_plain_values_for_json():
    [found] = text(sentence("not bad", [(0, 1)], [NEUTRAL, BAD, GOOD])).explain()
    plain = json.loads(json.dumps(found.to_dict()))
    assert plain["kind"] == "negation"
    assert plain["influence"] == 2
    assert plain["phrase"] == {
        "text": "not bad",
        "start": 0,
        "end": 7,
        "label": "positive",
        "probabilities": [0, 0, 0, 1, 0],
    }
    assert [part["text"] for part in plain["parts"]] == ["not", "bad"]


def test_a_tree_of_any_depth():
    n = 5_000
    rows = np.full((2 * n - 1, 5), 0.2)
    rows[0] = VERY_BAD
    assert text(sentence("w " * n, right_branching(n), rows)).explain()


WORDS = st.lists(
    st.sampled_from(["good", "bad", "not", "n't", ",", "film"]), min_size=1, max_size=12
)


@given(st.data())
def test_whatever_the_distributions(data):
    words = data.draw(WORDS)
    n = len(words)
    numbers = data.draw(
        st.lists(
            st.lists(st.integers(1, 9), min_size=5, max_size=5),
            min_size=2 * n - 1,
            max_size=2 * n - 1,
        )
    )
    rows = np.array(numbers) / np.sum(numbers, axis=1, keepdims=True)
    result = text(sentence(" ".join(words), right_branching(n), rows))
    limit = data.draw(st.integers(1, 4))
    found = result.explain(limit)
    assert len(found) <= limit
    influences = [each.influence for each in found]
    assert influences == sorted(influences, reverse=True)
    assert all(influence >= MIN_INFLUENCE for influence in influences[1:])
    known = set(result.phrases())
    spoken_of = [phrase for each in found for phrase in (each.phrase, *each.parts)]
    assert all(phrase in known for phrase in spoken_of)
    assert len({(phrase.start, phrase.end) for phrase in spoken_of}) == len(spoken_of)


NEGATIONS = """
    It is not a bad movie.
    The film is not good.
    This is not funny at all.
    I don't recommend it.
    It isn't interesting.
    There is nothing good about this movie.
    The story is never boring.
    The jokes aren't funny.
    It is not a great film.
    The acting is not convincing.
    This movie is not worth your time.
    It wasn't terrible.
    The plot does not make sense, and it is never exciting.
    Nobody will enjoy this film.
    It is hardly a masterpiece.
    The director has no talent.
    A film without charm.
    Not a dull moment.
    The script is not clever.
    It never becomes entertaining.
"""


def test_most_negations_are_told():
    """Whether they are, hangs on the shipped model; 20 of 20 were when this was written."""
    texts = [line.strip() for line in NEGATIONS.strip().splitlines()]
    results = treernn.load().score_many(texts)
    told = [any(each.kind == "negation" for each in result.explain()) for result in results]
    assert sum(told) >= 15, [text for text, is_told in zip(texts, told, strict=True) if not is_told]


def without(tree, node, kept):
    """The tree with its node ``kept`` in place of ``node``; without ``node`` where it is None."""
    n = len(tree.words)
    # A word is its number, a phrase a list of what is below.
    made = [None if (i, kept) == (node, None) else i for i in range(n)]
    for number, below in enumerate(tree.children, n):
        parts = [made[child] for child in below if made[child] is not None]
        made.append(parts if len(parts) > 1 else (parts or [None])[0])
        if number == node:
            made[number] = made[kept]
    words, children = [], []

    def number_of(part):
        if isinstance(part, int):
            words.append(tree.words[part])
            return len(words) - 1
        children.append([number_of(each) for each in part])
        return -len(children)

    number_of(made[-1])
    places = [[c if c >= 0 else len(words) - c - 1 for c in below] for below in children]
    return Tree(tuple(words), tuple(map(tuple, places)))


def test_what_is_told_matters_to_the_root(sst_dev):
    """The definition: take out what a phrase adds to its strongest part, and score what is left.

    As this was written, the phrase told first was among the three that move the root most in 126
    of 196 sentences; a phrase taken at random would be in 18.
    """
    classifier = treernn.load().classifier
    values = np.arange(-2.0, 3.0)
    trees = sst_dev[:200]
    among = chance = count = 0
    for tree, rows in zip(trees, classifier.distributions(trees), strict=True):
        n = len(tree.words)
        expected = rows @ values
        labelled = tree.with_labels(rows.argmax(axis=1).tolist())
        at = np.cumsum([0, *(len(word) + 1 for word in tree.words)]).tolist()
        tokens = tuple(Token(w, a, a + len(w)) for w, a in zip(tree.words, at, strict=False))
        whole = Sentence(" ".join(tree.words), 0, at[-1] - 1, tokens, labelled, rows)
        told = text(whole).explain(1)
        if not told:
            continue
        strongest = [max(below, key=lambda c: abs(expected[c])) for below in tree.children]
        left = [without(tree, i, None if i < n else strongest[i - n]) for i in range(2 * n - 1)]
        moved = [abs(each[-1] @ values - expected[-1]) for each in classifier.distributions(left)]
        place = list(whole.phrases()).index(told[0].phrase)
        among += sum(each > moved[place] for each in moved) < 3
        chance += 3 / len(moved)
        count += 1
    assert count > 150
    assert among > 0.45 * count
    assert among > 4 * chance
