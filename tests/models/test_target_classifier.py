import json
import shutil

import numpy as np
import pytest
import torch
from any_trees import trees
from hypothesis import given
from hypothesis import strategies as st

from treernn.cells import CELLS
from treernn.errors import InputError, ModelError
from treernn.models.names import TARGETS
from treernn.models.sentiment import load_sentiment
from treernn.models.storage import weights_checksum
from treernn.models.target_classifier import (
    STRUCTURES,
    TargetClassifier,
    TargetConfig,
    load_targets,
)
from treernn.models.target_places import target_places
from treernn.types import Tree


def new_targets(base, cell="lstm", structure="tree"):
    with torch.random.fork_rng():
        torch.manual_seed(2)
        return TargetClassifier(TargetConfig(6, 7, structure, cell), base).eval()


def phrases(*found_trees):
    """The places of all phrases as targets."""
    return [target_places(tree, tree.spans()) for tree in found_trees]


def up_and_down(model: TargetClassifier, tree: Tree, node: int) -> np.ndarray:
    """The definition: a recursion up the tree, and one down the path to the target."""
    model, base = model.double(), model.base.double()
    rows = base.embedding(torch.from_numpy(base.embedding.vocabulary.ids(tree.words)))
    up, down = model.cell, model.cell_down
    fields = 1 + up.has_memory
    sizes = (up.hidden_size, up.memory_size)[:fields]

    def none(cell):
        return [torch.zeros(1, cell.arity or 0, size, dtype=torch.float64) for size in sizes]

    states = [up(vector[None], *none(up))[:fields] for vector in rows]
    unseen = torch.zeros(1, up.input_size, dtype=torch.float64)
    for children in tree.children:
        parts = zip(*(states[child] for child in children), strict=True)
        states.append(up(unseen, *(torch.stack(part, 1) for part in parts))[:fields])
    h = [state[0] for state in states]
    parents = {
        child: (parent, slot)
        for parent, children in enumerate(tree.children, len(tree.words))
        for slot, child in enumerate(children)
    }
    path = [node]
    while path[-1] in parents:
        path.append(parents[path[-1]][0])
    state = down(h[path[-1]], *none(down))[:fields]
    for below in path[-2::-1]:
        slots = none(down)
        for k in range(fields):
            place = parents[below][1] if down.arity else 0
            if down.arity:
                slots[k][:, place] = state[k]
            else:  # a Child-Sum cell takes any number of children
                slots[k] = state[k][:, None]
        state = down(h[below], *slots)[:fields]
    logits = model.classifier(torch.cat([h[node], state[0]], 1))
    return logits.softmax(1).detach().numpy()[0]


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_equals_its_definition(new_model, random_trees, cell):
    base = new_model(cell)
    model = new_targets(base, cell)
    found_trees = random_trees(6, longest=7)
    found = model.distributions(found_trees, phrases(*found_trees))
    for tree, rows in zip(found_trees, found, strict=True):
        expected = [up_and_down(model, tree, node) for node in range(tree.num_nodes)]
        np.testing.assert_allclose(rows, expected, atol=2e-5)


def test_an_average_equals_its_definition(new_model, random_trees):
    base = new_model()
    model = new_targets(base, structure="average")
    found_trees = random_trees(6, longest=7)
    spans = [[(a, b) for a in range(n) for b in range(a + 1, n + 1)] for n in lengths(found_trees)]
    found = model.distributions(found_trees, [*map(target_places, found_trees, spans)])
    for tree, of_tree, rows in zip(found_trees, spans, found, strict=True):
        x = base.embedding(torch.from_numpy(base.embedding.vocabulary.ids(tree.words)))
        means = torch.stack([x[a:b].mean(0) for a, b in of_tree])
        expected = model.classifier(model.layer(means).tanh()).softmax(1)
        np.testing.assert_allclose(rows, expected.detach(), atol=1e-6)


def lengths(found_trees):
    return [len(tree.words) for tree in found_trees]


def test_the_words_around_a_target_matter(new_model):
    model = new_targets(new_model())
    one, other = Tree(("a", "b"), ((0, 1),)), Tree(("a", "c"), ((0, 1),))
    place = target_places(one, [(0, 1)])
    first, second = model.distributions([one, other], [place, place])
    assert np.abs(first - second).max() > 1e-6
    average = new_targets(new_model(), structure="average")
    first, second = average.distributions([one, other], [place, place])
    np.testing.assert_array_equal(first, second)  # no encoder has put them there


def test_starts_as_the_sentiment_of_the_phrase(new_model, random_trees):
    base = new_model()
    model = new_targets(base)
    model.start_from_base()
    found_trees = random_trees(4)
    rows = model.distributions(found_trees, phrases(*found_trees))
    for of_tree, tree, expected in zip(
        rows, found_trees, base.distributions(found_trees), strict=True
    ):
        nodes = [place.node for place in target_places(tree, tree.spans())]
        np.testing.assert_allclose(of_tree, expected[nodes], atol=1e-6)


