from xml.etree import ElementTree

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from treernn.studies.reproduction import plots
from treernn.studies.reproduction.plots import by_length, confusion, draw, learning_curves


def test_the_same_runs_give_the_same_bytes(records, tmp_path):
    drawn = [draw(each, tmp_path / name) for name, each in (("a", records), ("b", records[::-1]))]
    assert drawn[0] == drawn[1]
    assert list(drawn[0]) == ["length.svg", "learning.svg", "confusion.svg"]
    for name in drawn[0]:
        content = (tmp_path / "a" / name).read_bytes()
        assert content == (tmp_path / "b" / name).read_bytes()
        assert ElementTree.fromstring(content).tag.endswith("svg")
    assert len(list((tmp_path / "a").iterdir())) == 3


def test_the_lines_are_means_over_the_seeds(made, parsed):
    rows = {"rnn": [made("rnn", 1), made("rnn", 2)], "nb": [made("nb")]}
    five, binary = by_length({name: parsed(runs) for name, runs in rows.items()}).axes
    for axes, classes in ((five, "five"), (binary, "binary")):
        for line, runs in zip(axes.lines, rows.values(), strict=True):
            values = [[group[classes] for group in run["test"]["by_length"]] for run in runs]
            assert line.get_ydata() == pytest.approx(np.mean(values, axis=0))
    names = [label.get_text() for label in five.get_xticklabels()]
    assert names == ["1", "2", "3", "4", "5", "6–7", "8–10", "11–15", "16–20", "21–30", "31–56"]


def test_lengths_that_a_row_lacks_leave_the_others_in_place(made, parsed):
    full, short = made("rnn"), made("lstm")
    short["test"]["by_length"][0]["five"] = None
    del short["test"]["by_length"][3]
    axes = by_length({"lstm": parsed([short]), "rnn": parsed([full])}).axes[0]
    assert [list(line.get_xdata()) for line in axes.lines] == [
        [1, 2, 4, 5, 6, 7, 8, 9, 10], list(range(11)),
    ]  # fmt: skip


def test_a_mean_curve_goes_as_far_as_all_seeds(made, parsed):
    runs = [made("rnn", 1), made("rnn", 2)]
    runs[0]["history"] = runs[0]["history"][:5]
    axes = learning_curves({"rnn": parsed(runs)}).axes[0]
    *thin, mean = axes.lines
    assert [len(line.get_ydata()) for line in thin] == [5, len(runs[1]["history"])]
    curves = [[epoch["dev_root"] for epoch in run["history"][:5]] for run in runs]
    assert mean.get_ydata() == pytest.approx(np.mean(curves, axis=0))


def test_confusion_is_in_percent_of_the_gold_class(made, parsed):
    runs = [made("rnn", 1), made("rnn", 2)]
    runs[0]["test"]["confusion"][0] = runs[1]["test"]["confusion"][0] = [0] * 5
    axes = confusion({"rnn": parsed(runs)}).axes[0]
    counts = np.add(*(run["test"]["confusion"] for run in runs))
    shown = np.array([int(text.get_text().removesuffix(" %")) for text in axes.texts]).reshape(5, 5)
    assert (shown[0] == 0).all()
    assert shown[1:] == pytest.approx(100 * counts[1:] / counts[1:].sum(1, keepdims=True), abs=0.5)


def test_only_pictures_with_data_are_drawn(made, parsed, tmp_path):
    def names(runs, folder):
        return list(draw(parsed(runs), tmp_path / folder))

    assert names([made("nb")], "no epochs") == ["length.svg"]
    assert names([made("rnn", task="binary")], "two classes") == []
    assert names([made("lstm"), made("own")], "a chain") == [
        "length.svg", "learning.svg", "confusion.svg",
    ]  # fmt: skip
    assert names([made("own")], "ours") == ["length.svg", "learning.svg"]


def test_a_picture_has_at_most_six_lines(made, parsed, tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr(
        plots, "save_figure", lambda figure, path: shown.append((path.name, figure))
    )
    many = ("binb", "vecavg", "rnn", "rntn", "lstm", "bilstm", "constituency-tuned", "tree-gru")
    draw(parsed([made(row) for row in many]), tmp_path)
    figures = dict(shown)
    lines = [line.get_label() for line in figures["length.svg"].axes[0].lines]
    assert lines == ["constituency-tuned", "bilstm", "lstm", "rntn", "rnn", "vecavg"]
    assert len({line.get_color() for line in figures["length.svg"].axes[0].lines}) == 6
