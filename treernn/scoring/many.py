"""Many texts at a time: columns of any library, a progress bar, several processes."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from treernn import workers
from treernn.errors import InputError
from treernn.scoring.result import Result, Results

if TYPE_CHECKING:
    Score = Callable[[Sequence[str | None]], list[Result]]

_CHUNK_TEXTS, _CHUNK_CHARACTERS = 512, 200_000
"""Limits of what is scored together: less than a second of work of the small model."""

_MISSING_TYPES = ("NAType", "MaskedConstant")  # of pandas and NumPy; they compare to nothing


def check_texts(texts: Iterable[Any]) -> list[str | None]:
    """The texts of a list, a generator, a column of pandas, Polars or Arrow, or an array.

    Returns:
        A list with None for each missing value: None, NaN, NaT, NA.

    Raises:
        InputError: it does not consist of texts, or another value than a text is among them.
    """
    kind = type(texts).__name__
    if isinstance(texts, str | bytes):
        raise InputError(f"expected several texts, got one {kind}; call the scorer with it")
    if isinstance(texts, Mapping):
        raise InputError(f"expected several texts, got {kind}; pass its values()")
    if hasattr(texts, "columns"):
        raise InputError(
            f"expected several texts, got {kind}; pass one of its columns, or use score_frame"
        )
    if hasattr(texts, "to_pylist"):  # Arrow: its scalars are no str
        texts = texts.to_pylist()
    try:
        values = list(texts)
    except TypeError:
        raise InputError(f"expected several texts, got {kind}") from None
    for number, value in enumerate(values):
        if isinstance(value, str):
            if type(value) is not str:  # such as NumPy's
                values[number] = str.__str__(value)
        elif is_missing(value):
            values[number] = None
        else:
            raise InputError(f"text {number} is a {type(value).__name__}, expected a str")
    return values


def is_missing(value: Any) -> bool:
    """Whether it is a missing value of any library: None, NaN, NaT, NA."""
    if value is None or type(value).__name__ in _MISSING_TYPES:
        return True
    try:
        return bool(value != value)  # NaN and NaT differ from themselves
    except (TypeError, ValueError):  # an array, for example
        return False


def score_all(
    score: Score, texts: Sequence[str | None], *, progress: bool, jobs: int, import_main: bool
) -> Results:
    """Score texts in chunks, which do not depend on ``jobs``.

    Args:
        score: the method of a scorer; is pickled if there are several jobs and chunks.
        texts: None for a missing one.
        progress: show a bar on standard error.
        jobs: number of processes.
        import_main: see ``workers.parallel_map``.

    Raises:
        InputError: ``jobs`` is below 1, or the scorer cannot be pickled.
        TreernnError: a process was killed.
    """
    if type(jobs) is not int or jobs < 1:
        raise InputError(f"jobs is {jobs!r}, expected a number of processes, at least 1")
    chunks = list(_chunks(texts))
    jobs = min(jobs, len(chunks)) or 1
    if jobs > 1:
        _check_processes(score, jobs)
    results = Results()
    with workers.parallel_map(jobs, import_main=import_main) as parallel_map:
        scored = parallel_map(score, chunks)
        for part in _with_progress(scored, len(texts)) if progress else scored:
            results += part
    return results


def _chunks(texts: Sequence[str | None]) -> Iterator[Sequence[str | None]]:
    start = characters = 0
    for end, text in enumerate(texts, 1):
        characters += len(text or "")
        if end - start == _CHUNK_TEXTS or characters >= _CHUNK_CHARACTERS:
            yield texts[start:end]
            start, characters = end, 0
    if start < len(texts):
        yield texts[start:]


def _check_processes(score: Score, jobs: int) -> None:
    import multiprocessing

    if multiprocessing.current_process().daemon:
        raise InputError(
            f"jobs={jobs} in a worker of a pool, which cannot start others: use jobs=1"
        )
    try:
        pickle.dumps(score)
    except Exception as error:
        raise InputError(
            f"jobs={jobs}: the scorer cannot be copied to other processes ({error}): use jobs=1"
        ) from None


def _with_progress(parts: Iterable[list[Result]], total: int) -> Iterator[list[Result]]:
    from tqdm import tqdm

    with tqdm(total=total, unit=" texts") as bar:
        for part in parts:
            bar.update(len(part))
            yield part
