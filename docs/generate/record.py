"""The page of records: right answers and speeds of commits, from docs/record/*.json."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from treernn.studies.formatting import markdown_table
from treernn.studies.record.records import Record, read_records
from treernn.views.figures import INK, PALETTE, new_figure, save_figure, style_axes

FOLDER = Path(__file__).resolve().parents[1] / "record"
SPEEDS = {
    "trees": "The speed of the Tree-LSTM, as a share of that of its matrix products alone.",
    "chains": "The speed of the chain LSTM, relative to `torch.nn.LSTM`.",
    "scoring": "The speed of scoring, relative to a `torch.nn.LSTM` that reads the same sentences.",
}
TICKS = 8  # commits that are named below a picture, at most

Lines = Mapping[str, Mapping[int, float]]
"""For each line its values by the place of their record."""


def pages() -> dict[str, str]:
    """The page and its pictures by file name in docs/; nothing without records."""
    records = read_records(FOLDER)
    if not records:
        return {}
    last = records[-1]
    machine = last.machine
    text = [
        "# Record of commits",
        "",
        "What `treernn bench all` measured: [how, and what for](/benchmarks.md#record-of-commits). "
        f"The tables are of the last record: commit `{last.commit}`, version "
        f"{last.version}, {last.date[:10]}, {machine['cores']} cores of {machine['cpu']}, "
        f"{machine['instructions']}, torch {machine['torch']}, Python {machine['python']}.",
        "",
        "## Right answers",
        "",
    ]
    pictures = {}
    for name in dict.fromkeys(count.set for record in records for count in record.accuracy):
        file = f"right-{name.replace(',', '').replace(' ', '-')}.svg"
        pictures[file] = _picture(records, _right(records, name), f"{name}: right, in %")
        text += [f"![Right answers in % by commit: {name}](record/{file})", ""]
    text += [_right_table(last)]
    for of, title in SPEEDS.items():
        pictures[f"{of}.svg"] = _picture(
            records, _speed(records, of), f"{of}: ratio to the reference"
        )
        text += ["", f"## Speed: {of}", "", title, "", f"![{title[:-1]}](record/{of}.svg)", ""]
        rows = [(name, f"{ratio:.2f}") for name, ratio in _parts(last, of)]
        text += [markdown_table((of, "ratio"), rows, text=(of,))]
    found = {"project/record.md": "\n".join(text) + "\n"}
    return found | {f"project/record/{name}": svg for name, svg in pictures.items()}


def _right_table(record: Record) -> str:
    headings = ("model", "answers", "right", "of", "%", "rounding can change")
    rows = (
        (one.model, one.set, f"{one.right:,}", f"{one.of:,}", f"{_percent(one):.2f}", str(one.near))
        for one in record.accuracy
    )
    return markdown_table(headings, rows, text=headings[:2])


def _percent(count) -> float:
    return 100 * count.right / count.of


def _right(records: Sequence[Record], name: str) -> Lines:
    """A line for each model that has such answers."""
    found: dict[str, dict[int, float]] = {}
    for place, record in enumerate(records):
        for count in record.accuracy:
            if count.set == name:
                found.setdefault(count.model, {})[place] = _percent(count)
    return found


def _speed(records: Sequence[Record], of: str) -> Lines:
    """A line for each part of what is measured."""
    found: dict[str, dict[int, float]] = {}
    for place, record in enumerate(records):
        for name, ratio in _parts(record, of):
            found.setdefault(name, {})[place] = ratio
    return found


def _parts(record: Record, of: str) -> Iterable[tuple[str, float]]:
    for name, ratio in record.speed.items():
        kind, _, part = name.partition(", ")
        if kind == of:
            yield part, ratio


def _picture(records: Sequence[Record], lines: Lines, title: str) -> str:
    """Values by commit, as SVG for light and dark pages."""
    figure = new_figure(6, 3)  # so that a phone shows letters that can be read
    axes = figure.subplots()
    for (name, points), color in zip(lines.items(), PALETTE, strict=False):
        style = {"color": color, "marker": "o", "markersize": 4, "lw": 1.8, "label": name}
        axes.plot([*points], [*points.values()], **style)
    values = [value for points in lines.values() for value in points.values()]
    if max(values) > 4 * min(values):
        axes.set_yscale("log", base=2)
        axes.yaxis.set_major_formatter("{x:g}")
    axes.set_xlim(-0.5, len(records) - 0.5)
    ticks = range(0, len(records), -(-len(records) // TICKS))
    names = [f"{(records[at].commit or '')[:7]}\n{records[at].date[:10]}" for at in ticks]
    axes.set_xticks(ticks, names, fontsize=8)
    axes.set_title(title, loc="left", fontsize=10)
    style_axes(axes)
    figure.legend(loc="outside lower left", ncols=3, frameon=False, fontsize=9, labelcolor=INK)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "picture.svg")
        save_figure(figure, path)
        return path.read_text("utf-8")
