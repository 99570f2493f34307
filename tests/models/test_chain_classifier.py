import json
from dataclasses import asdict

import numpy as np
import pytest
import torch
from comparing import assert_close, assert_same_weights

from treernn.cells import CHAIN_CELLS
from treernn.errors import InputError, ModelError
from treernn.models import phrase_classifier as module
from treernn.models.chain_classifier import ChainClassifier, ChainConfig
from treernn.models.storage import CONFIG
from treernn.types import UNLABELLED, Tree

WORDS = ("<unk>", *"abcdefgh")
TORCH = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "elman": torch.nn.RNN}
# The blocks of our W and U as torch orders them: ours are u, o, i, f and n, r, z | r, z, n.
INPUT_BLOCKS = {"lstm": (2, 3, 0, 1), "gru": (1, 2, 0), "elman": (0,)}
BELOW_BLOCKS = {"lstm": (2, 3, 0, 1), "gru": (0, 1, 2), "elman": (0,)}
SHAPES = [(1, False), (2, False), (1, True), (2, True)]


def new_chain(cell="lstm", layers=1, bidirectional=False, dropout=0.5, seed=1) -> ChainClassifier:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return ChainClassifier(
            ChainConfig(6, 7, cell, layers, bidirectional, dropout=dropout), WORDS
        ).eval()


def blocks(table: torch.Tensor, order: tuple[int, ...]) -> torch.Tensor:
    parts = table.chunk(len(order))
    return torch.cat([parts[i] for i in order])


def in_torch(model: ChainClassifier) -> torch.nn.RNNBase:
    """torch's layers with the same weights."""
    config = model.config
    rnn = TORCH[config.cell](
        config.embedding_size, config.hidden_size, config.layers, bidirectional=config.bidirectional
    )
    state = {}
    for layer, cells in enumerate(model.chain.layers):
        for cell, suffix in zip(cells, ("", "_reverse"), strict=False):
            name = f"l{layer}{suffix}"
            order = INPUT_BLOCKS[config.cell]
            state[f"weight_ih_{name}"] = blocks(cell.weight_input, order)
            state[f"bias_ih_{name}"] = blocks(cell.bias, order)
            state[f"weight_hh_{name}"] = blocks(cell.weight_children, BELOW_BLOCKS[config.cell])
            bias_hh = torch.zeros_like(state[f"bias_ih_{name}"])
            if config.cell == "gru":
                bias_hh[2 * config.hidden_size :] = cell.bias_children
            state[f"bias_hh_{name}"] = bias_hh
    rnn.load_state_dict({name: value.detach() for name, value in state.items()})
    return rnn


def by_definition(model: ChainClassifier, words: tuple[str, ...]) -> np.ndarray:
    """The model of one phrase, by torch."""
    with torch.no_grad():
        x = model.embedding(torch.from_numpy(model.embedding.vocabulary.ids(words)))
        final = in_torch(model)(x)[1]
        h = final[0] if model.config.cell == "lstm" else final
        top = h[-2:].flatten() if model.config.bidirectional else h[-1]
        return model.classifier(top).softmax(0).numpy()


@pytest.mark.parametrize(("layers", "bidirectional"), SHAPES)
@pytest.mark.parametrize("cell", CHAIN_CELLS)
def test_phrases_are_classified_as_by_torch(random_trees, cell, layers, bidirectional):
    model, trees = new_chain(cell, layers, bidirectional), random_trees(6)
    for tree, rows in zip(trees, model.distributions(trees), strict=True):
        assert rows.shape == (tree.num_nodes, 5)
        assert rows.dtype == np.float32
        for (start, end), row in zip(tree.spans(), rows, strict=True):
            np.testing.assert_allclose(row, by_definition(model, tree.words[start:end]), atol=1e-6)


@pytest.mark.parametrize(("layers", "bidirectional"), SHAPES)
def test_sentences_equal_roots(random_trees, layers, bidirectional):
    model, trees = new_chain("lstm", layers, bidirectional), random_trees(20)
    roots = [rows[-1] for rows in model.distributions(trees)]
    actual = model.sentences([tree.words for tree in trees])
    np.testing.assert_allclose(actual, roots, atol=1e-6)
    assert np.array_equal(model.roots(trees), actual)
    assert model.sentences([]).shape == (0, 5)
    with pytest.raises(InputError, match=r"^sentence 2 has no words$"):
        model.sentences([["a"], []])


