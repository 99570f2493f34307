"""Results of five, three and two classes, and their score: in Python, in files, in frames."""

import csv
import json
import os
import pickle
import re
import sys

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import treernn
from treernn.classes import PLACES, names, probabilities, scores
from treernn.corpora.brackets import format_tree
from treernn.errors import InputError
from treernn.scoring import job
from treernn.scoring.entries import YIELDING_COLUMNS, Detail, probability_columns
from treernn.scoring.formats import FORMATS, added_columns
from treernn.scoring.rows import Chunk, open_rows, score_chunk, text_rows
from treernn.scoring.scorer import Scorer
from treernn.scoring.sentence import SENTIMENT_FIELDS, sentiment_fields
from treernn.scoring.settings import Settings
from treernn.scoring.table import PartScorer, score_part

TEXTS = [
    "It's not a bad movie, but the ending ruins everything. I watched it twice.",
    "A wonderful, touching film!",
    "The film runs for two hours.",
    "http://example.org/ is where I saw it. Awful.",
]


@pytest.fixture(scope="module")
def small():
    return treernn.load()


@pytest.fixture(scope="module")
def results(small):
    return small.score_many(TEXTS)


@pytest.mark.parametrize("classes", PLACES)
def test_a_result_has_the_classes_everywhere(results, classes):
    for five in results:
        result = five.with_classes(classes)
        assert result.with_classes(5) == five
        assert result.text == five.text
        row = np.array(five.distribution)
        np.testing.assert_allclose(result.probabilities, probabilities(row, classes))
        assert result.score == five.score == float(scores(row))
        assert result.stars == five.stars == 3 + 2 * five.score
        for scored in (result, *result.sentences, *result.phrases()):
            assert scored.classes == classes
            assert len(scored.probabilities) == classes
            assert scored.label in names(classes)
            best = scored.probabilities[names(classes).index(scored.label)]
            assert best == max(scored.probabilities)
            assert sum(scored.probabilities) == pytest.approx(1, abs=1e-5)
        for one, other in zip(result.phrases(), five.phrases(), strict=True):
            assert (one.score, one.stars, one.text) == (other.score, other.stars, other.text)
        for one, other in zip(result.sentences, five.sentences, strict=True):
            assert (one.score, one.stars) == (other.score, other.stars)
            assert [phrase.score for phrase in one.phrases()] == pytest.approx(
                scores(one.distributions).tolist(), abs=1e-6
            )


@pytest.mark.parametrize("classes", PLACES)
def test_json_has_the_classes_everywhere(results, classes):
    for five in results:
        result = five.with_classes(classes)
        plain = result.to_dict()
        assert json.loads(result.to_json()) == plain
        assert {name: plain[name] for name in SENTIMENT_FIELDS} == sentiment_fields(result)
        pending = [*plain["sentences"]]
        assert len(pending) == len(result.sentences)
        while pending:
            node = pending.pop()
            pending += node.get("children", []) + [node[k] for k in ("tree",) if k in node]
            assert node["label"] in names(classes)
            assert len(node["probabilities"]) == classes
            assert node["stars"] == pytest.approx(3 + 2 * node["score"], abs=2e-6)


def test_three_classes_join_the_five(results):
    """A text whose sides are divided may have another label, but never the other side's."""
    for five in results:
        three = five.with_classes(3)
        for phrase, joined in zip(five.phrases(), three.phrases(), strict=True):
            p = phrase.probabilities
            expected = (p[0] + p[1], p[2], p[3] + p[4])
            assert joined.probabilities == pytest.approx(expected, abs=1e-6)


def test_trees_keep_the_numbers_of_the_treebank(results):
    for five in results:
        for sentence in five.with_classes(3).sentences:
            assert set(sentence.tree.labels) <= {1, 2, 3}
            assert sentence.to_nltk().label() == str(sentence.tree.labels[-1])
        for sentence in five.with_classes(2).sentences:
            assert set(sentence.tree.labels) <= {1, 3}
            assert format_tree(sentence.tree).startswith(f"({sentence.tree.labels[-1]} ")


