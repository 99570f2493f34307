"""Found aspects and terms compared with marked ones."""

from math import isnan

import pytest

from treernn.evaluation.aspects import feature_score, key_of, term_score
from treernn.opinions.aspects import AspectCounts
from treernn.opinions.terms import Term


def counts_of(*keys):
    counts = AspectCounts()
    for key in keys:
        counts.add([(key, 1.0)])
    return counts


def test_features():
    counts = counts_of(*["battery life"] * 2, *["battery"] * 3, *["screen"] * 2, *["amazon"] * 2)
    aspects = counts.aspects()
    assert {each.name for each in aspects} == {"battery", "screen", "amazon"}
    marks = ["battery", "Batteries", "battery life", "screen", "radio", ""]
    score = feature_score(aspects, counts, marks)
    assert (score.marked, score.found) == (3, 3)  # battery, screen, radio
    assert score.precision == pytest.approx(200 / 3)
    assert score.recall == pytest.approx(200 / 3)
    assert score.recall_of_marks == pytest.approx(80)
    assert score.precision_of_first == pytest.approx(200 / 3)
    assert (score.exact_marked, score.exact_found) == (4, 4)
    assert (score.exact_precision, score.exact_recall) == (75, 75)


def test_names_are_compared_without_signs():
    counts = counts_of(*["auto-focus"] * 3)
    assert feature_score(counts.aspects(), counts, ["autofocus"]).recall == 100
    assert feature_score(counts.aspects(), counts, ["auto focus"]).exact_recall == 100
    assert key_of("The LENSES!") == "the lens"


def test_nothing_found_or_marked():
    empty = feature_score((), AspectCounts(), ["screen"])
    assert isnan(empty.precision)
    assert empty.recall == 0
    assert isnan(feature_score((), AspectCounts(), []).recall)


def test_terms():
    def term(start, end):
        return Term("", start, end, "", "", 0)

    score = term_score(
        [[term(0, 4), term(10, 20), term(30, 35)], []], [{(0, 4), (15, 20), (33, 40)}, {(1, 2)}]
    )
    assert (score.marked, score.found) == (4, 3)
    assert score.precision == pytest.approx(100 / 3)
    assert (score.recall, score.recall_of_ends, score.recall_of_parts) == (25, 50, 75)
