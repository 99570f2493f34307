import numpy as np
import pytest
from scipy import stats

from treernn.studies.reproduction.published import PUBLISHED
from treernn.studies.reproduction.rows import TASKS
from treernn.studies.reproduction.summary import (
    CLAIMS,
    check_claims,
    missing_runs,
    summarise,
    welch_interval,
)


def with_roots(made, row, values, task="five", key="five"):
    """Runs whose root figures are these, one a seed."""
    runs = [made(row, seed, task) for seed in range(1, len(values) + 1)]
    for run, value in zip(runs, values, strict=True):
        run["test"]["root"][key] = value
    return runs


def of(summaries, name):
    return next(each for each in summaries if each.name == name)


def test_values_are_those_of_the_seeds(results, parsed):
    _, runs = results
    for row in summarise(parsed(runs[::-1])):
        for task in row.records:
            here = [run for run in runs if (run["row"], run["task"]) == (row.name, task)]
            expected = [run["test"]["root"]["binary"] for run in here]
            assert row.values(task, "root_binary") == expected
            if len(expected) > 1:
                mean, deviation = np.mean(expected), np.std(expected, ddof=1)
                assert row.mean(task, "root_binary") == f"{mean:.1f} ± {deviation:.1f}"
            else:
                assert row.mean(task, "root_binary") == f"{expected[0]:.1f}"
            assert row.minutes(task) == f"{np.median([run['seconds'] for run in here]) / 60:.1f}"


def test_published_rows_come_first_with_or_without_runs(made, parsed):
    runs = [made("own-idea"), made("tree-gru"), made("rntn"), made("nb")]
    rows = summarise(parsed(runs))
    assert [row.name for row in rows] == [*PUBLISHED, "tree-gru", "own-idea"]
    assert [row.name for row in rows if row.records] == ["nb", "rntn", "tree-gru", "own-idea"]
    assert summarise(parsed(runs[::-1])) == rows
    own, absent = of(rows, "own-idea"), of(rows, "svm")
    assert (own.published.title, own.published.source) == ("own-idea", None)
    assert own.published.figure("five", "root_five") is None
    assert (absent.published.title, absent.records, absent.vectors, absent.seeds) == (
        "SVM",
        {},
        "",
        "–",
    )
    assert absent.mean("five", "root_five") == "–"
    assert absent.difference("five", "root_five") is None
    assert absent.published.figure("five", "root_five") == (40.7, None)


def test_binary_is_compared_with_the_published_figure_of_its_kind(made, parsed):
    runs = [made("lstm"), made("lstm", task="binary"), made("rnn")]
    tai, socher = (of(summarise(parsed(runs)), name) for name in ("lstm", "rnn"))
    assert tai.published.figure("binary", "root_binary") == (84.9, 0.6)
    assert tai.published.figure("five", "root_binary") is None
    assert tai.published.figure("five", "root_five") == (46.4, 1.1)
    assert tai.published.figure("binary", "root_five") is None
    assert tai.published.figure("five", "all_five") is None
    assert socher.published.figure("five", "root_binary") == (82.4, None)
    assert socher.published.figure("binary", "root_binary") is None
    two = runs[1]["test"]["root"]["binary"]
    assert tai.difference("binary", "root_binary") == pytest.approx(two - 84.9)
    assert tai.difference("five", "root_binary") is None


def test_a_missing_value_is_left_out(made, parsed):
    runs = with_roots(made, "rnn", [40.0, None, 42.0])
    assert of(summarise(parsed(runs)), "rnn").values("five", "root_five") == [40.0, 42.0]


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ((46.1, 47.0, 45.2), (50.8, 51.3, 50.1, 49.9)),
        ((1.0, 2.0), (1.5, 1.6, 9.0)),
        ((1.0, 1.0), (2.0, 4.0)),
    ],
)
def test_the_interval_is_that_of_welch(lower, higher):
    parts = [np.var(values, ddof=1) / len(values) for values in (lower, higher)]
    squares = (part**2 / (len(v) - 1) for part, v in zip(parts, (lower, higher), strict=True))
    half = stats.t.ppf(0.975, sum(parts) ** 2 / sum(squares)) * sum(parts) ** 0.5
    middle = np.mean(higher) - np.mean(lower)
    assert welch_interval(lower, higher) == pytest.approx((middle - half, middle + half))


def test_the_interval_of_constant_values_is_their_difference():
    assert welch_interval([1.0, 1.0], [3.0, 3.0]) == (2.0, 2.0)


def test_a_single_seed_has_no_interval():
    assert welch_interval([1.0], [1.0, 2.0]) is None
    assert welch_interval([1.0, 2.0], [1.0]) is None


@pytest.mark.parametrize(
    ("tuned", "verdict"),
    [
        ([50.0, 50.5, 51.0], "holds"),
        ([45.0, 47.0, 49.0], "holds on average, not significant"),
        ([50.0], "holds on average, single seed"),
        ([46.0, 46.4, 45.8], "does not hold on average, not significant"),
        ([46.2], "does not hold on average, single seed"),
        ([40.0, 40.5, 41.0], "reversed"),
    ],
)
def test_verdicts(made, parsed, tuned, verdict):
    runs = [
        *with_roots(made, "lstm", [46.0, 46.5, 46.4]),
        *with_roots(made, "constituency-tuned", tuned),
    ]
    found = check_claims(summarise(parsed(runs)))
    assert [(each.claim, each.task, each.accuracy) for each in found] == [
        ("trees beat chains", "five", "root_five"), ("trees beat chains", "five", "root_binary"),
        ("trees beat chains", "five", "all_five"),
    ]  # fmt: skip
    first = found[0]
    assert (first.lower.name, first.higher.name) == ("lstm", "constituency-tuned")
    assert first.difference == pytest.approx(np.mean(tuned) - 46.3)
    assert first.published == pytest.approx(51.0 - 46.4)
    assert first.verdict == verdict
    # The published binary figures are those of two-class models.
    assert found[1].published is None


def test_verdicts_of_two_class_models(made, parsed):
    runs = [
        *with_roots(made, "constituency-random", [82.0, 82.4], "binary", "binary"),
        *with_roots(made, "constituency-fixed", [87.0, 87.4], "binary", "binary"),
    ]
    (found,) = check_claims(summarise(parsed(runs)))
    assert (found.task, found.accuracy) == ("binary", "root_binary")
    assert found.difference == pytest.approx(5.0)
    assert found.published == pytest.approx(5.5)


def test_published_five_class_accuracies_fulfil_every_claim():
    for pairs in CLAIMS.values():
        for lower, higher in pairs:
            if higher in PUBLISHED:
                assert PUBLISHED[lower].root_five < PUBLISHED[higher].root_five


def test_claims_are_about_published_rows():
    assert {name for pairs in CLAIMS.values() for pair in pairs for name in pair} <= set(PUBLISHED)


def test_missing_runs(made, parsed):
    runs = [made("nb"), made("rnn"), made("rnn", 3), made("lstm", 2), made("lstm", 3, "binary")]
    assert missing_runs(parsed(runs)) == [
        "rnn, five, seed 2", "lstm, five, seeds 1, 3", "lstm, binary, seeds 1, 2",
    ]  # fmt: skip
    # An ensemble has more members than other rows have seeds.
    members = [made("constituency-tuned", seed, task) for seed in (1, 2) for task in TASKS]
    assert missing_runs(parsed([made("rnn"), *members, made("ensemble")])) == [
        "ensemble, binary, seed 1"
    ]
    assert missing_runs(parsed([made("nb"), made("rnn")])) == []
    assert missing_runs(parsed([])) == []
