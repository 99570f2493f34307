"""A spaCy component; spaCy finds it by its name where this package is installed.

>>> import spacy
>>> nlp = spacy.blank("en")
>>> pipes = [nlp.add_pipe(name) for name in ("sentencizer", "treernn")]
>>> doc = nlp("It's not good. Great!")
>>> [sentence._.treernn.label for sentence in doc.sents]
['negative', 'very positive']
>>> doc[3:4], doc[3:4]._.treernn.label, doc[1:4]._.treernn.label
(good, 'positive', 'negative')

Tokens are spaCy's, and so are sentences if a component such as a parser or a sentencizer has set
them; otherwise a document is one sentence. ``doc._.treernn`` is a ``treernn.Result``, or None
before scoring. ``span._.treernn`` is a ``treernn.Phrase`` if the span is a node of a tree, as all
sentences and words are, otherwise None.

Results are saved with documents by ``to_bytes`` and by a ``DocBin`` with ``store_user_data=True``.
Import this module before reading them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from treernn.errors import InputError
from treernn.optional import require
from treernn.scoring.result import Result
from treernn.scoring.scorer import Scorer, load
from treernn.scoring.sentence import Phrase, Sentence
from treernn.text.tokenizer import treebank_token
from treernn.types import Token, Tree

require("spacy", extra="spacy")

import srsly  # noqa: E402
from spacy.language import Language  # noqa: E402
from spacy.pipeline import Pipe  # noqa: E402
from spacy.tokens import Doc, Span  # noqa: E402
from spacy.util import minibatch  # noqa: E402


class TreernnComponent(Pipe):
    """Scores documents.

    Args:
        scorer: scores the tokens.
        name: name of the component in its pipeline.
    """

    def __init__(self, scorer: Scorer, name: str = "treernn") -> None:
        self.scorer = scorer
        self.name = name

    def __call__(self, doc: Doc) -> Doc:
        """Score one document."""
        return next(self.pipe((doc,), batch_size=1))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Score a stream of documents in batches."""
        for docs in minibatch(stream, batch_size):
            try:
                results = self.scorer.score_tokens([(doc.text, _sentences(doc)) for doc in docs])
            except Exception as error:
                self.get_error_handler()(self.name, self, docs, error)
                continue
            for doc, result in zip(docs, results, strict=True):
                doc._.treernn = result
            yield from docs


@Language.factory(
    "treernn", assigns=["doc._.treernn", "span._.treernn"], default_config={"model": "small"}
)
def make(nlp: Language, name: str, model: str) -> TreernnComponent:
    """Create the component for ``nlp.add_pipe("treernn", config={"model": ...})``.

    Args:
        nlp: the pipeline; its language must be English.
        name: name of the component in the pipeline.
        model: see ``treernn.load``.

    Raises:
        InputError: the language of the pipeline is not English.
        ModelError: the folder does not contain a sentiment model.
    """
    if nlp.lang != "en":
        raise InputError(f"treernn's models are for English, this pipeline is for {nlp.lang!r}")
    return TreernnComponent(load(model), name)


def _sentences(doc: Doc) -> Iterator[list[Token]]:
    text = doc.text
    for sentence in doc.sents if doc.has_annotation("SENT_START") else (doc,):
        offsets = ((token.idx, token.idx + len(token)) for token in sentence)
        tokens = (treebank_token(text, start, end) for start, end in offsets)
        yield [token for token in tokens if token is not None]


def _phrase(span: Span) -> Phrase | None:
    """The node of a tree with exactly the words of a span, or None."""
    result = span.doc._.treernn
    if result is None:
        return None
    index = bisect_right(result.sentences, span.start_char, key=lambda sentence: sentence.end)
    if index == len(result.sentences):
        return None
    sentence, *following = result.sentences[index : index + 2]
    if following and following[0].start < span.end_char:
        return None
    first = bisect_left(sentence.tokens, span.start_char, key=lambda token: token.start)
    last = bisect_right(sentence.tokens, span.end_char, key=lambda token: token.end)
    spans = sentence.tree.spans()
    if (first, last) not in spans:
        return None
    return next(islice(sentence.phrases(), spans.index((first, last)), None))


Doc.set_extension("treernn", default=None, force=True)
Span.set_extension("treernn", getter=_phrase, force=True)


_KEY = "__treernn__"


@srsly.msgpack_encoders("treernn")
def _encode(value: Any, chain: Callable[[Any], Any] | None = None) -> Any:
    """Convert a result to values that msgpack can write; pass other values on."""
    if not isinstance(value, Result):
        return value if chain is None else chain(value)
    sentences = [
        (
            [(token.text, token.start, token.end) for token in sentence.tokens],
            sentence.tree.children,
            sentence.tree.labels,
            sentence.distributions,
        )
        for sentence in value.sentences
    ]
    return {_KEY: (value.text, sentences, value.distribution, value.problems, value.classes)}


@srsly.msgpack_decoders("treernn")
def _decode(value: Any, chain: Callable[[Any], Any] | None = None) -> Any:
    """The inverse of ``_encode``."""
    if not (isinstance(value, dict) and _KEY in value):
        return value if chain is None else chain(value)
    text, encoded, distribution, problems, *more = value[_KEY]
    classes = more[0] if more else 5  # what was saved before there was a choice
    sentences = []
    for fields, children, labels, distributions in encoded:
        tokens = tuple(Token(*token) for token in fields)
        start, end = tokens[0].start, tokens[-1].end
        words = tuple(token.text for token in tokens)
        tree = Tree(words, tuple(map(tuple, children)), tuple(labels))
        sentences.append(
            Sentence(text[start:end], start, end, tokens, tree, distributions, classes)
        )
    distribution = None if distribution is None else tuple(distribution)
    return Result(text, tuple(sentences), distribution, tuple(problems), classes)
