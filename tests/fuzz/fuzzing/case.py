"""Cases and targets."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

Case = dict[str, bytes]
"""Files by name, which may have folders in it."""


@dataclass(frozen=True)
class Target:
    """A part of treernn that takes input from outside.

    Attributes:
        name: of the target.
        make: a case from random numbers.
        run: run a case, whose files lie in a folder; returns a word for the kind of result.
            An ``AssertionError`` is a failure, and so is any error but a ``TreernnError``.
        quick: cases in a quick run.
        share: of the cases in a long run, relative to other targets.
        on_disk: whether ``run`` reads the files in the folder.
        may_write: whether ``run`` may write in the folder.
        prepare: loads what all cases need, before the first one.
    """

    name: str
    make: Callable[[Random], Case]
    run: Callable[[Case, Path], str]
    quick: int
    share: float = 1.0
    on_disk: bool = True
    may_write: bool = False
    prepare: Callable[[], object] = lambda: None


def options_of(case: Case) -> dict[str, Any]:
    """The options of a case."""
    options: dict[str, Any] = json.loads(case["options"])
    return options


def with_options(case: Case, **options: Any) -> Case:
    """The case with options."""
    return {**case, "options": json.dumps(options).encode()}


def text_of(data: bytes) -> str:
    """A text, which may have lone surrogates."""
    return data.decode("utf-8", "surrogatepass")


def bytes_of(text: str) -> bytes:
    """See ``text_of``."""
    return text.encode("utf-8", "surrogatepass")
