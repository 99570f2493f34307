"""The report in Markdown."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean

from treernn.evaluation.accuracy import NEUTRAL
from treernn.evaluation.published import CONTRAST, NEGATED_NEGATIVE, NEGATED_POSITIVE
from treernn.studies.formatting import markdown_table, plus_minus, signed
from treernn.studies.reproduction.published import FOLD, SOCHER, TAI
from treernn.studies.reproduction.records import LENGTHS, Record
from treernn.studies.reproduction.rows import ROWS, Ensemble, Task
from treernn.studies.reproduction.summary import (
    HEADINGS,
    Accuracy,
    RowSummary,
    check_claims,
    missing_runs,
    summarise,
    welch_interval,
)

NEAR = 1.5  # points

# The accuracies in each table of results: in the order of the paper, then others.
_GROUPS: dict[str | None, tuple[tuple[Task, Accuracy], ...]] = {
    SOCHER: tuple(HEADINGS)[:4],
    TAI: (
        ("five", "root_five"),
        ("binary", "root_binary"),
        ("five", "root_binary"),
        ("five", "all_five"),
    ),
    FOLD: (("five", "root_five"), ("five", "root_binary"), ("five", "all_five")),
    None: tuple(HEADINGS),
}

ON_ENCODER = {
    "encoder-sentences": "no tree: mean over the sentence, trained on sentences only",
    "encoder-phrases": "no tree: mean over each phrase",
    "encoder-frozen-tree": "tree on a frozen encoder",
    "encoder-tree": "tree, encoder fine-tuned",
}
"""The rows on a pretrained encoder."""

_ENCODER_COLUMNS = {
    "root 5": "root_five",
    "root 2": "root_binary",
    "all 5": "all_five",
    "all 2": "all_binary",
    **{f"5, {length}": length for length in LENGTHS},
    "X but Y": "contrast",
    "negated positive": "positive_flipped",
    "negated negative": "negative_opposite_rises",
}

# Heading, name among the figures, published figures.
_ANALYSES: tuple[tuple[str, str, Mapping[str, float]], ...] = (
    ("X but Y", "contrast", CONTRAST),
    ("negated positive: flipped", "positive_flipped", NEGATED_POSITIVE),
    ("negated negative: more positive", "negative_opposite_rises", NEGATED_NEGATIVE),
    ("negated negative: less negative", "negative_own_falls", {}),
)

# Columns of text; the others hold numbers.
_TEXT = {"model", "row", "claim", "lower", "higher", "accuracy", "verdict", "task", "seeds"}
_TEXT |= {"on the encoder", "word vectors"}

Columns = list[tuple[str, list[str]]]


def markdown(
    records: Sequence[Record], command: str, date: str, pictures: Mapping[str, str] | None = None
) -> str:
    """The report in CommonMark with tables.

    Args:
        records: at least one.
        command: the command that made the runs.
        date: of the newest run.
        pictures: captions by file name.
    """
    rows = summarise(records)
    done = [row for row in rows if row.records]
    five = [record for record in records if record.run.task == "five"]
    confusion = (five or records)[0].confusion
    sentences = sum(map(sum, confusion))
    polar = sentences - sum(confusion[NEUTRAL])
    parts = [
        "# The published tables, reproduced",
        "## The runs",
        *_runs(rows, records, command, date, f"{sentences:,} test sentences, {polar:,}"),
        *_results(rows),
        *_near(done),
        *_claims(rows, sentences),
        *_gain(done),
        *_analyses(done),
        *_models(done),
        *_differences(done),
    ]
    if pictures:
        parts.append("## Pictures")
        parts += [f"{caption}\n\n![{caption}]({name})" for name, caption in pictures.items()]
    return "\n\n".join(parts) + "\n"


def _runs(
    rows: Sequence[RowSummary], records: Sequence[Record], command: str, date: str, test: str
) -> list[str]:
    done = [row for row in rows if row.records]
    # The minutes of an ensemble are those of its members, which are runs of their own.
    ensembles = {name for name, row in ROWS.items() if isinstance(row.settings, Ensemble)}
    hours = sum(r.figures["seconds"] for r in records if r.run.row not in ensembles) / 3600
    machines = Counter(record.machine for record in records).most_common()
    vectors = dict.fromkeys(vectors for row in done if (vectors := row.vectors) != "none")
    lines = [
        f"Command: `{command}`",
        f"{_count(len(records), 'run')} of {_count(len(done), 'row')}, {hours:.1f} hours of "
        f"training in total; the last run ended on {date}.",
        *(f"Machine and versions: {name} ({_count(runs, 'run')})." for name, runs in machines),
        f"Word vectors: {'; '.join(vectors) or 'none'}.",
        f"Evaluated on {test} of them not neutral, and on their phrases. The epoch was chosen on "
        "the dev part only.",
    ]
    if not_run := [f"`{row.name}`" for row in rows if not row.records]:
        lines.append(f"Published rows without runs: {', '.join(not_run)}.")
    if missing := missing_runs(records):
        lines.append(f"Missing runs: {'; '.join(missing)}.")
    parts = ["\n".join(f"- {line}" for line in lines)]
    if quick := dict.fromkeys(f"`{record.run.row}`" for record in records if record.quick):
        parts.insert(
            0,
            f"> **Quick runs** ({', '.join(quick)}): part of the training trees, few epochs. "
            "They show that everything works; they do not reproduce the published results.",
        )
    return parts


def _results(rows: Sequence[RowSummary]) -> list[str]:
    parts = [
        "## Results",
        "Test set, %: the published accuracy, then ours as mean ± standard deviation over n seeds, "
        "and in brackets the difference in points. A model without randomness is run once. `5 + 3` "
        "means five seeds of the five-class model and three of the two-class model. `5` is "
        "five-class accuracy; `2` is binary accuracy, positive against negative, over phrases "
        "whose gold label is not neutral. There are two kinds of it:",
        "- **five-class model**: predicts positive if p(positive) + p(very positive) > p(negative) "
        "+ p(very negative);\n"
        "- **two-class model**: a separate model trained on positive and negative only; neutral "
        "phrases have no label and neutral sentences are removed, as in Tai et al.",
    ]
    for source, accuracies in _GROUPS.items():
        group = [
            row for row in rows if row.published.source == source and row.name not in ON_ENCODER
        ]
        if not any(row.records for row in group):
            continue
        columns = [*_names(group), ("n", [row.seeds for row in group])]
        for key in accuracies:
            published = [row.published.figure(*key) for row in group]
            ours = [row.with_difference(*key) for row in group]
            if any(published):
                cells = [plus_minus(*figure) if figure else "–" for figure in published]
                columns += [(f"{HEADINGS[key]}: published", cells), ("ours", ours)]
            elif any(row.values(*key) for row in group):
                columns.append((f"{HEADINGS[key]}: ours", ours))
        parts += [f"### {source or 'Not published'}", _by_columns(columns)]
    return parts


def _near(rows: Sequence[RowSummary]) -> list[str]:
    differences = [
        (f"`{row.name}` {heading} {signed(difference)}", round(difference, 2))
        for row in rows
        for key, heading in HEADINGS.items()
        if (difference := row.difference(*key)) is not None
    ]
    if not differences:
        return []
    below = [text for text, difference in differences if difference < -NEAR]
    text = (
        f"{len(differences) - len(below)} of {len(differences)} accuracies are above the published "
        f"ones or at most {NEAR} points below them."
    )
    if below:
        text += f" Further below: {'; '.join(below)}."
    return ["### Distance from the published results", text]


def _claims(rows: Sequence[RowSummary], sentences: int) -> list[str]:
    comparisons = check_claims(rows)
    if not comparisons:
        return []
    verdicts: dict[str, Counter[str]] = {}
    cells = []
    for comparison in comparisons:
        key = comparison.task, comparison.accuracy
        name = f"**{comparison.claim}**, {HEADINGS[key]}"
        verdicts.setdefault(name, Counter())[comparison.verdict] += 1
        cells.append(
            (
                comparison.claim,
                f"`{comparison.lower.name}`",
                f"`{comparison.higher.name}`",
                HEADINGS[key],
                signed(comparison.published),
                comparison.lower.mean(*key),
                comparison.higher.mean(*key),
                _interval(comparison.difference, comparison.interval),
                comparison.verdict,
            )
        )
    headings = ["claim", "lower", "higher", "accuracy", "published difference", "lower, ours"]
    headings += ["higher, ours", "our difference", "verdict"]
    lines = [
        f"- {name}: "
        + "; ".join(
            verdict if counts.total() == 1 else f"{verdict} ({count} of {counts.total()})"
            for verdict, count in counts.items()
        )
        for name, counts in verdicts.items()
    ]
    return [
        "## Do the papers' claims hold?",
        "Differences of the means, in points; in brackets the 95 % confidence interval over the "
        "seeds (Welch's t). A claim “holds” or is “reversed” if the interval excludes zero. The "
        "seeds show how much training varies, not how much another test set would: on "
        f"{sentences:,} sentences a five-class accuracy of 50 % alone has a standard error of "
        f"{50 / math.sqrt(sentences):.1f} points.",
        "\n".join(f"{line}." for line in lines),
        markdown_table(headings, cells, _TEXT),
    ]


def _gain(done: Sequence[RowSummary]) -> list[str]:
    """What a tree adds to a pretrained encoder."""
    rows = [row for name in ON_ENCODER for row in done if row.name == name]
    if not rows:
        return []
    columns: Columns = [
        ("on the encoder", [ON_ENCODER[row.name] for row in rows]),
        ("row", [f"`{row.name}`" for row in rows]),
        ("n", [row.seeds for row in rows]),
        *(
            (heading, [row.mean("five", figure) for row in rows])
            for heading, figure in _ENCODER_COLUMNS.items()
            if any(row.values("five", figure) for row in rows)
        ),
        ("minutes per run", [row.minutes("five") for row in rows]),
    ]
    pair = [row for row in rows if row.name in ("encoder-phrases", "encoder-tree")]
    if len(pair) == 2:
        for heading, cells in columns:
            cells.append(_gain_in(_ENCODER_COLUMNS.get(heading), *pair))
        columns[0][1][-1] = "**gain of the tree**"
    encoders = dict.fromkeys(row.vectors.partition(",")[0] for row in rows)
    return [
        "## What the tree adds to an encoder",
        f"{' and '.join(encoders)} under a softmax, with and without a tree, trained for the same "
        "number of epochs; test set, %. `5` is five-class accuracy over phrases of so many words, "
        "`2` binary accuracy of the five-class model. The last row is the gain of the tree over "
        "the mean over each phrase, in points, with its 95 % confidence interval over the seeds "
        "(Welch's t). The last three columns are from the analyses below.",
        _by_columns(columns),
    ]


def _gain_in(figure: str | None, without: RowSummary, with_tree: RowSummary) -> str:
    if figure is None:
        return ""
    low, high = without.values("five", figure), with_tree.values("five", figure)
    if not low or not high:
        return "–"
    return _interval(fmean(high) - fmean(low), welch_interval(low, high), "**")


def _analyses(done: Sequence[RowSummary]) -> list[str]:
    rows = [row for row in done if any(row.values("five", name) for _, name, _ in _ANALYSES)]
    if not rows:
        return []
    columns = _names(rows)
    for heading, name, published in _ANALYSES:
        figures = [published.get(row.published.title.replace("BiNB", "biNB")) for row in rows]
        columns += [
            (f"{heading}: published", [f"{figure:.1f}" if figure else "–" for figure in figures]),
            ("ours", [row.mean("five", name) for row in rows]),
        ]
    return [
        "## Contrast and negation",
        "The analyses of Socher et al. (2013, sections 5.3 and 5.4), % of cases in the test set: "
        "sentences “X but Y” where the predicted polarity (of three) is right for both parts and "
        "for the phrase that joins them, 131 as in the paper; negated positive phrases whose "
        "polarity is reversed, 70 here, 21 in the paper; negated negative phrases that become more "
        "positive, or less negative, 42 here, 11 or 22 in the paper. The standard error is 4 "
        "points for 131 cases, 6 for 70, 8 for 42. The paper does not list the phrases; the page "
        "of `treernn probe` defines ours.",
        _by_columns(columns),
    ]


def _models(done: Sequence[RowSummary]) -> list[str]:
    names: dict[Task, str] = {"five": "five classes", "binary": "two classes"}
    headings = ["row", "task", "hidden size", "weights", "word vectors", "seeds"]
    headings += ["minutes per run", "chosen epoch", "dev root"]
    cells = [
        (
            f"`{row.name}`",
            names[task],
            _number(records[0].hidden_size),
            _number(records[0].weights),
            row.vectors,
            ", ".join(str(record.run.seed) for record in records),
            row.minutes(task),
            row.mean(task, "epoch"),
            row.mean(task, f"dev_root_{task}"),
        )
        for row in done
        for task, records in row.records.items()
    ]
    return [
        "## The models",
        "Weights are the trained parameters besides the word vectors. Minutes are those of "
        "training, the median over the seeds, with other runs on the same machine. The epoch was "
        "chosen by the dev root accuracy, five-class or binary.",
        markdown_table(headings, cells, _TEXT),
    ]


def _differences(done: Sequence[RowSummary]) -> list[str]:
    """Each difference once, with its rows."""
    names = [row.name for row in done]
    rows: dict[str, list[str]] = {}
    for name in names:
        for difference in ROWS[name].differs if name in ROWS else ():
            rows.setdefault(difference, []).append(name)
    lines = [
        f"- {difference} ({'all rows' if of == names else ', '.join(f'`{name}`' for name in of)})"
        for difference, of in rows.items()
    ]
    return ["## Differences from the papers", "\n".join(lines)] if lines else []


def _by_columns(columns: Columns) -> str:
    headings, cells = zip(*columns, strict=True)
    return markdown_table(headings, zip(*cells, strict=True), _TEXT)


def _names(rows: Sequence[RowSummary]) -> Columns:
    return [
        ("model", [row.published.title for row in rows]),
        ("row", [f"`{row.name}`" for row in rows]),
    ]


def _interval(difference: float, interval: tuple[float, float] | None, emphasis: str = "") -> str:
    text = f"{emphasis}{signed(difference)}{emphasis}"
    return text if interval is None else f"{text} [{signed(interval[0])}, {signed(interval[1])}]"


def _number(value: int | None) -> str:
    return f"{value:,}" if value else "–"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
