"""Sources of training in a TOML file, and the command that trains on them."""

import json
import math
import tomllib
from pathlib import Path

import numpy as np
import pytest

from treernn.errors import DataError, DataWarning, InputError, MissingDataError
from treernn.parsing import load_parser
from treernn.training.data.source_files import (
    _KEYS,
    KINDS,
    SourceTable,
    read_sources,
    source_tables,
)

COLUMNS = 'text_column = "review", label_column = "stars"'
PARSER = load_parser("right")
TREES = "(3 (2 The) (3 (3 good) (2 film)))\n(1 (1 (2 not) (3 good)) (2 .))\n"


def read(folder, text):
    return read_sources(source_tables(tomllib.loads(text)), PARSER, 1, folder)


def roots(part):
    return [rows[-1].tolist() for rows in part.targets]


def test_every_kind_of_own_data(tmp_path):
    (tmp_path / "t.txt").write_text(TREES * 5)
    (tmp_path / "s.csv").write_text("review,stars\nGood film,1\nIt rains. Bad it is,0\n")
    (tmp_path / "g.tsv").write_text("text\tlabel\nGood\t2.5\nBad film\t-5\n")
    (tmp_path / "p.jsonl").write_text(
        json.dumps({"text": "Good food.", "spans": [{"start": 0, "end": 4, "label": "pos"}]}) + "\n"
    )
    (tmp_path / "u.txt").write_text("Dull. Wise and funny!\nDull.\n")
    trees, sides, grades, spans, bare = read(
        tmp_path,
        """
        source = [
            {kind = "trees", file = "t.txt", weight = 2, sample = 3},
            {kind = "sentences", file = "s.csv", dev_file = "s.csv", COLUMNS},
            {kind = "sentences", name = "graded", file = "g.tsv", dev_file = "g.tsv", SCALE},
            {kind = "spans", file = "p.jsonl", dev_file = "p.jsonl"},
            {kind = "texts", file = "u.txt"},
        ]
        """.replace("COLUMNS", COLUMNS).replace("SCALE", "scale = [-5, 5.0]"),
    )
    assert (trees.name, trees.weight, trees.sample, trees.treebank) == ("trees", 2.0, 3, True)
    assert (len(trees.train.trees), len(trees.dev.trees)) == (9, 1)
    assert trees.train.targets[0][-1].sum() == 1
    assert roots(sides.train) == [[0, 0, 0, 1, 1], [1, 1, 0, 0, 0]]
    assert sides.train.trees[1].words == ("It", "rains", ".", "Bad", "it", "is")
    assert (grades.name, roots(grades.dev)) == ("graded", [[0, 0, 0, 1, 0], [1, 0, 0, 0, 0]])
    [[good, food, *_]] = spans.train.targets
    assert (good.tolist(), food.any()) == ([0, 0, 0, 1, 1], False)
    assert [tree.words for tree in bare.train.trees] == [
        ("Dull", "."),
        ("Wise", "and", "funny", "!"),
    ]
    assert not np.concatenate(bare.train.targets).any()


def test_a_random_tenth_is_the_dev_part(tmp_path):
    rows = [f"film number {number},{number % 5}" for number in range(40)]
    (tmp_path / "s.csv").write_text("text,label\n" + "\n".join(rows) + "\n")
    tables = source_tables({"source": [{"kind": "sentences", "file": "s.csv"}]})
    parts = []
    for seed in (1, 1, 2):
        [source] = read_sources(tables, PARSER, seed, tmp_path)
        words = [{tree.words for tree in part.trees} for part in (source.train, source.dev)]
        assert (len(words[0]), len(words[1]), len(words[0] & words[1])) == (36, 4, 0)
        parts.append(words[1])
    assert parts[0] == parts[1] != parts[2]


def test_labels_of_train_and_dev_have_one_meaning(tmp_path):
    """0 is neutral beside -1, and negative without it."""
    (tmp_path / "a.csv").write_text("text,label\na,-1\nb,0\nc,1\n")
    (tmp_path / "b.csv").write_text("text,label\nb,0\nc,1\n")
    for name in "ab":
        rows = (tmp_path / f"{name}.csv").read_text().splitlines()[1:]
        lines = [dict(zip(("text", "label"), row.split(","), strict=True)) for row in rows]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    for kind, ending in (("sentences", "csv"), ("spans", "jsonl")):
        table = SourceTable(kind=kind, file=f"a.{ending}", dev_file=f"b.{ending}")
        [source] = read_sources([table], PARSER, 1, tmp_path)
        assert roots(source.train)[1:] == roots(source.dev) == [[0, 0, 1, 0, 0], [0, 0, 0, 1, 1]]
        table = SourceTable(kind=kind, file=f"b.{ending}", dev_file=f"a.{ending}")
        [source] = read_sources([table], PARSER, 1, tmp_path)
        assert roots(source.train) == roots(source.dev)[1:] == [[0, 0, 1, 0, 0], [0, 0, 0, 1, 1]]


