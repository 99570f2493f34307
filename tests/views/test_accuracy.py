import io

import numpy as np
from rich.console import Console

from treernn.evaluation.accuracy import evaluate
from treernn.types import Tree
from treernn.views.accuracy import accuracy_tables

NEGATIVE, NEUTRAL, POSITIVE = (0.1, 0.5, 0.2, 0.1, 0.1), (0.1, 0.1, 0.6, 0.1, 0.1), (0, 0, 0, 0, 1)


def test_rows_of_the_tables():
    trees = [Tree(("a", "b"), ((0, 1),), (2, 2, 4)), Tree(("w",) * 25, (tuple(range(25)),))]
    evaluation = evaluate(
        trees, [np.array([NEUTRAL, NEUTRAL, NEGATIVE]), np.array([POSITIVE] * 26)]
    )
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(accuracy_tables(evaluation, {"model": "m", "data": "d"}))
    text = console.export_text()
    for line in ("model: m   data: d", "│ roots     │        0.0 % │  0.0 % │       1 │",
                 "│ all nodes │       66.7 % │  0.0 % │       3 │",
                 "│ 1 word    │      100.0 % │      – │       2 │",
                 "│ 2 words   │        0.0 % │  0.0 % │       1 │"):  # fmt: skip
        assert line in text
    console.print(accuracy_tables(evaluation, {}, roots_only=True))
    assert "all nodes" not in console.export_text()
