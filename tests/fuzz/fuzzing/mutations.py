"""Changes of valid inputs: of bytes, of texts, of JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

Value = TypeVar("Value")

NUMBERS = (
    *("0", "-1", "1", "127", "128", "255", "256", "32767", "65536", "2147483647", "2147483648"),
    *("-2147483649", "4294967296", "9223372036854775807", "9223372036854775808", "1" + "0" * 30),
    *("9" * 400, "9" * 5000, "1e30", "1e308", "1e309", "-1e309", "1e-320", "NaN", "Infinity"),
    *("-Infinity", "-0", "0.5", "1.0", "3e38", "3.5e38", "nan", "inf", "0x10", "1_000", "٣", "²"),
)
"""Numbers that programs have failed on."""

PIECES = (
    *("\0", "\x1b[31m", "\x1b]0;x\x07", "\x07", "\x08", "\x7f", "\x85", "\x9b31m", "\r", "\n"),
    *("\r\n", "\t", "\v", "\f", "\u2028", "\u2029", "\xa0", "\u3000", "\ufeff", "\ufffe", "\u200b"),
    *("\u200d", "\u202e", "\u2066", "\u2069", "\xad", "\u0300" * 30, "\ud800", "\udfff", "\udc80"),
    *(
        "\U0010ffff",
        "\U000e0041",
        "😀",
        "👨\u200d👩\u200d👧",
        "🇬🇧",
        "é",
        "e\u0301",
        "ﬁ",
        "ß",
        "İ",
        "ı",
    ),
    *(
        "ﷺ",
        "مرحبا",
        "你好",
        "日本語",
        "हिन्दी",
        "Ω",
        "½",
        "①",
        "㍿",
        '"',
        "'",
        "\\",
        "`",
        "``",
        "''",
    ),
    *("(", ")", "[", "]", "{", "}", "<", ">", "&", "&amp;", "&#0;", "&#x110000;", "&#1", "&nbsp"),
    *(
        "<br>",
        "<br/>",
        "<!--",
        "-->",
        "<b x",
        "</",
        "<script>alert(1)</script>",
        "<a href='",
        "]]>",
    ),
    *(
        "a@",
        "a@b.c",
        "http://",
        "https://x.y/z?q=(",
        "www.",
        "@you",
        "#tag",
        "#TwoWords",
        ":-)",
        ":(",
    ),
    *(
        "...",
        "…",
        "!!!",
        "?!",
        "--",
        "-",
        "*",
        "_",
        "**",
        "~~",
        "# ",
        "> ",
        "1. ",
        "=1+1",
        "+1",
        "-1",
    ),
    *(
        ",",
        ";",
        "|",
        ":",
        "/",
        "//",
        "%",
        "%s",
        "{0}",
        "${x}",
        "../",
        "C:\\",
        "|sentiment=1|prob=0.5",
    ),
    *("-LRB-", "-RRB-", "\\/", "(3 good)", "(S (NP (PRP It)))", "null", "true", "n't", "'s", "not"),
)
"""Characters and strings that programs have failed on."""

WORDS = tuple(
    "the a this film movie it is was not never no n't very really good great bad awful terrible "
    "wonderful boring but and or although I loved hated it's isn't don't can't plot acting actors "
    "director of in with to for on . . . , , ! ? ; : - \" ' ( ) like as just too so only 10 1999 "
    "Mr. U.S. e.g. etc. worst best ever sooo goood LOVE NOT dissapointing definately".split()
)


def hostile_text(random: Random, longest: int = 40) -> str:
    """A text of words, with some of ``PIECES`` among them."""
    rate = random.choice((0.0, 0.05, 0.3, 0.9))
    parts = []
    for _ in range(random.randint(1, longest)):
        piece = random.choice(PIECES if random.random() < rate else WORDS)
        if random.random() < 0.02:
            piece *= random.choice((2, 5, 50, 300))
        parts.append(piece)
        if random.random() < 0.85:
            parts.append(" ")
    return "".join(parts)


def mutate_bytes(random: Random, data: bytes, most: int = 4) -> bytes:
    """Flip, cut, repeat, move, insert: a few times."""
    for _ in range(random.randint(1, most)):
        data = random.choice(_CHANGES)(random, data)
    return data


def mutate_text(random: Random, text: str, most: int = 4) -> str:
    """The same for a text."""
    for _ in range(random.randint(1, most)):
        at, end = _range(random, len(text))
        match random.randrange(6):
            case 0:
                text = text[:at] + random.choice(PIECES) + text[at:]
            case 1:
                text = text[:at] + text[end:]
            case 2:
                text = text[:end] + text[at:end] * random.choice((1, 2, 20)) + text[end:]
            case 3:
                text = text[:at] + random.choice(PIECES) + text[end:]
            case 4:
                text = text[:at]
            case _:
                text = replace_number(random, text.encode("utf-8", "surrogatepass")).decode(
                    "utf-8", "surrogatepass"
                )
    return text


def _range(random: Random, size: int) -> tuple[int, int]:
    start = random.randint(0, size)
    return start, min(size, start + random.choice((1, 1, 2, 4, 8, 30)))


def _flip(random: Random, data: bytes) -> bytes:
    if not data:
        return b"\0"
    at = random.randrange(len(data))
    byte = data[at] ^ (1 << random.randrange(8))
    return (
        data[:at] + bytes([random.choice((byte, 0, 255, random.randrange(256)))]) + data[at + 1 :]
    )


def _cut(random: Random, data: bytes) -> bytes:
    start, end = _range(random, len(data))
    return data[:start] if random.random() < 0.4 else data[:start] + data[end:]


def _repeat(random: Random, data: bytes) -> bytes:
    start, end = _range(random, len(data))
    return data[:end] + data[start:end] * random.choice((1, 2, 10, 200)) + data[end:]


def _move(random: Random, data: bytes) -> bytes:
    start, end = _range(random, len(data))
    at = random.randint(0, len(data))
    return data[:at] + data[start:end] + data[at:]


def _insert(random: Random, data: bytes) -> bytes:
    at = random.randint(0, len(data))
    piece = random.choice(PIECES).encode("utf-8", "surrogatepass")
    return data[:at] + random.choice((piece, random.randbytes(4), b"\xff\xfe", b"\x80")) + data[at:]


def replace_number(random: Random, data: bytes) -> bytes:
    """Replace one of the numbers that are written in decimal digits."""
    starts = [
        at
        for at in range(len(data))
        if 48 <= data[at] <= 57 and not (at and 48 <= data[at - 1] <= 57)
    ]
    if not starts:
        return data
    start = end = random.choice(starts)
    while end < len(data) and 48 <= data[end] <= 57:
        end += 1
    return data[:start] + random.choice(NUMBERS).encode() + data[end:]


_CHANGES: Sequence[Callable[[Random, bytes], bytes]] = (
    *(_flip, _flip, _cut, _repeat, _move, _insert, replace_number),
)


def hostile_value(random: Random) -> Any:
    """A value that JSON can hold, or that Python's JSON writes."""
    match random.randrange(12):
        case 0:
            return None
        case 1:
            return random.choice((True, False))
        case 2:
            return random.choice(
                (0, -1, 1, 2, 255, 2**31, 2**63, -(2**63) - 1, 10**9, 10**30, 10**400)
            )
        case 3:
            return random.choice((0.0, -0.0, 0.5, 1.5, 1e-300, 1e308, float("nan"), float("inf")))
        case 4:
            return random.choice(
                ("", "a", "0", "float32", "../secret/file", "/dev/zero", "x" * 300)
            )
        case 5:
            return hostile_text(random, 4)
        case 6:
            return [hostile_value(random) for _ in range(random.randint(0, 3))]
        case 7:
            return {hostile_text(random, 2): hostile_value(random)}
        case 8:
            return nested(random.choice((3, 50, 400)))
        case 9:
            return [[]] * random.randint(1, 3)
        case 10:
            return [random.choice((0, 1, -1, 10**9, 0.5, "a", None))] * random.randint(1, 5)
        case _:
            return {}


