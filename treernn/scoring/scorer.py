"""Score texts: tokenize, parse, classify; all sentences of all texts in one batch."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

import numpy as np

from treernn.classes import check_classes
from treernn.errors import InputError
from treernn.forks import Computing
from treernn.scoring.document import combine
from treernn.scoring.many import check_texts, score_all
from treernn.scoring.origin import Origin, arguments_now, describe, note_origin, restore
from treernn.scoring.reading import Reading, has_word, read, whole
from treernn.scoring.result import Result, Results
from treernn.scoring.sentence import Sentence
from treernn.text.characters import INVISIBLE
from treernn.text.language import other_language
from treernn.text.tokenizer import tokenize
from treernn.types import LABELS, Token, Tree

if TYPE_CHECKING:
    from treernn.models.target_classifier import TargetClassifier
    from treernn.parsing import Parser
    from treernn.scoring.target import Target

Frame = TypeVar("Frame")

_SURROGATE = re.compile("[\ud800-\udfff]")
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_LETTERS = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]")


class Classifier(Protocol):
    """Classifies each node of a tree."""

    def distributions(self, trees: Sequence[Tree]) -> list[np.ndarray]:
        """For each tree ``(num_nodes, 5)`` floats, in the order of its nodes."""
        ...


class Scorer:
    """Computes the sentiment of each phrase of a text.

    Args:
        parser: parses sentences.
        classifier: classifies the nodes of their trees.
        newline_ends_sentence: whether each line of a text is a sentence of its own.
        classes: of results, see ``Result.with_classes``.

    >>> import treernn
    >>> scorer = treernn.load()
    >>> result = scorer("Great! It isn't good.")
    >>> [sentence.label for sentence in result.sentences]
    ['very positive', 'negative']
    >>> [result.label for result in scorer.score_many(["A wonderful film.", "An awful film."])]
    ['very positive', 'very negative']
    """

    def __init__(
        self,
        parser: Parser,
        classifier: Classifier,
        newline_ends_sentence: bool = False,
        classes: int = 5,
    ) -> None:
        self.parser = parser
        self.classifier = classifier
        self.newline_ends_sentence = newline_ends_sentence
        self.classes = check_classes(classes)
        self.folder: Path | None = None
        self._target_classifier: TargetClassifier | None = None
        self.origin: Origin | None = None

    def __repr__(self) -> str:
        return describe(self)

    def __reduce__(self) -> tuple[Any, ...]:
        arguments = arguments_now(self)
        if arguments is not None:
            return restore, (load, arguments)
        return Scorer, (self.parser, self.classifier, self.newline_ends_sentence, self.classes)

    def __call__(self, text: str) -> Result:
        """Score one text.

        Raises:
            InputError: it is not a ``str``. Any ``str`` has a result.
        """
        if not isinstance(text, str):
            kind = "None" if text is None else f"a {type(text).__name__}"
            raise InputError(f"expected a text as a str, got {kind}; score_many takes several")
        return self._score_texts((str.__str__(text),))[0]

    def score_many(
        self, texts: Iterable[str | None], *, progress: bool = False, jobs: int = 1
    ) -> Results:
        """Score texts in batches, which is faster than one by one.

        Args:
            texts: in a list, a generator, an array, or a column of pandas, Polars or Arrow.
            progress: show a progress bar on standard error.
            jobs: number of processes. Each loads the models, which takes seconds, so they are for
                thousands of texts. A scorer that ``load`` has not made is copied to them; then a
                script needs ``if __name__ == "__main__":``.

        Returns:
            A list with a result for each text, in order. For a missing value (None, NaN, NA) it is
            one with nothing to score, as for an empty text.

        Raises:
            InputError: a value is neither a ``str`` nor missing, nothing is scored then; or
                ``jobs`` is below 1.
            TreernnError: a process was killed.
        """
        results = score_all(
            self._score_texts,
            check_texts(texts),
            progress=progress,
            jobs=jobs,
            import_main=jobs != 1 and arguments_now(self) is None,
        )
        if jobs == 1:
            return results
        return Results(replace(result, scorer=self) for result in results)

    def target(self, text: str, start: int, end: int) -> Target:
        """The sentiment toward a part of a text.

        Args:
            text: to score.
            start, end: the half-open character range of the part: a name, a feature.

        Raises:
            InputError: the range is not in the text, holds no word, or crosses sentences.
            ModelError: the model knows no sentiment toward targets.

        >>> import treernn
        >>> target = treernn.load().target("Great screen, but the battery is awful.", 22, 29)
        >>> target.text, target.score < 0
        ('battery', True)
        """
        return self.targets([self(text)], [[(start, end)]])[0][0]

    def targets(
        self, results: Sequence[Result], spans: Sequence[Iterable[tuple[int, int]]]
    ) -> list[list[Target]]:
        """The sentiment toward parts of texts that this scorer has scored, in one batch.

        Args:
            results: of the texts.
            spans: for each the character ranges of its targets; may be empty.

        Returns:
            For each text its targets.

        Raises:
            InputError, ModelError: as ``target``.
        """
        from treernn.scoring.targets import targets_of

        with Computing():
            return targets_of(self.target_classifier, results, spans)

    def mentioned(self, results: Sequence[Result], term: str) -> list[Target]:
        """The sentiment toward what texts name, see ``Result.target``, in one batch.

        Raises:
            InputError: a text does not mention it within a sentence.
            ModelError: the model knows no sentiment toward targets.
        """
        from treernn.scoring.targets import mentions_in, strongest

        found = self.targets(results, [mentions_in(result, term) for result in results])
        return [*map(strongest, found)]

    @property
    def target_classifier(self) -> TargetClassifier:
        """The part of the model that knows the sentiment toward targets, loaded when it is needed.

        Raises:
            ModelError: the model has none.
        """
        if self._target_classifier is None:
            from treernn.models.target_classifier import load_targets

            self._target_classifier = load_targets(self.classifier, self.folder)
        return self._target_classifier

    @target_classifier.setter
    def target_classifier(self, classifier: TargetClassifier) -> None:
        self._target_classifier = classifier

    def score_tokens(
        self, documents: Iterable[tuple[str, Iterable[Sequence[Token]]]]
    ) -> list[Result]:
        """Score texts in one batch that another tokenizer has tokenized.

        Args:
            documents: each a text and its sentences, of tokens made by
                ``treernn.text.tokenizer.treebank_token``; empty sentences are skipped.

        >>> import treernn
        >>> words = [[Token("good", 3, 7)]]
        >>> [result] = treernn.load().score_tokens([("so-good", words)])
        >>> [(phrase.text, phrase.label) for phrase in result.phrases()]
        [('good', 'positive')]
        """
        return self._score([_prepare(text, sentences) for text, sentences in documents])

    def score_frame(self, frame: Frame, column: str, *, prefix: str = "") -> Frame:
        """Score a column of a data frame of pandas or Polars.

        Args:
            frame: is not changed.
            column: contains the texts.
            prefix: precedes the names of the added columns.

        Returns:
            The frame with the columns that ``treernn score -o`` adds to CSV: ``label``,
            ``sentiment`` (0 to 4), five probabilities from ``p_very_negative`` to
            ``p_very_positive``, ``error``, ``note``, ``score`` (-1 to 1), ``stars`` (1 to 5). If a
            value is missing, not a ``str``, or has nothing to score, ``error`` says so and the
            others are null. A ``score`` or ``stars`` that the frame has already stays, and ours is
            left out.

        Raises:
            InputError: it is not such a frame, lacks the column, or has one that would be added.

        >>> import pandas, treernn
        >>> reviews = pandas.DataFrame({"text": ["A wonderful film.", None]}, index=["a", "b"])
        >>> treernn.load().score_frame(reviews, "text")[["label", "error"]]
                   label                error
        a  very positive                 <NA>
        b           <NA>  row 1: text is null
        """
        from treernn.scoring.frames import score_frame

        return score_frame(self.score_many, frame, column, prefix, self.classes)

    def _score_texts(self, texts: Sequence[str | None]) -> list[Result]:
        newline_ends = self.newline_ends_sentence
        return self._score(
            [
                _MISSING if text is None else _prepare(text, newline_ends=newline_ends)
                for text in texts
            ]
        )

    def _score(self, documents: Sequence[_Document]) -> list[Result]:
        readings = [read(tokens) for document in documents for tokens in document.sentences]
        with Computing():
            trees = self.parser.parse([reading.words for reading in readings])
            distributions = self.classifier.distributions(trees)
        scored = zip(readings, trees, distributions, strict=True)
        results = [_result(document, scored, self) for document in documents]
        if self.classes == len(LABELS):  # as computed
            return results
        return [result.with_classes(self.classes) for result in results]


class _Document(NamedTuple):
    """A text ready to score, with the tokens of its sentences; see ``Result``."""

    text: str
    sentences: list[tuple[Token, ...]]
    problems: tuple[str, ...]


_MISSING = _Document("", [], ("missing text, nothing to score",))


def _prepare(
    original: str, tokens: Iterable[Sequence[Token]] | None = None, newline_ends: bool = False
) -> _Document:
    """Check a text; tokenize it unless its sentences of tokens are known."""
    problems = []
    text, replaced = _SURROGATE.subn("\ufffd", original)
    if replaced:
        problems.append(f"characters that are no text (lone surrogates) were replaced: {replaced}")
    sentences = (
        tokenize(text, newline_ends) if tokens is None else [tuple(each) for each in tokens if each]
    )
    plain = text if text.isascii() else _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    letters = "".join(_LETTERS.findall(plain))
    if not text:
        problems.append("empty text, nothing to score")
    elif not sentences:
        problems.append("only white space or markup, nothing to score")
    elif not any(map(has_word, sentences)):
        problems.append("no word in it, nothing to score")
        sentences = []
    elif 2 * len(_LATIN.findall(letters)) < len(letters):
        problems.append("mostly not in Latin script, but the models know English only")
    elif language := other_language(plain):
        problems.append(f"probably in {language}, but the models know English only")
    return _Document(text, sentences, tuple(problems))


def _result(
    document: _Document, scored: Iterator[tuple[Reading, Tree, np.ndarray]], scorer: Scorer
) -> Result:
    """Take what was read of the document's sentences, trees and distributions from ``scored``."""
    text = document.text
    sentences = []
    for tokens in document.sentences:
        reading, tree, distributions = next(scored)
        tree, distributions = whole(reading, tokens, tree, distributions)
        distributions.flags.writeable = False
        labels = tuple(distributions.argmax(axis=1).tolist())
        tree = Tree(tree.words, tree.children, labels)
        start, end = tokens[0].start, tokens[-1].end
        sentences.append(Sentence(text[start:end], start, end, tokens, tree, distributions))
    if not sentences:
        return Result(text, (), None, document.problems, scorer=scorer)
    distribution = combine(
        [sentence.distributions[-1] for sentence in sentences],
        [sentence.tokens for sentence in sentences],
        [sentence.distributions[: len(sentence.tokens)] for sentence in sentences],
    )
    shares = tuple(distribution.tolist())
    return Result(text, tuple(sentences), shares, document.problems, scorer=scorer)


