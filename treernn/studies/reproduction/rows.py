"""The rows of the published tables, and of ours beside them: how each model is trained.

Socher et al. (2013), table 1; Tai et al. (2015), table 2. What ``treernn train`` trains by default
is the recipe of every row but for what stands here: AdaGrad 0.05, batches of 25 trees, L2 1e-4 on
all but the word vectors, the epoch that is best on the dev roots (Tai et al., section 5.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from treernn.studies.reproduction import bag_of_words
from treernn.training.encoder_structures import ContextualAverageSettings, ContextualTreeSettings
from treernn.training.structures import (
    AverageSettings,
    ChainSettings,
    SentimentSettings,
    TreeSettings,
)

Vectors = Literal["none", "random", "fixed", "tuned"]
Task = Literal["five", "binary"]


@dataclass(frozen=True)
class Ensemble:
    """The mean of the distributions of several models that are alike but for the seed.

    Attributes:
        row: whose models.
        members: of the seeds 1 to so many.
    """

    row: str
    members: int = 5


Settings = SentimentSettings | bag_of_words.Settings | Ensemble

TASKS: tuple[Task, ...] = ("five", "binary")


@dataclass(frozen=True)
class Row:
    """One model of the tables.

    Attributes:
        settings: how it is trained; their type says what it is. The seed is that of the run.
        vectors: what the word vectors begin with and whether they learn: ``tuned`` and ``fixed``
            are given ones; ``none`` is for models without, among them those of an encoder.
        distilled: the given vectors are set beside those that an encoder gives each word alone,
            see ``treernn.encoders.distilled``.
        dependency: dependency trees in place of the treebank's own.
        phrases: whether it learns from all phrases, or from whole sentences alone.
        differs: in what the model differs from the one in print, a sentence each.
        tasks: ``five``, the five-class model, of which the binary figures come too; ``binary``,
            a model that knows positive and negative alone, as in Tai et al. (2015, section 5.1).
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
        """Whether anything in it is random and not settled by the row itself."""
        return not isinstance(self.settings, bag_of_words.Settings | Ensemble)


# In what the models differ from those in print.
_VECTORS = "the word vectors have 100 numbers (GloVe 6B); in print 300 (GloVe 840B)"
_RANDOM = "random word vectors have 100 numbers; in print 300"
_WORDS = (
    "word vectors begin as GloVe's and reach the cell through a projection; in print they begin "
    "random and are the words' states themselves"
)
_AVERAGE = "what is measured is a moving average of the weights (Polyak & Juditsky 1992)"
_LEARN = "word vectors learn at a rate of 0.3 and have dropout too; in print 0.1, without"
_MEAN = "dropout of 0.5 on the word vectors, and the mean goes to the softmax as it is"
_CHOICE = (
    "the paper does not say which phrases it learns from: here each distinct phrase once, of three "
    "ways the nearest to its figures"
)
_DROPOUT = "dropout of 0.2 on word vectors and states; print has none"
_FIXED = "word vectors have dropout too; in print without"
_SIZE = "numbers per state: print tried 25 to 35"
_MATRIX = (
    "a word's matrix is the identity's share plus a learnt linear image of its vector, 25 × 25, so "
    "that memory does not grow with the vocabulary; in print each word has a matrix of its own"
)
_PARSER = (
    "dependency trees are spaCy's; in print those of Stanford's parser. All nodes are the labelled "
    "ones of these trees, many of them single words, and do not compare with other rows"
)
_FOLD = "word vectors learn by plain steps; in print by AdaGrad with a tenth of the gradient"
_ROOTS = "a root's loss counts threefold; in print all nodes count alike"
_PHRASES = "at most 18 epochs, as one takes long, and no more than 5 without a better one"


def _chain(**settings: int | bool) -> Row:
    # Chains have every phrase as an example of its own: an epoch takes two to eight times as
    # long as that of a tree, hence fewer of them.
    common = ChainSettings(epochs=18, patience=5, **settings)  # type: ignore[arg-type]
    return Row(common, tasks=TASKS, differs=(_VECTORS, _LEARN, _AVERAGE, _PHRASES))


def _recursive(*differs: str, **settings: int | float | str) -> Row:
    common = TreeSettings(**settings)  # type: ignore[arg-type]
    return Row(common, differs=(_WORDS, _AVERAGE, *differs))


_PLAIN = (_CHOICE,)
_TAI = (_VECTORS, _LEARN, _AVERAGE)

ROWS: dict[str, Row] = {
    "nb": Row(bag_of_words.Settings("naive-bayes"), "none", differs=_PLAIN),
    "svm": Row(bag_of_words.Settings("svm"), "none", differs=_PLAIN),
    "binb": Row(bag_of_words.Settings("naive-bayes", ngrams=2), "none", differs=_PLAIN),
    "vecavg": Row(AverageSettings(), "random", differs=(_AVERAGE, _MEAN)),
    "vecavg-tanh": Row(
        AverageSettings(tanh=True, dropout=0.2, embedding_learning_rate=1.0), "random"
    ),
    "rnn": _recursive(_SIZE, _DROPOUT, cell="elman", hidden_size=45, dropout=0.2),
    "mv-rnn": _recursive(_MATRIX, _DROPOUT, cell="matrix-vector", hidden_size=25, dropout=0.2),
    "rntn": _recursive(_SIZE, _DROPOUT, cell="rntn", hidden_size=45, dropout=0.2),
    "lstm": _chain(hidden_size=168),
    "bilstm": _chain(hidden_size=168, bidirectional=True),
    "lstm-2": _chain(hidden_size=120, layers=2),
    "bilstm-2": _chain(hidden_size=120, layers=2, bidirectional=True),
    "dependency": Row(
        TreeSettings(cell="child-sum-lstm", hidden_size=168, root_weight=3.0),
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
        TreeSettings(hidden_size=300, dropout=0, recurrent_dropout=0.25, batch_size=100),
        differs=(_VECTORS, _AVERAGE, _FOLD),
    ),
    "tree-gru": Row(TreeSettings(cell="gru")),
    "bidirectional-tree": Row(TreeSettings(bidirectional=True)),
    "constituency-distilled": Row(TreeSettings(), distilled=True),
    "ensemble": Row(Ensemble("constituency-tuned"), tasks=TASKS),
    # One encoder, as many epochs: what the tree adds. Whole sentences alone are learnt by heart in
    # twice as many.
    "encoder-sentences": Row(ContextualAverageSettings(phrases=0), "none", phrases=False),
    "encoder-phrases": Row(ContextualAverageSettings(), "none"),
    "encoder-frozen-tree": Row(ContextualTreeSettings(tuning="frozen"), "none"),
    "encoder-tree": Row(ContextualTreeSettings(), "none"),
}
