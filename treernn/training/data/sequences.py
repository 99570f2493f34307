"""Sequences whose items are made when they are asked for."""

from __future__ import annotations

import itertools
from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")


class Again(Iterable[Item]):
    """What a function reads, from the start each time.

    >>> numbers = Again(lambda: iter(range(2)))
    >>> [*numbers, *numbers]
    [0, 1, 0, 1]
    """

    def __init__(self, read: Callable[[], Iterator[Item]]) -> None:
        self._read = read

    def __iter__(self) -> Iterator[Item]:
        return self._read()


class Lazy(Sequence[Item], Generic[Item]):
    """A sequence that makes its items; a slice of it is a list."""

    @abstractmethod
    def item(self, index: int) -> Item:
        """The item at an index from 0 on."""

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self.item(i) for i in range(*index.indices(len(self)))]
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(f"index {index} of {len(self)} items")
        return self.item(place)


class Mapped(Lazy[Item]):
    """The results of a function of the items of sequences of one length.

    Args:
        function: takes an item of each.
        sequences: at least one.
    """

    def __init__(self, function: Callable[..., Item], *sequences: Sequence[Any]) -> None:
        self._function, self._sequences = function, sequences

    def __len__(self) -> int:
        return len(self._sequences[0])

    def item(self, index: int) -> Item:
        """See ``Lazy``."""
        return self._function(*(each[index] for each in self._sequences))

    def __iter__(self) -> Iterator[Item]:
        return map(self._function, *self._sequences)


class Chain(Lazy[Item]):
    """Sequences one after the other; see ``chained``."""

    def __init__(self, members: Sequence[Sequence[Item]]) -> None:
        self.members = members
        self._starts = [0, *itertools.accumulate(map(len, members))]

    def __len__(self) -> int:
        return self._starts[-1]

    def item(self, index: int) -> Item:
        """See ``Lazy``."""
        number = bisect_right(self._starts, index) - 1
        return self.members[number][index - self._starts[number]]

    def __iter__(self) -> Iterator[Item]:
        return itertools.chain.from_iterable(self.members)


def chained(members: Sequence[Sequence[Item]]) -> Sequence[Item]:
    """Sequences one after the other: one list of lists, otherwise a view.

    >>> chained([[1], [2, 3]])
    [1, 2, 3]
    >>> chained([[1], Mapped(abs, [-2, -3])])[-1]
    3
    """
    if any(isinstance(each, Lazy) for each in members):
        return Chain(members)
    return [item for each in members for item in each]


def split(whole: Sequence[Item], members: Sequence[Sequence[Any]]) -> list[Sequence[Item]]:
    """What belongs to each of ``members``, if ``whole`` was made of ``chained(members)``."""
    if isinstance(whole, Chain):
        return [*whole.members]
    ends = [0, *itertools.accumulate(map(len, members))]
    return [whole[start:end] for start, end in itertools.pairwise(ends)]