def test_other_numbers_are_refused(results, small):
    for refused in (
        lambda: results[0].with_classes(4),
        lambda: small("").with_classes("3"),
        lambda: treernn.load(classes=1),
        lambda: Scorer(small.parser, small.classifier, classes=0),
    ):
        with pytest.raises(InputError, match="expected 5, 3 or 2"):
            refused()


def test_nothing_to_score(small):
    result = small("").with_classes(3)
    assert (result.label, result.score, result.stars, result.probabilities) == (None,) * 4
    plain = result.to_dict()
    assert [plain[name] for name in SENTIMENT_FIELDS] == [None] * 4
    assert result.explain() == ()


def test_a_scorer_of_three_classes(small, results):
    scorer = Scorer(small.parser, small.classifier, classes=3)
    assert scorer.score_many(TEXTS) == [result.with_classes(3) for result in results]
    copy = pickle.loads(pickle.dumps(scorer))
    assert copy.classes == 3
    loaded = treernn.load(classes=3)
    assert "classes=3" in repr(loaded)
    assert "classes" not in repr(small)
    again = pickle.loads(pickle.dumps(loaded))
    assert again(TEXTS[0]) == scorer(TEXTS[0])  # alone, as sums depend on what is beside
    assert pickle.loads(pickle.dumps(again(TEXTS[0]))) == again(TEXTS[0])


@pytest.mark.parametrize("classes", [3, 2])
def test_explanations_are_of_the_classes(results, classes):
    for five in results:
        result = five.with_classes(classes)
        explanations = result.explain()
        assert explanations
        phrases = {(phrase.start, phrase.end): phrase for phrase in result.phrases()}
        for explanation in explanations:
            assert not re.search("very (negative|positive)", explanation.text)
            for phrase in (explanation.phrase, *explanation.parts):
                assert phrase.classes == classes
                assert phrase.label in names(classes)
                if explanation.kind not in ("sentence", "answer", "denial", "heading"):
                    assert phrase.text == phrases[phrase.start, phrase.end].text
            plain = explanation.to_dict()
            assert len(plain["phrase"]["probabilities"]) == classes
        # What they point at does not depend on how many classes there are.
        assert {each.kind for each in explanations} <= {
            *("sentence", "negation", "reversal", "contrast", "intensifier", "diminisher"),
            *("accord", "phrase", "word"),
        }


def test_pages_have_the_classes(results):
    for classes in PLACES:
        result = results[0].with_classes(classes)
        assert result._repr_html_().count("width:110px") == 3
        others = set(names(5)) - set(names(classes)) - {"negative", "positive"}
        assert not [name for name in others if f"{name} " in result._repr_html_()]
        assert f'"label": "{result.label}"' in result.to_html()


@pytest.mark.parametrize("classes", PLACES)
@pytest.mark.parametrize("level", ["review", "sentence", "phrase"])
def test_files_have_the_columns(small, classes, level):
    scorer = Scorer(small.parser, small.classifier, classes=classes)
    scored = score_chunk(scorer.score_many, Chunk(text_rows([*TEXTS, "?!"])))
    detail = Detail(level, classes=classes)
    lines = FORMATS["jsonl"](None, ("text",), "", detail).encode(scored).splitlines()
    rows = [json.loads(line) for line in lines]
    shares = probability_columns(classes)
    writer = FORMATS["csv"](None, ("text",), "", detail)
    table = (writer.begin + writer.encode(scored)).decode().splitlines()
    cells = [*csv.DictReader(table)]
    assert [*cells[0]] == ["text", *added_columns("csv", "", detail)]
    assert [name for name in cells[0] if name.startswith("p_")] == [*shares]
    for row, cell in zip(rows, cells, strict=True):
        if row["error"]:
            assert {cell[name] for name in ("label", "sentiment", "score", "stars", *shares)} == {
                ""
            }
            assert (row["score"], row["stars"], row["probabilities"]) == (None, None, None)
            continue
        assert len(row["probabilities"]) == classes
        assert names(classes)[row["sentiment"]] == row["label"]
        assert row["probabilities"][row["sentiment"]] == max(row["probabilities"])
        assert row["stars"] == pytest.approx(3 + 2 * row["score"], abs=2e-6)
        flat = [float(cell[name]) for name in ("score", "stars", *shares)]
        assert flat == [row["score"], row["stars"], *row["probabilities"]]
        assert (cell["label"], cell["sentiment"]) == (row["label"], str(row["sentiment"]))


