"""What ``/api`` answers for a text, encoded in the worker that scored it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

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
        targets: words; the sentiment toward each of their mentions follows.
    """

    level: str = "phrase"
    explain: bool = False
    classes: int = 5
    targets: tuple[str, ...] = ()

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
        if self.targets:
            encoded = f'{encoded[:-1]}, "targets": {json.dumps(_targets(result, self.targets))}}}'
        return encoded.encode()


def _targets(result: Result, terms: Sequence[str]) -> list[dict[str, Any]]:
    """What is said of each term, by its mentions."""
    from treernn.scoring.targets import spans_within

    spans = [spans_within(result, term) for term in terms]
    flat = [span for of_term in spans for span in of_term]
    assert result.scorer is not None
    found = iter(result.scorer.targets([result], [flat])[0])
    return [
        {"target": term, "mentions": [next(found).to_dict() for _ in of_term]}
        for term, of_term in zip(terms, spans, strict=True)
    ]


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