def nested(depth: int) -> Any:
    """Lists in lists."""
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


def mutate_json(random: Random, value: Any, most: int = 2) -> Any:
    """A copy with some values replaced, removed or doubled."""
    value = json.loads(json.dumps(value))
    for _ in range(random.randint(1, most)):
        holder, key = random.choice([*_places(value)] or [(None, None)])
        if holder is None:
            return hostile_value(random)
        match random.randrange(6):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder[hostile_text(random, 2)] = holder.pop(key)
            case 2 if isinstance(holder, list):
                holder.insert(key, holder[key])
            case 3 if isinstance(holder, dict):
                holder[random.choice([*holder])] = holder[key]
            case _:
                holder[key] = hostile_value(random)
    return value


def _places(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    pending = [value]
    while pending:
        each = pending.pop()
        if not isinstance(each, dict | list):
            continue
        for key in each if isinstance(each, dict) else range(len(each)):
            found.append((each, key))
            pending.append(each[key])
    return found


def json_bytes(random: Random, value: Any) -> bytes:
    """JSON of a value, now and then damaged as bytes, deep or with a key twice."""
    data = json.dumps(value, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")
    match random.randrange(12):
        case 0:
            return mutate_bytes(random, data)
        case 1:
            depth = random.choice((10, 1_000, 100_000))
            return data.replace(b"1", b"[" * depth, 1) if random.random() < 0.5 else b"[" * depth
        case 2:
            return data.decode("utf-8", "replace").encode(random.choice(("utf-16", "utf-8-sig")))
        case 3:
            return replace_number(random, data)
    return data
