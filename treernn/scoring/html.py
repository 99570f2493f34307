"""Scored rows in a file of HTML, see ``treernn.scoring.page``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from treernn.scoring.page import line, page
from treernn.scoring.tabular import Writer
from treernn.tables.source import open_sink

if TYPE_CHECKING:
    from treernn.scoring.rows import Scored

_LONGEST = 1_000  # characters that are shown of a text that was not scored


class HTML(Writer):
    """A page with a table of all texts; a part is a line of ``line`` for each row."""

    whole = True

    def encode(self, scored: Scored) -> bytes:
        """See ``Writer``."""
        lines = []
        for index, (row, (values, result, error)) in enumerate(
            zip(scored.chunk.rows, scored.rows(), strict=True)
        ):
            text = row.text or values.get(self.detail.column)
            shown = text[:_LONGEST] if isinstance(text, str) else ""
            lines.append(line(result, scored.chunk.first + index, shown, error))
        return "".join(lines).encode()

    def join(self, parts: Sequence[Path], out: Path, compression: str = "") -> None:
        """See ``Writer``."""
        with open_sink(out, compression) as file:
            for piece in page(_lines(parts)):
                file.write(piece.encode())


def _lines(parts: Sequence[Path]) -> Iterator[str]:
    for part in parts:
        with part.open(encoding="utf-8", newline="\n") as file:
            yield from file