@pytest.mark.parametrize("bidirectional", [False, True])
def test_results_do_not_depend_on_batches(random_trees, monkeypatch, bidirectional):
    model, trees = new_chain(bidirectional=bidirectional), random_trees(40)
    expected = model.distributions(trees)
    sizes, collate = [], model.collate
    monkeypatch.setattr(module, "batch_nodes", lambda _: 60)
    monkeypatch.setattr(
        model, "collate", lambda examples: sizes.append(len(examples)) or collate(examples)
    )
    actual = model.distributions(trees)
    assert len(sizes) > 5
    assert max(sizes) > 1
    assert sum(sizes) == 40
    for one, other in zip(actual, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    assert model.distributions([]) == []


def test_phrases_with_the_same_start_share_a_chain():
    tree = Tree(("a", "b", "c"), ((0, 1), (3, 2)))
    for bidirectional, lengths in ((False, (3, 1, 1)), (True, (1, 1, 1, 2, 3))):
        model = new_chain(bidirectional=bidirectional)
        assert model.collate(model.encode([tree])).chains.lengths == lengths


def test_branches_are_ignored():
    words = ("a", "b", "c")
    left, right, flat = (
        Tree(words, ((0, 1), (3, 2))),
        Tree(words, ((1, 2), (0, 3))),
        Tree(words, ((0,), (3, 1, 2), (4,))),
    )
    model = new_chain()
    actual = [rows[-1] for rows in model.distributions([left, right, flat])]
    for row in actual:
        np.testing.assert_allclose(row, by_definition(model, words), atol=1e-6)


@pytest.mark.parametrize(("layers", "bidirectional"), SHAPES)
def test_gradients_equal_those_of_single_phrases(random_trees, layers, bidirectional):
    trees = random_trees(5)
    one, other = (new_chain("lstm", layers, bidirectional, dropout=0.0).double() for _ in range(2))
    one(one.collate(one.encode(trees))).square().sum().backward()
    for example in other.encode(trees):
        for span, label in zip(example.spans, example.labels, strict=True):
            alone = example._replace(spans=span[None], labels=label[None])
            other(other.collate([alone])).square().sum().backward()
    for (name, weight), same in zip(one.named_parameters(), other.parameters(), strict=True):
        actual, expected = weight.grad.to_dense(), same.grad.to_dense()
        torch.testing.assert_close(actual, expected, rtol=1e-9, atol=1e-12, msg=name)


def test_labels_are_in_phrase_order(random_trees):
    trees = [*random_trees(3), Tree(("a", "b"), ((0, 1),))]
    model = new_chain()
    labels = model.collate(model.encode(trees)).labels.tolist()
    assert labels == [label for tree in trees for label in tree.labels or [UNLABELLED] * 3]


def test_no_dropout_in_evaluation_mode(random_trees):
    model, trees = new_chain(), random_trees(3)
    batch = model.collate(model.encode(trees))
    assert torch.equal(model(batch), model(batch))
    model.train()
    assert not torch.equal(model(batch), model(batch))
    first, again = model.distributions(trees), model.distributions(trees)
    assert all(map(np.array_equal, first, again))
    assert model.training


@pytest.mark.parametrize(("layers", "bidirectional"), SHAPES)
def test_save_and_load(tmp_path, random_trees, layers, bidirectional):
    model, trees = new_chain("gru", layers, bidirectional, dropout=0.25), random_trees(4)
    model.save(tmp_path / "model", made="here")
    same = ChainClassifier.load(tmp_path / "model")
    assert same.config == model.config
    assert same.embedding.vocabulary.words == WORDS
    assert not same.training
    assert_same_weights(same, model)
    assert_close(same.distributions(trees), model.distributions(trees))
    config = json.loads((tmp_path / "model" / CONFIG).read_text())
    assert (config["kind"], config["made"]) == ("chain-classifier", "here")
    assert config["model"] == asdict(model.config)
    before = (tmp_path / "model" / "model.safetensors").stat().st_size
    model.save(tmp_path / "model", storage_dtype="float16")
    assert (tmp_path / "model" / "model.safetensors").stat().st_size < before


def test_folders_of_other_models(tmp_path, new_model):
    new_model().save(tmp_path / "tree")
    with pytest.raises(ModelError) as error:
        ChainClassifier.load(tmp_path / "tree")
    assert str(error.value) == (
        f"{tmp_path / 'tree'}: the kind of model is tree-classifier, expected chain-classifier"
    )
    new_chain().save(tmp_path / "chain")
    config = tmp_path / "chain" / CONFIG
    actual = json.loads(config.read_text())
    for model, message in (
        (None, "config.json describes no classifier"),
        ({**actual["model"], "cell": "gpt"}, "cell is 'gpt', expected one of elman, gru, lstm"),
        ({**actual["model"], "wings": 2}, "unexpected keyword argument 'wings'"),
        ({**actual["model"], "layers": 2}, "weights do not fit config.json"),
    ):
        other = {**actual, "model": model}
        if model is None:
            del other["model"]
        config.write_text(json.dumps(other))
        with pytest.raises(ModelError, match=message):
            ChainClassifier.load(tmp_path / "chain")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"embedding_size": 0}, "embedding_size is 0, expected a whole number, at least 1"),
        ({"hidden_size": "7"}, "hidden_size is '7', expected a whole number, at least 1"),
        ({"layers": True}, "layers is True, expected a whole number, at least 1"),
        ({"cell": "gpt"}, "cell is 'gpt', expected one of elman, gru, lstm"),
        ({"bidirectional": 1}, "bidirectional is 1, expected true or false"),
        ({"dropout": 1.0}, "dropout is 1.0, expected from 0 to below 1"),
    ],
)
def test_config_values_out_of_range(values, message):
    with pytest.raises(InputError) as error:
        ChainConfig(**{"embedding_size": 6, **values})
    assert str(error.value) == message
