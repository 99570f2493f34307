"""Labels on phrases by character span: all kinds of labels, and an error for each wrong line."""

import gzip
import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treernn.corpora.spans import read_spans
from treernn.corpora.targets import (
    SpanTarget,
    TargetText,
    target_of_class,
    target_of_classes,
    target_of_distribution,
    target_of_score,
)
from treernn.errors import DataError, InputError, MissingDataError
from treernn.types import LABELS

TEXT = "Great food, slow staff."


def write(folder, *rows):
    path = folder / "labels.jsonl"
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_all_kinds_of_labels(tmp_path):
    path = write(
        tmp_path,
        {
            "text": TEXT,
            "spans": [
                {"start": 0, "end": 10, "label": "very positive", "by": "ann"},
                {"start": 12, "end": 22, "score": -0.5},
                {"start": 6, "end": 10, "label": 2},
                {"start": 0, "end": 5, "label": ["positive", "4"]},
                {"start": 12, "end": 16, "distribution": [0.25, 0.5, 0.25, 0, 0]},
            ],
        },
        "",
        {"text": "Good.", "label": 3, "id": 7, "rating": math.nan},
        {"text": "Good!", "score": 1, "spans": []},
        {"text": "No", "label": None, "distribution": [1, 0, 0, 0, 0], "spans": None},
    )
    assert read_spans(path) == [
        TargetText(
            TEXT,
            (
                SpanTarget(0, 10, (0, 0, 0, 0, 1)),
                SpanTarget(12, 22, (0, 1, 0, 0, 0)),
                SpanTarget(6, 10, (0, 0, 1, 0, 0)),
                SpanTarget(0, 5, (0, 0, 0, 1, 1)),
                SpanTarget(12, 16, (0.25, 0.5, 0.25, 0, 0)),
            ),
        ),
        TargetText.whole("Good.", (0, 0, 0, 1, 0)),
        TargetText.whole("Good!", (0, 0, 0, 0, 1)),
        TargetText.whole("No", (1, 0, 0, 0, 0)),
    ]
    packed = tmp_path / "labels.jsonl.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read_spans(packed) == read_spans(path)


def test_coarse_labels_are_sets_of_classes(tmp_path):
    spans = [{"start": 0, "end": 5, "label": "positive"}]
    path = write(
        tmp_path, {"text": TEXT, "label": "neutral", "spans": spans}, {"text": "b", "label": "neg"}
    )
    assert read_spans(path) == [
        TargetText(TEXT, (SpanTarget(0, 23, (0, 0, 1, 0, 0)), SpanTarget(0, 5, (0, 0, 0, 1, 1)))),
        TargetText.whole("b", (1, 1, 0, 0, 0)),
    ]
    assert read_spans(write(tmp_path, {"text": "a", "label": 1}, {"text": "b", "label": 0})) == [
        TargetText.whole("a", target_of_classes((3, 4))),
        TargetText.whole("b", target_of_classes((0, 1))),
    ]


def test_other_scales_of_scores(tmp_path):
    path = write(tmp_path, {"text": "a", "score": 4}, {"text": "b", "score": 1})
    assert [each.target for each in read_spans(path, scale=(1, 5))] == [
        (0, 0, 0, 1, 0),
        (1, 0, 0, 0, 0),
    ]
    with pytest.raises(InputError, match="a scale from 5 to 1, expected a lower"):
        read_spans(path, scale=(5, 1))


