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
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from treernn import strict_json
from treernn.errors import DataError, InputError
from treernn.files import atomic_write, short_name, temporary_below, temporary_path
from treernn.outputs import cannot_write, folder_of
from treernn.scoring.formats import ending_of
from treernn.scoring.records import check_same, read_record
from treernn.stores import Place, is_address, place

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
        folder: the output folder, also one of an object store.
        ending: of the names of results, such as ``.parquet``.
    """

    folder: Place
    ending: str

    def path(self, name: str, fragment: int | None = None) -> Place:
        """The file with the result of an input, or of a fragment of it."""
        return self.folder / self._relative(name, fragment)

    def parts(self, name: str) -> Place:
        """The folder of finished parts of an input that is not finished."""
        return _short(self.folder / STATE / "parts" / name)

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

    def remove_temporary(self, names: Iterable[str]) -> None:
        """Remove what killed processes have left beside results of these names, or of fragments of
        them; only while no process writes these. In an object store they leave nothing."""
        if not isinstance(self.folder, Path):
            return
        ours: set[Place] = set()
        for name in names:
            whole = self._relative(name, None)
            ours |= {self.folder / whole, self.folder / STATE / "done" / whole}  # of fragments
            ours |= {_short(self.folder / whole), _short(self._record(name, None))}
        for temporary, target in temporary_below(self.folder):
            if target in ours or target.parent in ours:
                with contextlib.suppress(OSError):
                    temporary.unlink()

    def taken(self, names: Iterable[str]) -> str | None:
        """The first of some inputs with a result, finished or not."""
        there: Callable[[str], bool] = os.path.lexists
        if not isinstance(self.folder, Path):  # listed once, as each question takes a request
            objects = {str(each) for each, _ in self.folder.walk()}
            folders = {object[:at] for object in objects for at in _slashes(object)}
            there = (objects | folders).__contains__
        for name in names:
            if there(os.fspath(self.path(name))) or there(os.fspath(self.parts(name))):
                return name
        return None

    def _relative(self, name: str, fragment: int | None) -> str:
        whole = f"{name}{self.ending}"
        return whole if fragment is None else f"{whole}/part-{fragment:06}{self.ending}"

    def _record(self, name: str, fragment: int | None) -> Place:
        path = _short(self.folder / STATE / "done" / self._relative(name, fragment))
        return path.with_name(f"{path.name}.json")


def _short(path: Place) -> Place:
    return path.with_name(short_name(path.name))


def _slashes(text: str) -> Iterator[int]:
    return (match.start() for match in re.finditer("/", text))


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
    where = place(folder) if is_address(folder) else folder_of(folder)
    output = OutputFolder(where, ending_of(format))
    names = [*names]
    path = output.folder / STATE / "job.json"
    try:
        started = path.exists()
        taken = None if started and resume else output.taken(names)
    except OSError as error:
        raise cannot_write(output.folder, error) from None
    if taken is not None:
        what = "continue with --resume, or write elsewhere"
        what = what if started else "no job of this folder wrote it; move it away"
        raise InputError(f"{output.path(taken)}: is there already; {what}")
    record = json.loads(json.dumps(record))
    if not started:
        _write_once(path, json.dumps(record, indent=1) + "\n")
    again = "write to another folder"
    check_same(os.fspath(folder), _read(path, again), record, again)
    if started:
        output.remove_temporary(names)
    return output


def _read(path: Place, again: str) -> dict[str, Any]:
    """The record of a job, which another process may be about to write, see ``_write_once``."""
    for _ in range(20):
        with contextlib.suppress(InputError, FileNotFoundError):
            return read_record(path, again)
        time.sleep(0.05)
    return read_record(path, again)


def _write_once(path: Place, text: str) -> None:
    """Write a file unless another process has just written it; nobody sees a part of it, but for an
    instant where the file system has no hard links. In an object store the last one stays, which
    all that read it then compare with their own."""
    if not isinstance(path, Path):
        with atomic_write(path) as temporary:
            temporary.write_text(text, "utf-8")
        return
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