def test_parquet_and_frames_have_them_too(small, tmp_path):
    scorer = Scorer(small.parser, small.classifier, classes=2)
    frame = scorer.score_frame(pd.DataFrame({"text": TEXTS}), "text")
    shares = probability_columns(2)
    assert [*frame.columns] == [
        *("text", "label", "sentiment", *shares, "error", "note", "score", "stars")
    ]
    scored = score_chunk(scorer.score_many, Chunk(text_rows(TEXTS)))
    writer = FORMATS["parquet"](None, ("text",), "", Detail(classes=2))
    part = tmp_path / "part"
    part.write_bytes(writer.encode(scored))
    writer.join([part], tmp_path / "scored.parquet")
    table = pq.read_table(tmp_path / "scored.parquet").to_pydict()
    assert [*table] == ["text", *added_columns("parquet", "", Detail(classes=2))]
    for name in ("label", "sentiment", "score", "stars"):
        assert table[name] == frame[name].tolist()
    rows = frame[[*shares]].to_numpy().tolist()
    assert table["probabilities"] == rows
    assert table["score"] == [round(scorer(text).score, 6) for text in TEXTS] or table[
        "score"
    ] == pytest.approx([scorer(text).score for text in TEXTS], abs=5e-6)


def test_other_processes_have_the_same_classes(small):
    """A job is given to processes as its settings."""
    chunk = Chunk(text_rows(TEXTS))
    for classes in PLACES:
        detail = Detail(classes=classes)
        models = ("small", "cpu", "right", "float32")
        settings = Settings(*models, "csv", ("text",), "", detail)
        part = pickle.loads(pickle.dumps(PartScorer(settings)))(chunk)
        scorer = treernn.load(parser="right", classes=classes)
        writer = FORMATS["csv"](small.classifier, ("text",), "", detail)
        assert part == score_part(scorer, writer, chunk)


@pytest.mark.parametrize("format", ["ptb", "root", "probabilities"])
def test_the_formats_of_corenlp(small, format):
    scorer = Scorer(small.parser, small.classifier, classes=3)
    scored = score_chunk(scorer.score_many, Chunk(text_rows(TEXTS)))
    text = FORMATS[format](None, None, "", Detail(classes=3)).encode(scored).decode()
    sentences = [sentence for result in scored.results for sentence in result.sentences]
    if format == "ptb":
        assert text.splitlines() == [format_tree(sentence.tree) for sentence in sentences]
    elif format == "root":
        assert text.splitlines() == [f"  {each.label.capitalize()}" for each in sentences]
    else:
        lines = [line for line in text.splitlines() if line.startswith("  ")]
        assert {len(line.split()) for line in lines} == {4}  # a number, and three probabilities


