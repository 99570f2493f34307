"""``treernn bench domains``, ``constructions`` and ``aspects``: their options, JSON and errors."""

import json
import zipfile

import pytest

from treernn.models.pretrained import PARSER, SENTIMENT_MODELS

TWEETS = (
    "part\tlabel\ttext\n"
    "2016dev\tpositive\tA wonderful, wonderful film :)\n"
    "2016dev\tnegative\tAn awful film.\n"
    "2016devtest\tnegative\tA terrible film :(\n"
    "2016devtest\tneutral\tThe film starts at eight.\n"
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    if not (SENTIMENT_MODELS["small"].is_dir() and PARSER.is_dir()):
        pytest.skip("this copy has no pretrained models")
    (tmp_path / "semeval-tweets.tsv").write_text(TWEETS)
    monkeypatch.setenv("TREERNN_DATA", str(tmp_path))
    monkeypatch.setattr("nltk.data.path", [])
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_json_of_one_model(in_process):
    status, out, _ = in_process("bench", "domains", "--json")
    assert status == 0
    found = json.loads(out)
    assert (found["model"], found["split"]) == ("small", "test")
    assert [(row["set"], row["n"]) for row in found["rows"]] == [
        ("tweets", 2),
        ("tweets with emoticons or emoji", 1),
    ]
    assert {"set", "n", "binary", "macro_recall", "ece"} <= {*found["rows"][0]}
    assert len(found["missing"]) == 6  # five data sets and VADER's lexicon


def test_json_of_several_models(folder, in_process):
    model = str(SENTIMENT_MODELS["small"])
    arguments = ("--model", "small", "--model", model, "--split", "dev", "--data", str(folder))
    (folder / "vader_lexicon.zip").write_text("wonderful\t2.7\nawful\t-2.0\n")
    status, out, _ = in_process("bench", "domains", "--json", *arguments)
    assert status == 0
    first, second, vader = json.loads(out)
    assert [first["model"], second["model"], vader["model"]] == ["small", model, "vader"]
    assert first["rows"] == second["rows"]
    assert [row["binary"] for row in first["rows"]] == [100, 100]
    assert [row["binary"] for row in vader["rows"]] == [100, 100]
    assert vader["rows"][0]["ece"] is None


@pytest.mark.usefixtures("folder")
def test_table(in_process):
    status, out, _ = in_process("bench", "domains")
    assert status == 0
    assert "tweets with emoticons or emoji" in out
    assert "missing: pros and cons: no pros-cons-half.tsv.gz" in out


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--model", "nonesuch"), "nonesuch"),
        (("--split", "train"), "'train' is not one of"),
        (("--data", "nonesuch"), "nonesuch: no such file or folder"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_errors(in_process, arguments, problem):
    status, out, err = in_process("bench", "domains", *arguments)
    assert (status, out) == (2, "")
    assert problem in err
    assert "Traceback" not in err


@pytest.mark.usefixtures("folder")
def test_constructions(in_process):
    status, out, _ = in_process("bench", "constructions", "--count", "5", "--json")
    assert status == 0
    found = json.loads(out)
    assert found["model"] == "small"
    names = [row["name"] for row in found["constructions"]]
    assert names[0] == "all"
    assert {"bare comparative", "unfulfilled wish", "high rating"} <= {*names}
    assert [row["kind"] for row in found["groups"]][:3] == ["all", "held-out groups", "nationality"]
    status, out, _ = in_process("bench", "constructions", "--count", "5", "--seed", "1")
    assert status == 0
    assert "scare quotes" in out
    assert "religion" in out


@pytest.mark.usefixtures("folder")
def test_constructions_of_models_that_are_not_there(in_process):
    status, out, err = in_process("bench", "constructions", "--model", "nonesuch")
    assert (status, out) == (2, "")
    assert "nonesuch" in err
    assert in_process("bench", "constructions", "--count", "4")[0] == 2


REVIEWS = """[t]good
battery life[+2]##the battery life is great and i love it .
screen[-2]##the screen is awful .
battery[+1],screen[+1]##great battery and a fine screen .
"""
SENTENCES = """<sentences><sentence><text>The soup was good, the waiter rude.</text><aspectTerms>
<aspectTerm from="4" to="8" polarity="positive" term="soup"/>
<aspectTerm from="23" to="29" polarity="negative" term="waiter"/>
</aspectTerms></sentence></sentences>"""


@pytest.mark.usefixtures("folder")
def test_aspects(tmp_path, in_process):
    assert in_process("bench", "aspects")[0] == 2  # no data set at all
    with zipfile.ZipFile(tmp_path / "product-reviews-1.zip", "w") as archive:
        archive.writestr("Nokia_6610.txt", REVIEWS)
    status, out, _ = in_process("bench", "aspects", "--json")
    assert status == 0
    found = json.loads(out)
    assert {*found["products"]} == {"Nokia", "mean", "mean, others"}
    assert found["products"]["Nokia"]["recall"] == found["products"]["mean"]["recall"] == 100
    assert found["terms"] is None
    assert found["microseconds_per_word"] > 0
    assert len(found["missing"]) == 1
    with zipfile.ZipFile(tmp_path / "mams-atsa.zip", "w") as archive:
        archive.writestr("train.xml", SENTENCES.replace("soup", "meal"))
        archive.writestr("val.xml", SENTENCES + "\n")
    status, out, _ = in_process("bench", "aspects", "--data", str(tmp_path))
    assert status == 0
    assert "MAMS, validation" in out
    assert "Nokia" in out
