import numpy as np
import pytest

from treernn.scoring.discourse import CONCEDED, CONTRAST, opinions
from treernn.text import tokenize


def said(text, *means):
    sentences = tokenize(text)
    assert len(sentences) == len(means)
    values, weights = opinions(np.array(means, dtype=float), sentences)
    return values.tolist(), weights.tolist()


@pytest.mark.parametrize(
    ("text", "means", "opinion"),
    [
        ("Is it good? No.", (1.2, -0.1), -1.2),
        ("Is it good? Yes!", (1.2, 0.3), 1.2),
        ("Is it bad? No.", (-1.2, -0.1), 1.2),
        ("Would I see it again? Not really.", (0.1, -0.2), -1.0),
        ("Did I like it? Absolutely.", (0.4, 0.2), 1.0),
        ("It was great. Not.", (1.5, -0.3), -1.5),
    ],
)
def test_an_answer_belongs_to_what_is_before_it(text, means, opinion):
    values, weights = said(text, *means)
    assert values[-1] == pytest.approx(opinion)
    assert weights == [0, 1]


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("It was bad. No.", (-1.0, -0.1)),
        ("Is it good? No plot, no wit.", (1.0, -1.0)),
        ("No. It was bad.", (-0.1, -1.0)),
        ("It is bad. Not.", (-1.0, -0.3)),
    ],
)
def test_other_sentences_are_as_they_are(text, means):
    assert said(text, *means) == ([*means], [1, 1])


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Pros: none.", -1),
        ("Pros: the cast.", 1),
        ("Cons: everything.", -1),
        ("Cons: none.", 1),
        ("The good: a fine cast.", 1),
        ("The bad: a dull plot.", -1),
    ],
)
def test_headings_decide(text, sign):
    values, _ = said(text, 0.1)
    assert np.sign(values[0]) == sign


def test_what_is_said_after_but_counts_more():
    _, weights = said(
        "The cast is fine. But the film is a bore. Overall, I was not amused.", 1, -1, -1
    )
    assert weights == [CONCEDED**2, CONTRAST, CONTRAST]