def test_few_texts_have_a_dev_text_too(tmp_path):
    (tmp_path / "s.csv").write_text("text,label\ngood,1\nbad,0\n")
    [source] = read_sources([SourceTable(kind="sentences", file="s.csv")], PARSER, 1, tmp_path)
    assert (len(source.train.trees), len(source.dev.trees)) == (1, 1)


def test_constructions_are_the_training_patterns_alone():
    from treernn.corpora.constructions import constructions

    tables = source_tables({"source": [{"kind": "constructions", "sample": 5}]})
    [source] = read_sources(tables, PARSER, 1)
    held_out = {each.text for each in constructions("heldout", 1)}
    assert len(source.train.trees) > 1000
    assert not {" ".join(tree.words) for tree in source.train.trees} & held_out
    assert all(rows[-1].any() for rows in source.dev.targets)


def test_groups_of_people_are_the_training_templates_alone():
    from treernn.corpora.constructions import group_texts

    [source] = read_sources(source_tables({"source": [{"kind": "groups"}]}), PARSER, 1)
    held_out = {each.text for each in group_texts("heldout", 1)}
    assert len(source.train.trees) > 1000
    assert not {" ".join(tree.words) for tree in source.train.trees} & held_out


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({}, "expected tables [[source]] and nothing else"),
        ({"source": []}, "expected tables [[source]] and nothing else"),
        ({"source": [{"kind": "treebank"}], "epochs": 3}, "expected tables [[source]]"),
        ({"source": ["treebank"]}, "source 1: kind is 'treebank', expected one of treebank, trees"),
        ({"source": [{}]}, "source 1: kind is None, expected one of "),
        ({"source": [{"kind": "tweet"}]}, "source 1: kind is 'tweet', expected one of "),
        ({"source": [{"kind": ["a"]}]}, "source 1: kind is ['a'], expected one of "),
        ({"source": [{"kind": "treebank"}, {"kind": "texts", "size": 1}]},
         "source 2: 'size' is unknown; there are kind, name, file"),
        ({"source": [{"kind": "treebank", "weight": "1"}]}, "source 1: weight is '1', exp"),
        ({"source": [{"kind": "treebank", "sample": True}]}, "source 1: sample is True, exp"),
        ({"source": [{"kind": "tweets", "sample": 9, "balanced": 1}]},
         "source 1: balanced is 1, expected true or false"),
        ({"source": [{"kind": "tweets", "balanced": True}]},
         "source 1: balanced is true and sample is 0, which is no sample; give it a number above"),
        ({"source": [{"kind": "tweets", "balanced": True, "sample": 0}]},
         "source 1: balanced is true and sample is 0, which is no sample; give it a number above"),
        ({"source": [{"kind": "spans"}]}, "source 1: a source of the kind spans needs a file"),
        ({"source": [{"kind": "spans", "file": "a", "scale": [1]}]}, "source 1: scale is [1]"),
        ({"source": [{"kind": "spans", "file": "a", "scale": [1, 1]}]}, "source 1: scale is [1, "),
        ({"source": [{"kind": "spans", "file": "a", "scale": [0, math.inf]}]}, "source 1: scale"),
        ({"source": [{"kind": "spans", "file": "a", "scale": [0, 10**401]}]}, "source 1: scale"),
        ({"source": [{"kind": "treebank", "name": "dev_a"}]}, "source 1: name is 'dev_a', exp"),
        ({"source": [{"kind": "trees", "file": "a", "scale": [0, 1]}]},
         "source 1: scale does not apply to the kind trees"),
        ({"source": [{"kind": "lexicon", "dev_file": "a"}]},
         "source 1: dev_file does not apply to the kind lexicon"),
        ({"source": [{"kind": "treebank", "weight": -1}]}, "source 1: weight is -1, exp"),
        ({"source": [{"kind": "treebank", "weight": 1e37}]},
         "source 1: weight is 1e+37, expected at most 1,000,000"),
        ({"source": [{"kind": "treebank", "sample": -1}]}, "source 1: sample is -1, exp"),
        ({"source": [{"kind": "treebank", "name": "a b"}]}, "source 1: name is 'a b', exp"),
        ({"source": [{"kind": "treebank"}] * 2}, "two sources have one name: treebank, "),
    ],
)  # fmt: skip
def test_wrong_tables(tables, message):
    with pytest.raises(InputError) as raised:
        source_tables(tables)
    assert str(raised.value).startswith(message)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("content", "table", "message"),
    [
        ("text,label\na,good\nb,fine\n", {}, "s.csv:3: label 'fine', expected a class"),
        ("text,label\na,1\nb,x\n", {"scale": [1, 5]}, "s.csv:3: label 'x', expected a score"),
        ("text,label\na,1\nb,7\n", {"scale": [1, 5]}, "s.csv:3: label '7', expected a score"),
        ("text,label\na,nan\n", {"scale": [1, 5]}, "s.csv:2: label 'nan', expected a score"),
        ("text,note\na,1\n", {}, "s.csv:1: no column 'label', the header has text, note"),
    ],
)
def test_wrong_rows(tmp_path, content, table, message):
    (tmp_path / "s.csv").write_text(content)
    with pytest.raises(DataError) as raised:
        read_sources([SourceTable(kind="sentences", file="s.csv", **table)], PARSER, 1, tmp_path)
    assert message in str(raised.value)


