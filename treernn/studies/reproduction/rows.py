"""The rows of the published tables, and rows of our own: how each model is trained.

Socher et al. (2013), Table 1; Tai et al. (2015), Table 2. Settings that are not given here are the
defaults of ``treernn train``: AdaGrad with learning rate 0.05, batches of 25 trees, L2 1e-4 on all
weights but the word vectors, the epoch with the best dev root accuracy (Tai et al., section 5.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from treernn.studies.reproduction import bag_of_words
from treernn.training.tasks.sentiment_settings import (
    AverageSettings,
    ChainSettings,
    EncoderAverageSettings,
    EncoderTreeSettings,
    SentimentSettings,
    TreeSettings,
)

Vectors = Literal["none", "random", "fixed", "tuned"]
Task = Literal["five", "binary"]


@dataclass(frozen=True)
class Ensemble:
    """The mean of the distributions of models that differ in their seeds only.

    Attributes:
        row: the row of the models.
        members: number of models, with the seeds from 1.
    """

    row: str = "constituency-tuned"
    members: int = 5


Settings = SentimentSettings | bag_of_words.Settings | Ensemble

TASKS: tuple[Task, ...] = ("five", "binary")


@dataclass(frozen=True)
class Row:
    """One model of the tables.

    Attributes:
        settings: the model and its training; the seed is replaced by that of the run.
        vectors: ``tuned`` and ``fixed`` are pretrained word vectors, ``random`` ones are trained;
            ``none`` is for models without, and for an encoder.
        distilled: whether the vectors that an encoder gives to single words are concatenated to the
            pretrained ones, see ``treernn.encoders.distilled``.
        dependency: whether the trees are dependency trees.
        phrases: whether it is trained on all phrases, or on sentences only.
        tasks: ``five``, the five-class model, which gives binary accuracies too; ``binary``, a
            model trained on positive and negative only, as in Tai et al. (2015, section 5.1).
        differs: how the model differs from the published one, one sentence each.
    """

    settings: Settings
    vectors: Vectors = "tuned"
    distilled: bool = False
    dependency: bool = False
    phrases: bool = True
    tasks: tuple[Task, ...] = ("five",)
    differs: tuple[str, ...] = ()

    @property
    def seeded(self) -> bool:
        """Whether its result depends on the seed of the run."""
        return not isinstance(self.settings, bag_of_words.Settings | Ensemble)


# Differences from the published models.
_VECTORS = "the word vectors have 100 dimensions (GloVe 6B); in the paper 300 (GloVe 840B)"
_RANDOM = "random word vectors have 100 dimensions; in the paper 300"
_WORDS = (
    "word vectors are initialized with GloVe and projected into the cell; in the paper they are "
    "random and are the states of the words themselves"
)
_AVERAGE = "a moving average of the weights is evaluated (Polyak & Juditsky 1992)"
_TUNED = "word vectors are trained with learning rate 0.3, with dropout; in the paper 0.1, without"
_MEAN = "dropout of 0.5 on the word vectors, and the mean is the input of the softmax"
_CHOICE = (
    "the paper does not say on which phrases it is trained: here on each distinct phrase once, of "
    "three choices the nearest to its accuracies"
)
_DROPOUT = "dropout of 0.2 on word vectors and states; in the paper none"
_FIXED = "word vectors have dropout; in the paper none"
_SIZE = "the hidden size is 45; the paper tried 25 to 35"
_MATRIX = (
    "the matrix of a word, 25 × 25, is a scaled identity plus a linear function of its vector, so "
    "that memory does not grow with the vocabulary; in the paper each word has its own matrix"
)
_PARSER = (
    "dependency trees are from spaCy; in the paper from Stanford's parser. All nodes are the "
    "labelled ones of these trees, many of them single words; do not compare them with other rows"
)
_FOLD = "word vectors are trained by SGD; in the paper by AdaGrad with a tenth of the gradient"
_ROOTS = "the loss of a root has weight 3; in the paper all nodes have the same weight"
_EPOCHS = "at most 18 epochs, because they are slow, and patience 5"


def _chain(**settings: int | bool) -> Row:
    # For a chain every phrase is one example: an epoch takes two to eight times as long as for a
    # tree, hence fewer epochs.
    common = ChainSettings(epochs=18, patience=5).updated(**settings)
    return Row(common, tasks=TASKS, differs=(_VECTORS, _TUNED, _AVERAGE, _EPOCHS))


def _recursive(*differs: str, **settings: int | float | str) -> Row:
    common = TreeSettings().updated(**settings)
    return Row(common, differs=(_WORDS, _AVERAGE, *differs))


_PLAIN = (_CHOICE,)
_TAI = (_VECTORS, _TUNED, _AVERAGE)

ROWS: dict[str, Row] = {
    "nb": Row(bag_of_words.Settings("naive-bayes"), "none", differs=_PLAIN),
    "svm": Row(bag_of_words.Settings("svm"), "none", differs=_PLAIN),
    "binb": Row(bag_of_words.Settings("naive-bayes", ngrams=2), "none", differs=_PLAIN),
    "vecavg": Row(AverageSettings(), "random", differs=(_AVERAGE, _MEAN)),
    "vecavg-tanh": Row(
        AverageSettings().updated(tanh=True, dropout=0.2, embedding_learning_rate=1.0), "random"
    ),
    "rnn": _recursive(_SIZE, _DROPOUT, cell="elman", hidden_size=45, dropout=0.2),
    "mv-rnn": _recursive(_MATRIX, _DROPOUT, cell="matrix-vector", hidden_size=25, dropout=0.2),
    "rntn": _recursive(_SIZE, _DROPOUT, cell="rntn", hidden_size=45, dropout=0.2),
    "lstm": _chain(hidden_size=168),
    "bilstm": _chain(hidden_size=168, bidirectional=True),
    "lstm-2": _chain(hidden_size=120, layers=2),
    "bilstm-2": _chain(hidden_size=120, layers=2, bidirectional=True),
    "dependency": Row(
        TreeSettings().updated(cell="child-sum-lstm", hidden_size=168, root_weight=3.0),
        dependency=True,
        tasks=TASKS,
        differs=(*_TAI, _PARSER, _ROOTS),
    ),
    "constituency-random": Row(TreeSettings(), "random", tasks=TASKS, differs=(_RANDOM, *_TAI[1:])),
    "constituency-fixed": Row(
        TreeSettings(embedding_learning_rate=0),
        "fixed",
        tasks=TASKS,
        differs=(_VECTORS, _FIXED, _AVERAGE),
    ),
    "constituency-tuned": Row(TreeSettings(), tasks=TASKS, differs=_TAI),
    "fold": Row(
        TreeSettings().updated(hidden_size=300, dropout=0, recurrent_dropout=0.25, batch_size=100),
        differs=(_VECTORS, _AVERAGE, _FOLD),
    ),
    "tree-gru": Row(TreeSettings().updated(cell="gru")),
    "bidirectional-tree": Row(TreeSettings().updated(bidirectional=True)),
    "constituency-distilled": Row(TreeSettings(), distilled=True),
    "ensemble": Row(Ensemble(), tasks=TASKS),
    # What the tree adds to an encoder, with the same number of epochs; with twice as many, training
    # on sentences only overfits.
    "encoder-sentences": Row(EncoderAverageSettings(phrase_ratio=0), "none", phrases=False),
    "encoder-phrases": Row(EncoderAverageSettings(), "none"),
    "encoder-frozen-tree": Row(EncoderTreeSettings(tuning="frozen", precision="float32"), "none"),
    "encoder-tree": Row(EncoderTreeSettings(), "none"),
}
