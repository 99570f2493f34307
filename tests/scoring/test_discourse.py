from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import treernn
from treernn.scoring import discourse
from treernn.scoring.context import denials
from treernn.scoring.context.answers import answer
from treernn.scoring.context.said import LONGEST_PHRASE, Said
from treernn.scoring.discourse import CONCEDED, CONTRAST, opinions
from treernn.text import tokenize
from treernn.types import LABELS


def said(text, *means):
    sentences = tokenize(text)
    assert len(sentences) == len(means)
    values, weights, _ = opinions(np.array(means, dtype=float), sentences)
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


def test_facts_that_are_asked_are_no_opinion():
    values, _ = said("Is it on Netflix? No.", -0.2, -0.3)
    assert values[1] == 0
    values, _ = said("Was it worth it? No.", 0.2, -0.3)
    assert values[1] == -1


def test_words_tell_what_a_question_with_a_negation_or_a_comparative_asks():
    def answered(text, *words):
        sentences = tokenize(text)
        rows = [[words[1] if token.text == words[0] else 0.0 for token in s] for s in sentences]
        return opinions(np.array([-0.5, -0.3]), sentences, rows).means[1]

    assert answered("Isn't it great? Yes.", "great", 2.0) > 0
    assert answered("Isn't it great? No.", "great", 2.0) < 0
    assert answered("Isn't it bad? No.", "bad", -2.0) > 0
    assert answered("Could it be any better? No.", "better", 2.0) > 0
    assert answered("Could it be any worse? No.", "worse", -1.0) < 0
    assert answered("Is it better than the book? No.", "better", 2.0) < 0


YES = ("Yes", "Yep", "Yeah", "Absolutely", "Of course", "Yes, very much", "Yes, it is", "It is")
NO = ("No", "Nope", "Naw", "Not so much", "Not for me", "By no means", "Not one bit", "I think not",
      "I'm afraid not", "Not quite", "Not a chance", "Not in the slightest", "Absolutely not",
      "It isn't", "No, no, no", "No way", "Not even close", "I don't think so")  # fmt: skip


@given(
    st.sampled_from(["", "Um, ", "Well, ", "Oh ", "God ", "Hell ", "Sadly, ", "A: "]),
    st.sampled_from([(text, 1) for text in YES] + [(text, -1) for text in NO]),
    st.sampled_from(["", ".", "!", "!!", " :(", " \U0001f61e", '"', ")"]),
)
def test_an_answer_may_be_put_in_many_ways(before, middle, after):
    text, sign = middle
    [tokens] = tokenize(f"{before}{text}{after}")
    assert answer(Said(tokens, 0.0)) == sign


@pytest.mark.parametrize(
    "text",
    ["No plot, no wit.", "Not bad.", "No one laughed.", "Yes and no.", "Hell.", "It rained."],
)
def test_what_is_no_answer(text):
    [tokens] = tokenize(text)
    assert answer(Said(tokens, 0.0)) == 0


@pytest.fixture(scope="module")
def scorer():
    return treernn.load()


def side(result):
    return np.sign(LABELS.index(result.label) - 2)


NEUTRAL_TEXTS = """
Have you seen it? No.
Is it on Netflix? Yes.
Is he the director? No.
Is it long? Yes.
Is it a comedy? No.
Was it made in 1999? Nope.
Do you have kids? No.
Is it in theaters? Yes, it is.
Are they brothers? No, no.
Pros: great cast. Cons: awful plot.
Is it a horror film? Yes.
Is it a remake? Yes.
Is it new? No.
"""

