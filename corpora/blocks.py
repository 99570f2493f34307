"""Sentences with labelled phrases, the input of CoreNLP's ``BuildBinarizedDataset``.

A block is a line with the class of a sentence and the sentence, then a line for each labelled
phrase in it, its class and its words; a blank line ends the block::

    1 Today is not a good day.
    3 good
    3 a good day

A class is 0 to 4, or -1 for none. As in older versions of CoreNLP the first line may have no class.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike

from treernn.corpora.brackets import read_class
from treernn.errors import DataError
from treernn.types import UNLABELLED


@dataclass(frozen=True, slots=True)
class Block:
    """A sentence and the labelled phrases in it.

    Attributes:
        text: the sentence.
        label: its class, -1 for none.
        phrases: line, class and words of each labelled phrase.
        line: where the block starts.
    """

    text: str
    label: int
    phrases: tuple[tuple[int, int, str], ...]
    line: int


def looks_like_blocks(text: str) -> bool:
    """Whether a text is no file of trees, but has a line that starts with a class."""
    return not text.lstrip().startswith("(") and any(
        read_class(label) is not None and phrase for label, phrase in map(_parts, text.split("\n"))
    )


def parse_blocks(text: str, path: str | PathLike[str] | None = None) -> list[Block]:
    """Read all blocks of a text.

    Args:
        text: the content of a file.
        path: the file, for errors.

    Raises:
        DataError: a line has no class, or nothing else.

    >>> parse_blocks("3\\tNot bad.\\n1\\tbad")
    [Block(text='Not bad.', label=3, phrases=((2, 1, 'bad'),), line=1)]
    """
    blocks = []
    for lines in _groups(text):
        first, line = lines[0]
        label, sentence = _parts(line)
        value = read_class(label)
        if value is not None and not sentence:
            raise DataError(f"label {label} without a sentence", path, first)
        phrases = []
        for number, line in lines[1:]:
            name, words = _parts(line)
            phrase_value = read_class(name)
            if phrase_value is None:
                problem = f"expected a class 0 to 4 and a phrase, found {line[:40]!r}; a blank line"
                raise DataError(f"{problem} stands between sentences", path, number)
            if not words:
                raise DataError(f"label {name} without a phrase", path, number)
            phrases.append((number, phrase_value, words))
        if value is None:
            sentence, value = lines[0][1].strip(), UNLABELLED
        blocks.append(Block(sentence, value, tuple(phrases), first))
    return blocks


def _groups(text: str) -> Iterator[list[tuple[int, str]]]:
    """The numbered lines between blank lines."""
    group: list[tuple[int, str]] = []
    for number, line in enumerate([*text.split("\n"), ""], 1):
        if line.strip("\ufeff \t\r\f\v"):
            group.append((number, line))
        elif group:
            yield group
            group = []


def _parts(line: str) -> tuple[str, str]:
    """The first word of a line, and the rest."""
    first, *rest = line.strip("\ufeff \t\r\f\v").split(maxsplit=1) or [""]
    return first, rest[0] if rest else ""
