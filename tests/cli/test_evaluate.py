import json
from functools import partial

import pytest

from treernn.evaluation.texts import text_accuracy, text_distributions
from treernn.parsing.lstm_parser import SPECIAL_WORDS, LSTMParser, LSTMParserConfig
from treernn.scoring.scorer import load

TREES = "(3 (2 It) (3 (2 is) (3 good)))\n(1 (1 (2 not) (3 good)) (2 .))\n(2 film)\n"


@pytest.fixture
def trees(tmp_path):
    path = tmp_path / "trees.txt"
    path.write_text(TREES)
    return path


@pytest.fixture
def evaluate(in_process):
    return partial(in_process, "evaluate")


def test_json_in_a_process(treernn, small_model, trees):
    done = treernn("evaluate", str(small_model), "--file", str(trees), "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    result = json.loads(done.stdout)
    for place, count, polar in (("root", 3, 2), ("all", 11, 6)):
        assert 0 <= result[place]["five"] <= 100
        assert 0 <= result[place]["binary"] <= 100
        assert (result[place]["count"], result[place]["count_binary"]) == (count, polar)
    assert sum(map(sum, result["confusion"])) == 3
    assert [(row["from"], row["to"], row["count"]) for row in result["by_length"]] == [
        (1, 1, 7), (2, 2, 2), (3, 3, 2),
    ]  # fmt: skip


def test_sst_with_gold_and_parsed_trees(evaluate, small_model, sst_archive):
    options = (small_model, "--split", "dev", "--data", sst_archive, "--json")
    code, out, _ = evaluate(*options)
    gold = json.loads(out)
    assert (code, gold["data"], gold["trees"]) == (0, "SST dev", "gold")
    assert (gold["root"]["count"], gold["root"]["count_binary"]) == (1101, 872)
    assert gold["all"]["count"] == 41447
    code, out, _ = evaluate(*options, "--trees", "embedded")
    parsed = json.loads(out)
    assert (code, parsed["trees"], parsed["root"]["count"]) == (0, "embedded", 1101)
    assert "all" not in parsed


def test_tables(evaluate, small_model, trees):
    code, out, err = evaluate(small_model, "--file", trees)
    assert (code, err) == (0, "")
    for word in ("roots", "all nodes", "1 word ", "3 words", "very negative"):
        assert word in out


def test_errors_are_one_line(evaluate, small_model, trees, tmp_path):
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "faulty.txt").write_text("(3 good)\n(7 bad)\n")
    for arguments, message in (
        (
            (tmp_path / "none", "--file", trees),
            f"{tmp_path}/none: no such model folder; included models are small, medium, large",
        ),
        ((small_model, "--file", tmp_path / "empty.txt"), f"{tmp_path}/empty.txt: no trees"),
        (
            (small_model, "--file", tmp_path / "faulty.txt"),
            f"{tmp_path}/faulty.txt:2:2: label 7 is out of range, expected 0 to 4",
        ),
        (
            (small_model, "--file", tmp_path / "no.txt"),
            f"{tmp_path}/no.txt: no such file or folder",
        ),
        (
            (small_model, "--data", tmp_path),
            f"{tmp_path}: no trainDevTestTrees_PTB.zip in this folder; get it from "
            "https://nlp.stanford.edu/sentiment/trainDevTestTrees_PTB.zip",
        ),
    ):
        assert evaluate(*arguments) == (2, "", f"treernn: {message}\n")
    code, _, err = evaluate(small_model, "--file", "x" * 5000)
    assert (code, err.count("\n")) == (2, 1)
    assert "no such file" in err or "too long" in err


WIDE = """(3
\t(2 It)
\t(2 is)
\t(4 (3 really) (3 (4 good)))
\t(2 .))

( (1 (2 not) (3 good)))
"""


def test_trees_of_any_shape_count_their_own_nodes_only(evaluate, small_model, tmp_path):
    path = tmp_path / "wide.txt"
    path.write_text(WIDE)
    code, out, err = evaluate(small_model, "--file", path, "--json")
    result = json.loads(out)
    assert (code, result["root"]["count"], result["all"]["count"]) == (0, 2, 10)
    assert [(row["from"], row["count"]) for row in result["by_length"]] == [(1, 7), (2, 2), (5, 1)]
    assert err == (
        f"treernn: note: {path}: of 2 trees 1 had nodes with more than two children and got new "
        "nodes without labels, 1 had nodes with a single child, of which the upper label counts\n"
    )
    code, out, _ = evaluate(small_model, "--file", path, "--json", "--trees", "right")
    assert code == 0
    # Right: (really (good .)) … has none of the three brackets; gold has (really good) alone.
    assert json.loads(out)["bracket_f1"] == 0
    assert json.loads(out)["root"]["count"] == 2


def test_trees_without_classes_and_other_files_are_refused_by_line(evaluate, small_model, tmp_path):
    path = tmp_path / "trees.txt"
    for text, message in (
        ("(2 a)\n\n(3\n (2 a)\n (7 b))", ":5:3: label 7 is out of range, expected 0 to 4 (in the "
         "tree that starts on line 3)"),
        ("(S (NP a)\n   (VP b))", ":1:2: label 'S' is not a number, expected 0 to 4"),
        ("(2 a)\n(3 (2 a)\n(2 b)", ":2:1: bracket is never closed"),
        ("3 a b\n1 c", ":2: the words 'c' are not in the sentence of line 1"),
    ):  # fmt: skip
        path.write_text(text)
        code, out, err = evaluate(small_model, "--file", path)
        assert (code, out, err) == (2, "", f"treernn: {path}{message}\n")


