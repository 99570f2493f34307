"""Corpora that need not fit into memory: Arrow files, each a part of a thousand examples.

A part is mapped into memory when one of its examples is asked for, checked, and closed when many
others were asked for since. In memory stay the names, the checksums and the sizes.
"""

from __future__ import annotations

import hashlib
import itertools
import os
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa

from treernn.errors import DataError
from treernn.files import atomic_write
from treernn.training.data.sequences import Lazy
from treernn.types import LABELS, Tree

Item = TypeVar("Item")

SIZE = 1000
"""Examples in a part."""

IN_MEMORY = 1 << 16
"""Of a corpus with more examples, none is kept in memory."""

_OPEN = 256  # parts mapped at a time: all that a pool of ``treernn.training.data.pools`` has

KINDS = {
    "trees": pa.schema(
        {
            "words": pa.list_(pa.binary()),  # UTF-8, but there may be lone surrogates
            "children": pa.list_(pa.int32()),  # two for each inner node
            "nodes": pa.list_(pa.int32()),  # those with a target
            "targets": pa.list_(pa.float32()),  # five for each of them
        }
    ),
    "rows": pa.schema({"rows": pa.list_(pa.float16())}),
}
"""The columns of a part: trees with targets, or rows of numbers for each example."""


class Opened(NamedTuple):
    """A part, mapped into memory.

    Attributes:
        columns: by name, the arrays that Arrow's array of lists consists of: where each list
            starts, of words also where each word starts, and the values.
        digest: SHA-256 of all of that.
        left_out: labels that are on no phrase of a tree.
    """

    columns: Mapping[str, tuple[np.ndarray, ...]]
    digest: str
    left_out: int

    def values(self, name: str, index: int) -> np.ndarray:
        """The numbers of an example in a column."""
        starts, values = self.columns[name]
        return values[starts[index] : starts[index + 1]]

    def sizes(self) -> np.ndarray:
        """Nodes of each tree, int32 ``[examples]``; or how many numbers an example has."""
        if "rows" in self.columns:
            return np.diff(self.columns["rows"][0])
        words, children = (np.diff(self.columns[name][0]) for name in ("words", "children"))
        return words + children // 2


@dataclass(frozen=True, eq=False)
class Part:
    """What is kept in memory of a part.

    Attributes:
        path: its file.
        digest, left_out: see ``Opened``.
        sizes: see ``Opened.sizes``.
    """

    path: Path
    digest: str
    left_out: int
    sizes: np.ndarray


def stored_part(
    path: Path, kind: str, make: Callable[[], tuple[Mapping[str, Sequence[Any]], int]]
) -> Part:
    """A part from its file, which is written if it is missing or damaged.

    Args:
        path: the file, named after all that its content depends on.
        kind: a key of ``KINDS``.
        make: computes the columns, with a list for each example, and ``left_out``.

    Raises:
        InputError: the file cannot be written.
    """
    try:
        part = read_part(path, kind)
    except DataError:
        columns, left_out = make()
        write_part(path, kind, columns, left_out)
        part = read_part(path, kind)
    return Part(path, part.digest, part.left_out, part.sizes())


def write_part(
    path: Path, kind: str, columns: Mapping[str, Sequence[Any]], left_out: int = 0
) -> None:
    """Write a part atomically, see ``stored_part``."""
    schema = KINDS[kind]
    batch = pa.RecordBatch.from_pydict(dict(columns), schema)
    header = {"left_out": str(left_out), "sha256": _digest(_arrays(batch), left_out)}
    with (
        atomic_write(path) as temporary,
        pa.ipc.new_file(os.fspath(temporary), schema.with_metadata(header)) as writer,
    ):
        writer.write_batch(batch)


def read_part(path: Path, kind: str) -> Opened:
    """Map a part into memory.

    Raises:
        DataError: the file is missing, or not as it was written.
    """
    try:
        with pa.memory_map(os.fspath(path)) as source, pa.ipc.open_file(source) as file:
            if not file.schema.equals(KINDS[kind]) or file.num_record_batches != 1:
                raise ValueError(f"holds no {kind}")
            batch = file.get_batch(0)
            header = file.schema.metadata
        columns, left_out = _arrays(batch), int(header[b"left_out"])
        digest = header[b"sha256"].decode()
        if digest != _digest(columns, left_out):
            raise ValueError("its checksum is wrong")
    except (OSError, ValueError, LookupError, TypeError, pa.ArrowException) as error:
        raise _not_a_part(path, str(error)) from None
    return Opened(columns, digest, left_out)


def _not_a_part(path: Path, problem: str) -> DataError:
    problem = " ".join(problem.split())[:200]
    return DataError(f"not a part of this corpus ({problem}); start again to make it anew", path)


