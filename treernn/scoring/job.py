"""Long jobs: a table is scored part by part, and one that was killed goes on where it was.

Beside ``OUT`` a folder ``OUT.parts`` holds a file for each part that is done, each written whole,
and ``job.json``, which says what is being done. When all parts are there they are put together;
only then is there an ``OUT``, and the folder goes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import treernn
from treernn.errors import InputError
from treernn.files import sweep, whole_file
from treernn.models.pretrained import PARSER, sentiment_folder
from treernn.parsing import PARSERS
from treernn.scoring import formats
from treernn.scoring.formats import Writer
from treernn.scoring.rows import Chunk
from treernn.scoring.scored import score_chunk
from treernn.scoring.scorer import Scorer
from treernn.workers import Map

ROWS, CHARACTERS = 512, 200_000
"""What a part of a job holds at most, see ``rows.gather``: some seconds of work."""


@dataclass(frozen=True, slots=True)
class Part:
    """Scored rows as they go into a file.

    Attributes:
        data: empty for a part that was there already.
        rows: how many.
        bad: how many of them have an error.
        fraction: of the table up to the end of the part, 0 to 1.
        errors: of each bad row; none for a part that was there already.
    """

    data: bytes
    rows: int
    bad: int
    fraction: float
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """``process`` for other processes: it is pickled without a model, which each of them loads
    when it first needs it.

    Attributes:
        model, device, parser, precision: as for ``treernn.load``.
        format, columns, prefix: as for ``formats.writer``.
    """

    model: str
    device: str
    parser: str
    precision: str
    format: formats.OutputFormat
    columns: tuple[str, ...] | None
    prefix: str

    def __call__(self, chunk: Chunk) -> Part:
        """Score a chunk."""
        return process(*_tools(self), chunk)


@cache
def _tools(work: Work) -> tuple[Scorer, Writer]:
    scorer = treernn.load(work.model, work.device, work.parser, work.precision)
    return scorer, formats.writer(work.format, scorer, work.columns, work.prefix)


def process(scorer: Scorer, writer: Writer, chunk: Chunk) -> Part:
    """Score a chunk: all the work that chunks can do apart from one another."""
    scored = score_chunk(scorer.score_many, chunk)
    errors = tuple(error for error in scored.errors if error is not None)
    return Part(writer.encode(scored), len(chunk.rows), len(errors), chunk.fraction, errors)


def run(
    out: Path,
    job: Mapping[str, Any],
    chunks: Iterable[Chunk],
    process: Callable[[Chunk], Part],
    join: Callable[[Sequence[Path], Path], None],
    resume: bool = False,
    each: Map = map,
) -> Iterator[Part]:
    """Score all chunks into a file.

    Args:
        out: the file, replaced if it is there; whole or not there at all.
        job: what is being done, plain values: all on which the content of ``out`` depends.
        chunks: the same ones in every run of the job.
        process: makes a part of a chunk.
        join: makes one file of the files of all parts.
        resume: go on with what a killed run has left, if it has left anything.
        each: applies ``process`` to chunks, in order; see ``workers.started``.

    Returns:
        Each part when it is done, those that were done before among them.

    Raises:
        InputError: there are parts of a job, and it is not to be resumed or is another one;
            or a file cannot be written.
    """
    folder = out.with_name(f"{out.name}.parts")
    if out.is_dir():
        raise InputError(f"{out}: cannot be written, it is a folder")
    done = out.with_name(f".{out.name}.parts")
    _claim(folder, job, resume)
    sweep(out)
    shutil.rmtree(done, ignore_errors=True)
    # The names of parts tell their number and how many of their rows are bad.
    there = {int(path.name.split("-")[1]): path for path in folder.glob("part-*")}
    parts: list[Path] = []
    rest = iter(chunks)
    for chunk in rest:
        path = there.get(len(parts))
        if path is None:
            rest = chain((chunk,), rest)
            break
        parts.append(path)
        yield Part(b"", len(chunk.rows), int(path.name.split("-")[2]), chunk.fraction)
    for part in each(process, rest):
        path = folder / f"part-{len(parts):06}-{part.bad}"
        with whole_file(path) as fresh:
            fresh.write_bytes(part.data)
        parts.append(path)
        yield part
    with whole_file(out) as fresh:
        join(parts, fresh)
    # Away in one step: a folder from which parts are gone would be taken for an unfinished job.
    folder.rename(done)
    shutil.rmtree(done, ignore_errors=True)


def _claim(folder: Path, job: Mapping[str, Any], resume: bool) -> None:
    """Make the folder for a job, or see that it is of this job."""
    record = folder / "job.json"
    try:
        before = json.loads(record.read_bytes())
    except FileNotFoundError:
        with whole_file(record) as fresh:
            fresh.write_text(json.dumps(job, indent=1) + "\n", "utf-8")
        return
    except (OSError, ValueError) as error:
        raise InputError(f"{record}: cannot be read ({error}), remove {folder}") from None
    if "input size" not in before:  # it came from a stream, nobody can go on with it
        shutil.rmtree(folder)
        return _claim(folder, job, resume)
    if not resume:
        raise InputError(
            f"{folder}: an unfinished job; go on with --resume, or remove it to start anew"
        )
    now = json.loads(json.dumps(job))
    for name in {**before, **now}:
        if before.get(name) != now.get(name):
            raise InputError(
                f"{folder}: begun with another {name} ({before.get(name)}, now {now.get(name)}); "
                "remove it to start anew"
            )


def joiner(
    format: formats.OutputFormat, writer: Writer, columns: Sequence[str] | None, prefix: str
) -> Callable[[Sequence[Path], Path], None]:
    """What makes one file of the parts in this format."""
    if format is not formats.OutputFormat.parquet:
        return lambda parts, out: formats.join(parts, writer, out)
    from treernn.scoring import arrow

    return lambda parts, out: arrow.join(parts, columns or (), prefix, out)


def describe(path: str | None, model: str, **options: str | int | None) -> dict[str, Any]:
    """What a job does, so that another job can be told from it.

    Args:
        path: the file that is scored; None for a stream, and its job cannot be resumed.
        model: as for ``treernn.load``.
        options: all else on which the output depends.
    """
    job: dict[str, Any] = {"treernn": treernn.__version__}
    if path is not None:
        found = os.stat(path)
        job["input"] = os.path.abspath(path)
        job |= {"input size": found.st_size, "input time": found.st_mtime_ns}
    models = {"model": sentiment_folder(model), "embedded parser": PARSER}
    parser = options.get("parser")
    if isinstance(parser, str) and parser not in PARSERS:
        models["parser's folder"] = Path(parser)
    return job | options | {name: _digest(folder) for name, folder in models.items()}


def _digest(folder: Path) -> str:
    """Of a model folder, short."""
    found = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix in (".json", ".safetensors", ".txt"):
            found.update(f"{path.name}\0{path.stat().st_size}\0".encode())
            with path.open("rb") as file:
                found.update(hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()[:16]
