"""Corpora as Arrow files: what is read back, damage, and training on them."""

import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from treebanks import VALUES, left_branching

from treernn.corpora.targets import TargetText, target_of_class
from treernn.errors import DataError
from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.parsing import load_parser
from treernn.training.data import corpus, parsed
from treernn.training.data.corpus import (
    Stored,
    read_part,
    stored_part,
    targets_of,
    tree_columns,
    tree_of,
    words_of,
    write_part,
)
from treernn.training.data.parsed import Cache, aligned, unlabelled
from treernn.training.data.sources import Part, Source, label_targets, with_teachers
from treernn.training.data.teachers import teacher_distributions
from treernn.training.loop.trainer import fit
from treernn.training.tasks.initialization import new_classifier
from treernn.training.tasks.sentiment import vocabulary
from treernn.training.tasks.sentiment_settings import ChainSettings, TreeSettings
from treernn.training.tasks.sources_task import SourcesTask
from treernn.types import Tree

TRAIN, DEV = left_branching(60, 1), left_branching(9, 2)
SMALL = {"embedding_size": 4, "hidden_size": 3, "epochs": 2, "batch_size": 16}


@st.composite
def examples(draw):
    """A binary tree, or words alone, with targets at some nodes."""
    words = draw(st.lists(st.text(max_size=4), max_size=5))
    heads = list(range(len(words)))
    children = []
    while len(heads) > 1 and draw(st.booleans()):
        place = draw(st.integers(0, len(heads) - 2))
        children.append((heads[place], heads[place + 1]))
        heads[place : place + 2] = [len(words) + len(children) - 1]
    nodes = len(words) + len(children)
    numbers = draw(st.lists(st.floats(0, 1, width=32), min_size=5 * nodes, max_size=5 * nodes))
    rows = np.array(numbers, np.float32).reshape(nodes, 5)
    return Tree(tuple(words), tuple(children)), rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("corpus")


@settings(max_examples=30)
@given(st.lists(st.lists(examples(), max_size=5), max_size=3))
def test_what_is_written_is_read_back(folder, several):
    parts = []
    for number, each in enumerate(several):
        path = folder / f"{number}.arrow"
        path.unlink(missing_ok=True)
        trees, targets = [tree for tree, _ in each], [rows for _, rows in each]
        parts.append(stored_part(path, "trees", lambda: (tree_columns(trees, targets), 3)))  # noqa: B023
        assert parts[-1].left_out == 3
    stored = Stored(parts, "trees", tree_of)
    expected = [pair for each in several for pair in each]
    assert [*stored] == [stored[i] for i in range(len(stored))] == [tree for tree, _ in expected]
    assert stored.sizes.tolist() == [tree.num_nodes for tree, _ in expected]
    assert [*stored.view(words_of)] == [tree.words for tree, _ in expected]
    for found, (_, rows) in zip(stored.view(targets_of), expected, strict=True):
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, rows)
    if expected:
        assert stored[-1] == expected[-1][0]
        assert stored[1:] == [tree for tree, _ in expected[1:]]
    with pytest.raises(IndexError):
        stored[len(expected)]


@settings(max_examples=50)
@given(st.integers(0, 10_000), st.integers(0, 255), st.booleans())
def test_damage_is_one_line(folder, place, byte, cut):
    good, path = folder / "good.arrow", folder / "damaged.arrow"
    if not good.exists():
        rows = [np.full((tree.num_nodes, 5), 0.25, np.float32) for tree in TRAIN]
        write_part(good, "trees", tree_columns(TRAIN, rows))
    content = bytearray(good.read_bytes())
    place %= len(content)
    changed = content[:place] if cut else content[:place] + bytes([byte]) + content[place + 1 :]
    path.write_bytes(changed)
    expected = read_part(good, "trees")
    found, problem = None, f"{path}: not a part of this corpus ("
    try:
        found = read_part(path, "trees")
    except DataError as error:
        problem = str(error)
    assert problem.startswith(f"{path}: not a part of this corpus (")
    assert "\n" not in problem
    if found is not None:  # of padding, or of what Arrow does not read
        assert found.digest == expected.digest
        for index, tree in enumerate(TRAIN):
            assert (tree_of(found, index).words, len(targets_of(found, index))) == (
                tree.words,
                tree.num_nodes,
            )


