"""Folders of encoders from elsewhere: loaded, or refused in one line."""

import json
import os
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from treernn.encoders.base_model import BaseModel
from treernn.encoders.encoder import load_encoder
from treernn.encoders.folder import open_folder
from treernn.errors import ModelError

pytest.importorskip("transformers")

CONFIG, WEIGHTS, TOKENIZER = "config.json", "model.safetensors", "tokenizer_config.json"
INDEX = f"{WEIGHTS}.index.json"
WORDS, BIAS = "embeddings.word_embeddings.weight", "encoder.layer.0.output.dense.bias"
SENTENCES = [("a", "good", "film"), ("bad",)]


@pytest.fixture
def folder(tiny_encoder, tmp_path):
    """A copy that a test may change."""
    return shutil.copytree(tiny_encoder(), tmp_path / "mine")


@pytest.fixture(autouse=True)
def no_hang():
    """A hang fails."""
    signal.alarm(60)
    yield
    signal.alarm(0)


def refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load_encoder(folder)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert len(message) < 700
    return message.removeprefix(str(folder)).removeprefix("/")


def change(folder: Path, name: str, **values: object) -> None:
    config = json.loads((folder / name).read_text())
    (folder / name).write_text(json.dumps({**config, **values}))


def store(folder: Path, weights: dict) -> None:
    save_file({name: weight.clone() for name, weight in weights.items()}, folder / WEIGHTS)


def split(folder: Path) -> dict[str, str]:
    """Store the weights in two files; returns the map of the index."""
    weights = load_file(folder / WEIGHTS)
    names, files = sorted(weights), {}
    for number, part in enumerate((names[:9], names[9:]), 1):
        name = f"model-{number:05}-of-00002.safetensors"
        save_file({each: weights[each] for each in part}, folder / name)
        files |= dict.fromkeys(part, name)
    (folder / WEIGHTS).unlink()
    (folder / INDEX).write_text(json.dumps({"metadata": {"total_size": 1}, "weight_map": files}))
    return files


# Which files are used


def test_weights_in_parts_are_those_of_one_file(tiny_encoder, folder):
    split(folder)
    whole, parts = load_encoder(tiny_encoder()), load_encoder(folder)
    for one, other in zip(whole.embed(SENTENCES), parts.embed(SENTENCES), strict=True):
        np.testing.assert_array_equal(one, other)
    assert parts.base == BaseModel.from_folder(folder, str(folder))
    load_encoder(folder, expected=parts.base)


@pytest.mark.parametrize(
    "name",
    [
        *("../other.safetensors", "/etc/passwd", "sub/model.safetensors", "..", "", 5, None, []),
        *("pytorch_model.bin", "model.bin", "model.safetensors\n", "model\0.safetensors"),
    ],
)
def test_an_index_names_files_of_weights_in_the_folder(folder, name):
    files = split(folder)
    shutil.copy(folder / files[WORDS], folder.parent / "other.safetensors")
    torch.save({}, folder / "pytorch_model.bin")
    (folder / INDEX).write_text(json.dumps({"weight_map": files | {WORDS: name}}))
    assert refusal(folder) == (
        f"{INDEX}: names {name!r}, expected a file model-….safetensors of this folder"
    )


@pytest.mark.parametrize("content", ["[]", "{}", '{"weight_map": {}}', '{"weight_map": [1]}'])
def test_an_index_without_files(folder, content):
    split(folder)
    (folder / INDEX).write_text(content)
    assert refusal(folder) == f"{INDEX}: damaged, it has no weight_map"


def test_an_index_that_is_not_json(folder):
    split(folder)
    for content in ("{", "[" * 100_000, ""):
        (folder / INDEX).write_text(content)
        assert refusal(folder).startswith(f"{INDEX}: damaged, not JSON (")


def test_each_weight_is_in_the_file_that_the_index_says(folder):
    files = split(folder)
    first, second = sorted(set(files.values()))
    for other in (second, "model-x.safetensors"):
        (folder / INDEX).write_text(json.dumps({"weight_map": files | {WORDS: other}}))
        assert refusal(folder) == f"{first}: does not fit {INDEX}: {WORDS!r}"
    (folder / INDEX).write_text(json.dumps({"weight_map": files}))
    (folder / second).unlink()
    assert refusal(folder) == f"{second}: cannot be read (No such file or directory)"


