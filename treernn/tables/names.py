"""Names of columns, which people write in any case and with blanks around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from treernn.errors import InputError


def find_column(columns: Iterable[str], name: str) -> str | None:
    """The column of this name; otherwise the only one that differs in case and blanks alone.

    >>> find_column(["id", " Text"], "text"), find_column(["Text", "TEXT"], "text")
    (' Text', None)
    """
    columns = [*columns]
    if name in columns:
        return name
    alike = [column for column in columns if _plain(column) == _plain(name)]
    return alike[0] if len(alike) == 1 else None


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def check_unique(columns: Iterable[str], name: str) -> None:
    """Raise ``InputError`` if the file ``name`` has two columns of one name."""
    twice = next((column for column, count in Counter(columns).items() if count > 1), None)
    if twice is not None:
        raise InputError(f"{name}: two columns are called {twice!r}, rename one")
