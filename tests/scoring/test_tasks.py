"""Tasks for Label Studio, Prodigy and doccano: what they hold, their order, and the way back."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

import treernn
from treernn.corpora.annotations import read_annotations
from treernn.corpora.annotations.reading import is_export
from treernn.corpora.aspect_terms import read_labelled_targets
from treernn.errors import InputError
from treernn.scoring.entries import Detail
from treernn.scoring.formats import FORMATS, TASKS, output_format
from treernn.scoring.label_studio import labeling_config
from treernn.scoring.rows import Chunk, Row, score_chunk
from treernn.scoring.target_names import TargetNames
from treernn.scoring.tasks import certainty
from treernn.types import LABELS

TEXTS = [
    "A wonderful film.",
    "Great battery 🎉 but the screen is awful. Never again!",
    "It is a phone.",
    "",
    'Not bad 👨‍👩‍👧 at all, "my family" says\n<b>twice</b>.',
    "So so.",
]
ROWS = [
    Row(f"line {i}", text, {"text": f"n{i}", "review": text, "id": i}, None if text else "empty")
    for i, text in enumerate(TEXTS, 1)
]


@pytest.fixture(scope="module")
def small():
    return treernn.load()


@pytest.fixture(scope="module")
def results(small):
    """The result of each text."""
    texts = [*filter(None, TEXTS)]
    return dict(zip(texts, small.score_many(texts), strict=True))


def write(format, results, folder, size=2, asked=None, **detail):
    """A file of tasks, written in parts of so many rows; ``asked`` has targets by row."""
    detail = Detail(column="review", **detail)
    writer = FORMATS[format](None, None, "", detail)

    def score_many(texts):
        return [results[text].with_classes(detail.classes) for text in texts]

    parts = []
    for first in range(0, len(ROWS), size):
        chunk = Chunk(ROWS[first : first + size], first=first + 1)
        parts.append(folder / f"part {first}")
        targets = {row - first - 1: target for row, target in (asked or {}).items()}
        scored = replace(score_chunk(score_many, chunk), targets=targets)
        parts[-1].write_bytes(writer.encode(scored))
    out = folder / f"{format}.json"
    writer.join(parts, out)
    text = out.read_text("utf-8")
    return json.loads(text) if format == "label-studio" else [*map(json.loads, text.splitlines())]


def row_of(task):
    return task.get("data", task.get("meta", task))["row"]


@pytest.mark.parametrize("format", TASKS)
def test_the_least_sure_are_first(results, format, tmp_path):
    rows = [row for row, text in enumerate(TEXTS, 1) if text]
    order = sorted(rows, key=lambda row: certainty(results[TEXTS[row - 1]]))
    for size in (1, 2, 6):
        assert [row_of(task) for task in write(format, results, tmp_path, size)] == order
    assert [row_of(task) for task in write(format, results, tmp_path, least_sure=2)] == order[:2]
    assert len(write(format, results, tmp_path, least_sure=9)) == 5


@pytest.mark.parametrize("format", TASKS)
def test_without_tasks_the_file_is_whole(format, tmp_path):
    writer = FORMATS[format](None, None, "", Detail())
    writer.join([], tmp_path / "out")
    text = (tmp_path / "out").read_text()
    assert json.loads(text) == [] if format == "label-studio" else text == ""


@pytest.mark.parametrize("format", TASKS)
@pytest.mark.parametrize("level", ["review", "sentence", "phrase"])
@pytest.mark.parametrize("classes", [5, 3, 2])
def test_predictions_come_back_as_labels_where_people_agree(
    results, format, level, classes, tmp_path
):
    """Each tool makes annotations of the predictions, as its page does when one accepts them."""
    tasks = write(format, results, tmp_path, level=level, classes=classes)
    for number, task in enumerate(tasks):
        if format == "label-studio":
            [prediction] = task.pop("predictions")
            task["annotations"] = [{"result": prediction["result"], "was_cancelled": False}]
        elif format == "prodigy":
            spans = level != "review"
            task |= {"answer": "accept", "_view_id": "spans_manual" if spans else "choice"}
        task["id"] = number
    path = tmp_path / "export.json"
    path.write_text(json.dumps(tasks), "utf-8")
    found = {each.text: each.targets for each in read_annotations(path, format).texts}
    assert {*found} <= {text for text in TEXTS if text}
    for text in filter(None, TEXTS):
        result = results[text].with_classes(classes)
        phrases = {(each.start, each.end): each for each in result.phrases()}
        phrases |= {(each.start, each.end): each for each in result.sentences}
        phrases[0, len(text)] = result
        for span in found.get(text, ()):
            label = LABELS.index(phrases[span.start, span.end].label)
            assert span.target[label] == 1
        if level == "review" or format == "label-studio":
            assert found[text][0].target[LABELS.index(result.label)] == 1


def test_phrases_that_stand_out(results, tmp_path):
    tasks = write("label-studio", results, tmp_path, level="phrase", model="small")
    [task] = [task for task in tasks if task["data"]["row"] == 2]
    assert task["data"] == {"text": TEXTS[1], "row": 2, "text_": "n2", "id_": 2}
    [prediction] = task["predictions"]
    assert prediction["model_version"] == f"treernn {treernn.__version__} small"
    choice, *regions = prediction["result"]
    assert choice["value"]["choices"] == [results[TEXTS[1]].label]
    assert (
        prediction["score"]
        == choice["score"]
        == pytest.approx(certainty(results[TEXTS[1]]), abs=1e-6)
    )
    values = [region["value"] for region in regions]
    assert all(TEXTS[1][each["start"] : each["end"]] == each["text"] for each in values)
    said = {each["text"]: each["labels"][0] for each in values}
    assert "Never again!" in said  # a sentence
    assert "positive" in said["Great battery 🎉 but"]
    assert not any(re.fullmatch("the screen|is|but", text) for text in said)
    sentences = write("label-studio", results, tmp_path, level="sentence")
    counts = {task["data"]["row"]: len(task["predictions"][0]["result"]) for task in sentences}
    assert counts == {1: 1, 2: 3, 3: 1, 5: 1, 6: 1}


@pytest.mark.filterwarnings("ignore:.*4 without a label:treernn.errors.DataWarning")
@pytest.mark.parametrize("format", TASKS)
def test_aspect_terms_there_and_back(small, results, format, tmp_path):
    start = TEXTS[1].index("screen")
    target = small.target(TEXTS[1], start, start + 6)
    names = TargetNames("screen")
    tasks = write(format, results, tmp_path, asked={2: target}, targets=names)
    for task in tasks:
        if format == "label-studio":
            task["annotations"] = task.pop("predictions")
            controls = ElementTree.fromstring(labeling_config(5, targets=True))
            used = {each["from_name"] for each in task["annotations"][0]["result"]}
            assert used <= {each.get("name") for each in controls}
        elif format == "prodigy":
            task |= {"answer": "accept", "_view_id": "spans_manual"}
    path = tmp_path / "export.json"
    path.write_text(json.dumps(tasks), "utf-8")
    assert is_export(path)
    found = {each.text: each.targets for each in read_labelled_targets(path)}
    *_, span = found[TEXTS[1]]
    assert (span.start, span.end) == (target.start, target.end)
    assert span.target[LABELS.index(target.label)] == 1
    if format == "label-studio":  # which tells terms and phrases apart
        phrases = {each.text: each.targets for each in read_annotations(path).texts}
        assert [(each.start, each.end) for each in phrases[TEXTS[1]]] == [(0, len(TEXTS[1]))]


def test_tokens_for_prodigy(results, tmp_path):
    for task in write("prodigy", results, tmp_path, level="phrase"):
        text, tokens = task["text"], task["tokens"]
        assert [each["id"] for each in tokens] == [*range(len(tokens))]
        assert [text[each["start"] : each["end"]] for each in tokens] == [t["text"] for t in tokens]
        for span in task["spans"]:
            first, last = tokens[span["token_start"]], tokens[span["token_end"]]
            assert (first["start"], last["end"]) == (span["start"], span["end"])
        assert task["meta"]["id"] == task["meta"]["row"]


def test_doccano_counts_utf_16(results, tmp_path):
    [task] = [
        each for each in write("doccano", results, tmp_path, level="phrase") if each["row"] == 5
    ]
    units = task["text"].encode("utf-16-le")
    said = {units[2 * start : 2 * end].decode("utf-16-le") for start, end, _ in task["label"]}
    assert task["text"] in said
    assert "bad" in said


@pytest.mark.parametrize("level", ["review", "phrase"])
@pytest.mark.parametrize("classes", [5, 3, 2])
def test_the_labeling_interface_has_what_tasks_use(results, classes, level, tmp_path):
    view = ElementTree.fromstring(labeling_config(classes, level))
    controls = {each.get("name"): each for each in view}
    tasks = write("label-studio", results, tmp_path, level=level, classes=classes)
    for result in (each for task in tasks for each in task["predictions"][0]["result"]):
        control = controls[result["from_name"]]
        assert control.tag.lower() == result["type"]
        assert control.get("toName") == result["to_name"] == controls["text"].get("name")
        assert {*result["value"][result["type"]]} <= {each.get("value") for each in control}
    assert all(task["data"][controls["text"].get("value")[1:]] for task in tasks)


def test_no_ending_is_a_format_of_tasks():
    with pytest.raises(InputError, match=r"endings are \.json \.jsonl \.csv .* \.html"):
        output_format("a.doccano")
