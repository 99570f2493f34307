"""Lexicons in files: a table of the user's, and ``lexicon.json`` in the folder of a model."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from treernn import strict_json
from treernn.checks import brief
from treernn.corpora.columns import read_columns_by_any_name
from treernn.errors import DataError, InputError, ModelError
from treernn.formats import check_format
from treernn.models.names import LEXICON
from treernn.models.pretrained import sentiment_folder
from treernn.scoring.lexicon.entries import Entry, Lexicon, class_score, of_entries, of_mapping

FORMAT = 1

_COLUMNS = (
    ("text", "word", "phrase", "entry"),
    ("class", "label", "sentiment"),
    ("score",),
    ("domain",),
)


def lexicon_of(
    model: str | os.PathLike[str],
    lexicon: Lexicon | Mapping[Any, Any] | str | os.PathLike[str] | None = None,
    domain: str | None = None,
) -> Lexicon | None:
    """The lexicon that a model is read with: that of a user, and what is stored with the model
    besides.

    Args:
        model: as for ``treernn.load``.
        lexicon: of the user: a file, a mapping, or a lexicon.
        domain: whose entries hold too.

    Returns:
        It has no domains; None if there is no lexicon.

    Raises:
        InputError: there is no lexicon with such a domain, or a mapping cannot be used.
        MissingDataError, DataError: the user's file is missing or faulty.
        ModelError: that of the model is, or there is no such model.
    """
    stored = sentiment_folder(model) / LEXICON
    found = read_stored(stored) if stored.exists() else None
    if lexicon is not None:
        own = as_lexicon(lexicon)
        found = own if found is None else own.over(found)
    if found is not None:
        return found.in_domain(domain)
    if domain is not None:
        raise InputError(f"there is no lexicon that could have the domain {brief(domain)}")
    return None


def as_lexicon(lexicon: Lexicon | Mapping[Any, Any] | str | os.PathLike[str]) -> Lexicon:
    """A lexicon of what ``treernn.load`` takes; see ``lexicon_of``."""
    if isinstance(lexicon, Lexicon):
        return lexicon
    if isinstance(lexicon, Mapping):
        return of_mapping(lexicon)
    if isinstance(lexicon, str | os.PathLike):
        return read_lexicon(lexicon)
    kind = type(lexicon).__name__
    raise InputError(f"lexicon is a {kind}, expected a file, or a mapping of words to scores")


def read_lexicon(path: str | os.PathLike[str]) -> Lexicon:
    """Read a lexicon from a table: CSV, TSV, JSON, JSONL, Parquet or Excel.

    Its columns are ``text`` (or ``word``, ``phrase``, ``entry``), ``class`` (or ``label``,
    ``sentiment``) or ``score``, and ``domain`` if there are some.

    Raises:
        MissingDataError: there is no such file.
        DataError: a row cannot be used, two contradict each other, or there is none.
    """

    def entries() -> Iterator[tuple[Entry, str]]:
        for line, (text, label, score, domain) in read_columns_by_any_name(path, _COLUMNS):
            try:
                yield Entry(text, _score(label.strip(), score.strip()), domain), f"{path}:{line}"
            except InputError as error:
                raise DataError(str(error), path, line) from None

    try:
        return of_entries(entries())
    except InputError as error:  # two entries, or none
        problem = str(error)
        raise DataError(problem if str(path) in problem else f"{path}: {problem}") from None


def _score(label: str, score: str) -> float:
    """The score of a row, from its two columns."""
    if label and score:
        raise InputError("both a class and a score, give one of them")
    if label:
        return class_score(label)
    if not score:
        raise InputError(
            "neither a class nor a score; the columns are text, class or score, domain"
        )
    try:
        return float(score if "." in score else score.replace(",", "."))  # "0,5" of spreadsheets
    except ValueError:
        raise InputError(f"score {brief(score)}, expected a number from -1 to 1") from None


def rows(lexicon: Lexicon) -> list[dict[str, Any]]:
    """The entries as plain values."""
    domains = any(entry.domain for entry in lexicon.entries)
    return [
        {"text": entry.text, "score": entry.score} | ({"domain": entry.domain} if domains else {})
        for entry in lexicon.entries
    ]


def read_stored(path: Path) -> Lexicon:
    """Read ``lexicon.json``.

    Raises:
        ModelError: it is missing, damaged or of another format.
    """
    try:
        content = strict_json.read(path)
    except (FileNotFoundError, DataError) as error:
        problem = f"{path}: no such file" if isinstance(error, FileNotFoundError) else str(error)
        raise ModelError(problem) from None
    if not isinstance(content, dict) or content.get("kind") != "lexicon":
        raise ModelError(f"{path}: no lexicon, write it with treernn lexicon")
    check_format(content.get("format"), FORMAT, path)
    listed = content.get("entries")
    if not isinstance(listed, list) or _checksum(listed) != content.get("sha256"):
        raise ModelError(f"{path}: changed, its sha256 is not right; write it with treernn lexicon")
    try:
        return of_entries((Entry(**each), f"entry {n}") for n, each in enumerate(listed, 1))
    except (InputError, TypeError) as error:
        raise ModelError(f"{path}: no lexicon ({str(error)[:200]})") from None


def stored_text(lexicon: Lexicon) -> str:
    """The content of ``lexicon.json``."""
    listed = rows(lexicon)
    head = {"format": FORMAT, "kind": "lexicon", "sha256": _checksum(listed)}
    return strict_json.dumps({**head, "entries": listed}, indent=1, ensure_ascii=False) + "\n"


def _checksum(entries: list[Any]) -> str:
    return hashlib.sha256(strict_json.dumps(entries).encode()).hexdigest()