def test_what_is_hashed_is_loaded(tiny_encoder, folder):
    """Neither an index beside the weights, nor an adapter, nor another variant changes anything."""
    genuine = load_encoder(tiny_encoder())
    zeros = {name: 0 * weight for name, weight in load_file(folder / WEIGHTS).items()}
    save_file(zeros, folder / "model.fp16.safetensors")
    save_file(zeros, folder.parent / "evil.safetensors")
    evil = {"weight_map": dict.fromkeys(zeros, "../evil.safetensors")}
    (folder / INDEX).write_text(json.dumps(evil))
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "org/evil"}')
    for name in ("generation_config.json", "chat_template.jinja"):
        os.mkfifo(folder / name)
    encoder = load_encoder(folder, expected=genuine.base)
    for one, other in zip(genuine.embed(SENTENCES), encoder.embed(SENTENCES), strict=True):
        np.testing.assert_array_equal(one, other)
    store(folder, zeros)
    with pytest.raises(ModelError, match="not the expected base model"):
        load_encoder(folder, expected=genuine.base)
    # Zeros under the name of the genuine weights, which an index names.
    (folder / WEIGHTS).rename(folder / "model-a.safetensors")
    (folder / INDEX).write_text(
        json.dumps({"weight_map": dict.fromkeys(zeros, "model-a.safetensors")})
    )
    shutil.copy(tiny_encoder() / WEIGHTS, folder / "model-genuine.safetensors")
    with pytest.raises(ModelError, match="not the expected base model"):
        load_encoder(folder, expected=genuine.base)


def test_weights_that_change_while_they_are_read(tiny_encoder, folder):
    """The weights are made of the bytes that were hashed."""
    files = open_folder(folder)
    weights, sha256 = files.read_weights()
    store(folder, {name: 0 * weight for name, weight in weights.items()})
    assert sha256 == BaseModel.from_folder(tiny_encoder()).sha256
    assert weights[WORDS].abs().sum() > 0


def test_links(folder, tmp_path):
    (folder / WEIGHTS).rename(folder / "stored")
    (folder / WEIGHTS).symlink_to("stored")
    (tmp_path / "link").symlink_to(folder)
    load_encoder(tmp_path / "link")
    (folder / "stored").rename(tmp_path / "stored")
    (folder / WEIGHTS).unlink()
    (folder / WEIGHTS).symlink_to(tmp_path / "stored")
    assert refusal(folder) == f"{WEIGHTS}: leads out of the folder of the encoder, put a copy there"
    (folder / WEIGHTS).unlink()
    (folder / WEIGHTS).symlink_to("/dev/zero")
    assert "leads out of the folder" in refusal(folder)


@pytest.mark.parametrize("blobs", ["models--o--n/blobs", "blobs/00"])
def test_links_of_the_cache_of_the_hub(folder, tmp_path, blobs):
    snapshot = tmp_path / "models--o--n" / "snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    (tmp_path / blobs).mkdir(parents=True)
    for path in list(folder.iterdir()):
        path.rename(tmp_path / blobs / path.name)
        (snapshot / path.name).symlink_to(Path("../../..", blobs, path.name))
    load_encoder(snapshot)
    (tmp_path / blobs / WEIGHTS).rename(tmp_path / "elsewhere")
    (snapshot / WEIGHTS).unlink()
    (snapshot / WEIGHTS).symlink_to(tmp_path / "elsewhere")
    assert "leads out of the folder" in refusal(snapshot)


@pytest.mark.parametrize("name", [CONFIG, WEIGHTS, "tokenizer.json", TOKENIZER, "vocab.txt"])
def test_pipes_and_folders_instead_of_files(folder, name):
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    assert refusal(folder) == f"{name}: not a regular file"
    (folder / name).unlink()
    (folder / name).mkdir()
    assert refusal(folder) == f"{name}: not a regular file"


# config.json


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"auto_map": {"AutoModel": "code.Model"}}, "has auto_map: it needs code, files"),
        ({"auto_map": {"AutoConfig": "org/evil--c.C"}, "model_type": "evil"}, "has auto_map"),
        ({"text_config": [{"auto_map": 1}]}, "has auto_map"),
        ({"trust_remote_code": True}, "has trust_remote_code"),
        ({"quantization_config": {"quant_method": "bitsandbytes"}}, "has quantization_config"),
        ({"fusion_config": {"patch_embeddings": True}}, "has fusion_config"),
        ({"transformers_weights": "../x.bin"}, "has transformers_weights"),
        ({"model_type": "dpt", "backbone": "org/evil"}, "has backbone"),
        (
            {"attn_implementation": "org/kernel"},
            "attn_implementation is 'org/kernel', expected eag",
        ),
        ({"_attn_implementation": "org/kernel:f"}, "_attn_implementation is 'org/kernel:f'"),
        ({"attn_implementation": {"": "org/k"}}, "attn_implementation is {'': 'org/k'}"),
        (
            {"attn_implementation": "flash_attention_2"},
            "attn_implementation is 'flash_attention_2'",
        ),
        ({"attn_implementation": 5}, "attn_implementation is 5"),
        ({"experts_implementation": "org/kernel"}, "experts_implementation is 'org/kernel'"),
        ({"tokenizer_class": "AutoModel"}, "tokenizer_class is 'AutoModel', expected the name of"),
    ],
)
def test_configurations_that_name_code_or_files(folder, values, problem):
    change(folder, CONFIG, **values)
    assert refusal(folder).startswith(f"{CONFIG}: {problem}")


