"""Accuracy by construction, with scorers whose answers are known."""

import math

import numpy as np
import pytest

import treernn
from treernn.corpora.constructions import all_constructions, constructions, examples
from treernn.evaluation.constructions import construction_accuracy, decisions, distributions
from treernn.scoring.result import Result


def one_hot(label: int) -> tuple[float, ...]:
    return tuple(float(label == each) for each in range(5))


def always(label: int):
    return lambda texts: [Result(text, (), one_hot(label)) for text in texts]


def test_the_right_answers_are_all_correct():
    kinds = all_constructions()
    texts = (*constructions("heldout", 0, 10 * len(kinds)), *examples())
    answers = {text.text: text.classes[0] for text in texts}
    rows = construction_accuracy(
        lambda texts: [Result(text, (), one_hot(answers[text])) for text in texts], 10
    )
    assert [row.name for row in rows] == ["all", "by hand", *(kind.name for kind in kinds)]
    assert {row.correct for row in rows} == {100.0}
    assert {row.contrast_correct for row in rows if row.name != "by hand"} == {100.0}
    assert rows[0].cases == sum(row.cases for row in rows[2:])
    assert rows[0].contrast_cases == sum(row.contrast_cases for row in rows[2:])


def test_one_answer_for_all_texts_is_right_where_it_belongs():
    positive = {row.name: row for row in construction_accuracy(always(3), 10)}
    negative = {row.name: row for row in construction_accuracy(always(1), 10)}
    assert (positive["high rating"].correct, negative["high rating"].correct) == (100, 0)
    assert (positive["low rating"].correct, negative["low rating"].correct) == (0, 100)
    assert positive["nothing better"].contrast_correct == 0
    # A construction with its counterexamples is not learnt by one answer.
    assert all(
        rows[kind.name].correct < 100 or rows[kind.name].contrast_correct < 100
        for rows in (positive, negative)
        for kind in all_constructions()
    )


def test_decisions_of_three_classes_are_sums():
    def score(texts):
        rows = [(0.3, 0.0, 0.25, 0.22, 0.23), (0.0, 0.3, 0.4, 0.1, 0.2), None]
        return [Result(text, (), row) for text, row in zip(texts, rows, strict=True)]

    assert decisions(distributions(score, ["a", "b", "c"])).tolist() == [[1, 0], [0, 2], [0, 2]]
    assert decisions(distributions(lambda _: [], [])).shape == (0, 2)


def test_no_texts_have_no_accuracy():
    for row in construction_accuracy(always(2), 0):
        if row.name == "by hand":
            continue
        assert row.cases == row.contrast_cases == 0
        assert math.isnan(row.correct)


def test_a_scorer_from_raw_text():
    rows = construction_accuracy(treernn.load().score_many, 5)
    assert all(0 <= row.correct <= 100 for row in rows)
    assert rows[0].cases == 3 * (len(rows) - 2)
    again = construction_accuracy(treernn.load().score_many, 5)
    assert list(map(str, rows)) == list(map(str, again))


@pytest.mark.parametrize("seed", [0, 1])
def test_the_seed_chooses_the_texts(seed):
    seen = []

    def score(texts):
        seen.extend(texts)
        return always(2)(texts)

    construction_accuracy(score, 5, seed)
    kinds = len(all_constructions())
    texts = (*constructions("heldout", seed, 5 * kinds), *examples())
    assert seen == [text.text for text in texts]
    assert np.unique(seen).size == len(seen)
