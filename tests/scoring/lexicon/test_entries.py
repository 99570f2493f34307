"""What an entry of a lexicon may be, and what contradicts another."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.classes import scores
from treernn.errors import InputError
from treernn.scoring.lexicon.entries import Entry, class_score, distribution, of_mapping


@given(st.floats(-1, 1))
def test_a_distribution_has_its_score(score):
    row = distribution(score)
    assert row.min() >= 0
    assert row.sum() == pytest.approx(1)
    assert float(scores(row)) == pytest.approx(score, abs=1e-6)
    assert np.count_nonzero(row) <= 2


@pytest.mark.parametrize(
    ("name", "score"),
    [
        ("very negative", -1.0),
        ("Very_Positive ", 1.0),
        ("neutral", 0.0),
        ("neg", -0.5),
        ("pos", 0.5),
        ("0", -1.0),
        ("3.0", 0.5),
        ("4", 1.0),
    ],
)
def test_classes_by_name_and_number(name, score):
    assert class_score(name) == score


@pytest.mark.parametrize(
    ("text", "score", "problem"),
    [
        ("", 1, "the text is empty, expected a word or a phrase"),
        (" \n", 1, "the text is empty, expected a word or a phrase"),
        (".", 1, "'.' is punctuation, expected a word, an emoji or a phrase"),
        ("!", 1, "'!' is punctuation, expected a word, an emoji or a phrase"),
        ("\u200b", 1, "'\\u200b' has no word, expected a word, an emoji or a phrase"),
        (
            "Good. Bad.",
            1,
            "'Good. Bad.' is several sentences, expected a word, an emoji or a phrase",
        ),
        ("x" * 201, 1, f"'{'x' * 39}… is longer than 200 characters"),
        ("x", 1.01, "score 1.01, expected a number from -1 to 1, or a class by name"),
        ("x", math.nan, "score nan, expected a number from -1 to 1, or a class by name"),
        ("x", True, "score True, expected a number from -1 to 1, or a class by name"),
        ("x", None, "score None, expected a number from -1 to 1, or a class by name"),
        (7, 1, "7 is no text"),
    ],
)
def test_what_is_no_entry(text, score, problem):
    with pytest.raises(InputError) as raised:
        Entry(text, score)
    assert str(raised.value) == problem


@given(st.text(max_size=30))
def test_any_text_is_an_entry_or_an_error(text):
    try:
        entry = Entry(text, 0.5)
    except InputError:
        return
    assert Entry(entry.text, 0.5).key == entry.key
    assert entry.key.lower


def test_one_text_has_one_score_in_a_domain():
    same = {"must-have": 1, "must have": 1.0, "sick": {None: -1, "games": 1}}
    assert len(of_mapping(same)) == 3
    with pytest.raises(InputError) as raised:
        of_mapping({"must-have": 1, "must have": "neutral"})
    assert str(raised.value) == (
        "lexicon, 'must have': 'must have' has the score 0, but 1 at lexicon, 'must-have'; "
        "leave one of them out, or give it a domain"
    )
    with pytest.raises(InputError, match=r"^lexicon, 'x': class 'grand', expected 0 to 4, or very"):
        of_mapping({"x": "grand"})
    with pytest.raises(InputError, match="the lexicon has no entries"):
        of_mapping({})


def test_domains():
    lexicon = of_mapping(
        {"sick": {None: -1, "Games": 1, "films": 0}, "lit": {"games": 1}, "meh": 0}
    )

    def held(domain):
        return {each.text: each.score for each in lexicon.in_domain(domain).entries}

    assert held(None) == {"sick": -1, "meh": 0}
    assert held(" games") == {"sick": 1, "lit": 1, "meh": 0}
    assert held("films") == {"sick": 0, "meh": 0}
    for wrong in ("cars", "", " "):
        with pytest.raises(InputError, match=r"no entry .* its domains are Games, films, games$"):
            lexicon.in_domain(wrong)
    with pytest.raises(InputError, match="it has no domains"):
        of_mapping({"meh": 0}).in_domain("games")


def test_lexicons_are_compared_and_copied_by_value():
    one, other = of_mapping({"a1": 1, "b1": 0}), of_mapping({"a1": 1, "b1": 0.5})
    copy = pickle.loads(pickle.dumps(one))
    assert copy == one
    assert hash(copy) == hash(one)
    assert one != other
    both = of_mapping({"a1": -1}).over(one)
    assert {each.text: each.score for each in both.entries} == {"a1": -1, "b1": 0}
