"""Exports of annotation tools.

Those of Label Studio are from version 1.23.2, those of doccano from version 1.8.4: texts that
``treernn score`` wrote as tasks were imported there, corrected and exported again. Those of Prodigy
follow its documentation and exports that people have published.
"""

import gzip
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treernn.corpora.annotations import read_annotations
from treernn.corpora.annotations.reading import TOOLS, is_export
from treernn.errors import DataError, DataWarning, InputError, MissingDataError
from treernn.types import LABELS

FILES = Path(__file__).parent / "files"
EMOJI = "The battery is great 🎉 but the screen scratches easily."
FAMILY = "Not bad at all 👨‍👩‍👧 my family loves it."

pytestmark = pytest.mark.filterwarnings("ignore::treernn.errors.DataWarning")


def named(found):
    """The parts of each text with the name of their class; of others the target."""
    one_hot = {tuple(float(i == j) for j in range(5)): name for i, name in enumerate(LABELS)}
    return {
        each.text: {
            each.text[span.start : span.end]: one_hot.get(span.target, span.target)
            for span in each.targets
        }
        for each in found.texts
    }


def write(folder, *items, name="export.jsonl"):
    path = folder / name
    path.write_text("".join(json.dumps(item) + "\n" for item in items), "utf-8")
    return path


@pytest.mark.parametrize("name", ["label-studio.json", "label-studio-min.json"])
def test_label_studio(name):
    found = read_annotations(FILES / name)
    texts = named(found)
    assert [*texts] == ["Awful. I want my money back!", EMOJI, FAMILY]
    assert texts["Awful. I want my money back!"] == {
        "Awful. I want my money back!": "very negative",  # corrected
        "Awful.": "negative",
        "I want my money back!": "very negative",
        "want my money back!": "negative",
    }
    assert texts[EMOJI] == {
        EMOJI: (0, 0.5, 0.5, 0, 0),  # by two people
        "The battery is great 🎉 but": "positive",
        "is great 🎉": "very positive",
        "🎉": "positive",
        "easily": "positive",
        "the screen scratches easily.": "negative",  # by one of them
    }
    assert texts[FAMILY][FAMILY] == "positive"
    assert texts[FAMILY]["family"] == "positive"
    # The smaller export has an entry without labels where the text was skipped.
    assert (found.skipped, found.unlabelled) == ((1, 1) if name == "label-studio.json" else (0, 1))
    assert found.disputed == 1


def test_label_studio_counts_code_points():
    [text] = named(read_annotations(FILES / "label-studio-page.json")).values()
    assert text == {"scratches": "very negative", "awful": "positive", "superb": "very positive"}


def test_doccano():
    with pytest.warns(
        DataWarning, match=r"two-people.zip: 3 without a label left out; 1 labelled d"
    ):
        found = read_annotations(FILES / "doccano-two-people.zip")
    texts = named(found)
    assert len(texts) == 5
    assert texts["Awful. I want my money back!"] == {
        "Awful. I want my money back!": (0, 0.5, 0, 0, 0.5)
    }
    assert texts[EMOJI] == {EMOJI: "negative"}  # both say so
    [text] = named(read_annotations(FILES / "doccano-sequences.jsonl")).values()
    assert text == {
        EMOJI: "negative",
        "The battery is great 🎉 but": "positive",
        "is great 🎉": "very positive",
        "🎉": "positive",
        " the screen scratches easily"[1:]: "very negative",
    }
    assert named(read_annotations(FILES / "doccano-entities.jsonl"))[EMOJI]["easily"] == "positive"


def test_prodigy():
    found = read_annotations(FILES / "prodigy.jsonl")
    assert (found.skipped, found.unlabelled, found.disputed) == (2, 1, 1)
    first, second = found.texts
    assert [(first.text[each.start : each.end], each.target) for each in first.targets] == [
        (first.text, (0.165, 0.335, 0.5, 0, 0)),  # one says neutral
        ("slow staff", (1, 1, 0, 0, 0)),
        ("Great price", (0, 0, 0, 1, 1)),
    ]
    assert (second.text[:7], second.target) == ("@united", (1, 1, 0, 0, 0))


