"""Score a table part by part, and resume a job that was killed.

Beside ``OUT`` a folder ``OUT.parts`` has a file for each finished part and ``job.json``, which
records what is scored and how, see ``scoring.parts``. The parts are joined into ``OUT``, and the
folder is removed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from treernn.errors import InputError, one_line
from treernn.files import atomic_write, remove_temporary
from treernn.memory import give_back
from treernn.models.pretrained import PARSER, model_folder, sentiment_folder
from treernn.outputs import open_stream, target_of
from treernn.parsing import PARSERS
from treernn.scoring.parts import open_parts, parts_of
from treernn.scoring.rows import Chunk
from treernn.scoring.tabular import Writer
from treernn.stores import Place, Stored, is_address, place
from treernn.tables.source import open_sink
from treernn.version import __version__
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

    @property
    def earlier(self) -> bool:
        """Whether it is of an earlier run."""
        return not self.data


def run(
    out: Place,
    record: Mapping[str, Any],
    chunks: Iterable[Chunk],
    score: Callable[[Chunk], Part],
    join: Callable[[Sequence[Path], Path], None],
    resume: bool = False,
    map: Map = map,
    parts: Place | None = None,
    renew: bool = False,
) -> Iterator[Part]:
    """Score all chunks into a file.

    Args:
        out: the file; an existing one is replaced when all is finished.
        record, resume, renew: see ``open_parts``.
        chunks: the same in each run of the job.
        score: makes a part of a chunk.
        join: makes one file of the files of all parts.
        map: applies ``score`` to chunks, in order; see ``workers.parallel_map``.
        parts: the folder of finished parts, default ``OUT.parts``.

    Returns:
        Each part when it is finished, including those of earlier runs.

    Raises:
        InputError: as ``open_parts``; or a file cannot be written.
    """
    out = target_of(out)
    with open_parts(parts or parts_of(out), record, resume, renew) as stored:
        if parts is None and isinstance(out, Path):  # else ``OutputFolder.remove_temporary``
            remove_temporary(out)
        paths: list[Path] = []
        remaining = iter(chunks)
        for chunk in remaining:
            earlier = stored.find(len(paths))
            if earlier is None:
                remaining = chain((chunk,), remaining)
                break
            paths.append(earlier.path)
            yield Part(b"", len(chunk.rows), earlier.failed, chunk.fraction)
        for part in map(score, remaining):
            paths.append(stored.write(len(paths), part.failed, part.data))
            give_back()
            yield part
        with atomic_write(out) as temporary:
            join(paths, temporary)
        stored.remove()


def run_whole(
    out: Place,
    chunks: Iterable[Chunk],
    score: Callable[[Chunk], Part],
    join: Callable[[Sequence[Path], Path], None],
) -> Iterator[Part]:
    """Score all chunks into a file, of a job that is too short to be resumed.

    Args:
        out, chunks, score, join: as for ``run``.

    Returns:
        Each part when it is finished.

    Raises:
        InputError: the file cannot be written.
    """
    with atomic_write(out) as temporary, tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, part in enumerate(map(score, chunks)):
            paths.append(Path(folder, f"{number:06}"))
            paths[-1].write_bytes(part.data)
            yield part
        join(paths, temporary)


def run_to_stream(
    out: Place,
    chunks: Iterable[Chunk],
    score: Callable[[Chunk], Part],
    writer: Writer,
    compression: str = "",
    map: Map = map,
) -> Iterator[Part]:
    """Score all chunks into a device or a pipe, part by part; nothing can be resumed.

    Args:
        out: see ``outputs.is_stream``.
        chunks, score, map: as for ``run``.
        writer: of the format; ``score`` encodes by it.
        compression: see ``tables.source.open_sink``.

    Returns:
        Each part when it is written.

    Raises:
        InputError: the stream cannot be written, or is closed at its other end.
    """
    if writer.whole:
        with tempfile.TemporaryDirectory() as folder:
            whole = Path(folder, "whole")
            yield from run(whole, {}, chunks, score, writer.join, map=map)
            with open_stream(out) as stream, whole.open("rb") as content:
                shutil.copyfileobj(content, stream)
        return
    with open_stream(out) as stream, open_sink(stream, compression) as file:
        file.write(writer.begin)
        between = b""
        for part in map(score, chunks):
            file.write(between + part.data)
            stream.flush()
            between = writer.between
            yield part
        file.write(writer.end)


def job_record(path: str | None, settings: Any, **options: str | int | None) -> dict[str, Any]:
    """All that the output of a job depends on, so that only the same job is resumed.

    Args:
        path: the input; None for a stream, whose job cannot be resumed.
        settings, options: see ``settings_record``.
    """
    record = settings_record(settings, **options)
    if path is not None:
        name = path if is_address(path) else os.path.abspath(path)
        record |= {"input": name, **input_record(path)}
    return record


def settings_record(settings: Any, **options: str | int | None) -> dict[str, Any]:
    """All that the output depends on but the input.

    Args:
        settings: a dataclass with ``model`` and ``parser``, as ``settings.Settings``.
        options: what else it depends on.
    """
    record: dict[str, Any] = {"treernn": __version__}
    models = {"model": sentiment_folder(settings.model), "embedded parser": PARSER}
    if settings.parser not in PARSERS:
        models["parser's folder"] = model_folder(settings.parser)
    if (lexicon := getattr(settings, "lexicon", None)) is not None:
        settings, record["lexicon sha256"] = replace(settings, lexicon=None), lexicon.digest
    record |= asdict(settings) | options
    return record | {name: _digest(folder) for name, folder in models.items()}


def input_record(path: str | os.PathLike[str]) -> dict[str, Any]:
    """What tells an input from another one: not the time of the last change, as a file may change
    without it; of an object the checksum that its store knows, so that it need not be read.

    Raises:
        InputError: it cannot be read.
    """
    try:
        if isinstance(where := place(path), Stored):
            size, etag = where.version()
            return {"input size": size, "input etag": etag}
        digest = _file_digest(Path(path)).hex()[:32]
        return {"input size": os.stat(path).st_size, "input sha256": digest}
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({one_line(error)})") from None


def _digest(folder: Path) -> str:
    """A short checksum of a model folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".json", ".safetensors", ".txt") and path.is_file():
            name = path.relative_to(folder).as_posix()
            digest.update(f"{name}\0{path.stat().st_size}\0".encode())
            digest.update(_file_digest(path))
    return digest.hexdigest()[:16]


def _file_digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
