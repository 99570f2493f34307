"""Score many inputs on this machine, each into a file of its own.

Large inputs are scored one after the other, their parts shared among the processes. Small ones are
given to the processes as a whole: so no process waits for the end of a file that is smaller than
what it scores at a time.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from treernn.errors import (
    DataError,
    DataWarning,
    InputError,
    MissingDataError,
    MissingPackageError,
    StorageError,
    one_line,
)
from treernn.scoring import job
from treernn.scoring.folders.inputs import LARGE_FILE, InputFile
from treernn.scoring.folders.output import Done, OutputFolder
from treernn.scoring.formats import added_columns
from treernn.scoring.settings import Settings, TableOptions
from treernn.scoring.table import PartScorers, open_to_score, writer_of
from treernn.stores import Stored, place
from treernn.workers import Map

PROBLEMS = (InputError, DataError, MissingDataError, MissingPackageError)
"""What is wrong with an input; other errors, and ``StorageError``, end the job."""


class Ended(NamedTuple):
    """An input that is finished, or has failed.

    Attributes:
        file: the input.
        done: its rows; None if it has failed.
        problem: why; empty if it has not.
        earlier: whether an earlier run has scored it.
        notes: what is to be said of how it was read.
        own: added columns that it has itself, see ``Detail.own``.
        errors: of rows, where the format has no column for them.
    """

    file: InputFile
    done: Done | None
    problem: str = ""
    earlier: bool = False
    notes: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


class Step(NamedTuple):
    """Something that is scored.

    Attributes:
        rows: how many.
        earlier: whether an earlier run has scored them.
        fraction: of all inputs up to now, by bytes.
        ended: the input that ended here, if one did.
    """

    rows: int
    earlier: bool
    fraction: float
    ended: Ended | None = None


@dataclass(frozen=True, slots=True)
class FolderJob:
    """What is scored, and where to; calling it scores an input as a whole, in any process.

    Attributes:
        options: how inputs are read.
        settings: how they are scored, without the columns of a table.
        output: where results lie.
        record: of the job, as for ``open_output``.
        scorers: see ``table.part_scorers``.
    """

    options: TableOptions
    settings: Settings
    output: OutputFolder
    record: Mapping[str, Any]
    scorers: PartScorers

    def __call__(self, file: InputFile) -> Ended:
        """Score an input as a whole, unless it is done."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", DataWarning)
            *_, ended = _steps(self, file, None)
        assert isinstance(ended, Ended)
        for each in caught:
            if not issubclass(each.category, DataWarning):
                warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
        notes = dict.fromkeys(str(w.message) for w in caught if issubclass(w.category, DataWarning))
        return ended._replace(notes=tuple(notes))


def score_inputs(folder: FolderJob, files: Sequence[InputFile], map: Map = map) -> Iterator[Step]:
    """Score inputs, those that an earlier run has scored excepted.

    Args:
        folder: what to do; pickled by ``map``.
        files: the inputs.
        map: see ``workers.parallel_map``.

    Returns:
        What is done, when it is done: large inputs first.

    Raises:
        TreernnError: a process was killed, a model cannot be used, or the disk is full.
    """
    total = sum(file.size for file in files) or 1
    large = [file for file in files if file.size >= LARGE_FILE]
    small = [file for file in files if file.size < LARGE_FILE]
    small.sort(key=lambda file: -file.size)  # so that none is waited for at the end
    size = 0
    for file in large:
        rows = 0
        for step in _steps(folder, file, map):
            if isinstance(step, job.Part):
                rows += step.rows
                yield Step(step.rows, step.earlier, (size + step.fraction * file.size) / total)
            else:
                size += file.size
                left = step.done.rows - rows if step.done else 0
                yield Step(left, True, size / total, step)
    for ended in map(folder, small):
        size += ended.file.size
        yield Step(ended.done.rows if ended.done else 0, ended.earlier, size / total, ended)


def _steps(folder: FolderJob, file: InputFile, map: Map | None) -> Iterator[job.Part | Ended]:
    """The parts of an input, and at last its end.

    Args:
        folder, file: what to do.
        map: over parts that are kept until the input is finished; None: it is scored as a whole.
    """
    own: tuple[str, ...] = ()
    errors: list[str] = []
    told = bool(added_columns(folder.settings.format))
    rows = failed = 0
    try:
        version, source = version_of(file.path), job.input_record(file.path)
        done = folder.output.done(file.name, source)
        if done is not None:
            yield Ended(file, done, earlier=True)
            return
        with open_to_score(file.path, folder.options, folder.settings) as (table, settings):
            own = settings.detail.own
            chunks = table.chunks(job.PART_ROWS, job.PART_CHARACTERS)
            score, join = folder.scorers(settings), writer_of(settings, None).join
            out = folder.output.path(file.name)
            if map is None:
                parts = job.run_whole(out, chunks, score, join)
            else:
                record, kept = {**folder.record, **source}, folder.output.parts(file.name)
                parts = job.run(
                    *(out, record, chunks, score, join), True, map, parts=kept, renew=True
                )
            for part in parts:
                rows += part.rows
                failed += part.failed
                errors += () if told else part.errors
                yield part
        if version_of(file.path) != version:
            raise InputError(f"{file.path}: has changed while it was read; score it once more")
        done = Done(rows, failed)
        folder.output.note_done(file.name, source, done)
    except StorageError:  # which the results of other inputs would meet too
        raise
    except PROBLEMS as error:
        yield Ended(file, None, str(error), own=own)
    else:
        yield Ended(file, done, own=own, errors=tuple(errors))


def version_of(path: str) -> tuple[int, int | str]:
    """Differs where a file was written again."""
    try:
        if isinstance(where := place(path), Stored):
            return where.version()
        status = os.stat(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({one_line(error)})") from None
    return status.st_size, status.st_mtime_ns
