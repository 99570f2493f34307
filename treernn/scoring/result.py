"""The result of scoring a text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeAlias, overload

import numpy as np

from treernn.classes import check_classes, label_places, scores, stars_of
from treernn.errors import InputError
from treernn.scoring.explain import Explanation, explain
from treernn.scoring.sentence import (
    SENTIMENT_FIELDS,
    Distribution,
    Phrase,
    Probabilities,
    Sentence,
    probabilities_of,
    sentiment_fields,
)
from treernn.scoring.tree_json import sentences_json
from treernn.types import LABELS

if TYPE_CHECKING:
    import nltk

    from treernn.scoring.target import Target


Scorer: TypeAlias = Any  # ``treernn.Scorer``, which imports this module


class _OfScorer:
    """Remembers a scorer, which is no field: it is neither compared, copied nor pickled."""

    __slots__ = ("_scorer",)

    _scorer: Scorer | None


@dataclass(frozen=True, slots=True, repr=False)
class Result(_OfScorer):
    """The sentiment of a text. Results are compared by value; a notebook draws them.

    Attributes:
        text: the text; lone surrogates are replaced by U+FFFD.
        sentences: its sentences; empty if there is nothing to score.
        distribution: over the five classes for the whole text, very negative to very positive;
            None if there is nothing to score.
        problems: what could not be scored, or not well, one line each.
        classes: of how many classes ``label`` and ``probabilities`` are: 5, 3 or 2.
    """

    text: str
    sentences: tuple[Sentence, ...]
    distribution: Distribution | None
    problems: tuple[str, ...] = ()
    classes: int = 5

    def __reduce__(self) -> tuple[Any, ...]:
        # Without the scorer, which has the models.
        values = (self.text, self.sentences, self.distribution, self.problems, self.classes)
        return Result, values

    @property
    def scorer(self) -> Scorer | None:
        """The one that has scored it, for ``target``; None in a copy from a file or another
        process."""
        return getattr(self, "_scorer", None)

    def __repr__(self) -> str:
        return f"Result(label={self.label!r}, sentences={self.sentences!r})"

    def _repr_html_(self) -> str:
        from treernn.scoring.notebook import result_html

        return result_html(self)

    @property
    def scored(self) -> bool:
        """Whether there was anything to score."""
        return self.distribution is not None

    @property
    def label(self) -> str | None:
        """The most probable class of the whole text; None if there is nothing to score."""
        if self.distribution is None:
            return None
        return LABELS[int(label_places(np.array(self.distribution), self.classes))]

    @property
    def probabilities(self) -> Probabilities | None:
        """Of the classes for the whole text, from negative to positive; None if there is nothing to
        score."""
        if self.distribution is None:
            return None
        return probabilities_of(self.distribution, self.classes)

    @property
    def score(self) -> float | None:
        """The expected class of the five, from -1 (very negative) to 1 (very positive), whatever
        ``classes`` are; None if there is nothing to score.

        >>> import treernn
        >>> good, bad = treernn.load().score_many(["A wonderful film.", "An awful film."])
        >>> good.score > 0.5, bad.score < -0.5, good.stars == 3 + 2 * good.score
        (True, True, True)
        """
        return None if self.distribution is None else float(scores(np.array(self.distribution)))

    @property
    def stars(self) -> float | None:
        """The same from 1 to 5, not rounded; None if there is nothing to score."""
        return None if self.score is None else stars_of(self.score)

    def with_classes(self, classes: int) -> Result:
        """The same with the labels and probabilities of other classes.

        Args:
            classes: 5; 3, negative, neutral and positive, whose probabilities are sums of the five;
                or 2, negative and positive, where neutral is left out and the others are divided by
                their sum.

        Raises:
            InputError: it is another number.

        >>> import treernn
        >>> result = treernn.load()("A wonderful film.").with_classes(3)
        >>> result.label, len(result.probabilities)
        ('positive', 3)
        """
        if classes == self.classes:
            return self
        sentences = tuple(each.with_classes(check_classes(classes)) for each in self.sentences)
        found = replace(self, sentences=sentences, classes=check_classes(classes))
        object.__setattr__(found, "_scorer", self.scorer)
        return found

    def phrases(self) -> Iterator[Phrase]:
        """The phrases of all sentences.

        >>> import treernn
        >>> result = treernn.load()("It isn't good.")
        >>> [(phrase.text, phrase.label) for phrase in result.phrases() if " " in phrase.text]
        [("isn't good", 'negative'), ("isn't good.", 'negative'), ("It isn't good.", 'negative')]
        """
        for sentence in self.sentences:
            yield from sentence.phrases()

    def explain(self, limit: int = 3) -> tuple[Explanation, ...]:
        """Find the phrases that decided the label; see ``treernn.scoring.explain``.

        Args:
            limit: maximum number of phrases; and of sentences, if the text has several.

        Returns:
            First the sentences, if there are several, then the phrases, each by falling influence.
            Empty if no phrase stands out, or there is nothing to score.
        """
        if self.distribution is None:
            return ()
        return explain(self.sentences, self.distribution, limit)

    def target(self, term: str) -> Target:
        """The sentiment toward what the text names.

        Args:
            term: words of the text, in any case. Of several mentions the one with the strongest
                opinion counts.

        Raises:
            InputError: the text does not mention it within a sentence; or the result is a copy that
                has no scorer.
            ModelError: the model knows no sentiment toward targets.

        >>> import treernn
        >>> result = treernn.load()("Great screen, but the battery is awful.")
        >>> result.target("screen").label, result.target("battery").score < 0
        ('positive', True)
        """
        if self.scorer is None:
            raise InputError(
                "this result has no scorer, as copies from other processes; use scorer.target"
            )
        return self.scorer.mentioned(self, term)

    def to_nltk(self) -> nltk.Tree:
        """The tree of the sentence; several sentences are joined under a root with the class of
        the text.

        Raises:
            InputError: there is nothing to score.
        """
        from nltk.tree import Tree as NltkTree

        if self.label is None:
            raise InputError(f"there is no tree: {'; '.join(self.problems)}")
        trees = [sentence.to_nltk() for sentence in self.sentences]
        return trees[0] if len(trees) == 1 else NltkTree(str(LABELS.index(self.label)), trees)

    def to_dict(self, texts: bool | None = None) -> dict[str, Any]:
        """Plain values for JSON; ``texts`` as for ``Sentence.to_dict``."""
        sentences = [sentence.to_dict(texts) for sentence in self.sentences]
        return {**self.to_dict_without_trees(), "sentences": sentences}

    def to_json(self, texts: bool | None = None) -> str:
        """``to_dict`` as one line of JSON, for trees of any depth."""
        sentences = ", ".join(sentences_json(self.sentences, texts))
        head = json.dumps(self.to_dict_without_trees())
        return f'{head[:-1]}, "sentences": [{sentences}]}}'

    def to_html(self) -> str:
        """A file of HTML that draws the trees: in any browser, without a network.

        >>> import treernn
        >>> page = treernn.load()("It isn't good.").to_html()
        >>> page.startswith("<!doctype html>"), "isn't good" in page
        (True, True)
        """
        from treernn.scoring.page import results_page

        return results_page([self])

    def to_dict_without_trees(self) -> dict[str, Any]:
        """``to_dict`` without the sentences."""
        said = sentiment_fields(self) if self.scored else dict.fromkeys(SENTIMENT_FIELDS)
        return {"text": self.text, **said, "problems": list(self.problems)}


class Results(list[Result]):
    """A list of results, which a notebook shows as a table."""

    @overload
    def __getitem__(self, index: SupportsIndex) -> Result: ...
    @overload
    def __getitem__(self, index: slice) -> Results: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Result | Results:
        found = super().__getitem__(index)
        return Results(found) if isinstance(found, list) else found

    def _repr_html_(self) -> str:
        from treernn.scoring.notebook import results_html

        return results_html(self)

    def to_html(self) -> str:
        """A file of HTML with a table of the texts, which opens their trees; it is bounded, see
        ``treernn.scoring.page``."""
        from treernn.scoring.page import results_page

        return results_page(self)
