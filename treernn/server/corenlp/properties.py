r"""The map of properties in a request, which is not JSON: clients send ``str`` of a dictionary,
JSON, or ``key=value``.

A map has entries between ``,`` or ``;``, perhaps in brackets. An entry is a key, one of ``:``
``=`` ``=>`` ``->``, and a value. Keys and values may be in quotes of either kind, within which a
backslash escapes as in Python and JSON; a value may be a list, whose items are joined. An entry
without a value belongs to the value before it, if neither has quotes: ``annotators=parse,ner``.
As by CoreNLP, anything else is refused; it would not mean what its writer thought.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NoReturn

from treernn.server.problems import RefusedError

_CLOSING = {"{": "}", "[": "]", "(": ")"}
_DELIMITER = re.compile(r"\s*(?:=>|->|[:=])\s*")
_SEPARATORS = re.compile(r"[\s,;]*")
_SPACE = re.compile(r"\s*")
_BARE_KEY = re.compile(r"(?:(?!=>|->)[^:=,;])+")
_BARE_VALUE = re.compile(r"[^,;]*")
_QUOTED = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""", re.DOTALL)
_QUOTES = re.compile("[\"']")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_SHORT = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "a": "\a", "v": "\v", "0": "\0"}
_LAST = 0x10FFFF
_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0", "")


def decode_map(text: str) -> dict[str, str]:
    """The entries of a map.

    Args:
        text: the map.

    Raises:
        RefusedError: it is none.

    >>> decode_map("{'annotators': 'tokenize,parse', 'ssplit.eolonly': True}")
    {'annotators': 'tokenize,parse', 'ssplit.eolonly': 'True'}
    >>> decode_map("annotators=>tokenize,parse;outputFormat->json")
    {'annotators': 'tokenize,parse', 'outputFormat': 'json'}
    """
    text = _without_brackets(text.strip())
    entries: dict[str, str] = {}
    last = None  # the key of an entry to which words may be added
    at = _after(_SEPARATORS, text, 0)
    while at < len(text):
        start = at
        quoted = _QUOTED.match(text, at)
        key, at = (_unescaped(quoted), quoted.end()) if quoted else _bare(_BARE_KEY, text, at)
        delimiter = _DELIMITER.match(text, at)
        if delimiter is not None:
            plain = text[delimiter.end() : delimiter.end() + 1] not in ("'", '"', *_CLOSING)
            entries[key], at = _value(text, delimiter.end())
            last = key if plain else None
        elif last is None or quoted:
            _refuse("a key has no value", text, start)
        else:
            entries[last] = f"{entries[last]},{key}"
        at = _end(text, at)
    return entries


def flag(properties: Mapping[str, str], name: str) -> bool:
    """Whether a property says yes; it says no if it is not there.

    Raises:
        RefusedError: it says neither.

    >>> [flag({"a": value}, "a") for value in ("True", "false", "")]
    [True, False, False]
    """
    value = properties.get(name, "").strip().lower()
    if value not in (*_TRUE, *_FALSE):
        raise RefusedError(f"{name} is {_start(value, 0)}, expected true or false")
    return value in _TRUE


def _without_brackets(text: str) -> str:
    closing = _CLOSING.get(text[:1])
    if closing is None:
        return text
    if len(text) == 1 or text[-1] != closing:
        _refuse(f"there is no {closing} at the end", text, 0)
    return text[1:-1]


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _bare(pattern: re.Pattern[str], text: str, at: int) -> tuple[str, int]:
    """A key or a value without quotes."""
    match = pattern.match(text, at)
    found = match.group().strip() if match else ""
    if not match or not found:
        _refuse("a key or a value is missing", text, at)
    if _QUOTES.search(found):
        _refuse("quotes are not around a whole key or value", text, at)
    return found, match.end()


def _value(text: str, at: int) -> tuple[str, int]:
    if quoted := _QUOTED.match(text, at):
        return _unescaped(quoted), quoted.end()
    if text[at : at + 1] in ("[", "("):
        return _list(text, at + 1, _CLOSING[text[at]])
    if text[at : at + 1] == "{":
        _refuse("a value is a map", text, at)
    return _bare(_BARE_VALUE, text, at)


def _end(text: str, at: int) -> int:
    """Where the next entry begins; an entry ends here."""
    at = _after(_SPACE, text, at)
    if at < len(text) and text[at] not in ",;":
        _refuse("a value has something behind it", text, at)
    return _after(_SEPARATORS, text, at)


def _list(text: str, at: int, closing: str) -> tuple[str, int]:
    """The items of a list, joined by commas."""
    items: list[str] = []
    start = at - 1
    while at < len(text) and text[at] != closing:
        if text[at] in ",;" or text[at].isspace():
            at += 1
        elif quoted := _QUOTED.match(text, at):
            items.append(_unescaped(quoted))
            at = _after(_SPACE, text, quoted.end())
            if text[at : at + 1] not in ("", ",", ";", closing):
                _refuse("an item of a list has something behind it", text, at)
        else:
            first = at
            while at < len(text) and text[at] not in f",;{closing}":
                at += 1
            item = text[first:at].strip()
            if _QUOTES.search(item) or item[0] in _CLOSING:
                _refuse("an item of a list is no text", text, first)
            items.append(item)
    if at == len(text):
        _refuse(f"a list has no {closing} at its end", text, start)
    return ",".join(items), at + 1


def _refuse(problem: str, text: str, at: int) -> NoReturn:
    raise RefusedError(
        f"properties: {problem}: {_start(text, at)}; expected a map such as "
        '{"annotators": "sentiment"}'
    )


def _start(text: str, at: int) -> str:
    return f"{text[at : at + 30]}…" if len(text) > at + 30 else text[at:] or "nothing"


def _unescaped(quoted: re.Match[str]) -> str:
    content = quoted[1] if quoted[1] is not None else quoted[2] or ""
    if "\\" not in content:
        return content
    plain = _ESCAPE.sub(_character, content)
    # JSON writes an emoji as two escapes, which are halves of one character.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code is not None:
        return chr(min(int(code, 16), _LAST))
    return _SHORT.get(match[4], match[4])
