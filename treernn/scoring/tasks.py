"""Scored texts as tasks for people who label them, in the formats of annotation tools.

The tasks are sorted: first those of whose class the model is least sure, which teach it most
(uncertainty sampling: Lewis and Gale 1994). A part of a job has a line for each task, which begins
with that probability, so that memory does not grow with the texts: three numbers are kept of each.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from treernn.scoring.tabular import Writer, json_row
from treernn.tables.source import open_sink
from treernn.types import LABELS

if TYPE_CHECKING:
    from treernn.scoring.result import Result
    from treernn.scoring.rows import Scored
    from treernn.scoring.sentence import Phrase, Sentence
    from treernn.scoring.target import Target

_BLOCK = 4096
"""Tasks that are in memory at once when they are sorted."""

_NEUTRAL = LABELS.index("neutral")


class Labelled(NamedTuple):
    """A part of a text with the class that the model gives it.

    Attributes:
        text: the part.
        start, end: its half-open range of characters.
        label: its class.
        certainty: the probability of the class.
    """

    text: str
    start: int
    end: int
    label: str
    certainty: float


class Tasks(Writer):
    """An output format of tasks; rows with an error are left out.

    Attributes:
        before, after, last: of a file: before the first task, after each, and at the end.
        alone: whether the only sentence of a text is a part to be labelled too.
    """

    whole = True
    before: ClassVar[str] = ""
    after: ClassVar[str] = "\n"
    last: ClassVar[str] = "\n"

    alone: ClassVar[bool] = True

    def task(
        self, result: Result, row: int, values: Mapping[str, Any], parts: Sequence[Labelled] | None
    ) -> dict[str, Any]:
        """The task of a text.

        Args:
            result: of the text, with something to score.
            row: its number in the table.
            values: other columns of the row.
            parts: of the text, to be labelled too; None: the text alone is labelled.
        """
        raise NotImplementedError

    def parts(self, result: Result, target: Target | None) -> Sequence[Labelled] | None:
        """The parts of a text that are labelled: what it is asked about, or sentences and phrases;
        None if it is the text alone."""
        if self.detail.targets is not None:
            return [_labelled(target)] if target is not None else []
        level = self.detail.level
        return None if level == "review" else spans(result, level, self.alone)

    def encode(self, scored: Scored) -> bytes:
        """See ``Writer``."""
        lines = []
        for index, (values, result, _) in enumerate(scored.rows()):
            if result is not None and result.scored:
                others = {k: v for k, v in values.items() if k != self.detail.column}
                row, parts = (
                    scored.chunk.first + index,
                    self.parts(result, scored.targets.get(index)),
                )
                task = json_row(self.task(result, row, others, parts))
                lines.append(f"{certainty(result):.9f}\t{task}\n")
        return "".join(lines).encode()

    def join(self, parts: Sequence[Path], out: Path, compression: str = "") -> None:
        """See ``Writer``."""
        with open_sink(out, compression) as file:
            file.write(self.before.encode())
            between = b""
            for line in _sorted(parts, self.detail.least_sure):
                file.write(between + line)
                between = self.after.encode()
            file.write(self.last.encode() if between or self.before else b"")


def certainty(result: Result | Sentence | Phrase | Target) -> float:
    """The probability of the class."""
    return max(result.probabilities or (0.0,))


def whole(result: Result) -> Labelled:
    """A whole text."""
    return Labelled(result.text, 0, len(result.text), str(result.label), certainty(result))


def spans(result: Result, level: str, alone: bool = True) -> list[Labelled]:
    """The parts of a text that are shown to people, in the order of the text.

    Args:
        result: of the text.
        level: ``sentence``, or ``phrase``: sentences, and phrases with an opinion that is of
            another class than the phrase around them.
        alone: whether the only sentence of a text is shown too.
    """
    found: list[Labelled] = []
    for sentence in result.sentences:
        phrases = [*sentence.phrases()]
        shown = {len(phrases) - 1} if alone or len(result.sentences) > 1 else set()
        if level == "phrase":
            shown |= _standing_out(sentence)
        places = {(phrases[node].start, phrases[node].end): phrases[node] for node in sorted(shown)}
        found += map(_labelled, places.values())
    return sorted(found, key=lambda each: (each.start, -each.end))


def _labelled(part: Phrase | Target) -> Labelled:
    return Labelled(part.text, part.start, part.end, part.label, certainty(part))


def _standing_out(sentence: Sentence) -> set[int]:
    """Nodes with an opinion of another class than the node above."""
    from treernn.classes import label_places

    labels = sentence.tree.labels
    opinions = label_places(sentence.distributions, 3).tolist()
    num_words = len(sentence.tree.words)
    return {
        child
        for parent, children in enumerate(sentence.tree.children, num_words)
        for child in children
        if _NEUTRAL not in (opinions[child], labels[child]) and labels[child] != labels[parent]
    }


def beside(values: Mapping[str, Any], taken: Sequence[str]) -> dict[str, Any]:
    """Columns of a table beside fields of ours: the name of one that is taken gets a ``_``."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        while name in taken or name in found:
            name += "_"
        found[name] = value
    return found


def _sorted(parts: Sequence[Path], limit: int) -> Iterator[bytes]:
    """The tasks of some parts, the least sure first, at most so many; 0: all."""
    import numpy as np

    keys, numbers, offsets = array("d"), array("q"), array("q")
    for number, part in enumerate(parts):
        with part.open("rb") as file:
            offset = 0
            for line in file:
                keys.append(float(line[: line.index(b"\t")]))
                numbers.append(number)
                offsets.append(offset)
                offset += len(line)
    order = np.argsort(np.frombuffer(keys, "d") if keys else np.empty(0), kind="stable")
    order = order[: limit or None]
    for first in range(0, len(order), _BLOCK):
        block = order[first : first + _BLOCK].tolist()
        lines: dict[int, bytes] = {}
        for number, of_part in groupby(sorted(block), numbers.__getitem__):
            with parts[number].open("rb") as file:
                for each in of_part:
                    file.seek(offsets[each])
                    lines[each] = file.readline().rstrip(b"\n").partition(b"\t")[2]
        yield from (lines[each] for each in block)
