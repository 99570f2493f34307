"""The folder of an unfinished job: its record, its finished parts, and nothing of anybody else.

The name of a part has its number, its number of failed rows, and a checksum of these, its content
and the record of its job. So a part that is cut, changed or of another job is found, and is scored
again. In a folder with anything else nothing is changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from treernn.errors import InputError, one_line
from treernn.files import atomic_write, short_name, temporary_left, temporary_path
from treernn.locks import LOCK, locked
from treernn.scoring.records import check_same, read_record
from treernn.stores import Place
from treernn.stores import Stored as InStore

RECORD = "job.json"

_PART = re.compile(r"part-([0-9]{6,9})-([0-9]{1,9})-[0-9a-f]{32}")
_TEMPORARY = re.compile(rf"\.(?:{re.escape(RECORD)}|{_PART.pattern})\.[0-9a-f]{{8}}\.part")


class Stored(NamedTuple):
    """A part in the folder.

    Attributes:
        path: its file.
        failed: number of its rows with an error.
    """

    path: Path
    failed: int


class Parts:
    """The parts of a job, and of earlier runs of it.

    Args:
        folder: has files of this module only.
        record: see ``open_parts``.
    """

    def __init__(self, folder: Path, record: str) -> None:
        self.folder, self._record = folder, record.encode()
        self._earlier: dict[int, list[Path]] = {}
        for path in _entries(folder):
            if match := _PART.fullmatch(path.name):
                self._earlier.setdefault(int(match[1]), []).append(path)

    def find(self, number: int) -> Stored | None:
        """The part of an earlier run; None if there is none, or not as it was written."""
        for path in self._earlier.get(number, []):
            failed = int(path.name.split("-")[2])
            with contextlib.suppress(OSError):
                if path.name == self._name(number, failed, path.read_bytes()):
                    return Stored(path, failed)
        return None

    def write(self, number: int, failed: int, data: bytes) -> Path:
        """Write a part; returns its file."""
        path = self.folder / self._name(number, failed, data)
        with atomic_write(path) as temporary:
            temporary.write_bytes(data)
        return path

    def remove(self) -> None:
        """Remove the folder of a finished job."""
        # Renamed first: a folder with some parts removed would look like an unfinished job.
        finished = self.folder.rename(temporary_path(self.folder))
        _remove(finished)
        if finished.exists():  # somebody has put something into it
            finished.rename(self.folder)

    def _name(self, number: int, failed: int, data: bytes) -> str:
        name = f"part-{number:06}-{failed}"
        digest = hashlib.sha256(b"%s\0%s\0" % (self._record, name.encode()))
        digest.update(data)
        return f"{name}-{digest.hexdigest()[:32]}"


class _PartsInStore(Parts):
    """The same in an object store, with copies on this machine, which are joined at the end.

    Args:
        store: the folder.
        folder: of the copies, empty.
        record: see ``open_parts``.

    Raises:
        InputError: the store cannot be read.
    """

    def __init__(self, store: InStore, folder: Path, record: str) -> None:
        self._store = store
        try:
            for each in self._earlier_ones():
                each.download(folder / each.name)
        except OSError as error:
            raise InputError(f"{store}: cannot be read ({one_line(error)})") from None
        super().__init__(folder, record)

    def write(self, number: int, failed: int, data: bytes) -> Path:
        path = super().write(number, failed, data)
        with atomic_write(self._store / path.name) as temporary:
            temporary.write_bytes(data)
        return path

    def remove(self) -> None:
        with contextlib.suppress(OSError):  # what is left is of no harm
            for each in self._earlier_ones():
                each.unlink(missing_ok=True)

    def _earlier_ones(self) -> list[InStore]:
        return [each for each in self._store.iterdir() if _PART.fullmatch(each.name)]


def parts_of(out: Place) -> Place:
    """The folder of the job that writes the file ``out``: ``OUT.parts`` beside it."""
    return out.with_name(f"{short_name(out.name)}.parts")


@contextlib.contextmanager
def open_parts(
    folder: Place, record: Mapping[str, Any], resume: bool = False, renew: bool = False
) -> Iterator[Parts]:
    """Open the folder of a job; it is locked meanwhile.

    An object store has no locks, and a part of another job is known by its name: there ``resume``
    and ``renew`` are always meant.

    Args:
        folder: existing or not, see ``parts_of``.
        record: plain values: all that the content of ``out`` depends on. Without an ``input size``
            the input was a stream, whose job always starts again.
        resume: continue a job that was killed, if there is one.
        renew: with ``resume``, start again where that job had another record.

    Raises:
        InputError: there is an unfinished job that is not to be resumed, or has another record, or
            runs; or the folder has files that are not of a job; or it cannot be written.
    """
    if isinstance(folder, InStore):
        with tempfile.TemporaryDirectory() as here:
            yield _PartsInStore(folder, Path(here), json.dumps(record, sort_keys=True))
        return
    _check_ours(folder)
    with locked(folder):
        for left in temporary_left(folder):  # by a job that was killed at its very end
            if left.is_dir() and not left.is_symlink():
                _remove(left)
        for path in _check_ours(folder):
            if _TEMPORARY.fullmatch(path.name):
                path.unlink()
        text = json.dumps(record, sort_keys=True)
        _start_or_resume(folder, json.loads(text), resume, renew)
        yield Parts(folder, text)


def _start_or_resume(folder: Path, record: Mapping[str, Any], resume: bool, renew: bool) -> None:
    """Write the record of a new job, or check that the folder is of this job."""
    path = folder / RECORD
    if path.exists():
        again = f"remove {folder} to start again"
        earlier = read_record(path, again)
        if "input size" in earlier:
            if not resume:
                raise InputError(
                    f"{folder}: an unfinished job; continue it with --resume, or remove it to "
                    "start again"
                )
            if not renew:
                check_same(str(folder), earlier, record, "remove it to start again")
            if earlier == record:
                return
        # Of a stream, which cannot be resumed, or of another job. The record last: parts without
        # one are of nobody.
        for left in reversed(_entries(folder)):
            if left.name != LOCK:
                left.unlink()
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def _check_ours(folder: Path) -> list[Path]:
    """The files of a folder, which are all of this module; none if there is no folder.

    Raises:
        InputError: some are not; or it is no folder, or has parts of an unknown job.
    """
    try:
        if not stat.S_ISDIR(folder.lstat().st_mode):
            raise InputError(f"{folder}: expected a folder of parts; move it away")
        entries = _entries(folder)
        for path in entries:
            _check_entry(path)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({error.strerror})") from None
    if any(_PART.fullmatch(path.name) for path in entries) and folder / RECORD not in entries:
        problem = f"has parts but no {RECORD}, so it is unknown of what; remove it to start again"
        raise InputError(f"{folder}: {problem}")
    return entries


def _check_entry(path: Path) -> None:
    known = path.name in (RECORD, LOCK) or _PART.fullmatch(path.name)
    if not known and not _TEMPORARY.fullmatch(path.name):
        raise InputError(f"{path.parent}: has {path.name}, which no job wrote; move it away")
    with contextlib.suppress(FileNotFoundError):  # a temporary file of a job that runs
        if not stat.S_ISREG(path.lstat().st_mode):
            raise InputError(f"{path}: no file, so no job wrote it; move it away")


def _remove(folder: Path) -> None:
    """Remove what is of this module, and the folder if there is nothing else."""
    with contextlib.suppress(OSError):
        for path in _entries(folder):
            if path.name in (RECORD, LOCK) or _PART.fullmatch(path.name):
                path.unlink()
        folder.rmdir()
