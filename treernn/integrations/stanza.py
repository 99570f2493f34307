"""A variant of Stanza's sentiment processor; importing this module registers it.

    import stanza
    import treernn.integrations.stanza

    nlp = stanza.Pipeline("en", processors="tokenize,sentiment", sentiment_with_treernn=True)

Sentences and words are the pipeline's own. ``sentence.sentiment`` is 0, 1 or 2 as with Stanza's own
processor: negative, neutral, positive. ``sentence.treernn`` is a ``treernn.Sentence`` and
``document.treernn`` a ``treernn.Result``; both are None before scoring.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import treernn
from treernn.errors import InputError
from treernn.optional import require
from treernn.scoring.scorer import Scorer
from treernn.scoring.tokenizer import treebank_token
from treernn.types import Token

if TYPE_CHECKING:
    from treernn.scoring.result import Result, Sentence

require("stanza", extra="stanza")

from stanza.models.common import doc  # noqa: E402
from stanza.pipeline import sentiment_processor  # noqa: E402
from stanza.pipeline.processor import ProcessorVariant, register_processor_variant  # noqa: E402
from stanza.pipeline.registry import NAME_TO_PROCESSOR_CLASS  # noqa: E402

VARIANT = "treernn"


@register_processor_variant(doc.SENTIMENT, VARIANT)
class TreernnSentiment(ProcessorVariant):
    """Scores the sentences of documents; no model of Stanza's is read, nor its trees.

    The words of multi-word tokens are scored one by one; where a word does not stand in the text,
    its place is that of its token.

    Args:
        config: of the processor. ``with_treernn``, in the pipeline ``sentiment_with_treernn``, is
            True for the embedded model, another that ``treernn.load`` takes, or a ``Scorer``.

    Raises:
        InputError: the pipeline is not for English.
        ModelError: the folder does not hold a sentiment model.
    """

    OVERRIDE = True

    def __init__(self, config: dict[str, Any]) -> None:
        if config["lang"] != "en":
            raise InputError(
                f"treernn's models know English only, this pipeline is for {config['lang']!r}"
            )
        given = config[f"with_{VARIANT}"]
        if not isinstance(given, Scorer):
            given = treernn.load() if given is True else treernn.load(given)
        self.scorer = given

    def process(self, document: doc.Document) -> doc.Document:
        """Score one document."""
        return self.bulk_process([document])[0]

    def bulk_process(self, docs: Sequence[doc.Document]) -> list[doc.Document]:
        """Score documents together, which is faster than one by one."""
        documents = list(docs)
        divided = [_divided(document) for document in documents]
        results = self.scorer.score_tokens(divided)
        for document, (_, every), result in zip(documents, divided, results, strict=True):
            document.treernn = result
            found = iter(result.sentences)
            for sentence, tokens in zip(document.sentences, every, strict=True):
                scored = next(found, None) if tokens else None
                sentence.treernn = scored
                sentence.sentiment = None if scored is None else _three_classes(scored)
        return documents


class _SentimentProcessor(sentiment_processor.SentimentProcessor):
    """Stanza's own, which up to 1.15 ends with an ``AttributeError`` where it has a variant, since
    it asks it for the settings of a model."""

    def _set_up_final_config(self, config: dict[str, Any]) -> None:
        if hasattr(self, "_variant"):
            self._config = config
        else:
            super()._set_up_final_config(config)


NAME_TO_PROCESSOR_CLASS[doc.SENTIMENT] = _SentimentProcessor


def _set_treernn(self: Any, value: Result | Sentence | None) -> None:
    self._treernn = value


for _kind in (doc.Document, doc.Sentence):
    if not hasattr(_kind, "treernn"):
        _kind.add_property("treernn", setter=_set_treernn)


def _three_classes(sentence: Sentence) -> int:
    """Stanza's class of a sentence, the most probable of the three: on the treebank's test
    sentences it is right more often (74.3 %) than what the most probable of five tells (73.7 %)."""
    p = sentence.probabilities
    three = (p[0] + p[1], p[2], p[3] + p[4])
    return three.index(max(three))


def _divided(document: doc.Document) -> tuple[str, list[list[Token]]]:
    """The text of a document and its sentences. A document that does not know its text, such as one
    from a CoNLL-U file, gets one: its words, with blanks between them."""
    text = document.text or ""
    sentences = [list(_places(sentence)) for sentence in document.sentences]
    if not all(0 <= at < end <= len(text) for words in sentences for _, at, end in words):
        pieces: list[str] = []
        reached = 0
        for words in sentences:
            for number, (word, _, _) in enumerate(words):
                words[number] = (word, reached, reached + len(word))
                reached += len(word) + 1
                pieces.append(word)
        text = " ".join(pieces)
    divided = []
    for words in sentences:
        tokens = (treebank_token(text, start, end, word) for word, start, end in words)
        divided.append([token for token in tokens if token is not None])
    return text, divided


def _places(sentence: doc.Sentence) -> Iterator[tuple[str, int, int]]:
    """The words of a sentence and where they stand; -1 where nobody knows."""
    for word in sentence.words:
        for known in (word, word.parent):
            if known.start_char is not None and known.end_char is not None:
                yield word.text, known.start_char, known.end_char
                break
        else:
            yield word.text, -1, -1
