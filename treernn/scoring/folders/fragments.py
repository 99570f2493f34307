"""Large inputs in fragments, which different machines score, each into a file of its own.

An engine plans an input once (``plan``), has its fragments scored (``score_fragment``) anywhere and
in any order, and puts together what has become of them (``ended``). The rows of the files of all
fragments, one after the other, are those of the file that one machine writes, with the same types:
Parquet has its own, and what is read from lines is text. JSON is not cut, as its types may show in
the last row only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from treernn.errors import InputError
from treernn.scoring import job
from treernn.scoring.folders.inputs import InputFile
from treernn.scoring.folders.output import Done
from treernn.scoring.folders.run import PROBLEMS, Ended, FolderJob, version_of
from treernn.scoring.table import open_to_score, writer_of
from treernn.tables.open import format_of

LARGE_INPUT = 1 << 26
"""Bytes of an input that is scored in fragments."""

CUT = ("csv", "tsv", "text", "parquet")
"""Formats of inputs that are scored in fragments."""

MOST_OF_LINES = 16
"""Fragments of a file of lines, for each of which all lines before it are read."""

FRAGMENT_ROWS = 1 << 16
"""Rows of a fragment: minutes of work."""


class Plan(NamedTuple):
    """What is to be known of an input before its fragments are scored.

    Attributes:
        file: the input.
        source, version: see ``job.input_record`` and ``run.version_of``.
        rows: how many.
        cheap: whether rows can be read without those before them.
        ended: the input was finished earlier, or cannot be read.
    """

    file: InputFile
    source: dict[str, Any]
    version: tuple[int, int | str] = (0, 0)
    rows: int = 0
    cheap: bool = True
    ended: Ended | None = None

    def fragments(self, rows: int = FRAGMENT_ROWS) -> list[Fragment]:
        """Fragments of so many rows, at least one; of lines at most ``MOST_OF_LINES``."""
        if not self.cheap:
            rows = max(rows, -(-self.rows // MOST_OF_LINES))
        starts = range(0, max(1, self.rows), rows)
        return [Fragment(self, number, start, start + rows) for number, start in enumerate(starts)]


class Fragment(NamedTuple):
    """Some rows of an input.

    Attributes:
        plan: of the input.
        number: from 0.
        start, stop: its first row, from 0, and the one after its last.
    """

    plan: Plan
    number: int
    start: int
    stop: int


def in_fragments(folder: FolderJob, file: InputFile, large: int = LARGE_INPUT) -> bool:
    """Whether an input is scored in fragments: if it is large, can be cut, and results are
    Parquet."""
    format = folder.options.input_format or format_of(file.name)
    return folder.settings.format == "parquet" and file.size >= large and format in CUT


def plan(folder: FolderJob, file: InputFile) -> Plan:
    """Count the rows of an input."""
    source: dict[str, Any] = {}
    version: tuple[int, int | str] = (0, 0)
    try:
        version = version_of(file.path)
        source = job.input_record(file.path)
        done = folder.output.done(file.name, source)
        if done is not None:
            return Plan(file, source, version, ended=Ended(file, done, earlier=True))
        with open_to_score(file.path, folder.options, folder.settings) as (table, _):
            if table.count is not None:
                return Plan(file, source, version, table.count)
            return Plan(file, source, version, sum(1 for _ in table.rows), cheap=False)
    except PROBLEMS as error:
        return Plan(file, source, version, ended=Ended(file, None, str(error)))


def score_fragment(folder: FolderJob, fragment: Fragment) -> Ended:
    """Score a fragment into its file, unless that is done."""
    plan, number = fragment.plan, fragment.number
    file, source = plan.file, plan.source
    own: tuple[str, ...] = ()
    try:
        done = folder.output.done(file.name, source, number)
        if done is not None:
            return Ended(file, done, earlier=True)
        out = folder.output.path(file.name, number)
        with open_to_score(file.path, folder.options, folder.settings) as (table, settings):
            own = settings.detail.own
            bounds = fragment.start, fragment.stop
            chunks = table.chunks(job.PART_ROWS, job.PART_CHARACTERS, *bounds)
            score, writer = folder.scorers(settings), writer_of(settings, None)
            rows = failed = 0
            for part in job.run_whole(out, chunks, score, writer.join):
                rows += part.rows
                failed += part.failed
        if version_of(file.path) != plan.version:
            raise InputError(f"{file.path}: has changed while it was read; score it once more")
        done = Done(rows, failed)
        folder.output.note_done(file.name, source, done, number)
    except PROBLEMS as error:
        return Ended(file, None, str(error), own=own)
    return Ended(file, done, own=own)


def remove_results(folder: FolderJob, file: InputFile, kept: int = 0) -> None:
    """Remove the files of fragments but the first: those that an input had when it was longer, or
    all of one that cannot be read, which has none on one machine either."""
    place = folder.output.path(file.name)
    known = {folder.output.path(file.name, number) for number in range(kept)}
    if place.is_dir():
        for path in place.iterdir():
            if path.name.startswith("part-") and path not in known:
                path.unlink(missing_ok=True)


def ended(fragments: Sequence[Ended]) -> Ended:
    """What has become of an input, from all of its fragments."""
    first = fragments[0]
    problem = next((each.problem for each in fragments if each.problem), "")
    own = next((each.own for each in fragments if each.own), ())
    if problem:
        return Ended(first.file, None, problem, own=own)
    counts = [each.done for each in fragments if each.done is not None]
    done = Done(sum(each.rows for each in counts), sum(each.failed for each in counts))
    return Ended(first.file, done, earlier=all(each.earlier for each in fragments), own=own)