@pytest.mark.parametrize(
    ("structure", "parts"),
    [("tree", {"cell", "cell_down", "classifier"}), ("average", {"layer", "classifier"})],
)
def test_the_base_is_neither_trained_nor_stored(new_model, tmp_path, structure, parts):
    base = new_model()
    model = new_targets(base, structure=structure)
    model.start_from_base()
    assert {name.split(".")[0] for name in model.state_dict()} == parts
    base.save(tmp_path)
    model.save(tmp_path / TARGETS, base_sha256=weights_checksum(tmp_path))
    loaded = load_targets(base, tmp_path)
    assert loaded.config.structure == structure
    tree = Tree(("a", "b"), ((0, 1),))
    [found], [expected] = (each.distributions([tree], phrases(tree)) for each in (loaded, model))
    np.testing.assert_allclose(found, expected, atol=1e-3)  # stored as float16


def test_folders_without_targets_or_of_other_weights(new_model, tmp_path):
    base, other = new_model(), new_model(seed=5)
    base.save(tmp_path)
    with pytest.raises(ModelError, match="knows no sentiment toward targets; train it with"):
        load_targets(base, tmp_path)
    new_targets(base).save(tmp_path / TARGETS, base_sha256=weights_checksum(tmp_path))
    other.save(tmp_path / "other")
    shutil.copytree(tmp_path / TARGETS, tmp_path / "other" / TARGETS)
    with pytest.raises(ModelError, match="made for other weights than the model has, train it"):
        load_targets(other, tmp_path / "other")
    other.save(tmp_path)  # another model in its place
    with pytest.raises(ModelError, match="knows no sentiment toward targets"):
        load_targets(other, tmp_path)
    with pytest.raises(ModelError, match="needs a tree model with a folder"):
        load_targets(base, None)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"kind": "tagger"}, "the kind of model is tagger"),
        ({"model": {"input_size": 6}}, "describes no classifier"),
        ({"model": {"input_size": 5, "hidden_size": 7}}, "input_size is 5, the sentiment model's"),
        ({"model": {"input_size": 6, "hidden_size": 8}}, "weights do not fit config.json"),
        ({"model": {"input_size": 6, "hidden_size": 7, "temperature": 0}}, "temperature is 0"),
        (
            {"model": {"input_size": 6, "hidden_size": 7, "structure": "chain"}},
            "expected one of tree,",
        ),
        ({"tuning": {"method": "magic"}}, "tuning is 'magic'"),
        ({"tuning": {"method": "lora"}}, "there is no encoder to train"),
        ({"tuning": None}, "describes no classifier"),
    ],
)
def test_damaged_folders(new_model, tmp_path, change, problem):
    base = new_model()
    base.save(tmp_path)
    new_targets(base).save(tmp_path / TARGETS, base_sha256=weights_checksum(tmp_path))
    path = tmp_path / TARGETS / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(ModelError) as error:
        load_targets(base, tmp_path)
    assert problem in str(error.value)
    assert "\n" not in str(error.value)


def test_sizes_must_fit(new_model):
    with pytest.raises(InputError, match="input_size is 5, the sentiment model's words"):
        TargetClassifier(TargetConfig(5, 7), new_model())


@given(trees(), st.data())
def test_the_smallest_phrase(tree, data):
    n = len(tree.words)
    start = data.draw(st.integers(0, n - 1))
    end = data.draw(st.integers(start + 1, n))
    [(node, *words)] = target_places(tree, [(start, end)])
    assert words == [start, end]
    spans = tree.spans()
    holding = [i for i, (a, b) in enumerate(spans) if a <= start and end <= b]
    size = min(spans[i][1] - spans[i][0] for i in holding)
    assert node in holding
    assert spans[node][1] - spans[node][0] == size


@pytest.mark.parametrize("structure", STRUCTURES)
def test_compounds_move_the_places_of_targets(structure):
    base = load_sentiment("small")
    config = TargetConfig(base.config.embedding_size, 7, structure)
    with torch.random.fork_rng():
        torch.manual_seed(2)
        model = TargetClassifier(config, base).eval()
    tree = Tree(("a", "horribly-acted", "badly-lit", "film"), ((2, 3), (1, 4), (0, 5)))
    parts = (("a", "horribly", "acted", "badly", "lit", "film"), ((1, 2), (3, 4), (7, 5), (6, 8)))
    divided = Tree(parts[0], (*parts[1], (0, 9)))
    assert base.encode([tree])[0].nodes is not None
    [found] = model.distributions([tree], phrases(tree))
    spans = [(0, 1), (1, 3), (3, 5), (5, 6), (3, 6), (1, 6), (0, 6)]
    [expected] = model.distributions([divided], [target_places(divided, spans)])
    np.testing.assert_allclose(found, expected, atol=1e-6)