def load(
    model: str | os.PathLike[str] = "small",
    device: str = "cpu",
    parser: str | os.PathLike[str] | Parser = "embedded",
    precision: str = "float32",
    newline_ends_sentence: bool = False,
    classes: int = 5,
) -> Scorer:
    """Load a scorer: a sentiment model and a parser.

    Args:
        model: ``"small"``, ``"medium"`` or ``"large"``, which are included in the package (the last
            two need the extra ``transformers`` and their encoders), or the folder of a model.
        device: where parser and classifier run: ``"cpu"``, ``"cuda"``, ``"cuda:1"``.
        parser: a name or a folder, as for ``treernn.parsing.load_parser``; or a ``Parser``, whose
            device stays.
        precision: of the encoder of a model that has one: ``"float32"``, or ``"bfloat16"``, which
            is faster on processors that support it.
        newline_ends_sentence: whether each line of a text is a sentence of its own. By default an
            empty line ends a sentence, and so does the end of a line in a list or among short
            lines.
        classes: of results: 5, 3 (negative, neutral, positive) or 2 (negative, positive); see
            ``Result.with_classes``.

    Raises:
        ModelError: the folder does not contain a sentiment model, or its encoder is missing.
        InputError: the device or the parser does not exist, the model cannot have the precision, or
            there is no such number of classes.
        MissingDataError: the parser's models are missing and cannot be downloaded.

    >>> load()("A wonderful film.").label
    'very positive'
    """
    from treernn.models.device import usable_device
    from treernn.models.pretrained import sentiment_folder
    from treernn.models.sentiment import load_sentiment
    from treernn.parsing import load_parser

    check_classes(classes)
    torch_device = usable_device(device)
    classifier = load_sentiment(model, precision).to(torch_device)
    loaded = parser
    if isinstance(loaded, str | os.PathLike):
        loaded = load_parser(loaded, device=torch_device)
    scorer = Scorer(loaded, classifier, newline_ends_sentence, classes)
    scorer.folder = sentiment_folder(model)
    note_origin(scorer, model, parser, precision)
    return scorer
