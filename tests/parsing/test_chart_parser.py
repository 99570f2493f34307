from types import SimpleNamespace

import numpy as np
import pytest
import torch

from treernn.parsing.chart_parser import Biaffine, ChartParser
from treernn.parsing.cky import inside_outside


class Batch(SimpleNamespace):
    def to(self, _device):
        return self


class RandomParser(ChartParser):
    """Random span scores, two sentences per batch."""

    def __init__(self):
        super().__init__()
        self.biaffine = Biaffine(1, 1)

    def encode(self, sentences):
        return [len(words) for words in sentences]

    def batches(self, examples):
        order = sorted(range(len(examples)), key=lambda i: examples[i])
        return [order[start : start + 2] for start in range(0, len(order), 2)]

    def collate(self, examples):
        return Batch(lengths=examples)

    def forward(self, batch):
        n = max(batch.lengths)
        scores = torch.full((len(batch.lengths), n + 1, n + 1), 9.0)
        for row, length in enumerate(batch.lengths):
            scores[row, : length + 1, : length + 1] = self.scores(length)
        return scores

    @staticmethod
    def scores(n: int) -> torch.Tensor:
        return torch.randn(n + 1, n + 1, generator=torch.Generator().manual_seed(n))


SENTENCES = [["w"] * n for n in (3, 7, 1, 2, 5)]


def test_span_probabilities_are_those_of_each_chart():
    tables = RandomParser().span_probabilities(SENTENCES)
    for words, table in zip(SENTENCES, tables, strict=True):
        n = len(words)
        marginals = inside_outside(RandomParser.scores(n)[None], torch.tensor([n]))[1][0]
        expected = {
            (i, j): float(marginals[i, j])
            for i in range(n)
            for j in range(i + 2, n + 1)
            if marginals[i, j] > 0.01
        }
        assert table.dtype == np.float32
        assert table.shape == (len(expected), 3)
        assert {(int(i), int(j)): p for i, j, p in table.tolist()} == pytest.approx(expected)
    assert RandomParser().span_probabilities([]) == []


def test_trees_are_in_the_order_of_the_sentences():
    trees = RandomParser().parse(SENTENCES)
    assert [list(tree.words) for tree in trees] == SENTENCES
    assert [tree.children for tree in trees] == [
        RandomParser().parse([words])[0].children for words in SENTENCES
    ]
