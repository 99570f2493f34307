import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from comparing import assert_close

from treernn.errors import InputError, ModelError
from treernn.models.tagger import UNTAGGED, Tagger, TaggerConfig
from treernn.models.tree_classifier import TreeClassifier, TreeConfig

WORDS = ("<unk>", "a", "film", "good", "is", "the")
TAGS = ("DT", "JJ", "NN", "VBZ")
SMALL = TaggerConfig(6, hidden_size=5, subword_size=4, subword_rows=64)
FILMED = TaggerConfig(6, hidden_size=5, subword_size=0, subword_rows=0, frame_size=3)
SENTENCES = (
    ("The", "film", "is", "good"),
    ("Good",),
    (),
    ("a", "Schwarzenegger", "film"),
    ("is", "the", "film", "“", "good", "”"),
)


@pytest.fixture
def words():
    torch.manual_seed(1)
    return Tagger(SMALL, TAGS, WORDS)


@pytest.fixture
def frames():
    torch.manual_seed(1)
    model = Tagger(FILMED, TAGS)
    model.inputs.mean.fill_(2.0)
    model.inputs.std.fill_(3.0)
    return model


def videos(*lengths):
    random = np.random.default_rng(1)
    return [random.normal(size=(n, 3)).astype(np.float32) for n in lengths]


def peer(model):
    """torch's LSTM with the weights of the model."""
    config = model.config
    lstm = torch.nn.LSTM(
        model.recurrent.input_size,
        config.hidden_size,
        config.layers,
        bidirectional=config.bidirectional,
        batch_first=True,
    )
    order = [2, 3, 0, 1]  # the cell has u, o, i, f; torch i, f, u, o
    for number, cells in enumerate(model.recurrent.layers):
        for cell, end in zip(cells, ("", "_reverse"), strict=False):
            for name, weight in (
                ("weight_ih", cell.weight_input),
                ("weight_hh", cell.weight_children),
                ("bias_ih", cell.bias),
            ):
                blocks = weight.detach().chunk(4)
                getattr(lstm, f"{name}_l{number}{end}").data = torch.cat([blocks[i] for i in order])
            getattr(lstm, f"bias_hh_l{number}{end}").data.zero_()
    return lstm


@pytest.mark.parametrize("bidirectional", [True, False])
def test_frames_equal_torch(bidirectional):
    """The definition: standardize, linear layer, ReLU, torch's LSTM, softmax."""
    torch.manual_seed(2)
    model = Tagger(replace(FILMED, bidirectional=bidirectional), TAGS).eval()
    model.inputs.mean.normal_()
    [video] = videos(7)
    with torch.no_grad():
        x = (torch.from_numpy(video) - model.inputs.mean) / model.inputs.std
        h, _ = peer(model)(model.inputs.layer(x).relu()[None])
        expected = model.classifier(h[0]).softmax(1).numpy()
    np.testing.assert_allclose(model.distributions([video])[0], expected, atol=1e-5)


def test_batches_equal_single_sequences(words, frames):
    for model, sequences in ((words, SENTENCES), (frames, videos(4, 1, 0, 9, 4))):
        together = model.distributions(sequences)
        for one, actual in zip(sequences, together, strict=True):
            assert actual.shape == (len(one), len(TAGS))
            np.testing.assert_allclose(actual.sum(1), 1, atol=1e-6)
            np.testing.assert_allclose(model.distributions([one])[0], actual, atol=1e-6)
        best = [tuple(TAGS[n] for n in rows.argmax(1)) for rows in together]
        assert model.tag(sequences) == best


def test_results_do_not_depend_on_batches(frames, monkeypatch):
    sequences = videos(*range(1, 30))
    expected = frames.distributions(sequences)
    monkeypatch.setattr("treernn.models.tagger.batch_nodes", lambda _: 20)
    for actual, rows in zip(frames.distributions(sequences), expected, strict=True):
        np.testing.assert_allclose(actual, rows, atol=1e-6)
    assert frames.tag([]) == []


def test_only_bidirectional_taggers_depend_on_later_steps():
    for bidirectional in (True, False):
        torch.manual_seed(1)
        model = Tagger(replace(FILMED, bidirectional=bidirectional), TAGS)
        [video] = videos(6)
        other = video.copy()
        other[4:] += 1
        before, after = (each[:4] for each in model.distributions([video, other]))
        assert np.allclose(before, after, atol=1e-7) is not bidirectional