def _arrays(batch: pa.RecordBatch) -> dict[str, tuple[np.ndarray, ...]]:
    columns: dict[str, tuple[np.ndarray, ...]] = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        starts, values = column.offsets.to_numpy(), column.values
        if pa.types.is_binary(values.type):
            _, ends, content = values.buffers()
            ends = (
                np.frombuffer(ends, np.int32, len(values) + 1)
                if len(values)
                else np.zeros(1, np.int32)
            )
            content = np.frombuffer(content or b"", np.uint8)[: int(ends[-1])]
            columns[name] = starts, ends, content
        else:
            columns[name] = starts, values.to_numpy()
    return columns


def _digest(columns: Mapping[str, Sequence[np.ndarray]], left_out: int) -> str:
    digest = hashlib.sha256(str(left_out).encode())
    for name, arrays in columns.items():
        digest.update(f"{name} {[len(array) for array in arrays]}".encode())
        for array in arrays:
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


@lru_cache(_OPEN)
def _open(part: Part, kind: str) -> Opened:
    opened = read_part(part.path, kind)
    if opened.digest != part.digest:
        raise _not_a_part(part.path, "another one")
    return opened


class Stored(Lazy[Item]):
    """The examples in the parts of a corpus, each made when it is asked for.

    Args:
        parts: in order.
        kind: a key of ``KINDS``.
        get: makes an example of a part, by its index there.

    Attributes:
        digest: SHA-256 of all examples.
        sizes: ``[examples]``, see ``Opened.sizes``.
    """

    def __init__(
        self, parts: Sequence[Part], kind: str, get: Callable[[Opened, int], Item]
    ) -> None:
        self.parts, self._kind, self._get = parts, kind, get
        self._starts = [0, *itertools.accumulate(len(part.sizes) for part in parts)]

    def view(self, get: Callable[[Opened, int], Any]) -> Stored[Any]:
        """Something else of the same examples."""
        return Stored(self.parts, self._kind, get)

    @cached_property
    def digest(self) -> str:
        """See the class."""
        digests = " ".join(part.digest for part in self.parts)
        return hashlib.sha256(digests.encode()).hexdigest()

    @cached_property
    def sizes(self) -> np.ndarray:
        """See the class."""
        return np.concatenate([part.sizes for part in self.parts] or [np.zeros(0, np.int32)])

    def __len__(self) -> int:
        return self._starts[-1]

    def item(self, index: int) -> Item:
        """See ``Lazy``."""
        number = bisect_right(self._starts, index) - 1
        return self._get(self._opened(number), index - self._starts[number])

    def __iter__(self) -> Iterator[Item]:
        for number in range(len(self.parts)):
            yield from self.of_part(number)

    def of_part(self, number: int) -> list[Item]:
        """All examples of a part."""
        part = self._opened(number)
        return [self._get(part, index) for index in range(len(self.parts[number].sizes))]

    def _opened(self, number: int) -> Opened:
        return _open(self.parts[number], self._kind)


def blocks(examples: Iterable[Item]) -> Iterator[list[Item]]:
    """As many examples as a part has, again and again."""
    rest = iter(examples)
    while block := list(itertools.islice(rest, SIZE)):
        yield block


def close() -> None:
    """Close all parts that are open, so that their files can be removed on every system."""
    _open.cache_clear()


def tree_columns(trees: Sequence[Tree], targets: Sequence[np.ndarray]) -> dict[str, Sequence[Any]]:
    """The columns of binary trees, or of sentences that are not parsed, with targets."""
    nodes = [np.flatnonzero(rows.any(1)).astype(np.int32) for rows in targets]
    return {
        "words": [[word.encode("utf-8", "surrogatepass") for word in tree.words] for tree in trees],
        "children": [
            [child for left, right in tree.children for child in (left, right)] for tree in trees
        ],
        "nodes": nodes,
        "targets": [rows[here].ravel() for rows, here in zip(targets, nodes, strict=True)],
    }


def words_of(part: Opened, index: int) -> tuple[str, ...]:
    """The words of a sentence."""
    starts, ends, content = part.columns["words"]
    places = ends[starts[index] : starts[index + 1] + 1].tolist()
    text = content[places[0] : places[-1]].tobytes()
    first = places[0]
    return tuple(
        str(text[start - first : end - first], "utf-8", "surrogatepass")
        for start, end in itertools.pairwise(places)
    )


def tree_of(part: Opened, index: int) -> Tree:
    """A tree, without labels."""
    children = iter(part.values("children", index).tolist())
    return Tree(words_of(part, index), tuple(zip(children, children, strict=True)))


def targets_of(part: Opened, index: int) -> np.ndarray:
    """The targets of a tree, float32 ``[nodes, 5]``."""
    words, children = part.columns["words"][0], part.columns["children"][0]
    nodes = words[index + 1] - words[index] + (children[index + 1] - children[index]) // 2
    rows = np.zeros((nodes, len(LABELS)), np.float32)
    rows[part.values("nodes", index)] = part.values("targets", index).reshape(-1, len(LABELS))
    return rows
