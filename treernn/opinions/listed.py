"""Aspects that a user lists, with the words that stand for them, instead of those that are found.

A file of TOML has a line for each aspect, with a list of other names::

    battery = ["charge", "power"]
    screen = ["display", "touch screen"]
    "customer service" = []

A file of CSV has the aspect in the first column and other names in the columns after it; several
lines of the same aspect add up::

    battery,charge,power
    screen,display
    screen,touch screen

Names are found in any number ("batteries"), in capital or small letters, and as whole words.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from treernn.checks import brief
from treernn.errors import DataError, one_line
from treernn.opinions.lemmas import singular
from treernn.opinions.terms import Term
from treernn.tables.encoding import decode
from treernn.tables.source import read_bytes
from treernn.text.tokenizer import tokenize

if TYPE_CHECKING:
    from treernn.scoring.result import Result
    from treernn.scoring.sentence import Sentence

MAX_WORDS = 10
"""Of a name."""

_HEADERS = ("aspect", "aspects")
_LINE = re.compile(r" \(at line (\d+), column (\d+)\)$")

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListedAspects:
    """Aspects with their names; made by ``read_listed``. Equal lists are equal and have equal
    hashes.

    Attributes:
        names: pairs of the words of a name, in small letters and in the singular, and the aspect.
    """

    names: tuple[tuple[Words, str], ...]

    @property
    def aspects(self) -> tuple[str, ...]:
        """The aspects, in the order of the list."""
        return tuple(dict.fromkeys(aspect for _, aspect in self.names))

    def terms_of(self, results: Sequence[Result]) -> list[tuple[Term, ...]]:
        """The places where texts name an aspect, in their order; of names that overlap the first,
        and of those that begin at the same word the longest.

        Args:
            results: scored texts.

        Returns:
            For each result its terms; ``key`` is the aspect.
        """
        by_first = self._by_first()
        return [
            tuple(
                term
                for index, sentence in enumerate(result.sentences)
                for term in _terms(sentence, by_first, index)
            )
            for result in results
        ]

    def _by_first(self) -> dict[str, list[tuple[Words, str]]]:
        """The names by their first word, longer ones first."""
        found: dict[str, list[tuple[Words, str]]] = {}
        for name in sorted(self.names, key=lambda each: -len(each[0])):
            found.setdefault(name[0][0], []).append(name)
        return found


def _terms(
    sentence: Sentence, by_first: dict[str, list[tuple[Words, str]]], index: int
) -> Iterator[Term]:
    tokens = sentence.tokens
    lemmas = [singular(token.text.lower()) for token in tokens]
    first = 0
    while first < len(lemmas):
        names = by_first.get(lemmas[first], ())
        found = next((each for each in names if _at(each[0], lemmas, first)), None)
        if found is None:
            first += 1
            continue
        words, aspect = found
        last = first + len(words)
        start, end = tokens[first].start, tokens[last - 1].end
        text = sentence.text[start - sentence.start : end - sentence.start]
        yield Term(text, start, end, aspect, words[-1], index)
        first = last


def _at(words: Words, lemmas: Sequence[str], first: int) -> bool:
    return tuple(lemmas[first : first + len(words)]) == words


def read_listed(path: str | os.PathLike[str]) -> ListedAspects:
    """Read a list of aspects from a file of TOML or CSV; see the module.

    Raises:
        DataError: it is neither, lists nothing, or a name is empty, too long, or of two aspects.
        InputError: it cannot be opened.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in (".toml", ".csv"):
        raise DataError("unknown format, expected a list of aspects as .toml or .csv", path)
    content = decode(read_bytes(path), path)
    rows = _toml_rows(content, path) if ending == ".toml" else _csv_rows(content, path)
    return _listed(rows, path)


def _listed(rows: Iterable[tuple[int | None, str, list[str]]], path: Path) -> ListedAspects:
    names: dict[Words, str] = {}
    for line, aspect, others in rows:
        aspect = " ".join(aspect.split())
        for name in (aspect, *others):
            words = _words(name)
            if not words:
                raise DataError(f"{brief(name)} of {brief(aspect)} has no word", path, line)
            if len(words) > MAX_WORDS:
                problem = f"{brief(name)} has {len(words)} words, expected at most {MAX_WORDS}"
                raise DataError(problem, path, line)
            other = names.setdefault(words, aspect)
            if other != aspect:
                problem = f"{brief(name)} is a name of {brief(other)} and of {brief(aspect)}"
                raise DataError(f"{problem}, expected one of them", path, line)
    if not names:
        raise DataError("lists no aspects", path)
    return ListedAspects(tuple(names.items()))


def _words(name: str) -> Words:
    """As they are compared; none if no word has a letter or digit."""
    tokens = [token.text for sentence in tokenize(name) for token in sentence]
    if not any(char.isalnum() for token in tokens for char in token):
        return ()
    return tuple(singular(token.lower()) for token in tokens)


def _toml_rows(content: str, path: Path) -> Iterator[tuple[int | None, str, list[str]]]:
    try:
        table = tomllib.loads(content)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        message = one_line(error)
        place = _LINE.search(message)
        line, column = map(int, place.groups()) if place else (None, None)
        raise DataError(f"not TOML: {_LINE.sub('', message)}", path, line, column) from None
    for aspect, names in table.items():
        if isinstance(names, str):
            names = [names]
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            problem = f"{brief(aspect)} is {brief(names)}, expected a list of names in quotes"
            raise DataError(problem, path)
        yield None, aspect, names


def _csv_rows(content: str, path: Path) -> Iterator[tuple[int | None, str, list[str]]]:
    import csv

    from treernn.tables.csv import find_delimiter

    reader = csv.reader(
        content.splitlines(keepends=True), delimiter=find_delimiter(content[:10_000]), strict=True
    )
    try:
        for row in reader:
            aspect, *others = (cell.strip() for cell in row or ("",))
            others = [name for name in others if name]
            if reader.line_num == 1 and aspect.lower() in _HEADERS:
                continue
            if aspect:
                yield reader.line_num, aspect, others
            elif others:
                raise DataError("no aspect in the first column", path, reader.line_num)
    except csv.Error as error:
        raise DataError(f"not CSV: {one_line(error)}", path, reader.line_num) from None