NEGATIVE_TEXTS = r"""
Would I watch it again? No.
Was it worth it? No.
Was it worth the wait? Um, no.
Would you recommend it? I'm afraid not.
Is it clever? Well, no, not really.
Is it any good? By no means.
Will I return? Not a chance.
Isn't it great? No.
Is it not good? No.
Isn't it boring? Yes.
Could it be any worse? No.
Could it be any more tedious? I don't think so.
Have I ever seen a worse film? No.
Have I ever seen such a bad film? Never.
Is it good? No :(
Is it good? 🤔 No.
Is it great? No 👎
Q: Is it good? A: No.
"Is it good?" "No."
(Is it good?) No.
Is it bad? Hell yes!
Pros:\n- none\nCons:\n- everything
PROS\nNone\nCONS\nEverything
## Pros\nnone\n## Cons\neverything
• Pros: none\n• Cons: everything
1. Pros: none\n2. Cons: everything
Pros - none. Cons - everything.
Pros? None. Cons? Everything.
My pros: none. My cons: everything.
Pros: none; cons: everything
Pros: not many. Cons: a lot.
Pros: I can't think of any. Cons: too many.
Pros: hardly any. Cons: a lot.
Cons: everything
Pros: none
Pros: zilch
Recommended: No
Did I care? No.
Does it work? No.
Is it well made? Hardly.
Is there anything more boring? No.
A great film (just kidding).
I heard it was great. It wasn't.
What I liked: nothing.
What I didn't like: everything.
It was great, not.
It was great - not!
Best film ever... not.
It was great (NOT!)
It was great. Kidding.
It was great. Just kidding.
It was great. JK.
It was great. Psych!
It was great. Said no one ever.
Everyone says it's great. It isn't.
People say it is a masterpiece. I disagree.
The critics loved it. I did not.
Some say it's brilliant. They are wrong.
The cast is superb. The music is gorgeous. However, the film is a bore.
Great cast. Great music. That said, I was bored to tears.
The cast is great. Even so, the film is a bore.
The cast is great. Then again, the story is awful.
Great acting. Still, I was bored.
"""

POSITIVE_TEXTS = r"""
Isn't it great? Yes.
Isn't it awful? No.
Is it boring? Not in the slightest.
Could it be any better? No.
Could it be any funnier? No.
Is there a better film? No.
Have I ever seen a better film? Never.
Is it good? Hell yeah!
Did I like it? Yes, very much.
Cons: none
Cons: none so far
Cons: none whatsoever
Cons: not a thing. Pros: all of it.
CONS\nNone
Pros: no ads.
Complaints: none
Any problems? No.
Have I seen a funnier show? Never.
What I didn't like: nothing.
Pros: everything; cons: none
Pros\n- cheap\n- fast\nCons\n- none
Everyone says it's bad. It isn't.
The critics hated it. I did not.
It was bad. Just kidding, I loved it.
I thought it would be terrible. I was wrong. It was great.
The plot is thin. The jokes are stale. Still, I loved it.
The plot is thin. Nevertheless, I loved it.
"""

TEXTS = [
    (line.replace(r"\n", "\n"), sign)
    for sign, lines in ((0, NEUTRAL_TEXTS), (-1, NEGATIVE_TEXTS), (1, POSITIVE_TEXTS))
    for line in lines.strip().splitlines()
]


@pytest.mark.parametrize(("text", "sign"), TEXTS)
def test_texts(scorer, text, sign):
    assert side(scorer(text)) == sign


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Like it or not, it is a great film.", 1),
        ("Still waters run deep in this lovely film.", 1),
        ("Pros and cons aside, I loved it.", 1),
        ("Was it good? It was great.", 1),
        ("Was it good? It was awful.", -1),
        ("Everyone says it's great. It is.", 1),
        ("However you look at it, it is bad.", -1),
        ("I loved it. Why? The cast.", 1),
    ],
)
def test_what_only_looks_like_it(scorer, text, sign):
    assert side(scorer(text)) == sign


def test_headings_in_any_form(scorer):
    """Every way to write that one side has nothing and the other everything."""
    layouts = ("{}: {}. {}: {}.", "{}: {}\n{}: {}", "{}:\n- {}\n{}:\n- {}", "{}\n{}\n{}\n{}",
               "{} - {}. {} - {}.", "{}? {}. {}? {}.", "{}: {}; {}: {}",
               "* {}: {}\n* {}: {}")  # fmt: skip
    names = (("Pros", "Cons"), ("PROS", "CONS"), ("Advantages", "Disadvantages"))
    for layout, (good, bad), nothing in product(layouts, names, ("None", "Nothing", "Zilch")):
        worst, best = scorer.score_many(
            [layout.format(good, nothing, bad, "Everything"),
             layout.format(good, "Everything", bad, nothing)]
        )  # fmt: skip
        assert (side(worst), side(best)) == (-1, 1), worst.text


def test_no_sentence_begins_with_a_longer_phrase():
    tables = denials._KIDDING, denials._EXPECTED, discourse._CONTRASTS, discourse._CONCESSIVE
    assert max(len(phrase) for table in tables for phrase in table) == LONGEST_PHRASE
