"""Score texts: tokenize, parse, classify; all sentences of all texts in one batch."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from treernn.classes import check_classes
from treernn.errors import InputError
from treernn.forks import Computing
from treernn.scoring.document import combine
from treernn.scoring.many import check_texts, score_all
from treernn.scoring.origin import Origin, arguments_now, describe, note_origin, restore
from treernn.scoring.reading import MISSING, Document, Scored, prepare, read, whole
from treernn.scoring.result import Result, Results
from treernn.scoring.sentence import Sentence
from treernn.types import LABELS, Token, Tree

if TYPE_CHECKING:
    from treernn.models.target_classifier import TargetClassifier
    from treernn.parsing import Parser
    from treernn.scoring.lexicon.entries import Lexicon
    from treernn.scoring.lexicon.own_words import OwnWords
    from treernn.scoring.target import Target

Frame = TypeVar("Frame")


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
        lexicon: words and phrases whose sentiment is given; those of a domain do not hold, see
            ``Lexicon.in_domain``.

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
        lexicon: Lexicon | None = None,
    ) -> None:
        self.parser = parser
        self.classifier = classifier
        self.newline_ends_sentence = newline_ends_sentence
        self.classes = check_classes(classes)
        self.lexicon = lexicon
        self.folder: Path | None = None
        self._target_classifier: TargetClassifier | None = None
        self.origin: Origin | None = None
        self._own: OwnWords | None = None

    def __repr__(self) -> str:
        return describe(self)

    def __reduce__(self) -> tuple[Any, ...]:
        arguments = arguments_now(self)
        if arguments is not None:
            return restore, (load, arguments)
        settings = (self.newline_ends_sentence, self.classes, self.lexicon)
        return Scorer, (self.parser, self.classifier, *settings)

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
        return Results(_remembering(self, result) for result in results)

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
            return targets_of(self.target_classifier, results, spans, self._own_words())

    def mentioned(self, result: Result, term: str) -> Target:
        """See ``Result.target``."""
        from treernn.scoring.targets import mentions_in, strongest

        return strongest(self.targets([result], [mentions_in(result, term)])[0])

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
        own = self._own_words()
        return self._score(
            [prepare(text, sentences, own=own) for text, sentences in documents], own
        )

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

    def push_to_hub(
        self,
        repo: str,
        *,
        private: bool = False,
        revision: str = "main",
        license: str | None = None,
    ) -> str:
        """Put the sentiment model on the Hugging Face hub; see ``treernn.scoring.push.push``.

        Returns:
            The address of the model with its commit, for ``treernn.load``.

        Raises:
            InputError: the model has been changed since it was loaded, or the hub refuses.
            ModelError: its folder does not load any more.
        """
        from treernn.scoring.push import folder_to_push, push

        folder = folder_to_push(self)
        return push(folder, repo, private=private, revision=revision, license=license)

    def _score_texts(self, texts: Sequence[str | None]) -> list[Result]:
        newline_ends, own = self.newline_ends_sentence, self._own_words()
        documents = [
            MISSING if text is None else prepare(text, newline_ends=newline_ends, own=own)
            for text in texts
        ]
        return self._score(documents, own)

    def _score(self, documents: Sequence[Document], own: OwnWords | None) -> list[Result]:
        if own is None:
            sentences = [tokens for document in documents for tokens in document.sentences]
            scored = self._scored(sentences)
        else:
            scored = own.scored(self.parser, documents)
        results = [_result(document, scored, self) for document in documents]
        if self.classes == len(LABELS):  # as computed
            return results
        return [result.with_classes(self.classes) for result in results]

    def _scored(self, sentences: Sequence[tuple[Token, ...]]) -> Iterator[Scored]:
        """Each sentence with its tree and the distributions of its nodes."""
        readings = [*map(read, sentences)]
        with Computing():
            trees = self.parser.parse([reading.words for reading in readings])
            distributions = self.classifier.distributions(trees)
        for reading, tokens, tree, rows in zip(
            readings, sentences, trees, distributions, strict=True
        ):
            yield (tokens, *whole(reading, tokens, tree, rows))

    def _own_words(self) -> OwnWords | None:
        """The lexicon for the classifier."""
        own, lexicon = self._own, self.lexicon
        if lexicon is None:
            return None
        if own is None or own.classifier is not self.classifier or own.lexicon != lexicon:
            from treernn.scoring.lexicon.own_words import OwnWords

            with Computing():
                own = self._own = OwnWords(lexicon, self.classifier)
        return own


def _result(document: Document, scored: Iterator[Scored], scorer: Scorer) -> Result:
    """Take the document's sentences from ``scored``."""
    text = document.text
    sentences = []
    for tokens, tree, distributions in islice(scored, len(document.sentences)):
        distributions.flags.writeable = False
        labels = tuple(distributions.argmax(axis=1).tolist())
        tree = Tree(tree.words, tree.children, labels)
        start, end = tokens[0].start, tokens[-1].end
        sentences.append(Sentence(text[start:end], start, end, tokens, tree, distributions))
    if not sentences:
        return _remembering(scorer, Result(text, (), None, document.problems))
    distribution = combine(
        [sentence.distributions[-1] for sentence in sentences],
        [sentence.tokens for sentence in sentences],
        [sentence.distributions[: len(sentence.tokens)] for sentence in sentences],
    )
    shares = tuple(distribution.tolist())
    return _remembering(scorer, Result(text, tuple(sentences), shares, document.problems))


