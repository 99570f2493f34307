"""Published accuracies (%) on the test part of the Stanford Sentiment Treebank.

- Socher et al., "Recursive Deep Models for Semantic Compositionality Over a Sentiment Treebank"
  (EMNLP 2013), Table 1.
- Tai, Socher and Manning, "Improved Semantic Representations From Tree-Structured Long Short-Term
  Memory Networks" (ACL 2015), Table 2: mean and standard deviation over 5 runs.
- Looks et al., "Deep Learning with Dynamic Computation Graphs" (ICLR 2017), TensorFlow Fold: mean
  and standard deviation over 30 runs.

"Binary" means positive against negative, without phrases whose gold label is neutral. It comes from
two kinds of models. Tai et al. train a separate two-class model, without neutral sentences. Looks
et al. use the five-class model: positive if p3 + p4 > p0 + p1. Socher et al. do not say in the
paper; the evaluation in their published code, CoreNLP, uses the five-class model.
"""

from __future__ import annotations

from dataclasses import dataclass

SOCHER = "Socher et al. 2013, Table 1"
TAI = "Tai et al. 2015, Table 2"
FOLD = "Looks et al. 2017 (TensorFlow Fold)"


@dataclass(frozen=True)
class Published:
    """One row of a published table; None where it has no figure, as for rows of our own.

    Attributes:
        title: the name of the model there.
        source: the table.
        all_five, root_five: five-class accuracy over all phrases and over sentences.
        all_binary, root_binary: binary accuracy, likewise.
        root_five_sd, root_binary_sd: standard deviations over several runs.
        binary_task: the model of the binary figures: ``five``, the five-class model, or
            ``binary``, a two-class model.
    """

    title: str
    source: str | None = None
    all_five: float | None = None
    root_five: float | None = None
    all_binary: float | None = None
    root_binary: float | None = None
    root_five_sd: float | None = None
    root_binary_sd: float | None = None
    binary_task: str = "five"

    def figure(self, task: str, accuracy: str) -> tuple[float, float | None] | None:
        """An accuracy and its standard deviation; None where this kind was not published.

        Args:
            task: the model, ``five`` or ``binary``.
            accuracy: for example ``root_five``.
        """
        value = getattr(self, accuracy)
        if value is None or task != (self.binary_task if "binary" in accuracy else "five"):
            return None
        return value, getattr(self, f"{accuracy}_sd", None)


def _socher(title: str, all5: float, root5: float, all2: float, root2: float) -> Published:
    return Published(title, SOCHER, all5, root5, all2, root2)


def _tai(title: str, root5: float, sd5: float, root2: float, sd2: float) -> Published:
    return Published(title, TAI, None, root5, None, root2, sd5, sd2, "binary")


# By the name of the row, in the order of the papers.
PUBLISHED: dict[str, Published] = {
    "nb": _socher("NB", 67.2, 41.0, 82.6, 81.8),
    "svm": _socher("SVM", 64.3, 40.7, 84.6, 79.4),
    "binb": _socher("BiNB", 71.0, 41.9, 82.7, 83.1),
    "vecavg": _socher("VecAvg", 73.3, 32.7, 85.1, 80.1),
    "rnn": _socher("RNN", 79.0, 43.2, 86.1, 82.4),
    "mv-rnn": _socher("MV-RNN", 78.7, 44.4, 86.8, 82.9),
    "rntn": _socher("RNTN", 80.7, 45.7, 87.6, 85.4),
    "lstm": _tai("LSTM", 46.4, 1.1, 84.9, 0.6),
    "bilstm": _tai("Bidirectional LSTM", 49.1, 1.0, 87.5, 0.5),
    "lstm-2": _tai("2-layer LSTM", 46.0, 1.3, 86.3, 0.6),
    "bilstm-2": _tai("2-layer Bidirectional LSTM", 48.5, 1.0, 87.2, 1.0),
    "dependency": _tai("Dependency Tree-LSTM", 48.4, 0.4, 85.7, 0.4),
    "constituency-random": _tai(
        "Constituency Tree-LSTM, randomly initialized vectors", 43.9, 0.6, 82.0, 0.5
    ),
    "constituency-fixed": _tai(
        "Constituency Tree-LSTM, Glove vectors, fixed", 49.7, 0.4, 87.5, 0.8
    ),
    "constituency-tuned": _tai(
        "Constituency Tree-LSTM, Glove vectors, tuned", 51.0, 0.5, 88.0, 0.3
    ),
    "fold": Published("Tree-LSTM, single model", FOLD, None, 52.3, None, 89.4, 0.7, 0.4),
}
