"""What every parser can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from treernn.types import Tree


class Parser(Protocol):
    """Puts a binary tree without labels over the words of a sentence."""

    def parse(self, sentences: Sequence[Sequence[str]]) -> list[Tree]:
        """One tree for each sentence, in order; its leaves are the words as given.

        Raises:
            InputError: a sentence has no words.
        """
        ...