def test_subwords_distinguish_unknown_words(words):
    one, other, same = words.distributions([["Xyzzying"], ["xyzzies"], ["Xyzzying"]])
    assert_close([one], [same])
    assert not np.allclose(one, other)
    quoted, plain = words.distributions([["“", "film", "”"], ["``", "film", "''"]])
    assert_close([quoted], [plain])


def test_encode_tags(words):
    [example] = words.encode([("a", "film", "!")], [("DT", "NN", "SYM")])
    assert example.tags.tolist() == [0, 2, UNTAGGED]
    assert example.inputs[0].tolist() == [1, 2, 0]
    assert words.encode([("a",)])[0].tags.tolist() == [UNTAGGED]


def test_dropout_in_training_only(words):
    batch = words.collate(words.encode(SENTENCES[:2]))
    words.train()
    assert not torch.equal(words(batch), words(batch))
    first = words.distributions(SENTENCES)
    assert words.training
    for one, again in zip(first, words.distributions(SENTENCES), strict=True):
        np.testing.assert_array_equal(one, again)


def test_save_and_load(words, frames, tmp_path):
    for name, model, sequences in (("words", words, SENTENCES), ("frames", frames, videos(4, 2))):
        # Tables are stored in half precision; what is read back is what is then stored.
        model.save(tmp_path / name)
        actual = Tagger.load(tmp_path / name)
        assert (actual.config, actual.tags, actual.training) == (model.config, TAGS, False)
        close = 1e-3 if name == "words" else 1e-6
        for one, other in zip(
            model.distributions(sequences), actual.distributions(sequences), strict=True
        ):
            np.testing.assert_allclose(one, other, atol=close)
        actual.save(tmp_path / "again", made="by a test")
        assert json.loads((tmp_path / "again" / "config.json").read_text())["made"] == "by a test"
        assert Tagger.load(tmp_path / "again").tag(sequences) == actual.tag(sequences)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"tags": "DT"}, "its tags are not a list of names"),
        ({"tags": []}, "a tagger needs tags, each once"),
        ({"tags": ["DT", "DT"]}, "a tagger needs tags, each once"),
        ({"tags": ["DT"]}, "weights do not fit config.json"),
        ({"model": {"embedding_size": 0}}, "embedding_size is 0, expected a whole number"),
        ({"model": {"size": 3}}, "config.json describes no tagger"),
        ({"model": None}, "config.json describes no tagger"),
    ],
)
def test_damaged_folders(words, tmp_path, change, problem):
    words.save(tmp_path / "model")
    path = tmp_path / "model" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ModelError, match=problem):
        Tagger.load(tmp_path / "model")


def test_folders_of_other_models(tmp_path):
    TreeClassifier(TreeConfig(4, 4), WORDS).save(tmp_path / "model")
    with pytest.raises(ModelError, match="the kind of model is tree-classifier, expected tagger"):
        Tagger.load(tmp_path / "model")
    with pytest.raises(ModelError, match="no such model folder"):
        Tagger.load(tmp_path / "none")


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"hidden_size": 0}, "hidden_size is 0, expected a whole number, at least 1"),
        ({"layers": 1.5}, "layers is 1.5, expected a whole number"),
        ({"frame_size": -1}, "frame_size is -1, expected a whole number, at least 0"),
        ({"subword_rows": 0}, "subword_rows is 0, expected a whole number, at least 1"),
        ({"cell": "child-sum-lstm"}, "expected one of elman, gru, lstm"),
        ({"bidirectional": 1}, "bidirectional is 1, expected true or false"),
        ({"dropout": 1}, "dropout is 1, expected from 0 to below 1"),
    ],
)
def test_config_values_out_of_range(values, problem):
    with pytest.raises(InputError, match=problem):
        replace(SMALL, **values)


def test_words_for_frames_and_frames_for_words(words, frames):
    with pytest.raises(InputError, match="the model tags frames, it takes no words"):
        frames.tag([("a", "film")])
    with pytest.raises(InputError, match="the model tags words, it takes no frames"):
        words.tag(videos(2))
    with pytest.raises(InputError, match=r"frames of shape \[2, 4\], the model takes \[frames, 3"):
        frames.tag([np.zeros((2, 4))])
    for config, vocabulary in ((SMALL, ()), (FILMED, WORDS)):
        with pytest.raises(InputError, match="a vocabulary, or a frame_size, and not both"):
            Tagger(config, TAGS, vocabulary)