def test_ground_truth_counts_alone(tmp_path):
    def by(label, **fields):
        value = {"choices": [label]}
        result = [{"from_name": "sentiment", "type": "choices", "value": value}]
        return {"result": result, **fields}

    task = {"data": {"text": "It rains."}, "annotations": [by("positive"), by("very negative")]}
    gold = [by("positive"), by("very negative", ground_truth=True)]
    for annotations, target in (
        (task["annotations"], (0.5, 0, 0, 0.5, 0)),
        (gold, (1, 0, 0, 0, 0)),
    ):
        [text] = read_annotations(write(tmp_path, {**task, "annotations": annotations})).texts
        assert text.target == target


def test_predictions_of_a_model_are_no_labels(tmp_path):
    value = {"choices": ["positive"]}
    prediction = {"result": [{"from_name": "sentiment", "type": "choices", "value": value}]}
    path = write(tmp_path, {"data": {"text": "Good."}, "predictions": [prediction]})
    with pytest.raises(
        DataError, match=r"export.jsonl: no label of a person; name the fields with"
    ):
        read_annotations(path)


def region(start, end, kind="labels", name="phrase", said=None, **value):
    value = {"start": start, "end": end, **value} | ({"text": said} if said else {})
    return {"from_name": name, "type": kind, "value": value, "id": f"{start}"}


def task(text, *results):
    return {"data": {"text": text}, "annotations": [{"result": [*results]}]}


def test_the_text_of_a_region_shows_what_offsets_count(tmp_path):
    text = "🎉🎉 bad, bad\nfood"
    for start, end, said, there in (
        (3, 6, "bad", 3),
        (5, 8, "bad", 3),  # before version 1.5
        (10, 13, "bad", 8),
        (8, 16, "bad\\nfood", 8),  # as older versions write line ends
    ):
        result = region(start, end, said=said, labels=["negative"])
        [found] = read_annotations(write(tmp_path, task(text, result))).texts
        assert found.targets[0].start == there
    path = write(tmp_path, task(text, region(4, 7, said="bad", labels=["negative"])))
    with pytest.raises(DataError) as raised:
        read_annotations(path)
    assert str(raised.value) == (
        f"{path}:1: span from 4 to 7 is 'ad,' in the text, but the file says 'bad': the offsets do "
        "not fit"
    )


def test_aspect_terms_are_read_apart(tmp_path):
    text = "Great food, slow staff."
    path = write(
        tmp_path,
        task(
            text,
            region(0, 10, labels=["positive"]),
            region(12, 22, name="label", labels=["neutral"]),
            region(17, 22, name="aspect", labels=["negative"]),
            region(6, 10, labels=["ASPECT"]),
            region(6, 10, kind="choices", name="polarity", choices=["positive"]),
        ),
    )
    phrases = read_annotations(path)
    assert [*named(phrases)[text]] == ["Great food", "slow staff"]
    targets = read_annotations(path, targets=True)
    assert [*named(targets)[text]] == ["slow staff", "staff", "food"]


def test_other_questions_and_names(tmp_path):
    def choice(name, label):
        return {"from_name": name, "type": "choices", "value": {"choices": [label]}}

    path = write(tmp_path, task("It rains.", choice("topic", "weather"), choice("tone", "Meh")))
    with pytest.raises(
        DataError, match=r"choices of topic, tone: name the one to read with label_c"
    ):
        read_annotations(path)
    labels = {"MEH": "neutral"}
    [text] = read_annotations(path, labels=labels, label_column="tone").texts
    assert text.target == (0, 0, 1, 0, 0)
    path = write(tmp_path, {"review": "It rains.", "id": 3, "sentiment": "meh", "annotation_id": 1})
    [text] = read_annotations(path, labels=labels).texts
    assert (text.text, text.target) == ("It rains.", (0, 0, 1, 0, 0))


