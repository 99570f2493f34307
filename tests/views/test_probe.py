import io
import math
from dataclasses import replace

import pytest
from rich.console import Console

from treernn.corpora.brackets import parse_line
from treernn.evaluation.calibration import Bin, Reliability
from treernn.evaluation.probe import probe
from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.parsing.baselines import ShapeParser, balanced
from treernn.views.figures import save_figure
from treernn.views.probe import probe_tables, reliability_figure


@pytest.fixture(scope="module")
def results():
    lines = ["(3 (2 (1 long) (2 but)) (4 good))", "(1 (1 (2 not) (3 good)) (2 .))"]
    trees = [parse_line(line, "text", 1) for line in lines]
    model = TreeClassifier(TreeConfig(4, 3), ("<unk>", "good", "not"))
    return probe(model, trees, trees, ShapeParser(balanced))


def printed(results) -> str:
    console = Console(width=120, file=io.StringIO())
    console.print(probe_tables(results, {"model": "M", "data": "D"}))
    return console.file.getvalue()


def test_tables_have_the_models_and_the_published_figures(results):
    text = printed(results)
    for part in (
        "model: M   data: D",
        "RNTN",
        "41.0",
        "71.4",
        "81.8",
        "polarity of Y",
        "templates",
        "most negative",
        f"temperature {results.calibration.temperature:.3f} fitted",
        "all nodes",
        "1 word",
    ):
        assert part in text, part
    assert "nan" not in text


def test_figures_are_in_their_cells(results):
    sentences = replace(results.but_sentences, cases=77, correct=12.34, correct_five=5.67)
    positive = replace(
        results.template_negation.negated_positive,
        **{"cases": 1234, "phrase_correct": 98.76, "flipped": 45.67},
        **{"own_falls": 89.12, "delta_class": -1.5},
    )
    negation = replace(results.template_negation, negated_positive=positive)
    changed = replace(results, but_sentences=sentences, template_negation=negation)
    lines = printed(changed).splitlines()

    def cells(name: str) -> list[str]:
        rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines]
        return next(row for row in rows if row and row[0] == name)

    assert cells("X but Y: all three correct")[1:] == [
        "77", "12.3", "41.0", "37.0", "36.0", "27.0",
    ]  # fmt: skip
    assert cells("of five classes")[1:3] == ["77", "5.7"]
    assert cells("templates")[1:3] == ["1,234", "45.7"]
    row = cells("+ templates")
    assert (row[1:4], row[7]) == (["98.8", "45.7", "89.1"], "-1.50")


def test_nan_is_none_in_json(results):
    plain = results.to_dict()
    assert math.isnan(results.treebank_negation.negated_negative.flipped)
    assert plain["treebank_negation"]["negated_negative"]["flipped"] is None
    assert plain["treebank_negation"]["negated_positive"]["cases"] == 1


def test_reliability_diagram(results, tmp_path):
    pytest.importorskip("matplotlib")
    figure = reliability_figure(results.calibration)
    left, right = figure.axes
    assert "roots" in left.get_title()
    assert "all nodes" in right.get_title()
    save_figure(figure, tmp_path / "plot.svg")
    assert (tmp_path / "plot.svg").read_text().rstrip().endswith("</svg>")


def test_bins_with_few_phrases_are_left_out(results):
    pytest.importorskip("matplotlib")
    bins = (Bin(0.2, 0.4, 19, 0.3, 0.0), Bin(0.4, 0.6, 20, 0.5, 0.5), Bin(0.6, 0.8, 61, 0.7, 0.9))
    roots = Reliability(100, 1.0, 1.0, bins)
    figure = reliability_figure(replace(results.calibration, roots_before=roots))
    _, curve, *intervals = figure.axes[0].lines
    assert [*curve.get_xdata()] == [0.5, 0.7]
    assert [*curve.get_ydata()] == [0.5, 0.9]
    # statsmodels.stats.proportion.proportion_confint(10, 20, method="wilson")
    assert [*intervals[0].get_ydata()] == pytest.approx([0.2993, 0.7007], abs=1e-4)
