"""What a request for CoreNLP's API asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, unquote_plus

from treernn.server.corenlp.properties import decode_map, flag
from treernn.server.problems import RefusedError
from treernn.server.sentences import FREE, LINES, NEWLINES, ONE

FORMATS = ("json", "serialized")
TIMEOUT = 15.0
"""Seconds, without a ``timeout``."""

_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]*)?")
_BREAKS = ("always", "never", "two")

_TOKENS = {"tokenize", "ssplit", "cleanxml", "mwt"}
_TREES = {"parse", "sentiment"}
_OTHERS = {
    *(
        "pos",
        "lemma",
        "ner",
        "regexner",
        "entitymentions",
        "depparse",
        "coref",
        "dcoref",
        "mention",
    ),
    *(
        "natlog",
        "openie",
        "kbp",
        "quote",
        "quote.attribution",
        "entitylink",
        "truecase",
        "relation",
    ),
    *("udfeats", "gender", "tokensregex", "docdate", "sentence", "coref.mention"),
}
_DEFAULT = "tokenize,ssplit,parse,sentiment"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an answer has.

    Attributes:
        format: one of ``FORMATS``.
        parse, sentiment: whether sentences have trees, and their sentiment.
        ends, white_space: see ``sentences.sentences_of``.
        seconds: until an answer has to be there.
    """

    format: str = "json"
    parse: bool = True
    sentiment: bool = True
    ends: str = FREE
    white_space: bool = False
    seconds: float = TIMEOUT


def properties_of(query: Mapping[str, str]) -> dict[str, str]:
    """Those of a request: its query, and above that the map in ``properties`` or ``props``.

    Raises:
        RefusedError: the map cannot be read.
    """
    properties = {name: query[name] for name in query if name not in ("properties", "props")}
    encoded = query.get("properties", query.get("props", ""))
    if encoded.lstrip().startswith("%7B"):  # encoded twice, which CoreNLP takes too
        encoded = unquote(encoded)
    return properties | decode_map(encoded)


def wanted(properties: Mapping[str, str]) -> Wanted:
    """What properties ask for; most of CoreNLP's mean nothing here.

    Raises:
        RefusedError: there is no such annotator or format, or a value is none of its kind.
    """
    format = properties.get("outputFormat", "").strip().lower() or FORMATS[0]
    if format not in FORMATS:
        raise RefusedError(f"outputFormat {format}: not available, use {' or '.join(FORMATS)}")
    if properties.get("inputFormat", "text").strip().lower() != "text":
        raise RefusedError("inputFormat: only text is available")
    asked = _annotators(properties.get("annotators", ""))
    sentiment = "sentiment" in asked
    return Wanted(
        format,
        sentiment or "parse" in asked,
        sentiment,
        _ends(properties),
        flag(properties, "tokenize.whitespace"),
        _seconds(properties.get("timeout", "")),
    )


def decoded(body: bytes, content_type: str) -> str:
    """The text of a body.

    Args:
        body: in the charset of the type, by default UTF-8. Only where the type says that it is a
            form it is decoded as one; CoreNLP does that also without a type, and so makes a space
            of ``+`` (its issues 1113, 1226 and 1470).
        content_type: the header.

    Raises:
        RefusedError: it is no text in this charset.
    """
    media, _, parameters = content_type.partition(";")
    charset = "utf-8"
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip("\"'") or charset
    form = media.strip().lower() == "application/x-www-form-urlencoded"
    try:
        text = body.decode(charset)
        return unquote_plus(text, charset, "strict") if form else text
    except (LookupError, ValueError, TypeError):
        raise RefusedError(f"the body is no text in the charset {charset[:40]}") from None


def _annotators(given: str) -> set[str]:
    asked = {name for name in given.replace(",", " ").split() if name} or {*_DEFAULT.split(",")}
    have = ", ".join((*sorted(_TOKENS - {"cleanxml", "mwt"}, reverse=True), *sorted(_TREES)))
    if unknown := asked - _TOKENS - _TREES - _OTHERS:
        raise RefusedError(f"annotator {min(unknown)[:40]}: unknown; this server has {have}")
    missing = sorted(asked & _OTHERS)
    if missing and not asked & _TREES:
        raise RefusedError(f"annotator {', '.join(missing)}: not available; this server has {have}")
    return asked


def _ends(properties: Mapping[str, str]) -> str:
    one, lines = flag(properties, "ssplit.isOneSentence"), flag(properties, "ssplit.eolonly")
    breaks = properties.get("ssplit.newlineIsSentenceBreak", "").strip().lower()
    if breaks not in ("", *_BREAKS):
        raise RefusedError(
            f"ssplit.newlineIsSentenceBreak is {breaks[:40]}, expected {' or '.join(_BREAKS)}"
        )
    if one:
        return ONE
    return LINES if lines else NEWLINES if breaks == "always" else FREE


def _seconds(timeout: str) -> float:
    if not (timeout := timeout.strip()):
        return TIMEOUT
    if not _NUMBER.fullmatch(timeout):
        raise RefusedError(f"timeout is {timeout[:40]}, expected milliseconds")
    return max(float(timeout), 1.0) / 1000  # infinite, if it has hundreds of digits