@pytest.mark.parametrize("labels", [["Very-Positive", "NEUTRAL"], ["very_positive", "neutral"]])
def test_names_in_any_case(tmp_path, labels):
    items = [{"text": label, "label": [label]} for label in labels]
    found = read_annotations(write(tmp_path, *items))
    assert [each.target for each in found.texts] == [(0, 0, 0, 0, 1), (0, 0, 1, 0, 0)]


@pytest.mark.parametrize(
    ("offsets", "start", "end"), [("", 3, 6), ("utf-16", 3, 6), ("code points", 2, 5)]
)
def test_what_offsets_count_can_be_said(tmp_path, offsets, start, end):
    path = write(tmp_path, {"text": "🎉 bad", "label": [[start, end, "negative"]]})
    assert [*named(read_annotations(path, offsets=offsets))["🎉 bad"]] == ["bad"]
    family = "👨‍👩‍👧 bad"
    path = write(tmp_path, {"text": family, "label": [[2, 5, "negative"]]})
    assert [*named(read_annotations(path, offsets="graphemes"))[family]] == ["bad"]


def test_arrays_and_compressed_files(tmp_path):
    items = [{"text": "Good.", "label": ["positive"]}, {"text": "Bad.", "label": "very negative"}]
    expected = read_annotations(write(tmp_path, *items)).texts
    array = tmp_path / "export.json"
    array.write_text(json.dumps(items), "utf-8")
    packed = tmp_path / "export.jsonl.gz"
    packed.write_bytes(gzip.compress((tmp_path / "export.jsonl").read_bytes()))
    archive = tmp_path / "export.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("all.json", json.dumps(items))
    for path in (array, packed, archive):
        assert read_annotations(path).texts == expected


OUTSIDE = "the text of 1 characters, counted in utf-16; see offsets"
SPANS = {"text": "Good food", "answer": "accept", "spans": [{"start": 0, "end": 4, "label": "pos"}]}


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        (
            {"id": 7, "text": "a", "label": ["Grat"]},
            f"task 7: label 'Grat', expected 0 to 4 or {', '.join(LABELS)}; say what others mean "
            "with labels",
        ),
        ({"text": "a", "label": [[0, 2, "positive"]]}, "span from 0 to 2 is no part of " + OUTSIDE),
        (
            {"text": "🎉", "label": [[0, 1, "positive"]]},
            "span from 0 to 1 is no part of " + OUTSIDE,
        ),
        (
            {"text": "a", "label": [["0", 1, "positive"]]},
            "span from '0' to 1, expected whole numbers",
        ),
        (
            {"text": "a", "label": [[0, 1]]},
            "label [0, 1], expected a name, [start, end, name] or an entity",
        ),
        ({"text": "a", "label": [True]}, "label True, expected a label or a list of labels"),
        (
            {"text": "a", "label": [[0, 1, None]]},
            "label None, expected a label or a list of labels",
        ),
        ({"text": " ", "label": ["positive"]}, "'text' is ' ', expected a text"),
        ({"text": 5, "label": ["positive"]}, "'text' is 5, expected a text"),
        (
            {"a": "x", "b": "y", "label": ["positive"]},
            "no 'text', name the text with text_column; there: a, b",
        ),
    ],
)
def test_faulty_entries(tmp_path, item, problem):
    path = write(tmp_path, {"text": "good", "label": ["very positive"]}, item)
    with pytest.raises(DataError) as raised:
        read_annotations(path, "doccano")
    assert str(raised.value) == f"{path}:2: {problem}"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"answer": "maybe"}, "answer 'maybe', expected one of accept, reject, ignore"),
        ({"spans": {}}, None),
        ({"spans": [3]}, "spans [3], expected a list of objects"),
        ({"spans": [{"start": 0, "label": "pos"}]}, "span from 0 to None, expected whole numbers"),
    ],
)
def test_faulty_entries_of_prodigy(tmp_path, change, problem):
    path = write(tmp_path, SPANS, {**SPANS, **change})
    if problem is None:
        assert len(read_annotations(path).texts) == 1
        return
    with pytest.raises(DataError) as raised:
        read_annotations(path)
    assert str(raised.value) == f"{path}:2: {problem}"


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        ({"annotations": [3]}, "annotations are [3], expected a list of objects"),
        ({"annotations": [{"result": 3}]}, "result is 3, expected a list of objects"),
        ({"annotations": [{}]}, "result is None, expected a list of objects"),
        ({"data": {"a": "b", "c": "d"}}, "no 'text', name the text with text_column; there: a, c"),
    ],
)
def test_faulty_tasks_of_label_studio(tmp_path, item, problem):
    path = write(tmp_path, {"id": 9, "data": {"text": "a"}, **item})
    with pytest.raises(DataError) as raised:
        read_annotations(path)
    assert str(raised.value) == f"{path}:1: task 9: {problem}"


