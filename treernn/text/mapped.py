"""A text whose characters remember where in the original text they come from."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

Pieces = Sequence[tuple[str, int, int]]
"""Parts of a replacement: their text, and the range of the match that they come from."""


class MappedText(NamedTuple):
    """A rewritten text.

    Attributes:
        text: the text as it is now.
        starts, ends: for each of its characters the half-open range of the original text that it
            stands for.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def substitute(
        self, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str | Pieces | None]
    ) -> MappedText:
        """Replace what a pattern matches.

        Args:
            pattern: searched from left to right.
            replace: the new text of a match, which stands for the whole match; or its pieces, of
                which those as long as their range are mapped character by character; or None to
                keep the match.
        """
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        for match in pattern.finditer(self.text):
            new = replace(match)
            if new is None:
                continue
            start, end = match.span()
            pieces.append(self.text[done:start])
            starts.extend(self.starts[done:start])
            ends.extend(self.ends[done:start])
            by_character = not isinstance(new, str)
            parts: Pieces = [(new, 0, end - start)] if isinstance(new, str) else new
            for part, first, last in parts:
                pieces.append(part)
                first, last = start + first, start + last
                if by_character and len(part) == last - first:
                    starts.extend(self.starts[first:last])
                    ends.extend(self.ends[first:last])
                elif part:
                    # A piece without a range of its own stands for nothing, at its place.
                    begin = self.starts[first] if first < len(self.text) else self.end
                    stop = self.ends[last - 1] if last > first else begin
                    starts.extend([begin] * len(part))
                    ends.extend([stop] * len(part))
            done = end
        if not done and not pieces:
            return self
        pieces.append(self.text[done:])
        starts.extend(self.starts[done:])
        ends.extend(self.ends[done:])
        return MappedText("".join(pieces), starts, ends)

    @property
    def is_original(self) -> bool:
        """Whether each character stands for itself, as in ``unchanged``."""
        return isinstance(self.starts, range)

    @property
    def end(self) -> int:
        """Where the original text ends, as far as it is mapped."""
        return self.ends[-1] if len(self.ends) else 0


def unchanged(text: str) -> MappedText:
    """A text that stands for itself."""
    return MappedText(text, range(len(text)), range(1, len(text) + 1))
