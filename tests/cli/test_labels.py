"""Labels made by hand, there and back: tasks, what a tool makes of them, and what is learnt."""

import json
import warnings

import pytest

from treernn.models.pretrained import SENTIMENT_MODELS

WORDS = ("camera", "phone", "sound", "screen", "battery", "case")


@pytest.fixture
def reviews(tmp_path):
    if not SENTIMENT_MODELS["small"].is_dir():
        pytest.skip("this copy has no pretrained models")
    path = tmp_path / "reviews.csv"
    rows = [f"{number},The {word} is sick 🎉 !" for number, word in enumerate(WORDS)]
    path.write_text("\n".join(["id,review", *rows, "7,", ""]), "utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize("format", ["label-studio", "prodigy", "doccano"])
def test_a_corrected_label_is_learnt(in_process, reviews, tmp_path, format):
    tasks, text = tmp_path / "tasks.json", f"The {WORDS[0]} is sick 🎉 !"
    status, _, error = in_process(
        *("score", reviews, "--column", "review", "--format", format, "--level", "phrase"),
        *("-o", tasks),
    )
    assert (status, error) == (1, "treernn: line 8: review is empty\n")
    written = tasks.read_text("utf-8")
    items = (
        json.loads(written)
        if format == "label-studio"
        else [*map(json.loads, written.split("\n")[:-1])]
    )
    exported = tmp_path / ("exported.json" if format == "label-studio" else "exported.jsonl")
    for item in items:
        correct(item, format)
    lines = "\n".join(map(json.dumps, items)) if format != "label-studio" else json.dumps(items)
    exported.write_text(lines, "utf-8")
    sources = tmp_path / "sources.toml"
    sources.write_text(
        '[[source]]\nkind = "annotations"\nfile = "F"\ndev_file = "F"\n'.replace("F", exported.name)
    )
    status, printed, error = in_process(
        *("train", "sentiment", "--sources", sources, "--init-from", "small", "--epochs", "3"),
        *("--out", tmp_path / "mine"),
    )
    assert status == 0, error
    assert "annotations: 6 trees, 6 for dev; labels: " in printed
    labels = []
    for model in ("small", tmp_path / "mine"):
        status, printed, _ = in_process("score", "--model", model, "--json", text)
        assert status == 0
        labels.append(json.loads(printed)["label"])
    assert labels[0] != labels[1] == "very positive"


def correct(item, format):
    """Labels a text as very positive, as a person does on the page of the tool."""
    if format == "label-studio":
        [prediction] = item["predictions"]
        result = [each for each in prediction["result"] if each["type"] == "choices"]
        result[0]["value"]["choices"] = ["very positive"]
        item["annotations"] = [{"result": result, "was_cancelled": False}]
    elif format == "prodigy":
        span = {"start": 0, "end": len(item["text"]), "label": "very positive"}
        item |= {"spans": [span], "answer": "accept", "_view_id": "spans_manual"}
    else:
        units = len(item["text"].encode("utf-16-le")) // 2
        item["label"] = [[0, units, "very positive"]]


def test_one_line_about_wrong_options(in_process, reviews, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        out = tmp_path / "tasks.json"
        for options, problem in (
            (["--format", "doccano"], "doccano cannot be printed, write it to a file with -o"),
            (
                ["-o", out, "--least-sure", "3"],
                "--least-sure is for --format label-studio, prodigy, ",
            ),
            (
                ["-o", out, "--labeling-config", "a.xml"],
                "--labeling-config is for --format label-s",
            ),
            (
                ["-o", out, "--format", "prodigy", "--labeling-config", "a.xml"],
                "--labeling-config is for --format label-studio, not prodigy",
            ),
            (
                ["-o", out, "--format", "label-studio", "--explain"],
                "--explain needs trees or a for",
            ),
        ):
            status, _, error = in_process("score", reviews, "--column", "review", *options)
            assert (status, error.count("\n")) == (2, 1)
            assert problem in error
        assert not out.exists()