def test_what_is_no_part(tmp_path):
    empty, other, several = (tmp_path / name for name in ("empty", "other", "several"))
    empty.touch()
    with pa.ipc.new_file(str(other), pa.schema({"a": pa.int8()})) as writer:
        writer.write_batch(pa.record_batch({"a": pa.array([1], pa.int8())}))
    schema = corpus.KINDS["rows"]
    with pa.ipc.new_file(str(several), schema) as writer:
        for _ in range(2):
            writer.write_batch(pa.RecordBatch.from_pydict({"rows": [[]]}, schema))
    for path in (empty, other, several, tmp_path / "gone", tmp_path):
        with pytest.raises(DataError) as raised:
            read_part(path, "rows")
        assert "\n" not in str(raised.value)
    write_part(other, "rows", {"rows": [np.ones(5, np.float16)]})
    assert read_part(other, "rows").values("rows", 0).tolist() == [1.0] * 5
    with pytest.raises(DataError, match="holds no trees"):
        read_part(other, "trees")


def test_a_part_that_changed_since(tmp_path):
    path = tmp_path / "a.arrow"
    part = stored_part(path, "rows", lambda: ({"rows": [np.ones(5, np.float16)]}, 0))
    write_part(path, "rows", {"rows": [np.zeros(5, np.float16)]})
    stored = Stored([part], "rows", lambda part, index: part.values("rows", index))
    with pytest.raises(DataError, match=r"not a part of this corpus \(another one\)"):
        stored[0]


def texts(count):
    return [f"Film {number} isn't bad. It is {'good' if number % 2 else 'bad'}!" for number in
            range(count)]  # fmt: skip


@pytest.fixture
def parts_of_ten(monkeypatch):
    monkeypatch.setattr(corpus, "SIZE", 10)


@pytest.mark.usefixtures("parts_of_ten")
def test_parsed_texts(tmp_path, monkeypatch):
    """The same in memory, in files, and in files from which they are read when asked for."""
    parser = load_parser("right")
    labelled = [TargetText.whole(text, target_of_class(number % 5))
                for number, text in enumerate(texts(25))]  # fmt: skip
    cache = Cache(tmp_path / "corpus", "right")
    for make, given_texts in ((aligned, labelled), (unlabelled, [*texts(25), *texts(25)])):
        plain, listed = make(given_texts, parser), make(given_texts, parser, cache)
        with monkeypatch.context() as patch:
            patch.setattr(corpus, "IN_MEMORY", 5)
            patch.setattr(parsed, "align", None)  # nothing is parsed again
            stored = make(given_texts, None, cache)
        assert isinstance(listed.trees, list)
        assert isinstance(stored.trees, Stored)
        assert plain.trees == listed.trees == [*stored.trees]
        for different in (listed, stored):
            assert different.left_out == plain.left_out
            assert all(map(np.array_equal, plain.targets, different.targets))
        assert stored.kinds() == plain.kinds()
        assert stored.has_targets() == plain.has_targets()
    assert len([*cache.folder.iterdir()]) == 3 + 3  # 26 different sentences
    cache.remove()
    assert not cache.folder.exists()


def stored_source(tmp_path, trees, name="texts"):
    """A source that is read from files, and the same in memory."""
    part = label_targets(trees)
    bare = [Tree(tree.words, tree.children) for tree in trees]
    parts = []
    for start in range(0, len(trees), corpus.SIZE):
        block = slice(start, start + corpus.SIZE)
        columns = tree_columns(bare[block], part.targets[block])
        path = tmp_path / f"{name}-{start}.arrow"
        parts.append(stored_part(path, "trees", lambda columns=columns: (columns, 0)))
    stored = Stored(parts, "trees", tree_of)
    lists = Part(bare, part.targets)
    dev = label_targets(DEV)
    return [Source(name, each, dev) for each in
            (Part(stored, stored.view(targets_of), 0, stored.digest), lists)]  # fmt: skip