SPAN = {"start": 0, "end": 5, "label": 3}


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("{", "not JSON, column 2: Expecting property name enclosed in double quotes"),
        ("[1]", "a JSON list, expected an object"),
        ({"spans": [SPAN]}, 'expected "text" with a text'),
        ({"text": " ", "spans": [SPAN]}, 'expected "text" with a text'),
        ({"text": 5, "spans": [SPAN]}, 'expected "text" with a text'),
        (
            {"text": TEXT},
            'expected "spans", or "label", "score" or "distribution" of the text',
        ),
        (
            {"text": TEXT, "spans": []},
            'expected "spans", or "label", "score" or "distribution" of the text',
        ),
        ({"text": TEXT, "spans": SPAN}, '"spans" is no list of objects'),
        ({"text": TEXT, "spans": [3]}, '"spans" is no list of objects'),
        (
            {"text": TEXT, "spans": [{"start": 0, "end": 5}]},
            "a span needs one of label, score, distribution, found none",
        ),
        (
            {"text": TEXT, "spans": [{**SPAN, "score": 1}]},
            "a span needs one of label, score, distribution, found label, score",
        ),
        (
            {"text": TEXT, "spans": [{**SPAN, "end": 24}]},
            "span from 0 to 24, expected whole numbers, 0 <= start < end <= 23",
        ),
        (
            {"text": TEXT, "spans": [{**SPAN, "start": 5}]},
            "span from 5 to 5, expected whole numbers, 0 <= start < end <= 23",
        ),
        (
            {"text": TEXT, "spans": [{**SPAN, "start": -1}]},
            "span from -1 to 5, expected whole numbers, 0 <= start < end <= 23",
        ),
        (
            {"text": TEXT, "spans": [{**SPAN, "start": True}]},
            "span from True to 5, expected whole numbers, 0 <= start < end <= 23",
        ),
        (
            {"text": TEXT, "spans": [{"end": 5, "label": 3}]},
            "span from None to 5, expected whole numbers, 0 <= start < end <= 23",
        ),
        ({"text": TEXT, "label": 5}, f"label '5', expected 0 to 4, or {', '.join(LABELS)}"),
        ({"text": TEXT, "label": "so"}, f"label 'so', expected 0 to 4, or {', '.join(LABELS)}"),
        ({"text": TEXT, "label": True}, "label True, expected a label or a list of labels"),
        ({"text": TEXT, "label": []}, "label [], expected a label or a list of labels"),
        ({"text": TEXT, "label": {"a": 1}}, "label {'a': 1}, expected a label or a list of labels"),
        ({"text": TEXT, "score": 1.5}, "score 1.5, expected -1.0 to 1.0"),
        ({"text": TEXT, "label": math.nan}, "label nan, which is no number; leave it out"),
        (
            {"text": TEXT, "label": ["pos", math.inf]},
            "label ['pos', inf], which is no number; leave it out",
        ),
        (
            {"text": TEXT, "label": math.nan, "score": 1},
            "a span needs one of label, score, distribution, found label, score",
        ),
        ({"text": TEXT, "score": -math.inf}, "score -inf, which is no number; leave it out"),
        (
            {"text": TEXT, "distribution": [1, 0, 0, math.nan, 0]},
            "distribution [1, 0, 0, nan, 0], which is no number; leave it out",
        ),
        (
            {"text": TEXT, "spans": [{**SPAN, "label": math.nan}]},
            "label nan, which is no number; leave it out",
        ),
        ({"text": TEXT, "spans": math.nan}, '"spans" is no list of objects'),
        ({"text": math.nan, "label": 3}, 'expected "text" with a text'),
        ({"text": TEXT, "score": "1"}, "score '1', expected a number"),
        ({"text": TEXT, "distribution": [1, 0]}, "2 probabilities, expected 5"),
        ({"text": TEXT, "distribution": 1}, "distribution 1, expected a list of five numbers"),
        (
            {"text": TEXT, "distribution": [1, 1, 0, 0, 0]},
            "probabilities with the sum 2, expected 1",
        ),
        (
            {"text": TEXT, "spans": [SPAN, {**SPAN, "label": 4}]},
            "characters 0 to 5 have two labels",
        ),
    ],
)
def test_faulty_lines(tmp_path, row, problem):
    path = write(tmp_path, {"text": "good", "label": 3}, {"text": "fine", "label": 2}, row)
    with pytest.raises(DataError) as raised:
        read_spans(path)
    assert str(raised.value) == f"{path}:3: {problem}"


def test_missing_file(tmp_path):
    with pytest.raises(MissingDataError, match=r"none\.jsonl: no such file$"):
        read_spans(tmp_path / "none.jsonl")


probabilities = st.lists(st.integers(0, 9), min_size=5, max_size=5).filter(any)


@st.composite
def rows(draw):
    """A row, and the targets of its spans."""
    text = draw(st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip))
    spans, targets = [], {}
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        if (start, end) in targets:
            continue
        kind = draw(st.sampled_from(["label", "score", "distribution"]))
        if kind == "label":
            value = draw(st.integers(0, 4))
            target = target_of_class(value)
        elif kind == "score":
            value = draw(st.floats(-1, 1))
            target = target_of_score(value, -1, 1)
        else:
            counts = draw(probabilities)
            value = [count / sum(counts) for count in counts]
            target = target_of_distribution(value)
        spans.append({"start": start, "end": end, kind: value})
        targets[start, end] = target
    return {"text": text, "spans": spans}, targets


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(rows()))
def test_reads_what_was_written(tmp_path, written):
    # With it, the numbers of labels are on the scale of five.
    path = write(tmp_path, *(row for row, _ in written), {"text": "x", "label": "very negative"})
    *found, _ = read_spans(path)
    assert [each.text for each in found] == [row["text"] for row, _ in written]
    for each, (_, targets) in zip(found, written, strict=True):
        assert {(span.start, span.end): span.target for span in each.targets} == targets


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.sampled_from(["text", "spans", "start", "end", "label", "score", "distribution"]),
            inner,
        )
    ),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(json_values, min_size=1, max_size=3))
def test_any_json_is_read_or_one_line(tmp_path, values):
    path = write(tmp_path, *values)
    problem = f"{path}: "
    try:
        read_spans(path)
    except DataError as error:
        problem = str(error)
    assert problem.startswith(f"{path}:")
    assert len(problem.splitlines()) == 1