def in_a_file(scorer, tmp_path, name, content, format, prefix=""):
    """The rows of a file, as ``treernn score`` writes them."""
    source, out = tmp_path / name, tmp_path / f"out.{format}"
    source.write_text(content)
    detail = Detail()
    added = added_columns(format, prefix, detail)
    yielding = [prefix + column for column in YIELDING_COLUMNS]
    with open_rows(source, "text", None, reserved=added, yielding=yielding) as table:
        columns = table.columns
        detail = detail.of_table(table.column, columns, prefix)
        writer = FORMATS[format](None, columns, prefix, detail)
        parts = job.run(
            out,
            {},
            table.chunks(2, 10_000),
            lambda chunk: score_part(scorer, writer, chunk),
            writer.join,
        )
        assert sum(part.rows for part in parts)
    if format == "parquet":
        return pq.read_table(out).to_pylist()
    if format == "csv":
        return [*csv.DictReader(out.read_text().splitlines())]
    return [json.loads(line) for line in out.read_text().splitlines()]


CSV = "text,stars,Score\nAn awful film.,4,7\nA wonderful film.,2,8\nBad.,1,9\n"


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_stars_of_the_table_stay(small, tmp_path, format):
    """Reviews often have stars; they are not ours, and nobody should take one for the other."""
    rows = in_a_file(small, tmp_path, "films.csv", CSV, format)
    assert [row["stars"] for row in rows] == ["4", "2", "1"]
    assert [row["Score"] for row in rows] == ["7", "8", "9"]
    assert [float(row["score"]) < 0 for row in rows] == [True, False, True]
    rows = in_a_file(small, tmp_path, "films.csv", CSV, format, prefix="our_")
    assert [row["stars"] for row in rows] == ["4", "2", "1"]
    assert [float(row["our_stars"]) < 3 for row in rows] == [True, False, True]


def stdin_rows(scorer, lines, format, monkeypatch, tmp_path):
    """The rows of JSON lines from a stream, whose fields nobody knows in advance."""
    reading, writing = os.pipe()
    os.write(writing, "".join(f"{json.dumps(line)}\n" for line in lines).encode())
    os.close(writing)
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        added = added_columns(format)
        with open_rows("-", "text", "jsonl", reserved=added, yielding=YIELDING_COLUMNS) as table:
            assert table.columns is None
            writer = FORMATS[format](None, None, "", Detail())
            out = tmp_path / "out"
            parts = job.run(
                out,
                {},
                table.chunks(2, 10_000),
                lambda chunk: score_part(scorer, writer, chunk),
                writer.join,
            )
            errors = [error for part in parts for error in part.errors]
    if format == "parquet":
        return pq.read_table(out).to_pylist(), errors
    return [json.loads(line) for line in out.read_text().splitlines()], errors


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_stars_of_a_stream_stay(small, monkeypatch, tmp_path, format):
    lines = [
        {"text": "An awful film.", "stars": 4},
        {"text": "A wonderful film."},
        {"text": "Bad.", "stars": None},
        {"text": "Good.", "stars": 5},
        {"text": "Good."},
    ]
    rows, errors = stdin_rows(small, lines, format, monkeypatch, tmp_path)
    assert [row["stars"] for row in rows] == [4, None, None, 5, None]  # never ours among theirs
    assert [row["score"] > 0 for row in rows] == [False, True, False, True, True]
    assert errors == []


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_stars_that_a_later_row_of_a_stream_has_are_an_error(small, monkeypatch, tmp_path, format):
    lines = [{"text": "An awful film."}, {"text": "Good.", "stars": 4}, {"text": "Good."}]
    rows, errors = stdin_rows(small, lines, format, monkeypatch, tmp_path)
    assert [row["stars"] and row["stars"] > 3 for row in rows] == [False, None, True]
    assert errors == ["line 2: has a field stars of its own, see --prefix"]
    assert rows[1]["error"] == errors[0]


def test_explanations_of_two_classes_name_no_sentence_without_an_opinion():
    scorer = treernn.load()
    text = "The film starts at nine. It is great. I saw it on Monday with my brother."
    for classes in (5, 3, 2):
        said = " ".join(each.text for each in scorer(text).with_classes(classes).explain())
        assert "starts at nine" not in said
        assert "Monday" not in said
