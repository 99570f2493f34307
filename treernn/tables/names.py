"""Names of columns, which people write in any case and with blanks around them."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from treernn.errors import DataWarning


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


def distinct(columns: Sequence[str], file: str) -> tuple[str, ...]:
    """The names of columns, each once: those that are there twice are numbered.

    So neither column is lost, and none is taken for the other. A ``DataWarning`` says so.

    Args:
        columns: in order.
        file: its name, for the warning.

    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     distinct(["id", "text", "id"], "a.csv")
    ('id (1)', 'text', 'id (2)')
    """
    twice = {name for name, number in Counter(columns).items() if number > 1}
    if not twice:
        return tuple(columns)
    used = set(columns)

    def numbered(name: str) -> Iterator[str]:
        for number in count(1):
            if (new := f"{name} ({number})") not in used:
                used.add(new)
                yield new

    new_names = {name: numbered(name) for name in twice}
    named = tuple(next(new_names[name]) if name in twice else name for name in columns)
    first = next(name for name in columns if name in twice)
    new = [new for name, new in zip(columns, named, strict=True) if name == first]
    others = f", and {len(twice) - 1} other names likewise" if len(twice) > 1 else ""
    warnings.warn(
        f"{file}: {len(new)} columns are called {first!r}, named {new[0]!r} to {new[-1]!r}{others}",
        DataWarning,
        stacklevel=2,
    )
    return named
