"""Scored rows on standard output, as soon as they are scored."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from treernn.printing import shown_lines
from treernn.scoring.entries import Detail
from treernn.scoring.rows import Chunk

if TYPE_CHECKING:
    from treernn.scoring.job import Part
    from treernn.scoring.scorer import Scorer
    from treernn.scoring.tabular import Writer


def print_parts(parts: Iterable[Part], writer: Writer) -> Iterator[Part]:
    """Print each part as soon as it is scored; on a terminal with hidden characters escaped."""
    stdout = sys.stdout.buffer
    for_people = sys.stdout.isatty()

    def show(data: bytes) -> bytes:
        return shown_lines(data.decode()).encode() if for_people else data

    stdout.write(show(writer.begin))
    between = b""
    for part in parts:
        stdout.write(show(between + part.data))
        stdout.flush()
        between = writer.between
        yield part
    stdout.write(writer.end)


def draw_trees(
    scorer: Scorer,
    chunks: Iterable[Chunk],
    texts: Sequence[str] | None,
    explain: bool,
    detail: Detail,
) -> Iterator[Part]:
    """Draw the trees of each row below a heading, which a single text does not have."""
    from rich.console import Console

    from treernn.scoring.job import Part
    from treernn.scoring.rows import score_chunk
    from treernn.scoring.target_rows import with_targets
    from treernn.views.explanation import explanation_lines
    from treernn.views.result import note_line, result_lines, target_line

    console = Console(width=shutil.get_terminal_size((100, 24)).columns)
    for chunk in chunks:
        scored = with_targets(scorer, score_chunk(scorer.score_many, chunk), detail)
        for number, (row, result) in enumerate(zip(chunk.rows, scored.results, strict=True), 1):
            if texts is None or len(texts) > 1:
                heading = row.place if texts is None else f"{number} of {len(texts)}"
                console.rule(heading, align="left")
            if result is not None:
                console.print(result_lines(result))
                target, note = scored.targets.get(number - 1), scored.notes.get(number - 1)
                if target is not None:
                    console.print(target_line(target))
                elif note is not None:
                    console.print(note_line(note))
                if explain:
                    console.print(explanation_lines(result.explain()))
        errors = tuple(error for error in scored.errors if error is not None)
        yield Part(b"", len(chunk.rows), len(errors), chunk.fraction, errors)
