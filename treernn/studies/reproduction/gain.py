"""What a tree adds to a pretrained encoder: the rows on one encoder beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from treernn.studies.reproduction.markup import shown, table
from treernn.studies.reproduction.summary import Figure, Key, RowSummary, interval, signed

ON_ENCODER = {
    "encoder-sentences": "no tree: the mean over the sentence, learnt from whole sentences alone",
    "encoder-phrases": "no tree: the mean over each phrase",
    "encoder-frozen-tree": "tree on the vectors as they are",
    "encoder-tree": "tree, the encoder learns along",
}
"""The rows, by what is on the encoder."""

_WITHOUT, _WITH = "encoder-phrases", "encoder-tree"
_ACCURACIES: dict[str, Key] = {
    "root 5": "root_five",
    "root 2": "root_binary",
    "all 5": "all_five",
    "all 2": "all_binary",
}
_ANALYSES = {
    "X but Y": "contrast",
    "positive negated": "positive_turned",
    "negative negated": "negative_crossed",
}


def gain(summaries: Sequence[RowSummary]) -> list[str]:
    """Parts of the report, in Markdown; none where no such row was run."""
    rows = {each.name: each for each in summaries if each.name in ON_ENCODER and each.seeds}
    if not rows:
        return []
    found = {name: _figures(rows[name]) for name in ON_ENCODER if name in rows}
    columns = list(dict.fromkeys(column for each in found.values() for column in each))
    lines = [
        [
            ON_ENCODER[name],
            f"`{name}`",
            str(len(rows[name].seeds["five"])),
            *(shown(each.get(column)) for column in columns),
            f"{rows[name].minutes['five'].median:.1f}",
        ]
        for name, each in found.items()
    ]
    if _WITHOUT in found and _WITH in found:
        cells = [_gain(found[_WITHOUT].get(each), found[_WITH].get(each)) for each in columns]
        lines.append(["**the tree's gain**", "", "", *cells, ""])
    encoders = dict.fromkeys(row.vectors.partition(",")[0] for row in rows.values())
    return [
        "## What the tree adds to an encoder",
        f"{' and '.join(encoders)} under a softmax, with a tree and without, as many epochs each; "
        "test set, per cent. `5` is five classes over phrases of so many words, `2` "
        "binary by the five-class model. The last row is what the tree gains over the mean over "
        "each phrase, in points, and the 95 % interval of that over the seeds (Welch's t). "
        "The last three columns are those of the analyses below.",
        table(
            ["on the encoder", "row", "n", *columns, "minutes a run"],
            lines,
            {"on the encoder", "row"},
        ),
    ]


def _figures(row: RowSummary) -> Mapping[str, Figure]:
    found = {title: row.ours("five", key) for title, key in _ACCURACIES.items()}
    found |= {f"5, {words}": figure for words, figure in row.by_length.items()}
    found |= {title: row.understood.get(name) for title, name in _ANALYSES.items()}
    return {title: figure for title, figure in found.items() if figure is not None}


def _gain(without: Figure | None, with_tree: Figure | None) -> str:
    if without is None or with_tree is None:
        return "–"
    text = f"**{signed(with_tree.mean - without.mean)}**"
    bounds = interval(without, with_tree)
    return text if bounds is None else f"{text} [{signed(bounds[0])}, {signed(bounds[1])}]"
