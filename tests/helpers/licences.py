"""``make licences``: the licence of every package that treernn or one of its extras installs.

As the packages' own metadata name them, those that are installed: the versions of
``constraints.txt``, on this system.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_FOR_DEVELOPERS = {"test", "lint", "docs"}
_TEXT = """\
# Licences

`make licences` writes this table: the packages that treernn and its extras install with Python 3.11
on Linux, and the licence that each names. Only the extra `stanza` installs packages under the GPL.
What is part of treernn itself is in [NOTICE](../NOTICE).

| package | licence | needed by |
| --- | --- | --- |
"""


def main(path: str) -> None:
    """Write the document."""
    extras = distribution("treernn").metadata.get_all("Provides-Extra", [])
    users = needed([extra for extra in extras if extra not in _FOR_DEVELOPERS])
    rows = (f"| {name} | {licence(name)} | {', '.join(users[name])} |\n" for name in sorted(users))
    Path(path).write_text(_TEXT + "".join(rows), "utf-8")


def needed(extras: Sequence[str] = ()) -> dict[str, list[str]]:
    """The packages that are installed with these extras, and which of the extras need each:
    ``treernn`` if it needs the package itself."""
    itself = _closure("")
    users = {name: ["treernn"] for name in itself}
    for extra in extras:
        for name in _closure(extra) - itself:
            users.setdefault(name, []).append(extra)
    return users


def licence(name: str) -> str:
    """The licence that a package names in its metadata.

    Raises:
        ValueError: it names none.
    """
    about = distribution(name).metadata
    kinds = [line.split(" :: ") for line in about.get_all("Classifier", [])]
    named = [kind[-1] for kind in kinds if kind[0] == "License" and len(kind) > 2]
    text = about.get("License-Expression") or ", ".join(named) or about.get("License") or ""
    if not text.strip():
        raise ValueError(f"{name} names no licence")
    return text.strip().splitlines()[0]


def _closure(extra: str) -> set[str]:
    """All packages that treernn with an extra needs, and those that they need."""
    found: set[tuple[str, str]] = set()
    waiting = [("treernn", extra)]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += _requirements(*one)
    return {name for name, _ in found} - {"treernn"}


def _requirements(name: str, extra: str) -> Iterator[tuple[str, str]]:
    try:
        lines = distribution(name).requires or []
    except PackageNotFoundError:
        raise SystemExit(f"{name} is not installed") from None
    for line in lines:
        wanted = Requirement(line)
        if wanted.marker is None or wanted.marker.evaluate({"extra": extra}):
            for each in ("", *wanted.extras):
                yield canonicalize_name(wanted.name), each


if __name__ == "__main__":
    main(sys.argv[1])
