"""Score a table part by part, and resume a job that was killed.

Beside ``OUT`` a folder ``OUT.parts`` has a file for each finished part and ``job.json``, which
records what is scored and how. The parts are joined into ``OUT``, and the folder is removed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import treernn
from treernn.errors import InputError
from treernn.files import atomic_write, remove_temporary
from treernn.models.pretrained import PARSER, sentiment_folder
from treernn.parsing import PARSERS
from treernn.scoring.entries import Detail
from treernn.scoring.formats import FORMATS
from treernn.scoring.rows import Chunk, score_chunk
from treernn.scoring.scorer import Scorer
from treernn.scoring.tabular import Writer
from treernn.workers import Map

PART_ROWS, PART_CHARACTERS = 512, 200_000
"""Limits of a part, see ``rows.gather``: some seconds of work."""


@dataclass(frozen=True, slots=True)
class Part:
    """Scored rows, encoded for a file.

    Attributes:
        data: empty for a part of an earlier run.
        rows, failed: number of rows, and of those with an error.
        fraction: of the table up to the end of the part, 0 to 1.
        errors: of the failed rows; empty for a part of an earlier run.
    """

    data: bytes
    rows: int
    failed: int
    fraction: float
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """How to score; calling it scores a chunk in any process.

    It is pickled without the models, which each process loads on its first call.

    Attributes:
        model, device, parser, precision, newline_ends_sentence: as for ``treernn.load``.
        format, columns, prefix, detail: a key of ``FORMATS``, and as for its ``Writer``.
    """

    model: str
    device: str
    parser: str
    precision: str
    format: str
    columns: tuple[str, ...] | None
    prefix: str
    detail: Detail = field(default_factory=Detail)
    newline_ends_sentence: bool = False

    def __call__(self, chunk: Chunk) -> Part:
        """See ``score_part``."""
        return score_part(*_scorer_and_writer(self), chunk)


@cache
def _scorer_and_writer(settings: Settings) -> tuple[Scorer, Writer]:
    s = settings
    scorer = treernn.load(s.model, s.device, s.parser, s.precision, s.newline_ends_sentence)
    return scorer, FORMATS[s.format](scorer.classifier, s.columns, s.prefix, s.detail)


def score_part(scorer: Scorer, writer: Writer, chunk: Chunk) -> Part:
    """Score a chunk and encode it; independent of other chunks."""
    scored = score_chunk(scorer.score_many, chunk)
    errors = tuple(error for error in scored.errors if error is not None)
    return Part(writer.encode(scored), len(chunk.rows), len(errors), chunk.fraction, errors)


def run(
    out: Path,
    record: Mapping[str, Any],
    chunks: Iterable[Chunk],
    score: Callable[[Chunk], Part],
    join: Callable[[Sequence[Path], Path], None],
    resume: bool = False,
    map: Map = map,
) -> Iterator[Part]:
    """Score all chunks into a file.

    Args:
        out: the file; an existing one is replaced when all is finished.
        record: plain values: all that the content of ``out`` depends on.
        chunks: the same in each run of the job.
        score: makes a part of a chunk.
        join: makes one file of the files of all parts.
        resume: continue a job that was killed, if there is one.
        map: applies ``score`` to chunks, in order; see ``workers.parallel_map``.

    Returns:
        Each part when it is finished, including those of earlier runs.

    Raises:
        InputError: there is an unfinished job that is not to be resumed, or has another record; or
            a file cannot be written.
    """
    folder = out.with_name(f"{out.name}.parts")
    if out.is_dir():
        raise InputError(f"{out}: cannot be written, it is a folder")
    finished = out.with_name(f".{out.name}.parts")
    _start_or_resume(folder, record, resume)
    remove_temporary(out)
    shutil.rmtree(finished, ignore_errors=True)
    # The name of a part has its number and its number of failed rows.
    earlier = {int(path.name.split("-")[1]): path for path in folder.glob("part-*")}
    parts: list[Path] = []
    remaining = iter(chunks)
    for chunk in remaining:
        path = earlier.get(len(parts))
        if path is None:
            remaining = chain((chunk,), remaining)
            break
        parts.append(path)
        yield Part(b"", len(chunk.rows), int(path.name.split("-")[2]), chunk.fraction)
    for part in map(score, remaining):
        path = folder / f"part-{len(parts):06}-{part.failed}"
        with atomic_write(path) as temporary:
            temporary.write_bytes(part.data)
        parts.append(path)
        yield part
    with atomic_write(out) as temporary:
        join(parts, temporary)
    # Renamed first: a folder with some parts removed would look like an unfinished job.
    folder.rename(finished)
    shutil.rmtree(finished, ignore_errors=True)


def _start_or_resume(folder: Path, record: Mapping[str, Any], resume: bool) -> None:
    """Make the folder of a job, or check that it is of this job."""
    path = folder / "job.json"
    try:
        earlier = json.loads(path.read_bytes())
    except FileNotFoundError:
        with atomic_write(path) as temporary:
            temporary.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
        return
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error}), remove {folder}") from None
    if "input size" not in earlier:  # the input was a stream, so it cannot be resumed
        shutil.rmtree(folder)
        return _start_or_resume(folder, record, resume)
    if not resume:
        raise InputError(
            f"{folder}: an unfinished job; continue it with --resume, or remove it to start again"
        )
    now = json.loads(json.dumps(record))
    for name in {**earlier, **now}:
        if earlier.get(name) != now.get(name):
            raise InputError(
                f"{folder}: started with another {name} ({earlier.get(name)}, now "
                f"{now.get(name)}); remove it to start again"
            )


def job_record(path: str | None, settings: Settings, **options: str | int | None) -> dict[str, Any]:
    """All that the output of a job depends on, so that only the same job is resumed.

    ``path`` is None for a stream, whose job cannot be resumed.
    """
    record: dict[str, Any] = {"treernn": treernn.__version__}
    if path is not None:
        status = os.stat(path)
        record["input"] = os.path.abspath(path)
        record |= {"input size": status.st_size, "input time": status.st_mtime_ns}
    models = {"model": sentiment_folder(settings.model), "embedded parser": PARSER}
    if settings.parser not in PARSERS:
        models["parser's folder"] = Path(settings.parser)
    record |= asdict(settings) | options
    return record | {name: _digest(folder) for name, folder in models.items()}


def _digest(folder: Path) -> str:
    """A short checksum of a model folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix in (".json", ".safetensors", ".txt"):
            digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]