def test_files_of_no_tool(tmp_path):
    with pytest.raises(MissingDataError, match=r"none.json: no such file$"):
        read_annotations(tmp_path / "none.json")
    with pytest.raises(
        DataError, match=r"export.jsonl:1: an entry of none of label-studio, prodigy"
    ):
        read_annotations(write(tmp_path, {"sentence": "a"}))
    with pytest.raises(
        InputError, match=r"format 'ls', expected one of label-studio, prodigy, doc"
    ):
        read_annotations(FILES / "prodigy.jsonl", "ls")
    with pytest.raises(
        InputError, match="offsets 'bytes', expected one of code points, utf-16, gra"
    ):
        read_annotations(FILES / "prodigy.jsonl", offsets="bytes")
    with pytest.raises(
        DataError, match=r"a.csv: csv, expected the JSON or JSON lines that the tool"
    ):
        read_annotations(write(tmp_path, name="a.csv"))
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("all.csv", "text,label\n")
    with pytest.raises(DataError, match=r"a.zip: contains no file \*\.json$"):
        read_annotations(archive)
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("ann.jsonl", '{"text": "a", "label": ["positive"]}\n\n[1]\n')
    with pytest.raises(DataError, match=r"a.zip/ann.jsonl:3: a JSON list, expected an object$"):
        read_annotations(archive)


@pytest.mark.parametrize("path", sorted(FILES.iterdir()), ids=lambda path: path.name)
def test_exports_are_known(path):
    assert is_export(path)


def test_other_files_are_no_exports(tmp_path):
    spans = {"text": "Good food", "spans": [{"start": 0, "end": 4, "label": "pos"}]}
    for item in (spans, {"text": "Good", "label": "pos"}, {"text": "Good", "label": ["pos", 4]}):
        assert not is_export(write(tmp_path, item))
    assert not is_export(write(tmp_path, name="empty.jsonl"))
    assert not is_export(tmp_path / "none.jsonl")


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1, 9)
    | st.floats()
    | st.sampled_from(["neg", "x", ""]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("text", "label", "labels", "entities", "start", "end", "start_offset"),
                    *("end_offset", "data", "annotations", "result", "type", "value", "choices"),
                    *("from_name", "answer", "accept", "spans", "annotation_id", "sentiment", "id"),
                ]
            ),
            inner,
        )
    ),
    max_leaves=14,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(json_values, min_size=1, max_size=2), st.sampled_from(["", *TOOLS]))
def test_any_json_is_read_or_one_line(tmp_path, values, tool):
    path = write(tmp_path, *values)
    try:
        assert read_annotations(path, tool).texts
    except DataError as error:
        assert str(error).startswith(f"{path}:")  # noqa: PT017
        assert len(str(error).splitlines()) == 1  # noqa: PT017
