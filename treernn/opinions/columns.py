"""What other columns say of a review: when it was written, what it is about, how many stars it has.

Values come from files of all formats and from data frames: texts, numbers, dates. A value that is
missing is None, one that cannot be read an ``Unread``, never an error.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from treernn.printing import printable

FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Dates outside are slips, and would make a chart of centuries."""

_LONGEST = 60  # characters of a value that are kept
_HIGHEST = 1e9  # beyond, numbers are no ratings, and sums of them not finite
_MISSING = frozenset(["", "nan", "nat", "none", "null", "n/a", "<na>", "-", "nil"])
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_YEAR_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})")
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?:[ T].*)?")
_DAY_MONTH = re.compile(
    r"(?:\w+,? )?(\d{1,2})(?:st|nd|rd|th)?[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4}).*"
)
_MONTH_DAY = re.compile(r"(?:\w+,? )?([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4}).*")
_SECONDS = range(100_000_000, 10_000_000_000)  # since 1970, those of 1973 to 2286
_STARS = re.compile(r"[★⭐]\ufe0f?")
_OF = re.compile(r"([-+]?\d+(?:[.,]\d+)?)\s*(?:/|out of|of)\s*(\d+)(?:\s*stars?)?", re.I)
_NUMBER = re.compile(r"([-+]?\d+(?:[.,]\d+)?)\s*(?:stars?)?", re.I)


class Unread(NamedTuple):
    """A value that is there and cannot be read.

    Attributes:
        value: its beginning.
    """

    value: str


def group_of(value: Any) -> str | None:
    """The name of a group; None if it is missing.

    >>> group_of(" Canon G3 "), group_of(7.0), group_of(None)
    ('Canon G3', '7', None)
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # pandas makes floats of integers where one is missing
    text = printable(str(value))
    return None if _is_missing(value) or not text else text[:_LONGEST].rstrip()


def date_of(value: Any) -> date | Unread | None:
    """The day: of a date or time, of ISO 8601, of words, or of seconds since 1970.

    Dates like 3/4/2024, which are March or April, are not read.

    >>> date_of("2024-03-04T23:59:00Z"), date_of("March 4, 2024"), date_of("2024-03")
    (datetime.date(2024, 3, 4), datetime.date(2024, 3, 4), datetime.date(2024, 3, 1))
    >>> date_of(1709510400), date_of(""), date_of("yesterday")
    (datetime.date(2024, 3, 4), None, Unread(value='yesterday'))
    """
    return _read(value, _day)


def rating_of(value: Any) -> float | Unread | None:
    """The number: also of ``4/5``, ``4 out of 5``, ``4 stars``, ``4,5`` and ``★★★★``.

    >>> rating_of("4.5"), rating_of("4 out of 5"), rating_of("★★★☆☆"), rating_of("so so")
    (4.5, 4.0, 3.0, Unread(value='so so'))
    """
    return _read(value, _number)


def _read(value: Any, parse: Callable[[Any], Any]) -> Any:
    if _is_missing(value):
        return None
    try:
        found = parse(value)
    except (ValueError, OverflowError, TypeError, OSError):
        found = None
    return Unread(printable(str(value)[: 2 * _LONGEST])[:_LONGEST]) if found is None else found


def _is_missing(value: Any) -> bool:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return str(value)[:_LONGEST].strip().lower() in _MISSING


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        found: date | None = value.date()
    elif isinstance(value, date):
        found = value
    elif isinstance(value, bool):
        found = None
    elif isinstance(value, int | float):
        found = _of_number(value)
    else:
        found = _of_text(str(value)[:200].strip())
    return found if found and FIRST_YEAR <= found.year <= LAST_YEAR else None


def _of_number(value: float) -> date | None:
    if value == int(value) and FIRST_YEAR <= value <= LAST_YEAR:
        return date(int(value), 1, 1)
    if value == int(value) and 10_000_000 < value < _SECONDS.start:  # 20240304
        return datetime.strptime(str(int(value)), "%Y%m%d").replace(tzinfo=UTC).date()
    for unit in (1, 1_000, 1_000_000, 1_000_000_000):
        if int(value // unit) in _SECONDS:
            return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value / unit)).date()
    return None


def _of_text(text: str) -> date | None:
    if text.isdecimal() and text.isascii():
        return _of_number(int(text))
    if match := _YEAR_MONTH.fullmatch(text):
        return date(int(match[1]), int(match[2]), 1)
    if match := _YEAR_FIRST.fullmatch(text):
        return date(*map(int, match.groups()))
    for pattern, day, month in ((_DAY_MONTH, 1, 2), (_MONTH_DAY, 2, 1)):
        if (match := pattern.fullmatch(text)) and (name := match[month][:3].lower()) in _MONTHS:
            return date(int(match[3]), _MONTHS.index(name) + 1, int(match[day]))
    # Arrow's fractions have nine digits, and a space before the name of a zone.
    text = re.sub(r"(\.\d{6})\d+", r"\1", re.sub(r"(?<=\d) ?UTC$", "Z", text))
    return datetime.fromisoformat(text).date()


def _number(value: Any) -> float | None:
    found = _any_number(value)
    return found if found is not None and abs(found) <= _HIGHEST else None


def _any_number(value: Any) -> float | None:
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    text = str(value)[:200].strip()
    if stars := len(_STARS.findall(text)):
        return float(stars) if not re.search(r"[^★⭐☆\s\ufe0f]", text) else None
    match = _OF.fullmatch(text) or _NUMBER.fullmatch(text)
    return float(match[1].replace(",", ".")) if match else None