def test_labelled_phrases(evaluate, small_model, tmp_path):
    path = tmp_path / "phrases.txt"
    path.write_text("1\tIt is not good.\n3\tgood\n")
    code, out, err = evaluate(small_model, "--file", path, "--json")
    result = json.loads(out)
    assert (code, err, result["root"]["count"], result["all"]["count"]) == (0, "", 1, 2)


def test_the_corrected_treebank(evaluate, small_model, tmp_path):
    folder = tmp_path / "sentiment-treebank" / "fiveclass"
    folder.mkdir(parents=True)
    for name in ("train", "dev", "test", "extra-train"):
        (folder / f"{name}.txt").write_text(WIDE)
    for option in ("--data", "--file"):
        code, out, err = evaluate(small_model, option, folder.parent, "--json")
        result = json.loads(out)
        assert (code, result["data"], result["all"]["count"]) == (0, "corrected SST test", 10)
        assert f"{folder}/test.txt: of 2 trees 1 had" in err


def test_labelled_texts(evaluate, small_model, tmp_path):
    """Whole texts, read as ``treernn score`` reads them; labels of five and of two classes."""
    path = tmp_path / "reviews.csv"
    path.write_text(
        'review,stars\n"A good film. Really, good!",4\nnot good,1\nhttps://a.b,2\nbad,0\n'
    )
    columns = ("--text-column", "review", "--label-column", "stars")
    code, out, err = evaluate(small_model, "--sentences", path, *columns, "--json")
    assert (code, err) == (0, "")
    result = json.loads(out)
    assert (result["count"], result["count_binary"], result["trees"]) == (4, 3, "embedded")
    assert [*result["classes"]][::4] == ["very negative", "very positive"]
    assert result["classes"]["neutral"]["recall"] == 100  # nothing to score
    path.write_text("review,stars\ngood,positive\nnot good,neutral\n")
    code, out, err = evaluate(small_model, "--sentences", path, *columns)
    assert (code, err) == (0, "")
    assert "three classes" in out
    path.write_text("review,stars\ngood,1\nnot good,0\n")
    code, out, err = evaluate(small_model, "--sentences", path, *columns)
    assert (code, err) == (0, "")
    for word in ("two classes", "binary", "each class", "precision", "gold (rows)"):
        assert word in out
    assert "neutral" not in out


def test_rows_without_a_text_or_a_label_are_left_out(evaluate, small_model, tmp_path):
    path = tmp_path / "reviews.csv"
    path.write_text("text,label\ngood,2\n,1\nbad,0\nso,\nso so,1\n")
    code, out, err = evaluate(small_model, "--sentences", path, "--json")
    result = json.loads(out)
    assert (code, result["count"], next(iter(result["classes"]))) == (0, 3, "negative")
    assert [line.removeprefix(f"treernn: note: {path}: ") for line in err.splitlines()] == [
        "column 'text' or 'label' is empty in 2 rows, which are left out: lines 3, 5",
        "the labels 0, 1 and 2 are read as negative, neutral and positive; write their names if "
        "they mean something else",
    ]
    path.write_text("text,label\n,1\n")
    code, out, err = evaluate(small_model, "--sentences", path)
    assert (code, out) == (2, "")
    assert err.splitlines()[-1] == f"treernn: {path}: no texts"


def test_labelled_texts_with_a_parser_of_ones_own(treernn, small_model, tmp_path):
    """As a command: the folder of a parser, made here, reads the texts."""
    parser = tmp_path / "parser"
    config = LSTMParserConfig(4, 3, 8, hidden_size=3, layers=1, span_rank=4)
    LSTMParser((*SPECIAL_WORDS, "good", "film"), config).save(parser)
    path = tmp_path / "reviews.csv"
    path.write_text("text,label\nA good film is good.,pos\nnot good,neg\n")
    command = ("evaluate", str(small_model), "--sentences", str(path), "--json")
    done = treernn(*command, "--trees", str(parser))
    assert (done.returncode, done.stderr) == (0, b"")
    result = json.loads(done.stdout)
    assert result["trees"] == str(parser)
    scorer = load(small_model, parser=str(parser))
    rows = text_distributions(scorer, ["A good film is good.", "not good"])
    assert text_accuracy([3, 1], rows, 2).to_dict().items() <= result.items()
    done = treernn(*command, "--trees", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.count(b"\n") == 1


def test_wrong_labelled_texts_are_one_line(evaluate, small_model, tmp_path):
    path, none = tmp_path / "reviews.csv", tmp_path / "none.csv"
    path.write_text("text,label\ngood,7\n")
    none.write_text("text,label\n")
    for arguments, message in (
        (("--sentences", path), f"{path}:2: label '7', expected 0 to 4, or "),
        (("--sentences", none), f"{none}: no texts"),
        (("--sentences", path, "--text-column", "a"), f"{path}:1: no column 'a', the header has "),
        (("--sentences", path, "--file", path), "--sentences cannot be used with --file"),
        (("--targets", path, "--data", path), "--targets cannot be used with --data"),
        (
            ("--sentences", path, "--targets", "mams", "--file", path),
            "--sentences cannot be used with --targets and --file",
        ),
        (("--sentences", path, "--split", "dev"), "--split is of the SST: leave out --sentences"),
        (("--file", path, "--split", "dev"), "--split is of the SST: leave out --file"),
        (("--sentences", path, "--trees", "gold"), "--trees gold: these texts have no trees"),
        (("--label-column", "stars"), "--text-column, --label-column, --encoding and "),
    ):
        code, out, err = evaluate(small_model, *arguments)
        assert (code, out) == (2, ""), err
        assert err.startswith(f"treernn: {message}")
        assert err.count("\n") == 1
