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
from treernn.models.pretrained import SENTIMENT_MODELS
from treernn.models.sentiment import load_sentiment
from treernn.models.target_classifier import (
    FOLDER,
    TargetClassifier,
    TargetConfig,
    checksum,
    load_targets,
    smallest_phrases,
)
from treernn.types import Tree


def new_targets(base, cell="lstm", seed=2):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return TargetClassifier(TargetConfig(6, 7, cell), base).eval()


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
    nodes = [[*range(tree.num_nodes)] for tree in found_trees]
    found = model.distributions(found_trees, nodes)
    for tree, rows in zip(found_trees, found, strict=True):
        expected = [up_and_down(model, tree, node) for node in range(tree.num_nodes)]
        np.testing.assert_allclose(rows, expected, atol=2e-5)


def test_the_words_around_a_target_matter(new_model):
    model = new_targets(new_model())
    one, other = Tree(("a", "b"), ((0, 1),)), Tree(("a", "c"), ((0, 1),))
    first, second = model.distributions([one, other], [[0], [0]])
    assert np.abs(first - second).max() > 1e-6


def test_starts_as_the_sentiment_of_the_phrase(new_model, random_trees):
    base = new_model()
    model = new_targets(base)
    model.start_from_base()
    found_trees = random_trees(4)
    nodes = [[*range(tree.num_nodes)] for tree in found_trees]
    for rows, expected in zip(
        model.distributions(found_trees, nodes), base.distributions(found_trees), strict=True
    ):
        np.testing.assert_allclose(rows, expected, atol=1e-6)


def test_the_base_is_neither_trained_nor_stored(new_model, tmp_path):
    base = new_model()
    model = new_targets(base)
    assert {name.split(".")[0] for name in model.state_dict()} == {
        "cell",
        "cell_down",
        "classifier",
    }
    base.save(tmp_path)
    model.save(tmp_path / FOLDER, base_sha256=checksum(tmp_path))
    loaded = load_targets(base, tmp_path)
    tree = Tree(("a", "b"), ((0, 1),))
    [found], [expected] = (each.distributions([tree], [[0, 1]]) for each in (loaded, model))
    np.testing.assert_allclose(found, expected, atol=1e-3)  # stored as float16


def test_folders_without_targets_or_of_other_weights(new_model, tmp_path):
    base, other = new_model(), new_model(seed=5)
    base.save(tmp_path)
    with pytest.raises(ModelError, match="knows no sentiment toward targets; train it with"):
        load_targets(base, tmp_path)
    new_targets(base).save(tmp_path / FOLDER, base_sha256=checksum(tmp_path))
    other.save(tmp_path / "other")
    shutil.copytree(tmp_path / FOLDER, tmp_path / "other" / FOLDER)
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
        ({"tuning": {"method": "magic"}}, "tuning is 'magic'"),
        ({"tuning": {"method": "lora"}}, "there is no encoder to train"),
        ({"tuning": None}, "describes no classifier"),
    ],
)
def test_damaged_folders(new_model, tmp_path, change, problem):
    base = new_model()
    base.save(tmp_path)
    new_targets(base).save(tmp_path / FOLDER, base_sha256=checksum(tmp_path))
    path = tmp_path / FOLDER / "config.json"
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
    [node] = smallest_phrases(tree, [(start, end)])
    spans = tree.spans()
    holding = [i for i, (a, b) in enumerate(spans) if a <= start and end <= b]
    size = min(spans[i][1] - spans[i][0] for i in holding)
    assert node in holding
    assert spans[node][1] - spans[node][0] == size


def test_compounds_move_the_nodes_of_targets():
    base = load_sentiment("small")
    model = load_targets(base, SENTIMENT_MODELS["small"])
    tree = Tree(("a", "horribly-acted", "film"), ((1, 2), (0, 3)))
    [together] = model.distributions([tree], [[0, 1, 2, 3, 4]])
    assert base.encode([tree])[0].nodes is not None
    for node in range(5):
        [[alone]] = model.distributions([tree], [[node]])
        np.testing.assert_allclose(alone, together[node], atol=1e-5)