@pytest.mark.parametrize("table", [{}, {"scale": [0, 1]}, {"dev_file": "s.csv"}])
def test_rows_without_a_text_or_a_label_are_left_out(tmp_path, table):
    (tmp_path / "s.csv").write_text("text,label\na,1\n ,1\nb,0\nc,\nd,1\n")
    source = SourceTable(kind="sentences", file="s.csv", **table)
    with pytest.warns(
        DataWarning, match="is empty in 2 rows, which are left out: lines 3, 5"
    ) as said:
        [found] = read_sources([source], PARSER, 1, tmp_path)
    assert len(said) == 1 + ("dev_file" in table)  # each file is read several times
    words = {word for tree in (*found.train.trees, *found.dev.trees) for word in tree.words}
    assert words - {"."} == {"a", "b", "d"}


@pytest.mark.parametrize("column", ["text", "label"])
@pytest.mark.parametrize("number", ["NaN", "Infinity"])
def test_what_is_no_number_is_not_missing(tmp_path, column, number):
    row = {"text": "good", "label": "pos"} | {column: float(number)}
    other = {"text": "bad", "label": "neg", "rating": float(number)}
    (tmp_path / "s.jsonl").write_text(f"{json.dumps(other)}\n{json.dumps(row)}\n")
    table = SourceTable(kind="sentences", file="s.jsonl")
    with pytest.raises(DataError) as raised:
        read_sources([table], PARSER, 1, tmp_path)
    assert str(raised.value).endswith(
        f"s.jsonl:2: column '{column}' has {float(number)}, which is no number"
    )


def test_missing_files(tmp_path):
    for kind in ("trees", "sentences", "spans"):
        with pytest.raises(MissingDataError, match=r"gone\.x: no such file"):
            read_sources([SourceTable(kind=kind, file="gone.x")], PARSER, 1, tmp_path)


def test_the_command(in_process, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/t.txt").write_text(TREES * 5)
    (tmp_path / "data/s.csv").write_text("text,label\n" + "good film,pos\nbad,neg\n" * 5)
    file = tmp_path / "data/sources.toml"
    file.write_text(
        '[[source]]\nkind = "trees"\nfile = "t.txt"\n'
        '[[source]]\nkind = "sentences"\nfile = "s.csv"\nweight = 3\nsample = 4\n'
    )
    command = ("train", "sentiment", "--out", tmp_path / "m", "--sources", file)
    options = ("--vectors", "none", "--epochs", "2", "--hidden-size", "4")
    status, out, err = in_process(*command, *options)
    assert status == 0, err
    assert "dev trees root" in out
    meant = "very negative or negative; positive or very positive"
    assert out.splitlines()[1] == f"sentences: 9 trees, 1 for dev; labels: {meant}"
    assert "dev sentences recall" in out
    lines = [json.loads(line) for line in (tmp_path / "m/metrics.jsonl").read_text().splitlines()]
    assert {"trees_loss", "sentences_loss", "dev_sentences_loss"} < lines[1].keys()
    assert "already finished" in in_process(*command, *options)[1]
    file.write_text(file.read_text().replace("weight = 3", "weight = 4"))
    status, _, err = in_process(*command, *options)
    assert (status, "holds a model of other settings" in err) == (2, True)
    status, _, err = in_process(*command, *options, "--trees", tmp_path / "data/t.txt")
    assert (status, err) == (
        2,
        "treernn: --sources cannot be used with --data, --trees and --sentences\n",
    )
    file.write_text('[[source]]\nkind = "texts"\nfile = "s.csv"\n')
    status, _, err = in_process(*command, *options, "--out", tmp_path / "n")
    assert (status, err) == (
        2,
        "treernn: source texts: no phrase of its train texts has a label\n",
    )
    file.write_text("[[source]]\nkind = 1\n")
    status, _, err = in_process(*command, *options, "--out", tmp_path / "n")
    assert (status, err.startswith(f"treernn: {file}: source 1: kind is 1, ")) == (2, True)


def test_kinds_have_keys():
    assert KINDS.keys() == _KEYS.keys()


def test_options_of_tables_do_not_apply_beside_sources(in_process, tmp_path):
    (tmp_path / "s.toml").write_text('[[source]]\nkind = "constructions"\n')
    command = ("train", "sentiment", "--out", tmp_path / "m", "--sources", tmp_path / "s.toml")
    for option in (("--text-column", "a"), ("--encoding", "cp1252"), ("--delimiter", ";")):
        status, _, err = in_process(*command, *option)
        assert (status, err) == (
            2,
            "treernn: --sources cannot be used with columns, --encoding and --delimiter, which its "
            "tables have\n",
        )


def test_kinds_are_documented():
    page = (Path(__file__).parents[3] / "docs/train.md").read_text("utf-8")
    assert all(f"`{kind}`" in page for kind in KINDS)
