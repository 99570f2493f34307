import json
import re

import pytest

from treernn.cli import parse as command
from treernn.cli.parse import Format
from treernn.corpora.penn import parse_penn
from treernn.errors import TreernnError
from treernn.types import Tree

SENTIMENT = "(3 (2 It) (4 (2 's) (4 good)))\n(0 bad)\n"
PENN = "( (S (NP (PRP It))\n (VP (VBZ 's) (JJ good)) (. .)))\n"


@pytest.fixture
def parse(capsys):
    """Run the command in this process and return what it prints."""

    def run(*texts, **options):
        command.parse(list(texts), **options)
        printed = capsys.readouterr()
        assert printed.err == ""
        return printed.out

    return run


def trees_of(printed):
    return [Tree(tree.words, tree.children) for tree in parse_penn(printed)]


def test_the_command(treernn):
    done = treernn("parse", "-", "--parser", "right", "--format", "json", stdin="Née bad.\n")
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["text"] == "Née bad."
    done = treernn("parse")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == (
        b"treernn: nothing to parse, give a text, - for standard input, --file or --from\n"
    )


def test_brackets_are_one_sentence_per_line_and_can_be_read_back(parse, tmp_path):
    printed = parse("It's fun (and/or good). Née “bad”!", "Yes", parser="right")
    assert len(printed.splitlines()) == 3
    first, second, third = trees_of(printed)
    assert first.words == ("It", "'s", "fun", "(", "and/or", "good", ")", ".")
    assert first.children[-1] == (0, first.root - 1)
    assert second.words == ("Née", "``", "bad", "''", "!")
    assert third == Tree(("Yes",))
    (tmp_path / "trees.txt").write_text(printed, "utf-8")
    assert parse(trees_file=tmp_path / "trees.txt") == printed


def test_the_embedded_parser_is_the_default(parse):
    [tree] = trees_of(parse("The film is not bad."))
    assert tree.words == ("The", "film", "is", "not", "bad", ".")
    assert (0, 2) in tree.spans()


@pytest.mark.parametrize(
    ("parser", "children"),
    [
        ("right", [[2, 3], [1, 4], [0, 5]]),
        ("left", [[0, 1], [4, 2], [5, 3]]),
        ("balanced", [[2, 3], [0, 1], [5, 4]]),
    ],
)
def test_json_has_the_words_and_their_offsets(parse, parser, children):
    text = "Yes. It’s <b>bad</b>!"
    printed = parse(text, parser=parser, format=Format.json)
    _, fields = map(json.loads, printed.splitlines())
    assert fields == {
        "words": ["It", "'s", "bad", "!"],
        "children": children,
        "text": "It’s <b>bad</b>!",
        "start": 5,
        "end": 21,
        "offsets": [[5, 7], [7, 9], [13, 16], [20, 21]],
    }


def test_drawn_trees(parse):
    printed = parse("not bad.", parser="left", format=Format.tree)
    assert printed == "──┬ ──┬ ── not\n  │   └ ── bad\n  └ ── .\n\n"


def test_each_line_of_a_file_is_a_text(parse, tmp_path):
    file = tmp_path / "reviews.txt"
    file.write_bytes("\ufeffA film\r\n\nNot bad\n".encode())
    trees = trees_of(parse("first", file=file, parser="left"))
    assert [" ".join(tree.words) for tree in trees] == ["first", "A film", "Not bad"]


def test_trees_of_a_file_keep_their_labels(parse, tmp_path):
    file = tmp_path / "trees.txt"
    file.write_text(SENTIMENT)
    assert parse(trees_file=file) == SENTIMENT
    assert json.loads(parse(trees_file=file, format=Format.json).splitlines()[0]) == {
        "words": ["It", "'s", "good"],
        "children": [[1, 2], [0, 3]],
        "labels": [2, 2, 4, 4, 3],
    }
    assert "++ good" in parse(trees_file=file, format=Format.tree)


def test_penn_trees_of_a_file_are_binarized(parse, tmp_path):
    file = tmp_path / "trees.mrg"
    file.write_text(PENN)
    assert parse(trees_file=file) == "(X (X It) (X (X (X 's) (X good)) (X .)))\n"


@pytest.mark.parametrize("form", [*Format])
def test_a_long_text(parse, form):
    printed = parse("good film " * 2_500, parser="right", format=form)
    assert printed.count("film") > 10


def test_invalid_arguments(parse, tmp_path):
    none = tmp_path / "none.txt"
    for problem, texts, options in (
        ("nothing to parse, give a text", (), {}),
        ("none.txt: no such file", (), {"trees_file": none}),
        ("none.txt: cannot be read (No such file or directory)", (), {"file": none}),
        (
            "--from reads trees from a file and cannot be combined with texts",
            ("a",),
            {"trees_file": none},
        ),
    ):
        with pytest.raises(TreernnError, match=re.escape(problem)):
            parse(*texts, **options)


def test_labelled_trees_on_several_lines(in_process, tmp_path):
    path = tmp_path / "trees.txt"
    path.write_text("(3.0\n\t(2 It)\n\t(-1\u00a0works))\r\n\r\n( (0 (2 a) (1 b) (2 c)))", "utf-8")
    code, out, err = in_process("parse", "--from", path)
    assert (code, out, err) == (0, "(3 (2 It) (-1 works))\n(0 (2 a) (1 b) (2 c))\n", "")
    path.write_text(out)
    assert in_process("parse", "--from", path) == (0, out, "")
    _, out, _ = in_process("parse", "--from", path, "--format", "json")
    assert [json.loads(line)["labels"] for line in out.splitlines()] == [[2, -1, 3], [2, 1, 2, 0]]
    code, out, _ = in_process("parse", "--from", path, "--format", "tree")
    assert code == 0
    assert "works" in out


def test_a_printed_result_is_read_back(in_process, tmp_path):
    import treernn

    result = treernn.load()("It isn't good (at all). Nice [sic] and/or {fun} \\ :) -LRB-!")
    path = tmp_path / "result.txt"
    path.write_text(str(result.to_nltk()), "utf-8")
    code, out, _ = in_process("parse", "--from", path, "--format", "json")
    words = [word for sentence in result.sentences for word in sentence.tree.words]
    assert (code, json.loads(out)["words"]) == (0, words)


def test_labelled_phrases_become_labelled_trees(in_process, tmp_path):
    path = tmp_path / "phrases.txt"
    path.write_text("1\tIt is not good.\n3\tgood\n")
    code, out, err = in_process("parse", "--from", path, "--parser", "right")
    assert (code, err) == (0, "")
    assert out == "(1 (-1 It) (-1 (-1 is) (-1 (-1 not) (-1 (3 good) (-1 .)))))\n"
