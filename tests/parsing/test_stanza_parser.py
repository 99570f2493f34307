"""Tests with a real ``stanza.Pipeline``.

Stanza's models cannot be included; ``train_small_stanza.py`` trains a small tagger and two parsers
with Stanza's code, in two to five minutes on one core. They are stored in the user's cache.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest

from treernn.corpora import locations
from treernn.corpora.penn import EMPTY
from treernn.errors import InputError, MissingDataError, MissingPackageError, ModelError
from treernn.evaluation.brackets import bracket_score
from treernn.models.pretrained import PARSER
from treernn.parsing import PARSERS, load_parser
from treernn.parsing.baselines import ShapeParser, balanced, right_branching
from treernn.parsing.binarization import binarize
from treernn.parsing.dependencies import stanza_heads
from treernn.parsing.lstm_parser import LSTMParser
from treernn.parsing.stanza_parser import StanzaParser
from treernn.types import DependencyTree

TRAINING = Path(__file__).parent / "train_small_stanza.py"
LINES = [
    "Mr. Vinken is chairman of Elsevier N.V. , the Dutch publishing group .",
    "Yes",
    "The film is not bad ( at all ) .",
    "Shares closed at $ 12 on Monday .",
]
SENTENCES = [line.split() for line in LINES]

# Warnings of Stanza and its dependencies.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*:UserWarning:torch"),
]


@pytest.fixture(scope="module")
def models(treebank_archive, glove_file):
    """A folder of Stanza models with the package ``small``."""
    stanza = pytest.importorskip("stanza")
    key = hashlib.sha256(TRAINING.read_bytes() + stanza.__version__.encode()).hexdigest()[:16]
    folder = locations.cache_folder() / f"tests-stanza-{key}"
    if not (folder / "resources.json").is_file():
        made = folder.with_name(f"{folder.name}.{os.getpid()}")
        made.mkdir(parents=True)
        subprocess.run(
            [sys.executable, TRAINING, treebank_archive, glove_file, made],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            timeout=1800,
        )
        made.replace(folder)
    return folder


@pytest.fixture(scope="module")
def parser(models):
    return StanzaParser("small", models, download=False)


def tree_is_whole(tree, words):
    assert tree.words == tuple(words)
    assert len(tree.children) == len(words) - 1
    assert sorted(c for below in tree.children for c in below) == list(range(tree.root))


@pytest.mark.slow
def test_trees_have_the_words_of_the_sentences(parser):
    for tree, words in zip(parser.parse(SENTENCES), SENTENCES, strict=True):
        tree_is_whole(tree, words)
    assert parser.parse([]) == []


@pytest.mark.slow
def test_a_batch_gives_the_same_trees_as_single_sentences(parser):
    together = parser.parse(SENTENCES)
    assert [parser.parse([words])[0] for words in SENTENCES] == together


@pytest.mark.slow
def test_the_trees_are_those_of_stanza(parser):
    [tree] = parser.parse(SENTENCES[:1])
    [sentence] = parser.pipeline([SENTENCES[0]]).sentences
    pending, spans, at = [sentence.constituency], tree.spans(), {}
    leaves = sentence.constituency.leaf_labels()
    assert leaves == SENTENCES[0]
    position = 0
    order = []
    while pending:
        node = pending.pop()
        order.append(node)
        pending.extend(reversed(node.children))
    for node in order:
        at[id(node)] = position
        position += node.is_leaf()
    for node in order:
        length = len(node.leaf_labels())
        assert (at[id(node)], at[id(node)] + length) in spans


def unseen_trees(treebank_archive):
    """Trees that the models were not trained on, and a function that finds the heads."""
    sys.path.insert(0, str(TRAINING.parent))
    try:
        from train_small_stanza import LEARN, WATCH, heads, penn_sample
    finally:
        sys.path.remove(str(TRAINING.parent))
    return penn_sample(treebank_archive)[LEARN + WATCH :], heads


@pytest.mark.slow
def test_f1_on_the_penn_treebank(parser, treebank_archive):
    """F1 on sentences that the model was not trained on, compared with other parsers."""
    unseen, _ = unseen_trees(treebank_archive)
    gold = [binarize(tree) for tree in unseen if len(tree.words) <= 30][:150]
    words = [tree.words for tree in gold]
    stanza, embedded, shape = (
        bracket_score(each.parse(words), gold).f1
        for each in (parser, LSTMParser.load(PARSER), ShapeParser(balanced))
    )
    assert stanza > 0.5 > 0.3 > shape
    assert embedded > 0.6


@pytest.mark.slow
def test_head_accuracy_on_the_penn_treebank(models, treebank_archive):
    """Taking the next word as head would be correct for 25 %."""
    trees, heads = unseen_trees(treebank_archive)
    short = [tree for tree in trees if len(tree.words) <= 30][:100]
    gold = [heads(tree) for tree in short]
    words = [
        [word for word, tag in zip(tree.words, tree.tags, strict=True) if tag != EMPTY]
        for tree in short
    ]
    heads_of_all = stanza_heads(words, "small", models, download=False)
    assert {each.count(-1) for each in heads_of_all} == {1}
    right = [
        a == b
        for one, other in zip(heads_of_all, gold, strict=True)
        for a, b in zip(one, other, strict=True)
    ]
    assert sum(right) / len(right) > 0.55


@pytest.mark.slow
def test_heads_of_long_and_unusual_sentences(models):
    unusual = [["a"], ["", "\u00a0", "x" * 5_000], ["a b", "("], ["."] * 300]
    heads_of_all = stanza_heads([*unusual, *SENTENCES], "small", models, download=False)
    for words, heads in zip(unusual, heads_of_all, strict=False):
        assert DependencyTree.from_heads(words, heads).num_nodes == len(words)
    assert heads_of_all[len(unusual) :] == stanza_heads(SENTENCES, "small", models, download=False)


@pytest.mark.slow
def test_long_and_unusual_sentences_do_not_affect_others(parser):
    unusual = [
        ["word"] * (3 * StanzaParser.max_words + 7),
        ["", " ", "\n", "a b", "\u00a0"],
        ["x" * 5_000, "!"],
        ["(", ")", "-LRB-", "[", "}"],
        ["\ud800", "😀", "\x00"],
        ["."] * 40,
        ["(S"] * 30 + [")"] * 30,
    ]
    plain = parser.parse(SENTENCES)
    mixed = parser.parse([*unusual, *SENTENCES])
    for tree, words in zip(mixed, unusual, strict=False):
        tree_is_whole(tree, words)
    assert mixed[len(unusual) :] == plain


@pytest.mark.slow
def test_a_sentence_without_words_is_an_error(parser):
    with pytest.raises(InputError, match="sentence 1 has no words"):
        parser.parse([["a"], []])


@pytest.mark.slow
def test_models_from_paths(models, parser, tmp_path):
    """Models of the user instead of those of the package."""
    paths = {}
    for kind in ("pos", "constituency"):
        paths[f"{kind}_model_path"] = str(tmp_path / f"{kind}.pt")
        shutil.copy(models / "en" / kind / "small.pt", tmp_path / f"{kind}.pt")
    own = StanzaParser("small", models, download=False, **paths)
    config = own.pipeline.processors["constituency"].config
    assert config["model_path"] == paths["constituency_model_path"]
    assert own.parse(SENTENCES) == parser.parse(SENTENCES)
    gone = {**paths, "pos_model_path": str(tmp_path / "none.pt")}
    with pytest.raises(MissingDataError, match=r"pos_model_path: no such file .*none\.pt"):
        StanzaParser("small", models, **gone)


@pytest.mark.slow
def test_a_missing_model(models, tmp_path):
    shutil.copy(models / "resources.json", tmp_path)
    with pytest.raises(MissingDataError, match="no models for Stanza's package 'small'; on"):
        StanzaParser("small", tmp_path, download=False)


@pytest.mark.slow
def test_an_unknown_package(models):
    with pytest.raises(InputError) as caught:
        StanzaParser("smal", models, download=False)
    assert str(caught.value) == "Stanza has no package 'smal' for English, only small"


@pytest.mark.slow
def test_a_damaged_model(models, tmp_path):
    for path in models.rglob("*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(models)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.symlink_to(path)
    model = tmp_path / "en" / "constituency" / "small.pt"
    half = model.read_bytes()[:50_000]
    model.unlink()
    model.write_bytes(half)
    with pytest.raises(ModelError, match="Stanza cannot load its models") as caught:
        StanzaParser("small", tmp_path, download=False)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_the_command_line(models, parser):
    done = subprocess.run(
        [sys.executable, "-m", "treernn", "parse", "The film is not bad . It is great .",
         "--parser", "stanza", "--stanza-package", "small", "--stanza-dir", models,
         "--format", "json"],
        capture_output=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        timeout=300,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    printed = [json.loads(line) for line in done.stdout.splitlines()]
    words = [one["words"] for one in printed]
    assert [" ".join(each) for each in words] == ["The film is not bad .", "It is great ."]
    assert [tuple(map(tuple, one["children"])) for one in printed] == [
        tree.children for tree in parser.parse(words)
    ]


@pytest.mark.slow
def test_models_are_downloaded_once(models, parser, site, tmp_path, capfd):
    import stanza

    address, served = site
    shutil.copytree(models / "en", served / "en")
    (served / "en" / "tokenize").mkdir()
    (served / "en" / "tokenize" / "small.pt").write_bytes(b"not needed for words as given")
    listed = json.loads((models / "resources.json").read_text())
    for kind in ("tokenize", "pos", "constituency", "pretrain"):
        content = (served / "en" / kind / "small.pt").read_bytes()
        listed["en"][kind]["small"]["md5"] = hashlib.md5(content).hexdigest()
    listed["url"] = f"{address}/{{lang}}/{{filename}}"
    version = stanza.__resources_version__
    (served / f"resources_{version}.json").write_text(json.dumps(listed))

    folder = tmp_path / "models"
    first = StanzaParser("small", folder, resources_url=address)
    assert first.parse(SENTENCES) == parser.parse(SENTENCES)
    assert f"Downloading {address}/en/constituency/small.pt" in capfd.readouterr().err
    shutil.rmtree(served / "en")
    again = StanzaParser("small", folder, resources_url=address)
    assert again.parse(SENTENCES) == first.parse(SENTENCES)
    assert "Downloading" not in capfd.readouterr().err
    with pytest.raises(InputError, match="no package 'smal' for English, only small"):
        StanzaParser("smal", tmp_path / "other", resources_url=address)


def test_missing_models_without_network(tmp_path, monkeypatch):
    pytest.importorskip("stanza")
    with pytest.raises(MissingDataError) as caught:
        StanzaParser("default_fast", tmp_path, download=False)
    assert str(caught.value) == (
        f"{tmp_path}: no models for Stanza's package 'default_fast'; on a machine with network "
        "access, run the following line, then copy the folder here: "
        "python -c \"import stanza; stanza.download('en', "
        f"model_dir='{tmp_path}', package='default_fast', "
        "processors='tokenize,pos,constituency')\""
    )
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(MissingDataError, match=r"cannot be downloaded \(\w+\); on a"):
        StanzaParser(folder=tmp_path)


def test_without_stanza(monkeypatch):
    monkeypatch.setitem(sys.modules, "stanza", None)
    with pytest.raises(MissingPackageError) as caught:
        load_parser("stanza")
    assert str(caught.value) == "Stanza is not installed: pip install 'treernn[stanza]'"


class Failing(StanzaParser):
    """A parser whose pipeline fails on a sentence with the word ``bad``, or loses a word."""

    def __init__(self, shortens=False):
        self.calls = 0
        self.shortens = shortens

    def pipeline(self, sentences):
        self.calls += 1
        if not self.shortens and any("bad" in words for words in sentences):
            raise AssertionError("stuck\nhere")
        trees = []
        for words in sentences:
            kept = [word for word in words if word != "bad"]
            trees.append(SimpleNamespace(constituency=flat(kept)))
        return SimpleNamespace(sentences=trees)


def flat(words):
    tree = pytest.importorskip("stanza.models.constituency.parse_tree").Tree
    return tree("ROOT", [tree("FRAG", [tree("NN", [tree(word)]) for word in words])])


@pytest.mark.parametrize("shortens", [False, True])
def test_a_sentence_that_stanza_cannot_parse(shortens):
    sentences = [["a", "b", "c"]] * 5 + [["a", "bad", "c"]] + [["a", "b"]] * 3
    parser = Failing(shortens)
    with pytest.warns(RuntimeWarning, match=r"Stanza cannot parse 'a bad c', .*right-branching"):
        trees = parser.parse(sentences)
    assert trees[5].children == right_branching(3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [trees[0], trees[-1]] == Failing().parse([sentences[0], sentences[-1]])
    assert parser.calls <= 2 * 4 + 1


def test_load_parser_by_name():
    words = [["a", "b", "c", "d"]]
    assert {name: load_parser(name).parse(words)[0].children for name in [*PARSERS][2:]} == {
        "right": ((2, 3), (1, 4), (0, 5)),
        "left": ((0, 1), (4, 2), (5, 3)),
        "balanced": ((2, 3), (0, 1), (5, 4)),
    }
    tree_is_whole(load_parser("embedded").parse(words)[0], words[0])
    with pytest.raises(InputError, match="no parser 'best', expected one of embedded, stanza,"):
        load_parser("best")