def test_values_of_heads_and_outputs_are_ignored(tiny_encoder, folder):
    change(
        folder,
        CONFIG,
        **{"num_labels": 10**9, "id2label": 5, "return_dict": False, "output_attentions": True},
        **{"torch_dtype": "load", "dtype": 5, "chunk_size_feed_forward": "x", "use_cache": "x"},
        **{"attn_implementation": "eager", "_attn_implementation_internal": "org/kernel"},
        **{"_name_or_path": "org/evil", "architectures": 5, "auto_map": None},
    )
    for one, other in zip(
        load_encoder(tiny_encoder()).embed(SENTENCES),
        load_encoder(folder).embed(SENTENCES),
        strict=True,
    ):
        np.testing.assert_allclose(one, other, atol=1e-6)


SIZES = (0, -1, True, None, "8", 8.0, [8], {}, 10**9, 2**40, 2**63, 10**400)
FIELDS = {
    **dict.fromkeys(("hidden_size", "num_hidden_layers", "num_attention_heads"), SIZES),
    **dict.fromkeys(("intermediate_size", "vocab_size", "max_position_embeddings"), SIZES),
    "type_vocab_size": SIZES,
    "model_type": (None, 5, [], {}, "nothing", "t5", "clip", "x" * 10_000),
    "layer_norm_eps": ("x", None, []),
    "hidden_act": ("x", 5, None, []),
    "hidden_dropout_prob": (2, "x", None),
    "is_encoder_decoder": (True,),
}


@pytest.mark.parametrize("field", FIELDS)
def test_wrong_values_of_every_field(folder, field, recwarn, capfd):
    for value in FIELDS[field]:
        shutil.copy(folder / CONFIG, folder / "kept")
        change(folder, CONFIG, **{field: value})
        refusal(folder)
        (folder / "kept").rename(folder / CONFIG)
    load_encoder(folder)
    assert not recwarn
    assert capfd.readouterr() == ("", "")


def test_layers_are_compared_with_the_weights_before_they_are_made(folder):
    for kind in ("bert", "modernbert"):
        change(folder, CONFIG, num_hidden_layers=10**9, model_type=kind)
        assert refusal(folder) == (
            f"{CONFIG}: num_hidden_layers is 1000000000, {WEIGHTS} has 39 tensors"
        )
    change(folder, CONFIG, num_hidden_layers=2, model_type="bert", intermediate_size=2**31)
    assert "it describes a larger model than the one in the file of weights" in refusal(folder)


@pytest.mark.parametrize("content", [b"[" * 100_000, b"NaN", b"", b"\xff\xfe{", b"1e999"])
@pytest.mark.parametrize("name", [CONFIG, TOKENIZER])
def test_json_that_is_damaged(folder, name, content):
    (folder / name).write_bytes(content)
    assert refusal(folder).startswith(f"{name}: damaged, not JSON (")


def test_json_that_is_huge(folder):
    with open(folder / CONFIG, "ab") as file:
        file.truncate(1 << 40)
    assert refusal(folder) == f"{CONFIG}: larger than 16,777,216 bytes, cannot be right"


# Weights


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 3e38, -1e13])
def test_weights_that_are_not_finite(folder, value):
    for name in (WORDS, BIAS):
        weights = load_file(folder / WEIGHTS)
        weights[name] = weights[name].clone()
        weights[name].view(-1)[-1] = value
        shutil.copy(folder / WEIGHTS, folder / "kept")
        store(folder, weights)
        assert refusal(folder) == (
            f"{WEIGHTS}: {name} has numbers that are not finite, or beyond 1e+12"
        )
        (folder / "kept").rename(folder / WEIGHTS)


