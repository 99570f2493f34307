"""An output folder: where the result of each input lies, and which are finished.

Beside the results lies a folder ``_treernn``, whose name readers of data sets ignore:

    job.json             the record of the job, the same for all processes that share the folder
    done/2024/a.csv.parquet.json
                         the record of a finished result: its input, its rows
    parts/2024/a.csv/    finished parts of a large input, see ``scoring.parts``

A result is renamed to its name when it is complete, then its record is written: a process that is
killed in between writes it once more, byte for byte the same.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from treernn import strict_json
from treernn.errors import DataError, InputError
from treernn.files import atomic_write, remove_temporary, short_name, temporary_path
from treernn.outputs import cannot_write, folder_of
from treernn.scoring.formats import ending_of
from treernn.scoring.records import check_same, read_record

STATE = "_treernn"


class Done(NamedTuple):
    """A finished result.

    Attributes:
        rows, failed: number of rows, and of those with an error.
    """

    rows: int
    failed: int


@dataclass(frozen=True, slots=True)
class OutputFolder:
    """Where results lie, by the names of inputs (``InputFile.name``).

    An engine that cuts an input into fragments writes a file for each: ``fragment`` is its number
    from 0, and the result of the input is a folder of them. None: the input is scored as a whole.

    Attributes:
        folder: the output folder.
        ending: of the names of results, such as ``.parquet``.
        resumed: whether an earlier run may have been killed while it wrote.
    """

    folder: Path
    ending: str
    resumed: bool = False

    def path(self, name: str, fragment: int | None = None) -> Path:
        """The file with the result of an input, or of a fragment of it."""
        whole = self.folder / f"{name}{self.ending}"
        return whole if fragment is None else whole / f"part-{fragment:06}{self.ending}"

    def parts(self, name: str) -> Path:
        """The folder of finished parts of an input that is not finished."""
        return self._short(self.folder / STATE / "parts" / name)

    def done(
        self, name: str, source: Mapping[str, Any], fragment: int | None = None
    ) -> Done | None:
        """What is known of a finished result; None if it is not there as it was written, or its
        input was another one.

        Args:
            name, fragment: as for ``path``.
            source: of the input, see ``job.input_record``.
        """
        try:
            record = strict_json.read(self._record(name, fragment), 1 << 16)
            if record.get("input") != {**source}:
                return None
            if self.path(name, fragment).stat().st_size != record["size"]:
                return None
            return Done(int(record["rows"]), int(record["failed"]))
        except (OSError, DataError, AttributeError, KeyError, TypeError, ValueError):
            return None

    def note_done(
        self, name: str, source: Mapping[str, Any], done: Done, fragment: int | None = None
    ) -> None:
        """Note that a result is finished, which is written already; arguments as for ``done``."""
        path = self.path(name, fragment)
        try:
            size = path.stat().st_size
        except OSError as error:
            raise cannot_write(path, error) from None
        record = {"input": {**source}, "size": size, "rows": done.rows, "failed": done.failed}
        with atomic_write(self._record(name, fragment)) as temporary:
            temporary.write_text(json.dumps(record) + "\n", "ascii")

    def remove_temporary(self, name: str) -> None:
        """Remove what a killed process has left beside a result of this name."""
        if self.resumed:
            for path in (self.path(name), self._record(name, None)):
                remove_temporary(path)

    def exists(self, name: str) -> bool:
        """Whether there is a result of an input, finished or not."""
        return os.path.lexists(self.path(name)) or os.path.lexists(self.parts(name))

    def _record(self, name: str, fragment: int | None) -> Path:
        done = self.folder / STATE / "done"
        path = self._short(done / self.path(name, fragment).relative_to(self.folder))
        return path.with_name(f"{path.name}.json")

    def _short(self, path: Path) -> Path:
        return path.with_name(short_name(path.name))


def check_names(names: Iterable[str], format: str) -> None:
    """Check that inputs of these names have results in different places.

    Raises:
        InputError: the result of one would be the folder of another.
    """
    names = [*names]
    results = {f"{name}{ending_of(format)}" for name in names}
    for name in names:
        for parent in Path(name).parents:
            if parent.as_posix() in results:
                raise InputError(
                    f"{parent.as_posix()}: would be the result of one input, and the folder of "
                    f"that of {name}; score them separately"
                )


def open_output(
    folder: str | os.PathLike[str],
    format: str,
    record: Mapping[str, Any],
    names: Iterable[str],
    resume: bool = False,
) -> OutputFolder:
    """Open the output folder of a job, or make it.

    Several processes, also on several machines, may do so at the same moment.

    Args:
        folder: existing or not.
        format: of results, a key of ``formats.FORMATS``.
        record: plain values, all that results depend on but the content of their inputs; so also
            the folder that these have in common, as another one has other files of the same names.
        names: of the inputs of this process.
        resume: whether some may have results already.

    Raises:
        InputError: the folder is of another job, or has results of these inputs without
            ``resume``, or that no job wrote; or it cannot be written.
    """
    output = OutputFolder(folder_of(folder), ending_of(format), resume)
    names = [*names]
    path = output.folder / STATE / "job.json"
    started = path.exists()
    if not (started and resume):
        for name in names:
            if output.exists(name):
                what = "continue with --resume, or write elsewhere"
                what = what if started else "no job of this folder wrote it; move it away"
                raise InputError(f"{output.path(name)}: is there already; {what}")
    record = json.loads(json.dumps(record))
    if not started:
        _write_once(path, json.dumps(record, indent=1) + "\n")
    again = "write to another folder"
    check_same(os.fspath(folder), _read(path, again), record, again)
    return output


def _read(path: Path, again: str) -> dict[str, Any]:
    """The record of a job, which another process may be about to write, see ``_write_once``."""
    for _ in range(20):
        with contextlib.suppress(InputError):
            return read_record(path, again)
        time.sleep(0.05)
    return read_record(path, again)


def _write_once(path: Path, text: str) -> None:
    """Write a file unless another process has just written it; nobody sees a part of it, but for an
    instant where the file system has no hard links."""
    temporary = temporary_path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, "utf-8")
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without hard links
            with contextlib.suppress(FileExistsError), path.open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise cannot_write(path, error) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
