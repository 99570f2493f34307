"""Naive Bayes and a linear SVM over bags of words and bigrams, by scikit-learn: NB, SVM and BiNB of
Socher et al. (2013, section 5 and Table 1).

The paper does not say which phrases the models are trained on. Three choices were tried: each
distinct phrase once, which is how the treebank was labelled; every phrase as often as it occurs;
sentences only. The first comes nearest to the published figures, so it is used here.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from treernn.errors import InputError
from treernn.optional import require
from treernn.training.tasks.sentiment import check_trees, dev_metrics
from treernn.types import LABELS, UNLABELLED, Splits, Tree

EXTRA = "reproduction"

# Regularization strengths to try: additive smoothing of naive Bayes, C of the SVM.
STRENGTHS = {"naive-bayes": (0.1, 0.3, 1.0, 3.0), "svm": (0.003, 0.01, 0.03, 0.1)}


@dataclass(frozen=True)
class Settings:
    """Configuration of a bag-of-words classifier.

    Attributes:
        classifier: ``naive-bayes`` (multinomial) or ``svm`` (linear, one-vs-rest, squared hinge
            loss).
        ngrams: 1 counts lower-cased words, 2 counts words and bigrams.
    """

    classifier: str = "naive-bayes"
    ngrams: int = 1


@dataclass(frozen=True, eq=False)
class BagOfWords:
    """A fitted classifier.

    Attributes:
        vectorizer: scikit-learn's ``CountVectorizer``, which takes sequences of words.
        estimator: scikit-learn's classifier.
        history: for each ``strength`` tried its dev accuracies, as
            ``treernn.training.tasks.sentiment.dev_metrics`` gives them, and the ``seconds`` it
            took.
        chosen: the entry of ``history`` that this classifier is.
    """

    vectorizer: Any
    estimator: Any
    history: list[dict[str, Any]]
    chosen: dict[str, Any]

    @property
    def num_weights(self) -> int:
        """One weight for each class and feature, and a bias for each class."""
        return len(self.estimator.classes_) * (len(self.vectorizer.vocabulary_) + 1)

    def distributions(self, trees: Sequence[Tree]) -> list[np.ndarray]:
        """Class probabilities at all nodes; for the SVM, the softmax of its decision function.

        Returns:
            For each tree float32 ``[nodes, 5]``; classes not seen in training have probability 0.
        """
        counts = self.vectorizer.transform(_phrases(trees))
        if hasattr(self.estimator, "predict_proba"):
            probabilities = self.estimator.predict_proba(counts)
        else:
            scores = self.estimator.decision_function(counts)
            if scores.ndim == 1:  # two classes: only the score of the second
                scores = np.stack([-scores, scores], 1)
            probabilities = require("scipy.special", EXTRA).softmax(scores, axis=1)
        rows = np.zeros((len(probabilities), len(LABELS)), np.float32)
        rows[:, self.estimator.classes_] = probabilities
        return np.split(rows, np.cumsum([tree.num_nodes for tree in trees])[:-1])


def fit(train: Sequence[Tree], dev: Sequence[Tree], settings: Settings) -> BagOfWords:
    """Fit a classifier with each regularization strength; keep the best on the dev roots.

    Args:
        train: trees; each distinct labelled phrase is one training example.
        dev: trees for choosing the strength.
        settings: the classifier and its features.

    Raises:
        InputError: trees without labels, or labelled phrases of one class only.
        MissingPackageError: scikit-learn is not installed.
    """
    check_trees(Splits(train, dev))
    labels = (label for tree in train for label in tree.labels or [UNLABELLED] * tree.num_nodes)
    pairs = zip(_phrases(train), labels, strict=True)
    examples = dict.fromkeys(pair for pair in pairs if pair[1] != UNLABELLED)
    phrases, targets = zip(*examples, strict=True)
    if len(set(targets)) == 1:
        raise InputError("all labelled phrases of the training trees are of one class")
    vectorizer = require("sklearn.feature_extraction.text", EXTRA).CountVectorizer(
        preprocessor=lambda words: [word.lower() for word in words],
        tokenizer=lambda words: words,
        token_pattern=None,
        ngram_range=(1, settings.ngrams),
        dtype=np.float32,
    )
    vectorizer.fit([tree.words for tree in train])
    counts = vectorizer.transform(phrases)
    history: list[dict[str, Any]] = []
    models = []
    for strength in STRENGTHS[settings.classifier]:
        start = time.perf_counter()
        estimator = _estimator(settings.classifier, strength).fit(counts, targets)
        model = BagOfWords(vectorizer, estimator, history, {"strength": strength})
        model.chosen.update(dev_metrics(dev, model.distributions(dev)))
        model.chosen["seconds"] = time.perf_counter() - start
        history.append(model.chosen)
        models.append(model)
    return max(models, key=lambda model: (model.chosen["dev_root"], model.chosen["dev_all"]))


def _phrases(trees: Iterable[Tree]) -> list[tuple[str, ...]]:
    """The words of every node."""
    return [tree.words[start:end] for tree in trees for start, end in tree.spans()]


def _estimator(classifier: str, strength: float) -> Any:
    if classifier == "naive-bayes":
        return require("sklearn.naive_bayes", EXTRA).MultinomialNB(alpha=strength)
    # The dual problem gives the same classes in a third of the time of the primal one.
    return require("sklearn.svm", EXTRA).LinearSVC(C=strength, dual=True, tol=1e-2, random_state=0)
