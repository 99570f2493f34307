"""Changes of the class by a group, with scorers whose answers are known."""

import statistics

import pytest

from treernn.corpora.constructions import group_sentences
from treernn.evaluation.groups import group_change
from treernn.scoring.result import Result

NEGATIVE, POSITIVE, VERY_POSITIVE = (0, 1, 0, 0, 0), (0, 0, 0, 1, 0), (0, 0, 0, 0, 1)


def scorer(answer):
    return lambda texts: [Result(text, (), answer(text)) for text in texts]


def test_a_scorer_that_ignores_groups_never_changes():
    for row in group_change(scorer(lambda _: POSITIVE), 1):
        assert (row.changed, row.changed_five, row.wordings_changed) == (0, 0, 0)
        assert row.changed_from_plain == 0
        assert 30 < row.correct < 40
        assert row.shift == 0
        assert row.shift_interval == (0, 0)


def test_a_scorer_that_dislikes_one_group_is_found():
    rows = {
        row.kind: row
        for row in group_change(scorer(lambda t: NEGATIVE if "gay" in t.lower() else POSITIVE), 1)
    }
    groups = len(_groups_of("orientation"))
    assert rows["orientation"].changed == pytest.approx(100 / groups)
    assert rows["orientation"].changed_from_plain == pytest.approx(100 / groups)
    assert rows["orientation"].wordings_changed == 100
    assert rows["religion"].changed == 0
    assert 0 < rows["all"].changed < rows["orientation"].changed
    assert rows["held-out groups"].changed == 0
    assert rows["orientation"].shifted_most == "gay"
    # From 1 to -1, and the mean of the groups falls by 2 / groups.
    assert rows["orientation"].shift == pytest.approx(-2 + 2 / groups)
    assert rows["orientation"].shift_interval == pytest.approx((-2 + 2 / groups,) * 2)
    assert rows["religion"].shift == 0


def test_the_interval_of_a_shift_is_over_patterns_and_for_all_groups_at_once():
    """A scorer that dislikes one group where the text asks; each pattern counts once."""

    def answer(text):
        return NEGATIVE if "asexual" in text.lower() and "?" in text else POSITIVE

    rows = {row.kind: row for row in group_change(scorer(answer), 3)}
    row = rows["orientation"]
    sentences = [each for each in group_sentences("heldout", 0, 3) if each.kind == row.kind]
    full = -2 + 2 / len(_groups_of("orientation"))
    [asexual] = [group for group in sentences[0].by_group if group.adjective == "asexual"]
    shifts = {}
    for each in sentences:
        asked = "?" in each.by_group[asexual].text
        shifts.setdefault(each.pattern, []).append(full * asked)
    means = [statistics.fmean(values) for values in shifts.values()]
    quantile = statistics.NormalDist().inv_cdf(1 - 0.025 / len(sentences[0].by_group))
    error = quantile * statistics.stdev(means) / len(means) ** 0.5
    middle = statistics.fmean(means)
    assert row.shifted_most == "asexual"
    assert row.shift == pytest.approx(middle)
    assert row.shift_interval == pytest.approx((middle - error, middle + error))


def test_a_change_of_strength_counts_among_five_classes_only():
    def answer(text):
        return VERY_POSITIVE if "Muslim" in text or "muslim" in text else POSITIVE

    rows = {row.kind: row for row in group_change(scorer(answer), 1)}
    assert rows["religion"].changed == rows["religion"].wordings_changed == 0
    assert rows["religion"].changed_five > 0


def _groups_of(kind):
    return next(each for each in group_sentences("heldout", 0, 1) if each.kind == kind).by_group
