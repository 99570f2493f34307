import numpy as np
import pytest
from scipy import stats

from treernn.studies.reproduction.published import PUBLISHED
from treernn.studies.reproduction.rows import ROWS, TASKS
from treernn.studies.reproduction.summary import (
    CLAIMS,
    Figure,
    interval,
    missing,
    near_print,
    signed,
    summarise,
    verdicts,
)


def with_roots(made, row, values, task="five", key="five"):
    """Runs whose root figures are these, one a seed."""
    runs = [made(row, seed, task) for seed in range(1, len(values) + 1)]
    for run, value in zip(runs, values, strict=True):
        run["test"]["root"][key] = value
    return runs


def of(summaries, name):
    return next(each for each in summaries if each.name == name)


def test_mean_and_deviation_are_those_of_numpy(results):
    _, runs = results
    for row in summarise(runs):
        for task, seeds in row.seeds.items():
            here = [run for run in runs if (run["row"], run["task"]) == (row.name, task)]
            assert seeds == tuple(run["seed"] for run in here)
            for part, figures in (("test", row.test), ("dev", row.dev)):
                for key, figure in figures[task].items():
                    nodes, classes = key.split("_")
                    values = [run[part][nodes][classes] for run in here]
                    assert figure.count == len(here)
                    assert figure.mean == pytest.approx(np.mean(values))
                    if len(here) > 1:
                        assert figure.sd == pytest.approx(np.std(values, ddof=1))
            seconds = [run["seconds"] for run in here]
            assert row.minutes[task].mean == pytest.approx(np.mean(seconds) / 60)


def test_published_rows_come_first_in_the_order_of_print_run_or_not(made):
    runs = [made("own-idea"), made("tree-gru"), made("rntn"), made("nb")]
    found = summarise(runs)
    assert [row.name for row in found] == [*PUBLISHED, "tree-gru", "own-idea"]
    assert [row.name for row in found if row.seeds] == ["nb", "rntn", "tree-gru", "own-idea"]
    assert summarise(runs[::-1]) == found
    own, absent = of(found, "own-idea"), of(found, "svm")
    assert (own.title, own.published, own.in_print("five", "root_five")) == ("own-idea", None, None)
    assert (absent.title, absent.seeds, absent.vectors, absent.epochs) == ("SVM", {}, "", {})
    assert absent.ours("five", "root_five") is None
    assert absent.difference("five", "root_five") is None
    assert absent.in_print("five", "root_five") == (40.7, None)


def test_a_single_seed_has_no_deviation_and_no_interval(made):
    row = of(summarise([made("rnn"), made("rntn", 1), made("rntn", 2)]), "rnn")
    figure = row.ours("five", "root_five")
    assert (figure.count, figure.sd) == (1, None)
    assert interval(figure, Figure((1.0, 2.0))) is None
    assert interval(Figure((1.0, 2.0)), figure) is None


def test_binary_is_compared_with_print_of_its_own_kind_alone(made):
    runs = [made("lstm"), made("lstm", task="binary"), made("rnn")]
    tai, socher = (of(summarise(runs), name) for name in ("lstm", "rnn"))
    assert tai.in_print("binary", "root_binary") == (84.9, 0.6)
    assert tai.in_print("five", "root_binary") is None
    assert tai.in_print("five", "root_five") == (46.4, 1.1)
    assert tai.in_print("binary", "root_five") is None
    assert tai.in_print("five", "all_five") is None
    assert socher.in_print("five", "root_binary") == (82.4, None)
    assert socher.in_print("binary", "root_binary") is None
    two = runs[1]["test"]["root"]["binary"]
    assert tai.difference("binary", "root_binary") == pytest.approx(two - 84.9)
    assert tai.difference("five", "root_binary") is None


def test_what_is_not_measured_is_left_out(made):
    runs = with_roots(made, "rnn", [40.0, None, 42.0])
    figure = of(summarise(runs), "rnn").ours("five", "root_five")
    assert (figure.mean, figure.count) == (41.0, 2)


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ((46.1, 47.0, 45.2), (50.8, 51.3, 50.1, 49.9)),
        ((1.0, 2.0), (1.5, 1.6, 9.0)),
        ((1.0, 1.0), (2.0, 4.0)),
    ],
)
def test_the_interval_is_welchs(lower, higher):
    parts = [np.var(values, ddof=1) / len(values) for values in (lower, higher)]
    squares = (part**2 / (len(v) - 1) for part, v in zip(parts, (lower, higher), strict=True))
    half = stats.t.ppf(0.975, sum(parts) ** 2 / sum(squares)) * sum(parts) ** 0.5
    middle = np.mean(higher) - np.mean(lower)
    assert interval(Figure(lower), Figure(higher)) == pytest.approx((middle - half, middle + half))


