"""Texts to results: tokens, trees, distributions, one batch for all sentences of all texts."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from treernn.errors import InputError
from treernn.scoring.document import combine
from treernn.scoring.result import Result, Sentence, probabilities
from treernn.scoring.tokenizer import sentences
from treernn.types import Token, Tree

if TYPE_CHECKING:
    from treernn.parsing.parser import Parser

Frame = TypeVar("Frame")

_SURROGATE = re.compile("[\ud800-\udfff]")
_LETTERS = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]")


class Classifier(Protocol):
    """Finds the class of every node of a tree."""

    def distributions(self, trees: Sequence[Tree]) -> list[np.ndarray]:
        """For each tree a float array ``(num_nodes, 5)`` in the order of its nodes."""
        ...


class Scorer:
    """Finds the sentiment of every phrase of a text.

    Args:
        parser: puts a tree over the words of a sentence.
        classifier: finds the class of every node of a tree.

    >>> import treernn
    >>> scorer = treernn.load()
    >>> result = scorer("Great! It isn't good.")
    >>> [sentence.label for sentence in result.sentences]
    ['very positive', 'negative']
    >>> [result.label for result in scorer.score_many(["A wonderful film.", "An awful film."])]
    ['very positive', 'very negative']
    """

    def __init__(self, parser: Parser, classifier: Classifier) -> None:
        self.parser = parser
        self.classifier = classifier

    def __call__(self, text: str) -> Result:
        """Score one text.

        Raises:
            InputError: it is not a ``str``. Any ``str`` gives a result.
        """
        return self.score_many((text,))[0]

    def score_many(self, texts: Iterable[str]) -> list[Result]:
        """Score texts together, which is faster than one by one; results are in their order.

        Raises:
            InputError: one of them is not a ``str``; nothing is scored then.
        """
        if isinstance(texts, str):
            raise InputError("expected several texts, got one str; call the scorer with it")
        originals = list(texts)
        for number, text in enumerate(originals):
            if not isinstance(text, str):
                raise InputError(f"text {number} is a {type(text).__name__}, expected a str")
        return self._score([_prepare(text) for text in originals])

    def score_tokens(
        self, documents: Iterable[tuple[str, Iterable[Sequence[Token]]]]
    ) -> list[Result]:
        """Score texts together that another tokeniser has divided.

        Args:
            documents: for each its text and its sentences, of tokens that
                ``treernn.scoring.tokenizer.treebank_token`` makes; sentences without tokens are
                left out.

        >>> import treernn
        >>> words = [[Token("good", 3, 7)]]
        >>> [result] = treernn.load().score_tokens([("so-good", words)])
        >>> [(phrase.text, phrase.label) for phrase in result.phrases()]
        [('good', 'positive')]
        """
        return self._score([_prepare(text, divided) for text, divided in documents])

    def score_frame(self, frame: Frame, column: str, *, prefix: str = "") -> Frame:
        """Score a column of a data frame of pandas or Polars.

        Args:
            frame: is not changed.
            column: holds the texts.
            prefix: stands before the names of the columns that are added.

        Returns:
            A frame with the same rows, index and columns, and those that ``treernn score -o`` adds
            to CSV: ``label``, ``sentiment`` (0 to 4), five probabilities from ``p_very_negative``
            to ``p_very_positive``, ``error``, ``note``. Where a value is missing, no ``str``, or
            there is nothing to score in it, ``error`` says so and the others are null.

        Raises:
            InputError: it is no such frame, has not this column, or has one that would be added.

        >>> import pandas, treernn
        >>> reviews = pandas.DataFrame({"text": ["A wonderful film.", None]}, index=["a", "b"])
        >>> treernn.load().score_frame(reviews, "text")[["label", "error"]]
                   label                error
        a  very positive                 <NA>
        b           <NA>  row 1: text is null
        """
        from treernn.scoring.frames import score_frame

        return score_frame(self, frame, column, prefix)

    def _score(self, prepared: Sequence[_Prepared]) -> list[Result]:
        every = [tokens for each in prepared for tokens in each.sentences]
        trees = self.parser.parse([[token.text for token in tokens] for tokens in every])
        distributions = self.classifier.distributions(trees)
        scored = zip(trees, distributions, strict=True)
        return [_result(each, list(islice(scored, len(each.sentences)))) for each in prepared]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A text, its sentences as far as they can be scored, and what is wrong with it."""

    text: str
    sentences: list[tuple[Token, ...]]
    problems: tuple[str, ...]


def _prepare(original: str, divided: Iterable[Sequence[Token]] | None = None) -> _Prepared:
    """Check a text, and divide it where nobody has done it yet."""
    problems = []
    text, replaced = _SURROGATE.subn("\ufffd", original)
    if replaced:
        problems.append(f"characters that are no text (lone surrogates) were replaced: {replaced}")
    found = sentences(text) if divided is None else [tuple(each) for each in divided if each]
    letters = "".join(_LETTERS.findall(text))
    if not text:
        problems.append("empty text, nothing to score")
    elif not found:
        problems.append("only white space or markup, nothing to score")
    elif not any(char.isalnum() for tokens in found for token in tokens for char in token.text):
        problems.append("no word in it, nothing to score")
        found = []
    elif 2 * len(_LATIN.findall(letters)) < len(letters):
        problems.append("mostly not in Latin script, but the models know English only")
    return _Prepared(text, found, tuple(problems))


def _result(prepared: _Prepared, scored: list[tuple[Tree, np.ndarray]]) -> Result:
    text = prepared.text
    found = []
    for tokens, (tree, distributions) in zip(prepared.sentences, scored, strict=True):
        labels = distributions.argmax(axis=1).tolist()
        distributions.flags.writeable = False
        start, end = tokens[0].start, tokens[-1].end
        found.append(
            Sentence(text[start:end], start, end, tokens, tree.with_labels(labels), distributions)
        )
    if not found:
        return Result(text, (), None, prepared.problems)
    whole = combine([sentence.distributions[-1] for sentence in found])
    return Result(text, tuple(found), probabilities(whole), prepared.problems)


def load(
    model: str | os.PathLike[str] = "small",
    device: str = "cpu",
    parser: str | os.PathLike[str] | Parser = "embedded",
    precision: str = "float32",
) -> Scorer:
    """A scorer of a sentiment model and a parser.

    Args:
        model: ``"small"``, the sentiment model that comes with the package; ``"medium"``,
            which comes too but for the encoder that it needs (the extra ``transformers``); or the
            folder of another.
        device: where parser and classifier run: ``"cpu"``, ``"cuda"``, ``"cuda:1"``.
        parser: a name that ``treernn.parsing.load_parser`` knows, the folder of a parser, or any
            object with the method ``parse`` of ``treernn.parsing.parser.Parser``, which runs where
            it runs.
        precision: in which the pretrained encoder of a model that has one computes: ``"float32"``
            or ``"bfloat16"``, quicker where the processor multiplies in it.

    Raises:
        ModelError: the folder does not hold a sentiment model, or its encoder is missing.
        InputError: torch sees no such device, there is no parser of this name, or a precision
            that the model cannot have.
        MissingDataError: the parser's models are not there and cannot be downloaded.

    >>> load()("A wonderful film.").label
    'very positive'
    """
    from treernn.models.device import usable_device
    from treernn.models.sentiment import load_sentiment
    from treernn.parsing import load_parser

    where = usable_device(device)
    classifier = load_sentiment(model, precision).to(where)
    if isinstance(parser, str | os.PathLike):
        parser = load_parser(parser, device=where)
    return Scorer(parser, classifier)
