"""The page of records: right answers and speeds of commits, from docs/record/*.json."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from treernn.studies.formatting import markdown_table
from treernn.studies.record.accuracy import Count
from treernn.studies.record.records import Record, read_records
from treernn.views.figures import INK, PALETTE, new_figure, save_figure, style_axes

FOLDER = Path(__file__).resolve().parents[1] / "record"
SPEEDS = {
    "trees": "The speed of the Tree-LSTM, as a share of that of its matrix products alone.",
    "chains": "The speed of the chain LSTM, relative to `torch.nn.LSTM`.",
    "scoring": "The speed of scoring, relative to a `torch.nn.LSTM` that reads the same sentences.",
}
RIGHT = (
    "Counts on the dev part of the Stanford Sentiment Treebank, so other figures than those of "
    "the README, which are of its test part: *brackets* are phrases of its trees, *right* those "
    "that the parser finds; *constructions* are [texts by patterns and by hand](/constructions.md) "
    "that no model was trained on; *rounding can change* so many answers on another processor."
)
RATIO = (
    "A *ratio* is a speed divided by that of a reference that takes turns with it on the same "
    "machine: at 2 it is twice as fast, at 0.5 half as fast. The *load* above is how many "
    "processes ran or waited for a core just before; a ratio depends on it much less than a speed."
)
TICKS = 4  # commits that are named below a picture, at most
DRAWN = 3  # records; of fewer, the tables say it all
MACHINE = ("cpu", "cores", "instructions", "load", "torch", "python")

Key = TypeVar("Key")
Value = TypeVar("Value")

Lines = Mapping[str, Mapping[int, float]]
"""For each line its values by the place of their record."""


def pages(folder: Path = FOLDER) -> dict[str, str]:
    """The page and its pictures by file name in docs/; nothing without records."""
    records = read_records(folder)
    if not records:
        return {}
    counts = _newest(records, _counts)
    speeds = {of: _newest(records, lambda record, of=of: _parts(record, of)) for of in SPEEDS}
    shown = [counts, *speeds.values()]
    text = [
        "# Record of commits",
        "",
        "What `treernn bench all` measured: [how, and what for](/benchmarks.md#record-of-commits). "
        "A record lacks the models whose encoder was not on its machine, so each row below is from "
        "the last record that has it:",
        "",
        _records_table([record for rows in shown for *_, record in rows]),
        "",
        "## Right answers",
        "",
        RIGHT,
        "",
    ]
    pictures = {}

    def draw(file: str, lines: Lines, title: str, alternative: str) -> list[str]:
        if len(records) < DRAWN:
            return []
        pictures[file] = _picture(records, lines, title)
        return [f"![{alternative}](record/{file})", ""]

    for name in dict.fromkeys(count.set for record in records for count in record.accuracy):
        file = f"right-{name.replace(',', '').replace(' ', '-')}.svg"
        title = f"{name}: right, in %"
        text += draw(file, _right(records, name), title, f"Right answers in % by commit: {name}")
    text += [_right_table(counts), "", "## Speed", "", RATIO]
    for of, title in SPEEDS.items():
        text += ["", f"### {of.capitalize()}", "", title, ""]
        text += draw(f"{of}.svg", _speed(records, of), f"{of}: relative speed", title[:-1])
        rows = [(name, f"{ratio:.2f}", _when(record)) for name, ratio, record in speeds[of]]
        text += [markdown_table((of, "ratio", "record"), rows, text=(of, "record"))]
    found = {"project/record.md": "\n".join(text) + "\n"}
    return found | {f"project/record/{name}": svg for name, svg in pictures.items()}


def _newest(
    records: Iterable[Record], values: Callable[[Record], Iterable[tuple[Key, Value]]]
) -> list[tuple[Key, Value, Record]]:
    """Each value of the last record that has it, and that record.

    Args:
        records: the oldest first.
        values: those of a record, each with what it is of.
    """
    found = {key: (value, record) for record in records for key, value in values(record)}
    return [(key, value, record) for key, (value, record) in found.items()]


def _records_table(records: Iterable[Record]) -> str:
    """What differs between records: the commit and the machine; the newest first."""
    different = sorted({record.date: record for record in records}.items(), reverse=True)
    headings = ("record (UTC)", "commit", "version", *MACHINE)
    rows = (
        (
            _when(record),
            record.commit or "–",
            record.version,
            *(str(record.machine.get(name, "–")) for name in MACHINE),
        )
        for _, record in different
    )
    return markdown_table(headings, rows, text=headings)


def _right_table(counts: Iterable[tuple[object, Count, Record]]) -> str:
    headings = ("model", "answers", "right", "of", "%", "rounding can change", "record")
    rows = (
        (
            one.model,
            one.set,
            f"{one.right:,}",
            f"{one.of:,}",
            f"{_percent(one):.2f}",
            str(one.near),
            _when(record),
        )
        for _, one, record in counts
    )
    return markdown_table(headings, rows, text=("model", "answers", "record"))


def _when(record: Record) -> str:
    """The name of a record: its time in UTC."""
    return record.date[:16].replace("T", " ")


def _counts(record: Record) -> Iterable[tuple[tuple[str, str], Count]]:
    return (((count.model, count.set), count) for count in record.accuracy)


def _percent(count: Count) -> float:
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
    figure = new_figure(4.5, 3.4)  # so that a phone shows letters that can be read
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
    axes.set_xticks(ticks, names)
    axes.set_title(title, loc="left", fontsize=10)
    style_axes(axes)
    figure.legend(loc="outside lower left", ncols=2, frameon=False, fontsize=10, labelcolor=INK)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "picture.svg")
        save_figure(figure, path)
        return path.read_text("utf-8")
