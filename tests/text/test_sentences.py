import pytest

from treernn.text.sentences import sentence_spans
from treernn.text.tokenizer import tokenize


def divided(text, newline_ends=False):
    sentences = tokenize(text, newline_ends)
    return [text[tokens[0].start : tokens[-1].end] for tokens in sentences]


ONE_SENTENCE = """
See no. 5 for details.
It is on p. 12 of the book.
We sat with Dr. Jones and Mrs. Hill.
The restaurant of Baker & Co. in town is closed.
She lives in the U.K. with her son.
He works for the U.S. Army abroad.
I paid $12.50 for it.
"Good morning!" Anna exclaimed.
"Is it good?" he asked.
The soup (very bad!) was cold.
They had a stand at Yahoo! in the hall.
Yahoo! is a company.
It was ... well, not bad.
It was good, bad, etc. and nothing new.
I saw J. K. Rowling there.
The quote [...] is from a letter.
Their album (It came out in May.) sold well.
Write to jane.doe@example.com today.
""".strip().split("\n")

LONG_LINES = "A long line of a text that was wrapped by some program, as in\nMails it goes on."

TWO_SENTENCES = """
The plot is thin.|The cast is great.
Was it good?|I think so.
We came at 5 p.m.|Dinner was cold.
He lives in the U.S.|How about you?
It has actors, music, etc.|The rest is bad.
It was just you and I.|Nobody else came.
It cost $5.|It is worth it.
it was bad.|the food was cold
Awesome!|will buy again
I expected more...|The end is weak.
She said, "It is great."|He did not agree.
It is bad....|She left.
1) A good start 2) A bad end|
""".strip().split("\n")


@pytest.mark.parametrize("text", ONE_SENTENCE)
def test_not_every_mark_ends_a_sentence(text):
    assert divided(text) == [text]


@pytest.mark.parametrize("pair", [pair for pair in TWO_SENTENCES if not pair.endswith("|")])
def test_sentences_end(pair):
    assert divided(pair.replace("|", " ")) == pair.split("|")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. Great cast\n2. Awful plot\n3. Nice music", None),
        ("- Great cast\n- Awful plot and no idea\n* Nice music", None),
        ("• Great cast\n• awful plot", None),
        ("Great cast\nAwful plot\nNice music", None),
        ("Pros: cheap\nCons: everything else", None),
        ("1) A cast 2) A plot 3) Music", ["1) A cast", "2) A plot", "3) Music"]),
        ("a. Great cast b. Awful plot", ["a. Great cast", "b. Awful plot"]),
        ("one line\nof a sentence", ["one line\nof a sentence"]),
        (LONG_LINES, [LONG_LINES]),
    ],
)  # fmt: skip
def test_lists_and_lines(text, expected):
    assert divided(text) == (expected or text.split("\n"))


def test_a_line_may_always_end_a_sentence():
    text = "This is a long line of a text that was wrapped by a program\nand so it goes on."
    assert divided(text) == [text]
    assert divided(text, newline_ends=True) == text.split("\n")


def test_spans_are_in_order_without_white_space_around_them():
    text = "  One. Two!  \n\n  Three... \n\n 😀 "
    spans = list(sentence_spans(text))
    assert [text[start:end] for start, end in spans] == ["One.", "Two!", "Three...", "😀"]
