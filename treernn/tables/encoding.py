"""Encodings of text: found by the first bytes, and named in errors.

Without a byte order mark text is UTF-8, unless it is clearly UTF-16 or UTF-32.
"""

from __future__ import annotations

import codecs
import re
from os import PathLike
from typing import IO

from treernn.errors import DataError, InputError
from treernn.tables.source import read_bytes

INVALID_BYTE = re.compile("[\udc80-\udcff]")
"""Bytes that are not in the encoding, as ``open_lines`` decodes them."""

_SURROGATE = re.compile("[\ud800-\udfff]")

# With the longer marks first, because that of UTF-16 starts one of UTF-32.
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# What people keep English texts in; more candidates make the guess of short texts worse.
_LIKELY = ["cp1252", "mac_roman", "cp1251", "cp1250", "shift_jis", "gb18030", "big5", "euc_kr"]


def find_encoding(head: bytes) -> str:
    """The encoding of a text with these first bytes.

    >>> find_encoding("né".encode()), find_encoding("née".encode("utf-16-le"))
    ('utf-8-sig', 'utf-16-le')
    """
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding
    if 0 not in head[:4]:
        return "utf-8-sig"
    for encoding, size, byte in (
        ("utf-32-le", 4, 0),
        ("utf-32-be", 4, 3),
        ("utf-16-le", 2, 0),
        ("utf-16-be", 2, 1),
    ):
        units = [head[i : i + size] for i in range(0, len(head) - size + 1, size)]
        ascii = [unit[byte] and not any(unit[:byte] + unit[byte + 1 :]) for unit in units]
        if units and ascii[0] and sum(map(bool, ascii)) > 0.7 * len(units):
            return encoding
    return "utf-8-sig"


def check_encoding(name: str) -> str:
    """The encoding of this name.

    Raises:
        InputError: there is none.
    """
    try:
        "".encode(name)
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        problem = f"no encoding is called {name!r}; examples are utf-8, utf-16, cp1252, latin-1"
        raise InputError(problem) from None
    return "utf-8-sig" if found == "utf-8" else found


def shown(encoding: str) -> str:
    """The name of an encoding for people."""
    if encoding.startswith("utf"):
        return encoding.removesuffix("-sig").upper()
    return encoding


def suggest_encoding(data: bytes) -> str:
    """The most likely encoding of bytes that are not UTF-8.

    >>> suggest_encoding("It’s a café".encode("cp1252"))
    'cp1252'
    """
    try:
        data.decode("cp1252")
        text = True
    except UnicodeDecodeError:
        text = False
    odd = sum(byte >= 0x80 for byte in data)
    if text and (
        4 * odd < len(data) or len(data) < 8
    ):  # English with an accent or a curly quote here and there
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=_LIKELY).best()
    return best.encoding if best else "cp1252" if text else "latin-1"


def not_decodable(encoding: str, data: bytes) -> str:
    """What is wrong with bytes that are not in the encoding, and what to do."""
    if encoding.startswith(("utf-16", "utf-32")):
        return f"not {shown(encoding)}"
    if encoding.startswith("utf-8") and partly_utf8(data):
        return "not UTF-8 throughout, save it as UTF-8"
    suggested = suggest_encoding(data) if encoding.startswith("utf-8") else "utf-8"
    return f"not {shown(encoding)}, try --encoding {suggested}"


def partly_utf8(data: bytes) -> bool:
    """Whether text is UTF-8 but for some bytes; text in other encodings is so by chance only."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(char > "\x7f" for char in text) - bad
    return 2 * good >= max(bad, 1)


def replace_invalid(text: str) -> str:
    """The text with U+FFFD in the place of bytes that are not in the encoding."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def replace_surrogates(text: str) -> str:
    """The text with U+FFFD in the place of characters that no encoding has."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def decode(
    data: bytes, path: str | PathLike[str] | None = None, encoding: str | None = None
) -> str:
    """Decode a text and drop a byte order mark.

    Args:
        data: the bytes.
        path: the file they come from, for errors.
        encoding: default: UTF-8, or what is clearly UTF-16 or UTF-32.

    Raises:
        DataError: a byte is not in the encoding; if it is UTF-8, with its line and column. Or it is
            an archive.
        InputError: there is no such encoding.
    """
    if data.startswith(b"PK\x03\x04") or data[257:262] == b"ustar":
        raise DataError("is an archive, expected a text; unpack it first", path)
    encoding = check_encoding(encoding) if encoding else find_encoding(data[:4096])
    if not encoding.startswith("utf-8"):
        try:
            return data.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            problem = f"not {shown(encoding)} ({error.reason}), save the file as UTF-8"
            raise DataError(problem, path) from None
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        start = data.rfind(b"\n", 0, error.start) + 1
        raise DataError(
            f"byte 0x{data[error.start]:02x} is not UTF-8, save the file as UTF-8",
            path,
            data.count(b"\n", 0, error.start) + 1,
            len(data[start : error.start].decode("utf-8").removeprefix("\ufeff")) + 1,
        ) from None


def read_text(
    source: str | PathLike[str] | IO[bytes] | IO[str], path: str | PathLike[str] | None = None
) -> str:
    """Read a UTF-8 file, or what is clearly UTF-16 or UTF-32.

    Args:
        source: a path or an open file.
        path: the name of an open file, for errors.

    Raises:
        MissingDataError, DataError: see ``read_bytes`` and ``decode``.
    """
    if isinstance(source, str | PathLike):
        return decode(read_bytes(source), source)
    content = source.read()
    return content if isinstance(content, str) else decode(content, path)