def _remembering(scorer: Scorer, result: Result) -> Result:
    """The result, which knows its scorer."""
    object.__setattr__(result, "_scorer", scorer)
    return result


def load(
    model: str | os.PathLike[str] = "small",
    device: str = "cpu",
    parser: str | os.PathLike[str] | Parser = "embedded",
    precision: str = "float32",
    newline_ends_sentence: bool = False,
    classes: int = 5,
    lexicon: Lexicon | Mapping[Any, Any] | str | os.PathLike[str] | None = None,
    domain: str | None = None,
) -> Scorer:
    """Load a scorer: a sentiment model and a parser.

    Args:
        model: ``"small"``, ``"medium"`` or ``"large"``, which are included in the package (the last
            two need the extra ``transformers`` and their encoders); the folder of a model; or a
            model on the Hugging Face hub, ``"hf://user/name"`` or ``"hf://user/name@REVISION"``,
            which is downloaded once.
        device: where parser and classifier run: ``"cpu"``, ``"cuda"``, ``"cuda:1"``, or ``"auto"``,
            a GPU if there is one.
        parser: a name, a folder or an address, as for ``treernn.parsing.load_parser``; or a
            ``Parser``, whose device stays.
        precision: of the encoder of a model that has one: ``"float32"``, or ``"bfloat16"``, which
            is faster on processors that support it.
        newline_ends_sentence: whether each line of a text is a sentence of its own. By default an
            empty line ends a sentence, and so does the end of a line in a list or among short
            lines.
        classes: of results: 5, 3 (negative, neutral, positive) or 2 (negative, positive); see
            ``Result.with_classes``.
        lexicon: words and phrases of your own with their class or score, which replace what the
            model says of them: a file, or a mapping, see ``treernn.scoring.lexicon.entries``. They
            precede those that are stored with the model.
        domain: of the entries of the lexicon that have one, those that hold.

    Raises:
        ModelError: the folder does not contain a sentiment model, its encoder is missing, or a
            model cannot be downloaded.
        InputError: the device or the parser does not exist, the model cannot have the precision,
            there is no such number of classes, or the lexicon or the domain cannot be used.
        DataError: the file of the lexicon is faulty.
        MissingDataError: the parser's models are missing and cannot be downloaded; or there is no
            such file.

    >>> load()("A wonderful film.").label
    'very positive'
    >>> load(lexicon={"glorpy": "very positive"})("The film was not glorpy.").label
    'negative'
    """
    from treernn.models.device import usable_device
    from treernn.models.names import LEXICON
    from treernn.models.pretrained import pinned, sentiment_folder
    from treernn.models.sentiment import load_sentiment
    from treernn.parsing import load_parser

    check_classes(classes)
    model = pinned(model)  # all that follows, and copies in other processes, are of one commit
    folder, words = sentiment_folder(model), None
    if lexicon is not None or domain is not None or (folder / LEXICON).exists():
        from treernn.scoring.lexicon.files import lexicon_of

        words = lexicon_of(model, lexicon, domain)
    torch_device = usable_device(device)
    classifier = load_sentiment(model, precision).to(torch_device)
    if isinstance(parser, str | os.PathLike):
        parser = pinned(parser)
        loaded = load_parser(parser, device=torch_device)
    else:
        loaded = parser
    scorer = Scorer(loaded, classifier, newline_ends_sentence, classes, words)
    scorer.folder = folder
    note_origin(scorer, model, parser, precision)
    return scorer
