"""The report of the runs: Markdown to read and to keep, and a table for the terminal."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from treernn.evaluation.published import CONTRAST, NEGATED_NEGATIVE, NEGATED_POSITIVE
from treernn.studies.reproduction.gain import ON_ENCODER, gain
from treernn.studies.reproduction.markup import shown, spread, table
from treernn.studies.reproduction.published import FOLD, SOCHER, TAI
from treernn.studies.reproduction.rows import ROWS, Ensemble, Task
from treernn.studies.reproduction.summary import (
    HEADINGS,
    KEYS,
    NEAR,
    Key,
    RowSummary,
    Verdict,
    missing,
    near_print,
    signed,
    verdicts,
)

_GROUPS: dict[str | None, tuple[tuple[Task, Key], ...]] = {
    SOCHER: tuple(("five", key) for key in KEYS),
    TAI: (
        ("five", "root_five"),
        ("binary", "root_binary"),
        ("five", "root_binary"),
        ("five", "all_five"),
    ),
    FOLD: (("five", "root_five"), ("five", "root_binary"), ("five", "all_five")),
    None: tuple(HEADINGS),
}


# What is measured of understanding: title, its name in a run's file, the figures in print.
_ANALYSES: tuple[tuple[str, str, Mapping[str, float]], ...] = (
    ("X but Y", "contrast", CONTRAST),
    ("positive negated: turned", "positive_turned", NEGATED_POSITIVE),
    ("negative negated: more positive", "negative_crossed", NEGATED_NEGATIVE),
    ("negative negated: less negative", "negative_eased", {}),
)

# Columns of words.
_WORDS = {"model", "row", "claim", "lower", "higher", "figure", "verdict", "trained for"}
_WORDS |= {"word vectors", "seeds"}


@dataclass(frozen=True)
class About:
    """What a report says beside the figures.

    Attributes:
        command: that made the runs.
        date: of the newest run.
        machines: on what, with which versions; a line each.
        sentences: of the test part: how many sentences, and how many that are not neutral.
        missing: runs that are not there though others of their row or seed are.
        differences: by the row's name, in what it differs from the paper.
        pictures: file name, and what is to be seen on it.
    """

    command: str
    date: str
    machines: tuple[str, ...]
    sentences: tuple[int, int]
    missing: tuple[str, ...] = ()
    differences: Mapping[str, Sequence[str]] | None = None
    pictures: tuple[tuple[str, str], ...] = ()


def about(
    runs: Sequence[Mapping[str, Any]],
    command: str,
    date: str,
    pictures: Sequence[tuple[str, str]] = (),
) -> About:
    """What there is to say of these runs, at least one; arguments as of ``About``."""
    root = next((run for run in runs if run["task"] == "five"), runs[0])["test"]["root"]
    return About(
        command=command,
        date=date,
        machines=tuple(machines(runs)),
        sentences=(root["count"], root["count_binary"]),
        missing=tuple(missing(runs)),
        differences={name: row.differs for name, row in ROWS.items()},
        pictures=tuple(pictures),
    )


def machines(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """On what the runs were made, most of them first, a line each."""
    lines = Counter(
        f"{found['cpu']}, {found['cores']} cores, threads a run: {found['threads']}; "
        f"treernn {run['treernn']}, torch {found['torch']}, Python {found['python']}"
        for run in runs
        for found in [run["machine"]]
    )
    return [f"{line} ({_many(number, 'run')})" for line, number in lines.most_common()]


def markdown(summaries: Sequence[RowSummary], about: About) -> str:
    """The report, in CommonMark with tables."""
    parts = [
        "# The published tables, trained and measured anew",
        *_what_was_run(summaries, about),
        *_main_tables(summaries),
        *_near_print(summaries),
        *_order(summaries, about),
        *gain(summaries),
        *_understood(summaries),
        *_models(summaries),
        *_differences(summaries, about),
    ]
    if about.pictures:
        parts.append("## Pictures")
        parts += [f"{caption}\n\n![{caption}]({name})" for name, caption in about.pictures]
    return "\n\n".join(parts) + "\n"


def to_table(summaries: Sequence[RowSummary]) -> Table:
    """For a terminal: the rows that were run, ours and in brackets the difference to print."""
    table = Table(caption="test set, per cent; in brackets the difference to print, in points")
    table.add_column("row")
    table.add_column("seeds")
    run = [each for each in summaries if each.seeds]
    columns = [column for column in HEADINGS if any(each.ours(*column) for each in run)]
    for column in columns:
        table.add_column(HEADINGS[column].replace(", ", "\n"), justify="right", no_wrap=True)
    table.add_column("minutes\na run", justify="right", no_wrap=True)
    for each in run:
        minutes = next(iter(each.minutes.values())).median
        cells = (_beside(each, task, key) for task, key in columns)
        table.add_row(each.name, _seeds(each), *cells, f"{minutes:.1f}")
    return table


def _what_was_run(summaries: Sequence[RowSummary], about: About) -> list[str]:
    run = [each for each in summaries if each.seeds]
    number = sum(len(seeds) for each in run for seeds in each.seeds.values())
    # An ensemble's minutes are those of its members, which are runs of their own.
    ensembles = {name for name, row in ROWS.items() if isinstance(row.settings, Ensemble)}
    trained = [one for one in run if one.name not in ensembles]
    hours = sum(sum(each.values) for one in trained for each in one.minutes.values()) / 60
    roots, polar = about.sentences
    vectors = dict.fromkeys(each.vectors for each in run if each.vectors != "none")
    lines = [
        f"- Command: `{about.command}`",
        f"- {_many(number, 'run')} of {_many(len(run), 'row')}, {hours:.1f} hours of training in "
        f"all; the last one ended on {about.date}.",
        *(f"- Machine and versions: {line}." for line in about.machines),
        f"- Word vectors: {'; '.join(vectors) or 'none'}.",
        f"- Measured on {roots:,} test sentences, {polar:,} of them not neutral, and on the "
        "phrases in them. Which epoch is measured was chosen on the dev part alone.",
    ]
    left = [f"`{each.name}`" for each in summaries if not each.seeds]
    if left:
        lines.append(f"- Rows in print that were not run: {', '.join(left)}.")
    if about.missing:
        lines.append(f"- Runs that are missing: {'; '.join(about.missing)}.")
    parts = ["\n".join(lines)]
    quick = [f"`{each.name}`" for each in run if each.quick]
    if quick:
        parts.insert(
            0,
            f"> **Quick runs** ({', '.join(quick)}): a part of the training trees, few epochs. "
            "They show that everything works; they are not the reproduction.",
        )
    return ["## What was run", *parts]


def _main_tables(summaries: Sequence[RowSummary]) -> list[str]:
    parts = [
        "## Results",
        "Test set, per cent: the published figure, then ours, mean ± standard deviation over n "
        "seeds, and in brackets the difference to print in points. What has nothing "
        "random in it is run once; `5 + 3` seeds are five of the five-class and three of the "
        "two-class model. `5` is five classes; `2` is binary, positive against negative, "
        "where the gold label is not neutral. Binary comes in two ways:",
        "- **five-class model**: the model that was trained on five classes says positive where "
        "p(positive) + p(very positive) > p(negative) + p(very negative);\n"
        "- **two-class model**: a separate model that was trained on positive and negative alone, "
        "neutral phrases without a label and sentences that are neutral left out, as in Tai et al.",
    ]
    for source, columns in _GROUPS.items():
        rows = [
            each for each in summaries if _source(each) == source and each.name not in ON_ENCODER
        ]
        if not any(each.seeds for each in rows):
            continue
        parts.append(f"### {source or 'Not in print'}")
        headings, kept = ["model", "row", "n"], []
        for task, key in columns:
            heading = HEADINGS[task, key]
            printed = any(each.in_print(task, key) for each in rows)
            if not printed and not any(each.ours(task, key) for each in rows):
                continue
            kept.append((task, key, printed))
            headings += [f"{heading}: print", "ours"] if printed else [f"{heading}: ours"]
        lines = []
        for each in rows:
            cells = [each.title, f"`{each.name}`", _seeds(each)]
            for task, key, printed in kept:
                if printed:
                    cells.append(_printed(each.in_print(task, key)))
                cells.append(_beside(each, task, key))
            lines.append(cells)
        parts.append(table(headings, lines, _WORDS))
    return parts


def _source(row: RowSummary) -> str | None:
    return row.published.source if row.published else None


def _near_print(summaries: Sequence[RowSummary]) -> list[str]:
    reached, short = near_print(summaries)
    number = len(reached) + len(short)
    if not number:
        return []
    text = f"{len(reached)} of {number} figures are above print or at most {NEAR} points below it."
    if short:
        text += f" Further below: {'; '.join(short)}."
    return ["### How near to print", text]


def _order(summaries: Sequence[RowSummary], about: About) -> list[str]:
    found = verdicts(summaries)
    if not found:
        return []
    parts = [
        "## Does the order of print hold?",
        "The difference is that of the means, in points; in brackets its 95 % interval over the "
        "seeds (Welch's t). A claim “holds”, or is “clearly reversed”, where the "
        "interval excludes zero. The seeds tell how much "
        "the training varies, not how much another test part would: a root 5 accuracy of 50 % on "
        f"{about.sentences[0]:,} sentences alone has a standard error of "
        f"{50 / math.sqrt(about.sentences[0]):.1f} points.",
        "\n".join(_said(found)),
    ]
    lines = [
        [
            verdict.claim,
            f"`{verdict.lower.name}`",
            f"`{verdict.higher.name}`",
            HEADINGS[verdict.task, verdict.key],
            signed(verdict.in_print),
            shown(verdict.lower.ours(verdict.task, verdict.key)),
            shown(verdict.higher.ours(verdict.task, verdict.key)),
            signed(verdict.difference) + _bounds(verdict.interval),
            verdict.words,
        ]
        for verdict in found
    ]
    headings = ["claim", "lower", "higher", "figure", "difference in print"]
    headings += ["lower, ours", "higher, ours", "difference, ours", "verdict"]
    return [*parts, table(headings, lines, _WORDS)]


def _said(found: Sequence[Verdict]) -> list[str]:
    """A sentence a claim and figure."""
    groups: dict[tuple[str, Task, Key], list[Verdict]] = {}
    for verdict in found:
        groups.setdefault((verdict.claim, verdict.task, verdict.key), []).append(verdict)
    lines = []
    for (claim, task, key), each in groups.items():
        words = Counter(verdict.words for verdict in each)
        said = "; ".join(
            name if len(each) == 1 else f"{name} ({number} of {len(each)})"
            for name, number in words.items()
        )
        lines.append(f"- **{claim}**, {HEADINGS[task, key]}: {said}.")
    return lines


def _understood(summaries: Sequence[RowSummary]) -> list[str]:
    rows = [each for each in summaries if each.understood]
    if not rows:
        return []
    headings = ["model", "row"]
    for title, _, _ in _ANALYSES:
        headings += [f"{title}: print", "ours"]
    lines = []
    for each in rows:
        cells = [each.title, f"`{each.name}`"]
        for _, name, published in _ANALYSES:
            share = published.get(each.title.replace("BiNB", "biNB"))
            cells += [_printed(None if share is None else (share, None))]
            cells += [shown(each.understood.get(name))]
        lines.append(cells)
    return [
        "## What the models understand",
        "Socher et al. (2013, sections 5.3 and 5.4), per cent of cases on the test part: sentences "
        "“X but Y” of which both parts and what joins them are on the right side of three, 131 "
        "here as in print; negations of something positive that turn it, 70 here, 21 in print; "
        "negations of something negative that make it more positive, or less negative, 42 here, 11 "
        "or 22 in print. One standard error is 4 points at 131 cases, 6 at 70, 8 at 42. Which "
        "phrases these are print does not list; ours are defined in `treernn probe`'s page.",
        table(headings, lines, _WORDS),
    ]


def _models(summaries: Sequence[RowSummary]) -> list[str]:
    lines = []
    for each in summaries:
        for task, seeds in each.seeds.items():
            lines.append(
                [
                    f"`{each.name}`",
                    {"five": "five classes", "binary": "two classes"}[task],
                    _number(each.hidden_size),
                    _number(each.weights),
                    each.vectors,
                    ", ".join(map(str, seeds)),
                    f"{each.minutes[task].median:.1f}",
                    shown(each.epochs.get(task)),
                    shown(each.dev[task].get("root_five" if task == "five" else "root_binary")),
                ]
            )
    headings = ["row", "trained for", "hidden", "weights", "word vectors", "seeds"]
    headings += ["minutes a run", "epoch chosen", "dev root"]
    return [
        "## The models, and what they took",
        "Weights are the learnt numbers outside the word vectors. Minutes are those of training, "
        "the median over the seeds, on the machine above, with other runs beside it. The dev root "
        "accuracy is the one by which the epoch was chosen: five classes, or two.",
        table(headings, lines, _WORDS),
    ]


def _differences(summaries: Sequence[RowSummary], about: About) -> list[str]:
    """A line a difference, with the rows that it is of."""
    names = [each.name for each in summaries if each.seeds]
    by_text: dict[str, list[str]] = {}
    for name in names:
        for text in (about.differences or {}).get(name, ()):
            by_text.setdefault(text, []).append(name)
    if not by_text:
        return []
    lines = []
    for text, rows in by_text.items():
        whose = "all rows" if rows == names else ", ".join(f"`{name}`" for name in rows)
        lines.append(f"- {text} ({whose})")
    return ["## What differs from print", "\n".join(lines)]


def _seeds(row: RowSummary) -> str:
    """``5``, or ``5 + 4`` where the tasks have not as many."""
    numbers = [len(seeds) for seeds in row.seeds.values()]
    return " + ".join(map(str, numbers if len(set(numbers)) > 1 else numbers[:1])) or "–"


def _printed(printed: tuple[float, float | None] | None) -> str:
    return "–" if printed is None else spread(*printed)


def _beside(row: RowSummary, task: Task, key: Key) -> str:
    difference = row.difference(task, key)
    figure = shown(row.ours(task, key))
    return figure if difference is None else f"{figure} ({signed(difference)})"


def _bounds(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f" [{signed(interval[0])}, {signed(interval[1])}]"


def _number(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _many(number: int, what: str) -> str:
    return f"{number} {what}" + "s" * (number != 1)
