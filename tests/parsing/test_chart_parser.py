import numpy as np
import pytest
import torch

from treernn.parsing.chart_parser import ChartParser, Charts
from treernn.parsing.cky import inside_outside


class Random(ChartParser):
    """Charts that are drawn, two sentences at a time."""

    def charts(self, sentences):
        order = sorted(range(len(sentences)), key=lambda i: -len(sentences[i]))
        for start in range(0, len(order), 2):
            rows = np.array(order[start : start + 2])
            lengths = np.array([len(sentences[row]) for row in rows])
            n = int(lengths[0])
            scores = torch.full((len(rows), n + 1, n + 1), 9.0)
            for place, length in enumerate(lengths):
                scores[place, : length + 1, : length + 1] = self.one(int(length))
            yield Charts(rows, lengths, scores)

    @staticmethod
    def one(n: int) -> torch.Tensor:
        return torch.randn(n + 1, n + 1, generator=torch.Generator().manual_seed(n))


SENTENCES = [["w"] * n for n in (3, 7, 1, 2, 5)]


def test_spans_are_those_of_each_chart():
    found = Random().span_probabilities(SENTENCES)
    for words, spans in zip(SENTENCES, found, strict=True):
        n = len(words)
        shares = inside_outside(Random.one(n)[None], torch.tensor([n]))[1][0]
        expected = {
            (i, j): float(shares[i, j])
            for i in range(n)
            for j in range(i + 2, n + 1)
            if shares[i, j] > 0.01
        }
        assert spans.dtype == np.float32
        assert {(int(i), int(j)): p for i, j, p in spans.tolist()} == pytest.approx(expected)
    assert Random().span_probabilities([]) == []


def test_trees_come_back_in_order():
    trees = Random().parse(SENTENCES)
    assert [list(tree.words) for tree in trees] == SENTENCES
    assert [tree.children for tree in trees] == [
        Random().parse([words])[0].children for words in SENTENCES
    ]
