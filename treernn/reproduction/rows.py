"""The rows of the published tables, and of ours beside them: how each model is trained.

Socher et al. (2013), table 1; Tai et al. (2015), table 2. What ``treernn train`` trains by default
is the recipe of every row but for what stands here: AdaGrad 0.05, batches of 25 trees, L2 1e-4 on
all but the word vectors, the epoch that is best on the dev roots (Tai et al., section 5.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from treernn.reproduction import bag_of_words
from treernn.training import chain_sentiment, sentiment, vector_average

Vectors = Literal["none", "random", "fixed", "tuned"]
Task = Literal["five", "binary"]
Settings = (
    sentiment.Settings | chain_sentiment.Settings | vector_average.Settings | bag_of_words.Settings
)

TASKS: tuple[Task, ...] = ("five", "binary")


@dataclass(frozen=True)
class Row:
    """One model of the tables.

    Attributes:
        settings: how it is trained; their type says what it is. The seed is that of the run.
        vectors: what the word vectors begin with and whether they learn: ``tuned`` and ``fixed``
            are given ones; ``none`` is for models without.
        dependency: dependency trees in place of the treebank's own.
        differs: in what the model differs from the one in print, a sentence each.
        tasks: ``five``, the five-class model, of which the binary figures come too; ``binary``,
            a model that knows positive and negative alone, as in Tai et al. (2015, section 5.1).
    """

    settings: Settings
    vectors: Vectors = "tuned"
    dependency: bool = False
    tasks: tuple[Task, ...] = ("five",)
    differs: tuple[str, ...] = ()

    @property
    def seeded(self) -> bool:
        """Whether anything in it is random."""
        return not isinstance(self.settings, bag_of_words.Settings)


def _chain(**settings: int | bool) -> Row:
    # Chains have every phrase as an example of its own: an epoch takes twice to five times as
    # long as that of a tree, hence fewer of them.
    common = chain_sentiment.Settings(epochs=18, patience=5, **settings)  # type: ignore[arg-type]
    return Row(common, tasks=TASKS)


def _tree(vectors: Vectors = "tuned", **settings: int | float | str) -> Row:
    return Row(sentiment.Settings(**settings), vectors)  # type: ignore[arg-type]


ROWS: dict[str, Row] = {
    "nb": Row(bag_of_words.Settings("naive-bayes"), "none"),
    "svm": Row(bag_of_words.Settings("svm"), "none"),
    "binb": Row(bag_of_words.Settings("naive-bayes", ngrams=2), "none"),
    "vecavg": Row(vector_average.Settings()),
    "rnn": _tree(cell="elman", hidden_size=45, dropout=0.2),
    # "mv-rnn": _tree(cell="matrix-vector", hidden_size=25, dropout=0.2),
    "rntn": _tree(cell="rntn", hidden_size=45, dropout=0.2),
    "lstm": _chain(hidden_size=168),
    "bilstm": _chain(hidden_size=168, both=True),
    "lstm-2": _chain(hidden_size=120, layers=2),
    "bilstm-2": _chain(hidden_size=120, layers=2, both=True),
    "dependency": Row(
        sentiment.Settings(cell="child-sum-lstm", hidden_size=168), dependency=True, tasks=TASKS
    ),
    "constituency-random": Row(sentiment.Settings(), "random", tasks=TASKS),
    "constituency-fixed": Row(sentiment.Settings(embedding_learning_rate=0), "fixed", tasks=TASKS),
    "constituency-tuned": Row(sentiment.Settings(), tasks=TASKS),
    "tree-gru": _tree(cell="gru"),
    "bidirectional-tree": _tree(both=True),
}
