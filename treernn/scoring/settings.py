"""What is asked for when tables are scored: how to read them, and how to score and write them.

Plain values, which can be sent to any process; nothing here imports a model.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from treernn.scoring.entries import Detail
from treernn.scoring.rows import MAX_CHARACTERS, Rows, open_rows

if TYPE_CHECKING:
    from treernn.scoring.lexicon.entries import Lexicon


@dataclass(frozen=True, slots=True)
class TableOptions:
    """How the table in a file is read.

    Attributes:
        column: contains the texts.
        input_format, max_chars, encoding, delimiter: as ``open_rows`` takes them.
    """

    column: str = "text"
    input_format: str | None = None
    max_chars: int = MAX_CHARACTERS
    encoding: str | None = None
    delimiter: str | None = None

    @contextlib.contextmanager
    def open(
        self,
        path: str | os.PathLike[str],
        reserved: Sequence[str] = (),
        yielding: Sequence[str] = (),
    ) -> Iterator[Rows]:
        """Open a file, or with ``-`` standard input, for one reading, see ``open_rows``."""
        limits = self.max_chars, reserved, self.encoding, self.delimiter, yielding
        with open_rows(path, self.column, self.input_format, *limits) as rows:
            yield rows


@dataclass(frozen=True, slots=True)
class Settings:
    """How rows are scored and written.

    Attributes:
        model, device, parser, precision, newline_ends_sentence: as for ``treernn.load``.
        lexicon: of one domain, as for ``Scorer``.
        format, columns, prefix, detail: a key of ``formats.FORMATS``, and as for its ``Writer``;
            ``columns`` and some of ``detail`` are known when a table is open.
    """

    model: str
    device: str
    parser: str
    precision: str
    format: str
    columns: tuple[str, ...] | None = None
    prefix: str = ""
    detail: Detail = field(default_factory=Detail)
    newline_ends_sentence: bool = False
    lexicon: Lexicon | None = None
