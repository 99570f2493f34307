r"""The map of properties in a request, which is not JSON: clients send ``str`` of a dictionary,
JSON, or ``key=value``.

A map has entries between ``,`` or ``;``, perhaps in brackets. An entry is a key, one of ``:``
``=`` ``=>`` ``->``, and a value. Keys and values may be in quotes of either kind, within which a
backslash escapes as in Python and JSON; a value may be a list, whose items are joined. An entry
without a value belongs to the value before it: ``annotators=tokenize,parse``.
"""

from __future__ import annotations

import re

_CLOSING = {"{": "}", "[": "]", "(": ")"}
_DELIMITER = re.compile(r"\s*(?:=>|->|[:=])\s*")
_SEPARATOR = re.compile(r"[\s,;]*[,;][\s,;]*")
_SPACE = re.compile(r"[\s]*")
_BARE_KEY = re.compile(r"(?:(?!=>|->)[^:=,;])+")
_BARE_VALUE = re.compile(r"[^,;]*")
_QUOTED = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_SHORT = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "a": "\a", "v": "\v", "0": "\0"}
_LAST = 0x10FFFF


def decode_map(text: str) -> dict[str, str]:
    """The entries of a map.

    Args:
        text: any text; what cannot be understood is a value or a key as it stands.

    >>> decode_map("{'annotators': 'tokenize,parse', 'ssplit.eolonly': True}")
    {'annotators': 'tokenize,parse', 'ssplit.eolonly': 'True'}
    >>> decode_map("annotators=>tokenize,parse;outputFormat->json")
    {'annotators': 'tokenize,parse', 'outputFormat': 'json'}
    """
    text = _without_brackets(text.strip())
    entries: dict[str, str] = {}
    last = None
    at = 0
    while at < len(text):
        between = _SEPARATOR.match(text, at) or _SPACE.match(text, at)
        at = between.end() if between else at
        if at >= len(text):
            break
        key, at = _key(text, at)
        delimiter = _DELIMITER.match(text, at)
        if delimiter is None:
            if last is not None:
                entries[last] = f"{entries[last]},{key}"
            following = _SEPARATOR.search(text, at)
            at = following.start() if following else len(text)
            continue
        entries[key], at = _value(text, delimiter.end())
        last = key
    return entries


def is_true(value: str | None) -> bool:
    """Whether the value of a property says yes.

    >>> is_true("True"), is_true("false"), is_true(None)
    (True, False, False)
    """
    return value is not None and value.strip().lower() in ("true", "yes", "1")


def _without_brackets(text: str) -> str:
    closing = _CLOSING.get(text[:1])
    return text if closing is None else text[1:].removesuffix(closing)


def _key(text: str, at: int) -> tuple[str, int]:
    if quoted := _QUOTED.match(text, at):
        return _unescaped(quoted), quoted.end()
    bare = _BARE_KEY.match(text, at)
    if bare is None:  # a delimiter without a key
        return "", at
    return bare.group().strip(), bare.end()


def _value(text: str, at: int) -> tuple[str, int]:
    if quoted := _QUOTED.match(text, at):
        return _unescaped(quoted), quoted.end()
    if text[at : at + 1] in ("[", "("):
        return _list(text, at + 1, _CLOSING[text[at]])
    bare = _BARE_VALUE.match(text, at)
    found = bare.group() if bare else ""
    return found.strip(), at + len(found)


def _list(text: str, at: int, closing: str) -> tuple[str, int]:
    """The items of a list, joined by commas; ends at its bracket, or with the text."""
    items: list[str] = []
    while at < len(text) and text[at] != closing:
        if text[at] in ",; \t\r\n":
            at += 1
        elif quoted := _QUOTED.match(text, at):
            items.append(_unescaped(quoted))
            at = quoted.end()
        else:
            start = at
            while at < len(text) and text[at] not in f",;{closing}":
                at += 1
            items.append(text[start:at].strip())
    return ",".join(items), at + 1


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
