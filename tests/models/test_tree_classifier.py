import numpy as np
import pytest
import torch
from comparing import assert_close
from torch.nn import functional as F

from treernn.cells import CELLS
from treernn.cells.dropout import dropout
from treernn.errors import InputError
from treernn.models import phrase_classifier as module
from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.structure.compile import dgl_is_available
from treernn.types import Tree

needs_dgl = pytest.mark.skipif(not dgl_is_available(), reason="dgl cannot be imported here")
LIBRARIES = ["arrays", pytest.param("dgl", marks=needs_dgl)]


def comb(n: int) -> Tree:
    """A left-branching tree of ``n`` words."""
    children = [(0, 1), *((n + k - 1, k + 1) for k in range(1, n - 1))]
    return Tree(("a", "b") * (n // 2), tuple(children))


def by_definition(model: TreeClassifier, tree: Tree) -> np.ndarray:
    """The model of one tree, by recursion."""
    model = model.double()
    rows = torch.from_numpy(model.embedding.vocabulary.ids(tree.words))
    cell, fields = model.cell, 1 + model.cell.has_memory  # h, and c where there is one
    none = [
        torch.zeros(1, cell.arity or 0, size, dtype=torch.float64)
        for size in (cell.hidden_size, cell.memory_size)
    ][:fields]
    states = [cell(vector[None], *none)[:fields] for vector in model.embedding(rows)]
    unseen = torch.zeros(1, cell.input_size, dtype=torch.float64)
    for child_states in tree.children:
        parts = zip(*(states[child] for child in child_states), strict=True)
        states.append(cell(unseen, *(torch.stack(part, 1) for part in parts))[:fields])
    h = torch.cat([state[0] for state in states])
    return model.classifier(h).softmax(1).detach().numpy()


@pytest.mark.parametrize("cell", CELLS)
def test_distributions_equal_the_definition(new_model, random_trees, cell):
    trees = random_trees(6)
    actual = new_model(cell).distributions(trees)
    for tree, rows in zip(trees, actual, strict=True):
        np.testing.assert_allclose(rows, by_definition(new_model(cell), tree), atol=1e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_distributions_follow_from_states(new_model, random_trees, cell):
    trees = random_trees(6)
    model = new_model(cell)
    states, actual = model.states(trees), model.distributions(trees)
    for tree, rows, distributions in zip(trees, states, actual, strict=True):
        assert rows.shape == (tree.num_nodes, model.config.hidden_size)
        expected = model.classifier(torch.from_numpy(rows)).softmax(1).detach().numpy()
        np.testing.assert_allclose(distributions, expected, atol=1e-6)


@pytest.mark.parametrize("backend", ["levels", pytest.param("dgl", marks=needs_dgl)])
@pytest.mark.parametrize("cell", ["lstm", "child-sum-lstm", "gru"])
def test_bidirectional_states_equal_the_definition(random_trees, cell, backend):
    """The downward cell by its definition, over the states of the upward cell."""
    torch.manual_seed(3)
    model = TreeClassifier(TreeConfig(4, 5, cell, bidirectional=True), ["<unk>", "a", "b"]).eval()
    for tree in random_trees(4):
        up, down = model.states([tree])[0].reshape(tree.num_nodes, 2, 5).transpose(1, 0, 2)
        batch = model.collate(model.encode([tree]))
        expected_rows = model(batch, backend).detach()[batch.plan.rank]
        both = torch.from_numpy(np.concatenate([up, down], 1))
        np.testing.assert_allclose(model.classifier(both).detach(), expected_rows, atol=1e-5)

        fields = 1 + model.cell_down.has_memory
        arity = model.cell_down.arity or 1
        states: dict[int, list[torch.Tensor]] = {}
        parents = {
            child: (parent, slot)
            for parent, child_states in enumerate(tree.children, len(tree.words))
            for slot, child in enumerate(child_states)
        }
        for node in reversed(range(tree.num_nodes)):
            seen = [torch.zeros(1, arity, 5) for _ in range(fields)]
            if node in parents:
                parent, slot = parents[node]
                for table, state in zip(seen, states[parent], strict=True):
                    table[:, slot if model.cell_down.arity else 0] = state
            elif model.cell_down.arity is None:
                seen = [torch.zeros(1, 0, 5) for _ in range(fields)]
            states[node] = model.cell_down(torch.from_numpy(up[node : node + 1]), *seen)[:fields]
            np.testing.assert_allclose(down[node], states[node][0][0].detach(), atol=1e-5)


def test_batches_equal_single_trees(model, random_trees, monkeypatch):
    trees = random_trees(60)
    monkeypatch.setattr(module, "batch_nodes", lambda _: 100)
    batch = model.distributions(trees)
    assert [rows.shape for rows in batch] == [(tree.num_nodes, 5) for tree in trees]
    for tree, rows in zip(trees, batch, strict=True):
        np.testing.assert_allclose(model.distributions([tree])[0], rows, atol=1e-6)
        np.testing.assert_allclose(rows.sum(1), 1, atol=1e-6)
        assert rows.dtype == np.float32


def test_no_trees(model):
    assert model.distributions([]) == []
    assert model.roots([]).shape == (0, 5)


def test_roots_are_the_last_nodes(model, random_trees):
    trees = random_trees(20)
    expected = [rows[-1] for rows in model.distributions(trees)]
    assert np.array_equal(model.roots(trees), expected)


def test_a_tree_of_one_word(model):
    (rows,) = model.distributions([Tree(("a",))])
    assert rows.shape == (1, 5)


def test_a_tree_5000_words_deep(model):
    (rows,) = model.distributions([comb(5000)])
    assert rows.shape == (9999, 5)
    assert np.isfinite(rows).all()


def test_unknown_words_and_case(model):
    one, other, upper, lower = model.distributions([Tree((word,)) for word in ("x", "ÿ", "A", "a")])
    assert_close([one, upper], [other, lower])
    assert not np.allclose(one, lower)


def test_labels_are_ignored(model, random_trees):
    trees = random_trees(5)
    without = [Tree(tree.words, tree.children) for tree in trees]
    for one, other in zip(model.distributions(trees), model.distributions(without), strict=True):
        np.testing.assert_array_equal(one, other)


def test_too_many_children(new_model):
    tree = Tree(("a", "b", "c"), ((0, 1, 2),))
    with pytest.raises(InputError) as error:
        new_model("lstm").distributions([tree])
    assert str(error.value) == (
        "a node has 3 children, the cell takes 2: binarise the trees or use a Child-Sum cell"
    )
    assert new_model("child-sum-lstm").distributions([tree])[0].shape == (4, 5)


def test_scoring_restores_training_mode(model, random_trees):
    model.train()
    model.distributions(random_trees(2))
    assert model.training
    with pytest.raises(InputError):
        model.distributions([Tree(("a", "b", "c"), ((0, 1, 2),))])
    assert model.training


def scores(model, trees, library, backend="levels"):
    """Logits in tree order, and labels; dgl is used in training mode."""
    was_training = model.training
    batch = model.train(library == "dgl").collate(model.encode(trees))
    model.train(was_training)
    return model(batch, backend)[batch.plan.rank], batch.labels[batch.plan.rank]


@pytest.mark.parametrize("library", LIBRARIES)
def test_words_and_labels_belong_to_their_nodes(model, random_trees, library):
    trees = random_trees(20)
    actual, labels = scores(model, trees, library)
    assert labels.tolist() == [label for tree in trees for label in tree.labels]
    expected = np.concatenate(model.distributions(trees))
    np.testing.assert_allclose(actual.softmax(1).detach(), expected, atol=1e-6)


@needs_dgl
@pytest.mark.parametrize("cell", CELLS)
def test_both_backends_have_equal_gradients(new_model, random_trees, cell):
    trees, actual = random_trees(20), []
    for backend in ("levels", "dgl"):
        model = new_model(cell).double().train()
        torch.manual_seed(3)  # the same dropout
        F.cross_entropy(*scores(model, trees, "dgl", backend)).backward()
        actual.append({name: weight.grad for name, weight in model.named_parameters()})
    assert actual[0].keys() == actual[1].keys()
    for name, gradient in actual[0].items():
        torch.testing.assert_close(
            gradient.to_dense(), actual[1][name].to_dense(), rtol=1e-9, atol=1e-12, msg=name
        )


def test_dropout_keeps_the_mean():
    torch.manual_seed(1)
    dropped = dropout(torch.ones(400, 400), 0.3)
    assert dropped.unique().tolist() == pytest.approx([0, 1 / 0.7])
    assert float((dropped == 0).float().mean()) == pytest.approx(0.3, abs=0.01)
    x = torch.ones(3, requires_grad=True)
    y = dropout(x, 0.5)
    y.sum().backward()
    assert torch.equal(x.grad, y.detach())
    assert dropout(x, 0) is x


def test_no_dropout_in_evaluation_mode(model, random_trees):
    trees = random_trees(3)
    first, again = (scores(model, trees, "arrays")[0] for _ in range(2))
    assert torch.equal(first, again)
    model.train()
    first, again = (scores(model, trees, "arrays")[0] for _ in range(2))
    assert not torch.equal(first, again)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"embedding_size": 0}, "embedding_size is 0, expected a whole number, at least 1"),
        ({"hidden_size": "7"}, "hidden_size is '7', expected a whole number, at least 1"),
        ({"hidden_size": True}, "hidden_size is True, expected a whole number, at least 1"),
        ({"cell": "gpt"}, "cell is 'gpt', expected one of " + ", ".join(CELLS)),
        ({"dropout": 1.0}, "dropout is 1.0, expected from 0 to below 1"),
        ({"dropout": float("nan")}, "dropout is nan, expected from 0 to below 1"),
        ({"dropout": None}, "dropout is None, expected from 0 to below 1"),
    ],
)
def test_config_values_out_of_range(values, message):
    with pytest.raises(InputError) as error:
        TreeConfig(**{"embedding_size": 6, **values})
    assert str(error.value) == message
