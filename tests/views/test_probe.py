import io
import math
from dataclasses import replace

import pytest
from rich.console import Console

from treernn.corpora.brackets import parse_line
from treernn.evaluation.probe import probe
from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.parsing.baselines import ShapeParser, balanced
from treernn.views.pictures import save_figure
from treernn.views.probe import as_dict, figure, tables


@pytest.fixture(scope="module")
def found():
    lines = ["(3 (2 (1 long) (2 but)) (4 good))", "(1 (1 (2 not) (3 good)) (2 .))"]
    trees = [parse_line(line, "text", 1) for line in lines]
    model = TreeClassifier(TreeConfig(4, 3), ("<unk>", "good", "not"))
    return probe(model, trees, trees, ShapeParser(balanced))


def printed(found) -> str:
    console = Console(width=120, file=io.StringIO())
    console.print(tables(found, {"model": "M", "data": "D"}))
    return console.file.getvalue()


def test_tables_have_ours_and_the_published_figures(found):
    text = printed(found)
    for part in (
        "model: M   data: D",
        "RNTN",
        "41.0",
        "71.4",
        "81.8",
        "whole on the side of Y",
        "made sentences",
        "most negative",
        f"temperature {found.calibration.temperature:.3f} fitted",
        "all nodes",
        "1 word",
    ):
        assert part in text, part
    assert "nan" not in text


def test_each_figure_is_in_its_place(found):
    sentences = replace(found.sentences, cases=77, right=12.34, right_five=5.67)
    negated = replace(
        found.made.of_positive, cases=1234, known=98.76, turned=45.67, eased=89.12, value=-1.5
    )
    made = replace(found.made, of_positive=negated)
    lines = printed(replace(found, sentences=sentences, made=made)).splitlines()

    def cells(name: str, number: int = 0) -> list[str]:
        rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines]
        return [row for row in rows if row and row[0] == name][number]

    assert cells("X but Y: all three right")[1:] == [
        "77", "12.3", "41.0", "37.0", "36.0", "27.0",
    ]  # fmt: skip
    assert cells("of five classes")[1:3] == ["77", "5.7"]
    assert cells("made sentences")[1:3] == ["1,234", "45.7"]
    row = cells("positive, made")
    assert (row[1:4], row[7]) == (["98.8", "45.7", "89.1"], "-1.50")


def test_what_was_not_there_is_none(found):
    plain = as_dict(found)
    assert math.isnan(found.in_trees.of_negative.turned)
    assert plain["in_trees"]["of_negative"]["turned"] is None
    assert plain["in_trees"]["of_positive"]["cases"] == 1


def test_the_plot(found, tmp_path):
    pytest.importorskip("matplotlib")
    left, right = figure(found.calibration).axes
    assert "roots" in left.get_title()
    assert "all nodes" in right.get_title()
    before = found.calibration.roots_before
    curve = left.lines[1]
    filled = [each for each in before.bins if each.count]
    assert curve.get_xdata() == pytest.approx([each.confidence for each in filled])
    assert curve.get_ydata() == pytest.approx([each.accuracy for each in filled])
    save_figure(lambda: figure(found.calibration), tmp_path / "plot.svg")
    assert (tmp_path / "plot.svg").read_text().rstrip().endswith("</svg>")
