"""Sentences with labelled phrases."""

import pytest

from treernn.corpora.blocks import Block, looks_like_blocks, parse_blocks
from treernn.errors import DataError

EXAMPLE = """1 Today is not a good day.
3\tgood
3.0  a good day
-1 day

Works.
4 Works
"""


@pytest.mark.parametrize("end", ["\n", "\r\n", " \n"])
@pytest.mark.parametrize("start", ["", "\n\n", "\ufeff"])
def test_blocks(start: str, end: str) -> None:
    text = start + EXAMPLE.replace("\n", end)
    assert looks_like_blocks(text)
    first = 1 + start.count("\n")
    phrases = ((first + 1, 3, "good"), (first + 2, 3, "a good day"), (first + 3, -1, "day"))
    assert parse_blocks(text, "f") == [
        Block("Today is not a good day.", 1, phrases, first),
        Block("Works.", -1, ((first + 6, 4, "Works"),), first + 5),
    ]


@pytest.mark.parametrize(
    "text", ["", "(2 a)", "\n (3 (2 a) (2 b))\n3 a", "It is good.", "3", "3\n4"]
)
def test_other_texts(text: str) -> None:
    assert not looks_like_blocks(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("3 a\n\n\n3\n", "f:4: label 3 without a sentence"),
        ("3 a b\n3 \n", "f:2: label 3 without a phrase"),
        ("3 a b\na\n", "f:2: expected a class 0 to 4 and a phrase, found 'a'; a blank line stands"),
        ("3 a b\n7 a\n", "f:2: expected a class 0 to 4 and a phrase, found '7 a'"),
    ],
)
def test_errors(text: str, problem: str) -> None:
    with pytest.raises(DataError) as raised:
        parse_blocks(text, "f")
    assert str(raised.value).startswith(problem)
