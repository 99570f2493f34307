"""Naive Bayes and a linear SVM over bags of words and bigrams, by scikit-learn: NB, SVM and BiNB
of Socher et al. (2013, section 5 and Table 1).

The paper does not say which phrases they learn from. Of the three ways tried, each distinct
phrase once, which is how the treebank was labelled, comes nearest to its figures, by which it was
chosen.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from treernn.errors import InputError
from treernn.models.vocabulary import Vocabulary
from treernn.optional import require
from treernn.training.sentiment import check_trees, dev_figures, vocabulary
from treernn.types import LABELS, UNLABELLED, Tree

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# By classifier: what is added to each count of naive Bayes; the SVM's C.
STRENGTHS = {"naive-bayes": (0.1, 0.3, 1.0, 3.0), "svm": (0.003, 0.01, 0.03, 0.1)}
PHRASES = ("distinct", "all", "roots")

# Trees scored at once, so that memory stays bounded.
_TREES_PER_BATCH = 2048


@dataclass(frozen=True)
class Settings:
    """What is fitted, and to what.

    Attributes:
        classifier: ``naive-bayes`` (multinomial) or ``svm`` (linear, one class against the rest,
            squared hinge loss).
        ngrams: 1 counts words, in lower case; 2 counts words and bigrams.
        phrases: what is learnt from: each ``distinct`` labelled phrase once, ``all`` labelled
            phrases as often as they occur, or ``roots``.
        strengths: of the regularisation, tried on the dev trees, see ``STRENGTHS``; these where
            empty.

    Raises:
        InputError: a value that there is not.
    """

    classifier: str = "naive-bayes"
    ngrams: int = 1
    phrases: str = "distinct"
    strengths: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for name, known in (
            ("classifier", tuple(STRENGTHS)),
            ("ngrams", (1, 2)),
            ("phrases", PHRASES),
        ):
            if (value := getattr(self, name)) not in known:
                expected = ", ".join(map(str, known))
                raise InputError(f"{name} is {value!r}, expected one of {expected}")
        for value in self.strengths:
            if not 0 < value < float("inf"):
                raise InputError(f"a strength is {value!r}, expected more than 0")


@dataclass(frozen=True, eq=False)
class Columns:
    """What the columns of a matrix of counts stand for: words, then bigrams.

    Attributes:
        words: the vocabulary; its row 0, the unknown word, has no column.
        bigrams: ``[b]`` ascending, the first word's row times the size of the vocabulary plus the
            second's; None where bigrams are not counted.
    """

    words: Vocabulary
    bigrams: np.ndarray | None

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.words) - 1 + (0 if self.bigrams is None else len(self.bigrams))


@dataclass(frozen=True, eq=False)
class BagOfWords:
    """A fitted classifier; ``fit`` makes it.

    Attributes:
        settings: how it was fitted.
        columns: what it counts.
        history: for each ``strength`` tried what it gave: ``dev_root``, ``dev_binary`` and
            ``dev_all``, see ``treernn.training.sentiment.train_sentiment``, and ``seconds``.
        chosen: the line of it that this classifier is.
    """

    settings: Settings
    columns: Columns
    history: list[dict[str, Any]]
    chosen: dict[str, Any]
    _estimator: Any = field(repr=False)

    @property
    def num_weights(self) -> int:
        """Learnt numbers: one for each class and column, and one for each class."""
        estimator = self._estimator
        learnt = (
            (estimator.coef_, estimator.intercept_)
            if self.settings.classifier == "svm"
            else (estimator.feature_log_prob_, estimator.class_log_prior_)
        )
        return sum(array.size for array in learnt)

    def distributions(self, trees: Sequence[Tree]) -> list[np.ndarray]:
        """Probabilities of the five classes at every node; of the SVM, which has none, the softmax
        of its decision function, whose greatest is the class that it decides for.

        Args:
            trees: any number; neither labels nor branches are looked at.

        Returns:
            For each tree float32 ``[nodes, 5]`` in the order of the tree's own node numbers. Rows
            sum to one; a class that no phrase learnt from had gets nothing.
        """
        found = []
        for start in range(0, len(trees), _TREES_PER_BATCH):
            chosen = trees[start : start + _TREES_PER_BATCH]
            rows = _probabilities(self._estimator, counts(chosen, self.columns))
            found += np.split(rows, np.cumsum([tree.num_nodes for tree in chosen])[:-1])
        return found


def fit(train: Sequence[Tree], dev: Sequence[Tree], settings: Settings) -> BagOfWords:
    """Fit a classifier with every strength, and keep the best on the dev roots.

    Args:
        train: trees whose labelled phrases are learnt from.
        dev: trees to choose the strength by; those whose roots are labelled count.
        settings: what to fit.

    Raises:
        InputError: trees that nothing can be learnt from or chosen by.
        MissingDataError: scikit-learn is not installed.
    """
    check_trees(train, dev)
    chosen = _chosen(train, settings.phrases)
    labels = np.concatenate([_labels(tree) for tree in train])[chosen]
    if (labels == labels[:1]).all():
        raise InputError("the labelled phrases of the train trees are not of two classes")
    columns = _columns(train, settings.ngrams)
    matrix = counts(train, columns)[chosen]
    history: list[dict[str, Any]] = []
    fitted = []
    for strength in settings.strengths or STRENGTHS[settings.classifier]:
        began = time.perf_counter()
        estimator = _estimator(settings.classifier, strength).fit(matrix, labels)
        tried = {"strength": strength}
        found = BagOfWords(settings, columns, history, tried, estimator)
        tried.update(dev_figures(dev, found.distributions(dev)))
        tried["seconds"] = time.perf_counter() - began
        history.append(tried)
        fitted.append(found)
    return max(fitted, key=lambda model: (model.chosen["dev_root"], model.chosen["dev_all"]))


def counts(trees: Sequence[Tree], columns: Columns) -> csr_matrix:
    """How often each phrase of at least one tree has what the columns stand for.

    Returns:
        float32 ``[nodes, columns]``, trees one after another, nodes by their own numbers.
    """
    from scipy.sparse import hstack

    words = columns.words.ids([word for tree in trees for word in tree.words])
    sizes = np.array([len(tree.words) for tree in trees])
    shift = np.repeat(np.cumsum(sizes) - sizes, [tree.num_nodes for tree in trees])
    starts, ends = np.concatenate([np.array(tree.spans()) for tree in trees]).T + shift
    found = _counted(words - 1, starts, ends, len(columns.words) - 1)
    if columns.bigrams is None:
        return found
    pairs = _pairs(words, len(columns.words))
    at = np.searchsorted(columns.bigrams, pairs)
    known = columns.bigrams.take(at, mode="clip") == pairs if len(columns.bigrams) else at < 0
    bigrams = _counted(np.where(known, at, -1), starts, ends - 1, len(columns.bigrams))
    return hstack([found, bigrams], format="csr")


def _counted(at: np.ndarray, starts: np.ndarray, ends: np.ndarray, columns: int) -> csr_matrix:
    """The matrix whose row i counts ``at[starts[i]:ends[i]]``; -1 has no column."""
    from scipy.sparse import csr_matrix

    lengths = ends - starts
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    steps = np.arange(bounds[-1]) + np.repeat(starts - bounds[:-1], lengths)
    known = at[steps] >= 0
    bounds = np.concatenate([[0], np.cumsum(known)])[bounds]
    found = csr_matrix(
        (np.ones(bounds[-1], np.float32), at[steps[known]], bounds), (len(lengths), columns)
    )
    found.sum_duplicates()
    return found


def _pairs(words: np.ndarray, size: int) -> np.ndarray:
    """The number of the bigram of each word and the next; -1 where one of them is unknown."""
    first, second = words[:-1], words[1:]
    return np.where((first > 0) & (second > 0), first * size + second, -1)


def _columns(trees: Sequence[Tree], ngrams: int) -> Columns:
    words = Vocabulary(vocabulary(trees, None, 0))
    if ngrams == 1:
        return Columns(words, None)
    sentences = (words.ids(tree.words) for tree in trees)
    pairs = np.concatenate([_pairs(sentence, len(words)) for sentence in sentences])
    return Columns(words, np.unique(pairs[pairs >= 0]))


def _chosen(trees: Sequence[Tree], phrases: str) -> np.ndarray:
    """The numbers of the nodes to learn from, counted over all trees."""
    labels = np.concatenate([_labels(tree) for tree in trees])
    if phrases == "roots":
        nodes = np.cumsum([tree.num_nodes for tree in trees]) - 1
    elif phrases == "all":
        nodes = np.arange(len(labels))
    else:
        texts = (tree.words[start:end] for tree in trees for start, end in tree.spans())
        first: dict[tuple[tuple[str, ...], int], int] = {}
        for node, found in enumerate(zip(texts, labels.tolist(), strict=True)):
            first.setdefault(found, node)
        nodes = np.fromiter(first.values(), np.int64)
    return nodes[labels[nodes] >= 0]


def _labels(tree: Tree) -> np.ndarray:
    return np.array(tree.labels or [UNLABELLED] * tree.num_nodes)


def _estimator(classifier: str, strength: float) -> Any:
    if classifier == "svm":
        svm = require("sklearn.svm", extra="reproduction")
        # The dual problem comes to the same classes in a third of the primal one's time.
        return svm.LinearSVC(C=strength, dual=True, tol=1e-2, random_state=0)
    naive_bayes = require("sklearn.naive_bayes", extra="reproduction")
    return naive_bayes.MultinomialNB(alpha=strength)


def _probabilities(estimator: Any, matrix: csr_matrix) -> np.ndarray:
    """float32 ``[rows, 5]``, see ``BagOfWords.distributions``."""
    if hasattr(estimator, "predict_proba"):
        found = estimator.predict_proba(matrix)
    else:
        scores = estimator.decision_function(matrix)
        if scores.ndim == 1:  # of two classes it has the second's alone
            scores = np.stack([-scores, scores], 1)
        found = np.exp(scores - scores.max(1, keepdims=True))
        found /= found.sum(1, keepdims=True)
    rows = np.zeros((len(found), len(LABELS)), np.float32)
    rows[:, estimator.classes_] = found
    return rows