@pytest.mark.usefixtures("parts_of_ten")
@pytest.mark.parametrize("kind", [TreeSettings(), ChainSettings()])
def test_training_from_files_equals_training_from_memory(tmp_path, monkeypatch, kind):
    """Also with teachers, with samples of several sources, and if it was interrupted."""
    monkeypatch.setattr(corpus, "IN_MEMORY", 20)
    torch.manual_seed(1)
    TreeClassifier(TreeConfig(2, 2), ("<unk>", *VALUES)).save(tmp_path / "teacher")
    chosen = kind.updated(**SMALL)
    treebank = Source("treebank", label_targets(TRAIN[:20]), label_targets(DEV), treebank=True)
    weights = {}
    for name, source in zip(("stored", "lists"), stored_source(tmp_path, TRAIN), strict=True):
        soft = teacher_distributions([tmp_path / "teacher"], source.train.trees, tmp_path / name)
        assert isinstance(soft, Stored)
        source = with_teachers(source, soft if name == "stored" else [*soft])
        source = Source("texts", source.train, source.dev, sample=50, balanced=True)

        def task(source=source):
            model = new_classifier(chosen, vocabulary(TRAIN, None, 0))
            return SourcesTask(model, [treebank, source], chosen)

        def stop(epoch, done, _steps):
            if (epoch, done) == (2, 2):
                raise KeyboardInterrupt

        if name == "stored":
            with pytest.raises(KeyboardInterrupt):
                fit(task(), tmp_path / f"{name}-model", on_step=stop)
        fit(task(), tmp_path / f"{name}-model")
        weights[name] = (tmp_path / f"{name}-model/model.safetensors").read_bytes()
    assert weights["stored"] == weights["lists"]


@pytest.mark.usefixtures("parts_of_ten")
def test_an_epoch_reads_a_part_at_a_time(tmp_path, monkeypatch):
    """Batches that follow each other are from few parts, each example is in one of them, and each
    part of an epoch has its share of all sources."""
    monkeypatch.setattr(corpus, "IN_MEMORY", 40)
    trees = left_branching(200, 3)
    source, _ = stored_source(tmp_path, trees)
    chosen = TreeSettings().updated(**SMALL)
    treebank = Source("treebank", label_targets(TRAIN), label_targets(DEV), treebank=True)
    model = new_classifier(chosen, vocabulary(TRAIN, None, 0))
    task = SourcesTask(model, [treebank, source], chosen)
    epochs = [task.batches(np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert epochs[0] == epochs[1] != epochs[2]
    order = [index for batch in epochs[0] for index in batch]
    assert sorted(order) == [*range(260)]
    assert task.sizes(order) == [(*TRAIN, *trees)[index].num_nodes for index in order]
    for start, end in pairwise(range(0, 261, 26)):
        from_texts = [index - 60 for index in order[start:end] if index >= 60]
        assert 15 <= len(from_texts) <= 25
        assert len({index // 10 for index in from_texts}) <= 8
    assert order[:26] != sorted(order[:26])


@pytest.mark.skipif(not os.path.exists("/proc/self/maps"), reason="needs /proc")
@pytest.mark.usefixtures("parts_of_ten")
def test_few_parts_are_mapped_at_a_time(tmp_path, monkeypatch):
    source, _ = stored_source(tmp_path, TRAIN)
    monkeypatch.setattr(corpus, "_open", corpus.lru_cache(2)(corpus._open.__wrapped__))
    order = np.random.default_rng(1).permutation(60).tolist()
    assert [source.train.trees[i].words for i in order] == [TRAIN[i].words for i in order]
    mapped = {line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines()}
    assert sum(name.startswith(str(tmp_path)) for name in mapped) == 2
    corpus.close()
    assert str(tmp_path) not in Path("/proc/self/maps").read_text()
