"""Run the cases of a target, count what they end in, and keep those that fail."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from fuzzing.case import Case, Target
from fuzzing.guard import Hang, watched
from treernn.errors import DataWarning, TreernnError

KEPT = 5
"""Failures of a target that are kept; a run of it ends then."""


class Failure(NamedTuple):
    """A case that failed: its target, why, in one line, and its files."""

    target: str
    number: int
    problem: str
    trace: str
    case: Case


class Place:
    """A folder in memory, where cases have their files."""

    def __init__(self, root: Path) -> None:
        self.root, self.folder, self.secret = root, root / "case", root / "secret"
        self.secret.mkdir()
        (self.secret / "file").write_text("secret")

    def fill(self, case: Case) -> None:
        """Write the files of a case, without those of the one before."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for name, content in case.items():
            path = self.folder / name
            if "/" in name:
                path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def check(self, case: Case, may_write: bool) -> None:
        """Check that nothing was left beside the case, nor in it, unless it may write there."""
        assert sorted(os.listdir(self.root)) == ["case", "secret"], "a file beside the case"
        if not may_write:
            tops = {name.partition("/")[0] for name in case}
            assert set(os.listdir(self.folder)) <= tops, "a file was left in the case"


@contextlib.contextmanager
def new_place() -> Iterator[Place]:
    """A place in memory, if the machine has one."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=memory) as root:
        before = Path.cwd()
        os.chdir(root)
        try:
            yield Place(Path(root).resolve())
        finally:
            os.chdir(before)


@cache
def prepare(target: Target) -> None:
    """Load what a target needs, once in a process."""
    target.prepare()


def make(target: Target, number: int) -> Case:
    """Case ``number`` of a target."""
    return target.make(Random(f"{target.name} {number}"))


def run_case(target: Target, case: Case, place: Place) -> str:
    """Run a case; returns the kind of its result or the class of its error.

    Raises:
        BaseException: what is neither.
    """
    place.fill(case if target.on_disk else {})
    temporary, tempfile.tempdir = tempfile.tempdir, str(place.folder)
    try:
        with warnings.catch_warnings(), watched(place.folder, place.secret):
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", DataWarning)
            result = target.run(case, place.folder)
    except TreernnError as error:
        check_message(error)
        result = type(error).__name__
    finally:
        tempfile.tempdir = temporary
    place.check(case, target.may_write)
    return result


def check_message(error: TreernnError) -> None:
    """Check that an error is one line of reasonable length."""
    message = str(error)
    assert message.strip(), "an error without a message"
    assert len(message.splitlines()) == 1, f"an error of several lines: {message!r}"
    assert len(message) <= 2_000, f"a message of {len(message)} characters: {message[:200]}"


def run(target: Target, numbers: Iterable[int], place: Place) -> tuple[Counter[str], list[Failure]]:
    """Run cases of a target; ends early after ``KEPT`` failures."""
    prepare(target)
    counts: Counter[str] = Counter()
    failures: list[Failure] = []
    for number in numbers:
        case = make(target, number)
        try:
            counts[run_case(target, case, place)] += 1
        except (Exception, Hang, SystemExit) as error:
            failures.append(failure(target, number, case, error))
            counts["FAILED"] += 1
            if len(failures) == KEPT:
                break
    return counts, failures


def failure(target: Target, number: int, case: Case, error: BaseException) -> Failure:
    """What to keep of a case that failed."""
    line = " ".join(str(error).split())[:300]
    trace = "".join(traceback.format_exception(error, limit=-12))
    return Failure(target.name, number, f"{type(error).__name__}: {line}", trace, case)


def keep(failed: Failure, folder: Path) -> Path:
    """Write a failed case into a folder of its own below ``folder``."""
    path = folder / f"{failed.target}-{failed.number}"
    shutil.rmtree(path, ignore_errors=True)
    for name, content in failed.case.items():
        file = path / "case" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (path / "target.json").write_text(json.dumps(failed.target))
    (path / "traceback.txt").write_text(failed.trace, errors="backslashreplace")
    return path


def kept(path: Path) -> tuple[str, Case]:
    """The target and the files of a case that was kept."""
    files = path / "case"
    names = [each for each in sorted(files.rglob("*")) if each.is_file()]
    case = {each.relative_to(files).as_posix(): each.read_bytes() for each in names}
    return json.loads((path / "target.json").read_text()), case