def test_the_interval_of_seeds_that_are_alike_is_their_difference():
    assert interval(Figure((1.0, 1.0)), Figure((3.0, 3.0))) == (2.0, 2.0)


@pytest.mark.parametrize(
    ("tuned", "words"),
    [
        ([50.0, 50.5, 51.0], "holds"),
        ([45.0, 47.0, 49.0], "holds on average, not clearly"),
        ([50.0], "holds on average, of a single seed"),
        ([46.0, 46.4, 45.8], "does not hold on average, not clearly"),
        ([46.2], "does not hold on average, of a single seed"),
        ([40.0, 40.5, 41.0], "does not hold, clearly reversed"),
    ],
)
def test_verdicts(made, tuned, words):
    runs = [
        *with_roots(made, "lstm", [46.0, 46.5, 46.4]),
        *with_roots(made, "constituency-tuned", tuned),
    ]
    found = verdicts(summarise(runs))
    assert [(each.claim, each.task, each.key) for each in found] == [
        ("chain below tree", "five", "root_five"), ("chain below tree", "five", "root_binary"),
        ("chain below tree", "five", "all_five"),
    ]  # fmt: skip
    first = found[0]
    assert (first.lower.name, first.higher.name) == ("lstm", "constituency-tuned")
    assert first.difference == pytest.approx(np.mean(tuned) - 46.3)
    assert first.in_print == pytest.approx(51.0 - 46.4)
    assert first.words == words
    # Print has binary of two-class models.
    assert found[1].in_print is None


def test_verdicts_of_the_two_class_models(made):
    runs = [
        *with_roots(made, "constituency-random", [82.0, 82.4], "binary", "binary"),
        *with_roots(made, "constituency-fixed", [87.0, 87.4], "binary", "binary"),
    ]
    (found,) = verdicts(summarise(runs))
    assert (found.task, found.key) == ("binary", "root_binary")
    assert found.difference == pytest.approx(5.0)
    assert found.in_print == pytest.approx(5.5)


def test_print_itself_holds_every_claim_of_five_classes():
    """So a claim that fails here fails against print."""
    for pairs in CLAIMS.values():
        for lower, higher in pairs:
            if higher in PUBLISHED:
                assert PUBLISHED[lower].root_five < PUBLISHED[higher].root_five


def test_rows_that_are_claimed_about_exist():
    assert {name for pairs in CLAIMS.values() for pair in pairs for name in pair} <= set(ROWS)


def test_missing_runs_are_told(made):
    runs = [made("nb"), made("rnn"), made("rnn", 3), made("lstm", 2), made("lstm", 3, "binary")]
    assert missing(runs) == [
        "rnn, five, seed 2", "lstm, five, seeds 1, 3", "lstm, binary, seeds 1, 2",
    ]  # fmt: skip
    # An ensemble asks for more seeds of what it is made of than others have.
    members = [made("constituency-tuned", seed, task) for seed in (1, 2) for task in TASKS]
    assert missing([made("rnn"), *members, made("ensemble")]) == ["ensemble, binary, seed 1"]
    assert missing([made("nb"), made("rnn")]) == []
    assert missing([]) == []


def test_near_print_is_a_point_and_a_half(made):
    runs = with_roots(made, "rnn", [43.2 - 1.5])
    runs[0]["test"]["root"]["binary"] = 82.4 - 1.6
    runs[0]["test"]["all"] = {"five": 90.0, "binary": None}
    reached, short = near_print(summarise(runs))
    assert reached == ["`rnn` all 5 +11.0", "`rnn` root 5 −1.5"]
    assert short == ["`rnn` root 2, five-class model −1.6"]


@pytest.mark.parametrize(
    ("points", "shown"),
    [(0.44, "+0.4"), (-1.0, "−1.0"), (-0.04, "0.0"), (0.0, "0.0"), (None, "–"), (0.06, "+0.1")],
)
def test_points_for_people(points, shown):
    assert signed(points) == shown
