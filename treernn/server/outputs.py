"""What ``/api`` answers for a text, encoded in the worker that scored it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from treernn.scoring.result import Result

LEVELS = ("review", "sentence", "phrase")
"""How far down an answer goes; with ``phrase`` it has the trees."""


@dataclass(frozen=True, slots=True)
class ResultOutput:
    """``Result.to_dict()``, or less of it.

    Attributes:
        level: one of ``LEVELS``.
        explain: whether ``explanations`` follow, see ``Result.explain``.
        classes: see ``Result.with_classes``.
    """

    level: str = "phrase"
    explain: bool = False
    classes: int = 5

    def encode(self, result: Result) -> bytes:
        """See ``Output``."""
        result = result.with_classes(self.classes)
        if self.level == "phrase":
            encoded = result.to_json()
        else:
            from treernn.scoring.entries import sentence_heads

            head = replace(result, sentences=()).to_dict()
            del head["sentences"]
            if self.level == "sentence":
                head["sentences"] = sentence_heads(result)
            encoded = json.dumps(head)
        if self.explain:
            found = json.dumps([each.to_dict() for each in result.explain()])
            encoded = f'{encoded[:-1]}, "explanations": {found}}}'
        return encoded.encode()


@dataclass(frozen=True, slots=True)
class TreeOutput:
    """The parse tree of each sentence, as ``treernn parse --json`` prints it."""

    def encode(self, result: Result) -> bytes:
        """See ``Output``."""
        from treernn.corpora.brackets import UNKNOWN, format_tree

        sentences = [
            {
                "text": sentence.text,
                "start": sentence.start,
                "end": sentence.end,
                "words": sentence.tree.words,
                "offsets": [(token.start, token.end) for token in sentence.tokens],
                "children": sentence.tree.children,
                "brackets": format_tree(sentence.tree, UNKNOWN * sentence.tree.num_nodes),
            }
            for sentence in result.sentences
        ]
        answer = {"text": result.text, "problems": result.problems, "sentences": sentences}
        return json.dumps(answer).encode()
