import pytest

from treernn.errors import DataError, DataWarning, MissingDataError
from treernn.parsing.baselines import ShapeParser, balanced
from treernn.training.data.reading import load_sentences, load_trees, parse_labelled, words_of

PARSER = ShapeParser(balanced)


@pytest.fixture
def trees(tmp_path):
    path = tmp_path / "trees.txt"
    path.write_text("".join(f"({n % 5} (2 w{n}) (3 x))\n" for n in range(30)))
    return path


@pytest.fixture
def sentences(tmp_path):
    path = tmp_path / "sentences.csv"
    rows = (f'"It is number {n}, isn\'t it?",{n % 5}\n' for n in range(30))
    path.write_text("text,label\n" + "".join(rows))
    return path


def test_the_same_tenth_is_held_out_every_time(trees):
    found, again = load_trees(trees), load_trees(trees)
    assert (len(found.train), len(found.dev)) == (27, 3)
    assert found == again
    assert load_trees(trees, seed=2) != found
    words = [tree.words[0] for tree in (*found.train, *found.dev)]
    assert sorted(words) == sorted(f"w{n}" for n in range(30))
    rows = [int(tree.words[0][1:]) for tree in found.train]
    assert rows == sorted(rows)


def test_own_dev_trees(trees, tmp_path):
    (tmp_path / "dev.txt").write_text("(1 a)\n")
    found = load_trees(trees, tmp_path / "dev.txt")
    assert (len(found.train), [tree.words for tree in found.dev]) == (30, [("a",)])


def test_only_the_roots_of_parsed_sentences_have_labels(sentences):
    train, dev, _ = load_sentences(PARSER, sentences)
    assert (len(train), len(dev)) == (27, 3)
    for tree in (*train, *dev):
        assert tree.words[:3] == ("It", "is", "number")
        assert tree.words[-4:] == ("is", "n't", "it", "?")
        assert set(tree.labels[:-1]) == {-1}
        assert tree.labels[-1] == int(tree.words[3]) % 5
        assert tree.children == PARSER.parse([tree.words])[0].children


def test_other_columns(tmp_path):
    (tmp_path / "file").write_text("id,review,stars\n1,good,4\n2,bad,negative\n")
    found = load_sentences(PARSER, tmp_path / "file", text_column="review", label_column="stars")
    assert sorted(tree.labels for tree in (*found.train, *found.dev)) == [(1,), (4,)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no examples"),
        ("\n\n", "holds no examples"),
        ("(1 a)\n", "only one example, at least two are needed to hold one out"),
    ],
)
def test_too_few_trees(tmp_path, content, message):
    path = tmp_path / "few.txt"
    path.write_text(content)
    with pytest.raises(DataError) as error:
        load_trees(path)
    assert str(error.value) == f"{path}: {message}"


def test_no_dev_trees(trees, tmp_path):
    (tmp_path / "dev.txt").write_text("")
    with pytest.raises(DataError) as error:
        load_trees(trees, tmp_path / "dev.txt")
    assert str(error.value) == f"{tmp_path}/dev.txt: holds no examples"


def test_no_sentences(tmp_path):
    (tmp_path / "file").write_text("text,label\n")
    with pytest.raises(DataError) as error:
        load_sentences(PARSER, tmp_path / "file")
    assert str(error.value) == f"{tmp_path}/file: holds no examples"


def test_a_text_without_words_is_left_out(tmp_path):
    path = tmp_path / "file"
    path.write_text("text,label\ngood,4\nbad,0\n\u200b,1\n", "utf-8")
    with pytest.warns(DataWarning, match="1 text has no word and is left out, such as ") as said:
        train, dev, _ = load_sentences(PARSER, path)
    assert str(said[0].message).startswith(f"{path}: ")
    assert {tree.words for tree in (*train, *dev)} == {("good",), ("bad",)}


def test_no_such_file(tmp_path):
    for read in (load_trees, lambda path: load_sentences(PARSER, path)):
        with pytest.raises(MissingDataError, match="no such file"):
            read(tmp_path / "none")


def test_the_sentences_of_a_text_become_one_tree():
    words = words_of("It is good. I liked it!")
    assert words == ["It", "is", "good", ".", "I", "liked", "it", "!"]
    (tree,) = parse_labelled(PARSER, [words], [3])
    assert tree.words == tuple(words)
    assert tree.labels[-1] == 3
