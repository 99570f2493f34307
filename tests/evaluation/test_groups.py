"""Changes of the class by a group, with scorers whose answers are known."""

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


def test_a_change_of_strength_counts_among_five_classes_only():
    def answer(text):
        return VERY_POSITIVE if "Muslim" in text or "muslim" in text else POSITIVE

    rows = {row.kind: row for row in group_change(scorer(answer), 1)}
    assert rows["religion"].changed == rows["religion"].wordings_changed == 0
    assert rows["religion"].changed_five > 0


def _groups_of(kind):
    return next(each for each in group_sentences("heldout", 0, 1) if each.kind == kind).by_group