@pytest.mark.parametrize("name", [WORDS, BIAS])
@pytest.mark.parametrize("dtype", ["int64", "int8", "bool", "float8_e4m3fn", "complex64"])
def test_weights_of_other_types(folder, name, dtype):
    weights = load_file(folder / WEIGHTS)
    store(folder, weights | {name: weights[name].to(getattr(torch, dtype))})
    assert refusal(folder) == f"{WEIGHTS}: {name} is {dtype}, expected floats"


def test_weights_of_other_shapes(folder):
    weights = load_file(folder / WEIGHTS)
    for value in (torch.tensor(1.0), weights[WORDS][None], weights[WORDS].t(), weights[WORDS][:-1]):
        store(folder, weights | {WORDS: value.contiguous()})
        assert refusal(folder) == (
            f": weights do not fit config.json: {WORDS} is {list(value.shape)}, expected [25, 8]"
        )


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff" * 100, (100_000).to_bytes(8, "little") + b"[" * 100_000, b"\x80\x02}q\x00."],
)
def test_files_that_are_not_safetensors(folder, content):
    (folder / WEIGHTS).write_bytes(content)
    assert refusal(folder).startswith(f"{WEIGHTS}: damaged, cannot be read (")


# The tokenizer


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"auto_map": {"AutoTokenizer": ["c.T", None]}}, f"{TOKENIZER}: has auto_map"),
        ({"tokenizer_class": "Trainer"}, f"{TOKENIZER}: tokenizer_class is 'Trainer', expected"),
        ({"tokenizer_class": 5}, f"{TOKENIZER}: tokenizer_class is 5, expected"),
        ({"model_max_length": 2}, ": model_max_length is 2, which leaves no room for words"),
        ({"model_max_length": 1.5}, ": model_max_length is 1.5, which leaves no room"),
        ({"model_max_length": 0}, ": model_max_length is 0, expected a length"),
        ({"model_max_length": -1}, ": model_max_length is -1, expected a length"),
        ({"model_max_length": "x"}, ": model_max_length is 'x', expected a length"),
        ({"model_max_length": True}, ": model_max_length is True, expected a length"),
        ({"model_max_length": []}, ": model_max_length is [], expected a length"),
        ({"unk_token": 5}, ": cannot be loaded ("),
        ({"added_tokens_decoder": {"0": 5}}, ": cannot be loaded ("),
        ({"extra_special_tokens": {"a": 5}}, ": cannot be loaded ("),
        ({"padding_side": "x"}, ": cannot be loaded ("),
    ],
)
def test_wrong_values_of_the_tokenizer(folder, values, problem):
    change(folder, TOKENIZER, **values)
    assert refusal(folder).startswith(problem)


@pytest.mark.parametrize("length", [3, 4, 5, 1e300, 10**30, None])
def test_unusual_lengths(folder, length):
    change(folder, TOKENIZER, model_max_length=length)
    encoder = load_encoder(folder)
    words = ("a", "surprising", "film") * 40
    [vectors] = encoder.embed([words])
    assert vectors.shape == (120, 8)
    assert np.isfinite(vectors).all()


def test_files_that_the_tokenizer_names_are_not_read(tiny_encoder, folder):
    names = ("vocab_file", "tokenizer_file", "merges_file", "special_tokens_map_file")
    change(folder, TOKENIZER, **dict.fromkeys(names, "/dev/zero"), chat_template="{{ x }}")
    change(folder, TOKENIZER, fast_tokenizer_files=["tokenizer./../../x.json"], name_or_path=5)
    expected = load_encoder(tiny_encoder()).embed(SENTENCES)
    for one, other in zip(expected, load_encoder(folder).embed(SENTENCES), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"vocab": {"[UNK]": 0, "a": 10**9}}, ": the tokenizer does not fit, it has a piece 1000"),
        ({"vocab": {"[UNK]": 0, "a": -1}}, ": cannot be loaded ("),
        ({"vocab": {}}, ": "),
        ({"type": "Unigram", "vocab": [], "unk_id": 5}, ": cannot be loaded ("),
    ],
)
def test_damaged_tokenizers(folder, values, problem):
    path = folder / "tokenizer.json"
    tokenizer = json.loads(path.read_text())
    tokenizer["model"] |= values
    tokenizer["added_tokens"], tokenizer["post_processor"] = [], None
    path.write_text(json.dumps(tokenizer))
    for name in ("unk_token", "cls_token", "sep_token", "pad_token"):
        change(folder, TOKENIZER, **{name: "[UNK]"})
    assert refusal(folder).startswith(problem)
    path.write_text("[" * 100_000)
    assert refusal(folder).startswith(": cannot be loaded (")
