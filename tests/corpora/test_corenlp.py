"""Outputs of CoreNLP: its text and its JSON."""

import io
import json

import pytest

from tests.helpers.any_trees import CORENLP, SERVICE
from treernn.corpora.brackets import read_brackets
from treernn.corpora.corenlp import sentiment_trees
from treernn.errors import DataError

TEXT = f"""
Sentence #1 (4 tokens, sentiment: Negative):
Your service sucks.

Tokens:
[Text=Your CharacterOffsetBegin=0 CharacterOffsetEnd=4 PartOfSpeech=PRP$ SentimentClass=Neutral]

Constituency parse:
(ROOT
  (S
    (NP (PRP$ Your) (NN service))
    (VP (VBZ sucks))
    (. .)))


Sentiment-annotated binary tree:
{CORENLP}

Dependency Parse (enhanced plus plus dependencies):
root(ROOT-0, sucks-3)
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_text(end: str) -> None:
    text = (TEXT * 2).replace("\n", end)
    assert read_brackets(io.StringIO(text)) == [SERVICE, SERVICE]


@pytest.mark.parametrize("indent", [None, 2])
def test_json(indent: int | None) -> None:
    sentence = {"index": 0, "sentiment": "Negative", "sentimentTree": CORENLP, "tokens": ["("]}
    text = json.dumps({"sentences": [sentence, {**sentence, "index": 1}]}, indent=indent)
    assert read_brackets(io.StringIO(text)) == [SERVICE, SERVICE]


PIPELINE = """It isn't good (at all).
(1 (2 It) (1 (1 (2 is) (2 n't)) (1 (3 good) (2 (2 -LRB-) (2 (2 (2 at) (2 all)) (2 -RRB-))))))

"Fine", he said.
(3 (3 (2 ``) (3 Fine)) (2 (2 '') (2 (2 ,) (2 (2 he) (2 said)))))
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_trees_after_their_sentences(end: str) -> None:
    trees = read_brackets(io.StringIO(PIPELINE.replace("\n", end)))
    assert [tree.words[:3] for tree in trees] == [("It", "is", "n't"), ("``", "Fine", "''")]
    with pytest.raises(DataError, match=r"^f:5:8: label 7 is out of range"):
        read_brackets(io.StringIO(PIPELINE.replace("(2 ``)", "(7 ``)")), "f")


@pytest.mark.parametrize(
    "text",
    [
        PIPELINE.replace("he said.", "she said."),
        PIPELINE + "It is good.\n",
        "  Negative\n(1 bad)\n",
        "It is good.\n  Positive\n(3 (2 It) (3 (2 is) (3 good)))\n",
    ],
)
def test_other_lines_between_trees_are_no_sentences(text: str) -> None:
    assert sentiment_trees(text) == text
    with pytest.raises(DataError, match="expected an opening bracket"):
        read_brackets(io.StringIO(text))


def test_an_error_has_the_line_of_the_output() -> None:
    wrong = TEXT.replace("VP|sentiment=1", "VP|sentiment=8")
    line = wrong.split("\n").index(next(line for line in wrong.split("\n") if "=8" in line)) + 1
    with pytest.raises(DataError, match=f"^out.txt:{line}:.*: label 8 is out of range"):
        read_brackets(io.StringIO(wrong), "out.txt")
    document = json.dumps({"sentences": [{"sentimentTree": "(9 a)"}]}, indent=1)
    with pytest.raises(DataError, match=r"^out.json:4:2: label 9 is out of range"):
        read_brackets(io.StringIO(document), "out.json")


@pytest.mark.parametrize(
    "text", ["(2 a)\n", "{}", "[1]", "", "(2 Sentiment-annotated)", '{"sentimentTree": "\t"}']
)
def test_another_text_stays(text: str) -> None:
    assert sentiment_trees(text) == text
