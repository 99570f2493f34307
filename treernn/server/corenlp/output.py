"""Documents of CoreNLP in its formats, encoded in the worker."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from treernn.server.corenlp.request import Wanted

if TYPE_CHECKING:
    from treernn.scoring.result import Result
    from treernn.scoring.sentence import Sentence


@dataclass(frozen=True, slots=True)
class DocumentOutput:
    """See ``Output``."""

    wanted: Wanted

    def encode(self, result: Result) -> bytes:
        """The document in the format that is wanted.

        Raises:
            MissingPackageError: protobuf is wanted, but Stanza is not installed.
        """
        from treernn.server.corenlp.document import opinionless

        sentences = result.sentences or opinionless(result.text, self.wanted)
        if self.wanted.format == "json":
            described = [*_described(result.text, sentences, self.wanted)]
            return json.dumps({"sentences": described}).encode()
        from treernn.server.corenlp.protobuf import serialized

        return serialized(result.text, sentences, self.wanted)


def _described(
    text: str, sentences: Sequence[Sentence], wanted: Wanted
) -> Iterator[dict[str, Any]]:
    from treernn.scoring.sentence import rounded
    from treernn.server.corenlp.document import places, sentiment_name
    from treernn.server.corenlp.trees import indented, one_line, sentiment_labels
    from treernn.types import LABELS

    for index, (sentence, tokens) in enumerate(
        zip(sentences, places(text, sentences), strict=True)
    ):
        described: dict[str, Any] = {"index": index}
        if wanted.parse:
            described["parse"] = described["binaryParse"] = one_line(sentence.tree)
        if wanted.sentiment:
            tree = sentence.tree
            described |= {
                "sentimentValue": str(LABELS.index(sentence.label)),
                "sentiment": sentiment_name(sentence).replace(" ", ""),
                "sentimentDistribution": rounded(sentence.distributions[tree.root]),
                "sentimentTree": indented(tree, sentiment_labels(sentence)),
            }
        described["tokens"] = [
            {
                "index": number,
                "word": token.word,
                "originalText": token.original,
                "characterOffsetBegin": token.start_unit,
                "characterOffsetEnd": token.end_unit,
                "codepointOffsetBegin": token.start,
                "codepointOffsetEnd": token.end,
                "before": token.before,
                "after": token.after,
            }
            for number, token in enumerate(tokens, 1)
        ]
        yield described
