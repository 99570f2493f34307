import contextlib
import errno
import json
import os
import pickle
import shutil
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from comparing import assert_close, assert_same_weights
from safetensors.torch import load_file, save_file

import treernn
from treernn import files
from treernn.cells import CELLS
from treernn.errors import InputError, ModelError
from treernn.models.storage import CONFIG, FILES, VOCABULARY, WEIGHTS, load_folder
from treernn.models.tree_classifier import TreeClassifier, TreeConfig

ODD = (
    "<unk>",
    "8 1/2",
    "a\u2028b",
    "a\u2029b",
    "a\x85b",
    "\r",
    "a\rb",
    "\x1c",
    "\x0b",
    " ",
    "",
    "😀",
)


@pytest.fixture
def saved(model, tmp_path) -> Path:
    model.save(tmp_path / "model")
    return tmp_path / "model"


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def load_error(folder: Path) -> str:
    with pytest.raises(ModelError) as error:
        TreeClassifier.load(folder)
    return str(error.value)


@pytest.mark.parametrize("cell", ["lstm", "child-sum-lstm", "gru", "elman"])
def test_save_and_load_bit_for_bit(new_model, random_trees, tmp_path, cell):
    model, trees = new_model(cell), random_trees(10)
    model.save(tmp_path / "model", data={"trees": 3})
    again = TreeClassifier.load(tmp_path / "model")
    assert again.config == model.config
    assert again.embedding.vocabulary.words == model.embedding.vocabulary.words
    assert_same_weights(again, model)
    assert_close(again.distributions(trees), model.distributions(trees))
    assert not again.training
    assert json.loads((tmp_path / "model" / CONFIG).read_text())["data"] == {"trees": 3}


def test_float16_is_for_word_vectors_only(model, random_trees, tmp_path):
    model.save(tmp_path / "model", storage_dtype="float16")
    stored = load_file(tmp_path / "model" / WEIGHTS)
    assert {name for name, weight in stored.items() if weight.dtype == torch.float16} == {
        "embedding.weight"
    }
    again, trees = TreeClassifier.load(tmp_path / "model"), random_trees(10)
    assert again.embedding.weight.dtype == torch.float32
    torch.testing.assert_close(again.embedding.weight, model.embedding.weight, rtol=1e-3, atol=1e-7)
    for one, other in zip(model.distributions(trees), again.distributions(trees), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-3)


def test_int8_with_a_scale_for_each_row(model, random_trees, tmp_path):
    with torch.no_grad():
        model.embedding.weight[2] *= 1000  # a scale is the row's own
        model.embedding.weight[3] = 0
    model.save(tmp_path / "model", storage_dtype="int8")
    stored = load_file(tmp_path / "model" / WEIGHTS)
    assert stored["embedding.weight"].dtype == torch.int8
    assert stored["embedding.scale"].shape == (len(model.embedding.weight), 1)
    again = TreeClassifier.load(tmp_path / "model")
    for actual, expected in zip(again.embedding.weight, model.embedding.weight, strict=True):
        step = float(expected.detach().abs().max()) / 127
        torch.testing.assert_close(actual, expected, rtol=0, atol=0.6 * step + 1e-9)
    trees = random_trees(10)
    model.embedding.weight.data[2] /= 1000
    again.embedding.weight.data[2] /= 1000
    for one, other in zip(model.distributions(trees), again.distributions(trees), strict=True):
        np.testing.assert_allclose(one, other, atol=0.02)


def test_int8_without_its_scale(model, tmp_path):
    model.save(tmp_path / "model", storage_dtype="int8")
    path = tmp_path / "model" / WEIGHTS
    stored = load_file(path)
    for wrong in (None, stored["embedding.scale"][:-1]):
        others = {name: value for name, value in stored.items() if name != "embedding.scale"}
        save_file(others if wrong is None else {**others, "embedding.scale": wrong}, path)
        with pytest.raises(ModelError, match=r"do not fit: embedding\.scale is missing or wrong$"):
            TreeClassifier.load(tmp_path / "model")


def test_a_loaded_model_can_be_trained(saved, random_trees):
    model = TreeClassifier.load(saved).train()
    model(model.collate(model.encode(random_trees(2)))).sum().backward()
    assert all(weight.grad is not None for weight in model.parameters())


def test_loading_does_not_change_the_random_state(saved):
    torch.manual_seed(1)
    before = torch.rand(3)
    torch.manual_seed(1)
    TreeClassifier.load(saved)
    assert torch.equal(torch.rand(3), before)


def test_words_with_unusual_white_space(tmp_path):
    TreeClassifier(TreeConfig(2, 2), ODD).save(tmp_path / "model")
    assert TreeClassifier.load(tmp_path / "model").embedding.vocabulary.words == ODD


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("a\nb", "the word 'a\\nb' of the vocabulary contains a line feed"),
        ("\ud800", "a word of the vocabulary is not Unicode text (surrogates not allowed)"),
    ],
)
def test_words_that_cannot_be_stored(tmp_path, word, message):
    model = TreeClassifier(TreeConfig(2, 2), ["<unk>", word])
    with pytest.raises(InputError) as error:
        model.save(tmp_path / "model")
    assert str(error.value) == message
    assert list(tmp_path.iterdir()) == []


# Faults


def test_no_folder(tmp_path):
    assert load_error(tmp_path / "none") == f"{tmp_path}/none: no such model folder"


def test_a_file_instead_of_a_folder(tmp_path):
    (tmp_path / "model").write_text("")
    assert load_error(tmp_path / "model") == f"{tmp_path}/model: no such model folder"


def test_not_a_model_folder(tmp_path):
    assert load_error(tmp_path) == f"{tmp_path}: not a model folder, it has no config.json"


@pytest.mark.parametrize("name", [VOCABULARY, WEIGHTS])
def test_a_file_is_missing(saved, name):
    (saved / name).unlink()
    assert load_error(saved) == f"{saved}: incomplete, {name} is missing"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"{", "damaged, not JSON (Expecting property name enclosed in double quotes: line 1"),
        (b"", "damaged, not JSON (Expecting value: line 1 column 1 (char 0))"),
        (b"\xff", "damaged, not JSON ('utf-8' codec can't decode byte 0xff in position 0"),
        (b"[" * 100_000, "damaged, not JSON (nested too deeply)"),
        (b"[1]", "not written by treernn, it names no kind"),
        (b'{"model_type": "bert"}', "not written by treernn, it names no kind"),
    ],
)
def test_a_broken_config(saved, text, message):
    (saved / CONFIG).write_bytes(text)
    error = load_error(saved)
    assert error.startswith(f"{saved}/config.json: {message}")
    assert "\n" not in error


def change(saved: Path, **values) -> None:
    config = json.loads((saved / CONFIG).read_text())
    (saved / CONFIG).write_text(json.dumps({**config, **values}))


def test_another_kind(saved):
    change(saved, kind="lstm-parser")
    assert (
        load_error(saved) == f"{saved}: the kind of model is lstm-parser, expected tree-classifier"
    )


@pytest.mark.parametrize("version", [1, 0, "2", True, 2.0])
def test_another_format(saved, version):
    """Told before anything else, as the kinds of models may differ."""
    change(saved, format=version, kind="parser")
    assert load_error(saved) == f"{saved}: has format {version!r}, this treernn reads format 2"


def test_no_format(saved):
    change(saved, format=None)
    assert load_error(saved) == f"{saved}: has no format version, this treernn reads format 2"


@pytest.mark.parametrize("version", [3, 10**100])
def test_a_newer_format_asks_for_a_newer_treernn(saved, version):
    change(saved, format=version, kind="of the future", model=None)
    message = load_error(saved)
    assert message.startswith(f"{saved}: has format {str(version)[:40]}")
    assert message.endswith(
        f", written by a newer treernn; treernn {treernn.__version__} reads format 2, update it "
        "with pip install --upgrade treernn"
    )
    assert "\n" not in message


SIZES = {"embedding_size": 6, "hidden_size": 7, "cell": "lstm", "dropout": 0.5}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"cell": "gpt"}, f"cell is 'gpt', expected one of {', '.join(CELLS)}"),
        ({"hidden_size": 0}, "hidden_size is 0, expected a whole number, at least 1"),
        ({"hidden_size": 7.0}, "hidden_size is 7.0, expected a whole number, at least 1"),
        ({"dropout": "x"}, "dropout is 'x', expected from 0 to below 1"),
    ],
)
def test_config_values_out_of_range(saved, values, reason):
    change(saved, model=SIZES | values)
    assert load_error(saved) == f"{saved}: config.json describes no classifier ({reason})"


@pytest.mark.parametrize("value", [None, [1], "lstm", 5, {}, SIZES | {"layers": 2}])
def test_configs_of_something_else(saved, value):
    change(saved, model=value)
    assert load_error(saved).startswith(f"{saved}: config.json describes no classifier (")


def test_a_config_without_a_model(saved):
    (saved / CONFIG).write_text('{"kind": "tree-classifier", "format": 2}')
    assert load_error(saved) == f"{saved}: config.json describes no classifier, it has no 'model'"


def test_a_config_of_another_size(saved):
    change(saved, model=SIZES | {"hidden_size": 8})
    assert load_error(saved) == (
        f"{saved}: weights do not fit config.json and vocabulary.txt: cell.bias is [28], "
        "expected [32]"
    )


def test_weights_of_another_shape(saved):
    weights = load_file(saved / WEIGHTS)
    save_file(weights | {"classifier.bias": torch.zeros(4)}, saved / WEIGHTS)
    assert load_error(saved) == (
        f"{saved}: weights do not fit config.json and vocabulary.txt: classifier.bias is [4], "
        "expected [5]"
    )


def test_a_missing_weight(saved):
    weights = load_file(saved / WEIGHTS)
    del weights["classifier.bias"]
    save_file(weights, saved / WEIGHTS)
    assert load_error(saved) == (
        f"{saved}: weights do not fit config.json and vocabulary.txt: classifier.bias is missing, "
        "expected [5]"
    )


def test_an_unknown_weight(saved):
    save_file(load_file(saved / WEIGHTS) | {"extra": torch.zeros(4)}, saved / WEIGHTS)
    assert load_error(saved) == (
        f"{saved}: weights do not fit config.json and vocabulary.txt: extra is [4], "
        "expected no such weight"
    )


@pytest.mark.parametrize(("text", "rows"), [(b"<unk>\na\n", 2), (b"<unk>\na\nb", 2), (b"", 0)])
def test_a_vocabulary_of_another_length(saved, text, rows):
    (saved / VOCABULARY).write_bytes(text)
    assert load_error(saved) == (
        f"{saved}/{VOCABULARY}: changed, its sha256 is not the one in {CONFIG}"
    )
    without_checksum(saved)
    assert load_error(saved) == (
        f"{saved}: weights do not fit config.json and vocabulary.txt: embedding.weight is [9, 6], "
        f"expected [{rows}, 6]"
        if rows
        else f"{saved}: config.json describes no classifier (the vocabulary is empty)"
    )


def without_checksum(saved: Path) -> None:
    """As folders were written before there was one."""
    config = json.loads((saved / CONFIG).read_text())
    del config["vocabulary_sha256"]
    (saved / CONFIG).write_text(json.dumps(config))


def test_a_vocabulary_that_git_changed(saved, random_trees):
    words = (saved / VOCABULARY).read_bytes()
    (saved / VOCABULARY).write_bytes(words.replace(b"\n", b"\r\n"))
    message = (
        f"{saved}/{VOCABULARY}: changed, its lines end in CR LF; get it again without a conversion "
        "of line ends, such as git's core.autocrlf"
    )
    assert load_error(saved) == message
    without_checksum(saved)
    assert load_error(saved) == message
    (saved / VOCABULARY).write_bytes(words)
    TreeClassifier.load(saved).distributions(random_trees(1))


def test_a_vocabulary_with_a_word_twice(saved):
    without_checksum(saved)
    words = (saved / VOCABULARY).read_bytes()
    (saved / VOCABULARY).write_bytes(words.replace(b"\nb\n", b"\na\n"))
    assert load_error(saved) == (
        f"{saved}: config.json describes no classifier (the vocabulary has the word 'a' twice)"
    )


def test_a_vocabulary_that_is_not_text(saved):
    (saved / VOCABULARY).write_bytes(b"\xff\n")
    assert load_error(saved) == (
        f"{saved}/vocabulary.txt: damaged, not UTF-8 ('utf-8' codec can't decode byte 0xff in "
        "position 0: invalid start byte)"
    )


@pytest.mark.parametrize("fraction", [0, 0.001, 0.1, 0.5, 0.999])
def test_truncated_weights(saved, fraction):
    content_bytes = (saved / WEIGHTS).read_bytes()
    (saved / WEIGHTS).write_bytes(content_bytes[: int(fraction * len(content_bytes))])
    error = load_error(saved)
    assert error.startswith(f"{saved}/model.safetensors: damaged, cannot be read (")
    assert "\n" not in error


def test_a_pickle_instead_of_weights(saved):
    ran = saved / "ran"

    class Evil:
        def __reduce__(self):
            return Path.touch, (ran,)

    for data in (pickle.dumps(Evil()), torch_pickle({"weight": torch.zeros(3)}, saved)):
        (saved / WEIGHTS).write_bytes(data)
        assert load_error(saved).startswith(f"{saved}/model.safetensors: damaged, cannot be read (")
    assert not ran.exists()


def torch_pickle(value: object, folder: Path) -> bytes:
    torch.save(value, folder / "pickle")
    return (folder / "pickle").read_bytes()


# Atomic writes


def test_replacing_a_model_keeps_other_files(new_model, saved):
    (saved / "MODEL_CARD.md").write_text("about")
    (saved / "more").mkdir()
    new_model("gru", seed=2).save(saved)
    assert TreeClassifier.load(saved).config.cell == "gru"
    assert (saved / "MODEL_CARD.md").read_text() == "about"
    assert {path.name for path in saved.iterdir()} == {*FILES, "MODEL_CARD.md", "more"}
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_saving_into_a_folder_with_other_files(model, tmp_path):
    (tmp_path / "notes").write_text("mine")
    model.save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*FILES, "notes"}
    TreeClassifier.load(tmp_path)


def test_replacing_the_current_folder(model, saved, monkeypatch):
    monkeypatch.chdir(saved)
    model.save(".")
    TreeClassifier.load(saved)
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_a_link_to_a_folder_stays_a_link(model, saved, tmp_path):
    (tmp_path / "link").symlink_to(saved)
    model.save(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    TreeClassifier.load(saved)


def test_files_have_default_permissions(model, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    expected = [(tmp_path / name).stat().st_mode for name in ("other", "other/file")]
    model.save(tmp_path / "model")
    assert (tmp_path / "model").stat().st_mode == expected[0]
    for name in FILES:
        assert oct((tmp_path / "model" / name).stat().st_mode) == oct(expected[1])


@pytest.mark.parametrize("swappable", [True, False], ids=["swapped", "renamed"])
@pytest.mark.parametrize("before", ["nothing", "folder", "model"])
def test_an_interruption_at_any_step_leaves_the_old_or_the_new_model(
    new_model, tmp_path, monkeypatch, before, swappable
):
    """Each file operation fails once."""
    if not swappable:
        monkeypatch.setattr(files.sys, "platform", "elsewhere")
    old, new = new_model("lstm"), new_model("gru", seed=2)
    path = tmp_path / "model"
    for step in range(100):
        shutil.rmtree(path, ignore_errors=True)
        if before == "folder":
            path.mkdir()
        if before == "model":
            old.save(path)
            (path / "MODEL_CARD.md").write_text("about")
        with FailAt(step) as fail, contextlib.suppress(KeyboardInterrupt):
            new.save(path)
        if before == "model":
            assert TreeClassifier.load(path).config.cell in ("lstm", "gru")
            assert (path / "MODEL_CARD.md").read_text() == "about"
        elif (path / CONFIG).exists():
            TreeClassifier.load(path)
        assert [each.name for each in tmp_path.iterdir()] in (["model"], [])
        if not fail.failed:
            break
    assert 5 < step < 99
    assert TreeClassifier.load(path).config.cell == "gru"


class FailAt:
    """Interrupt the n-th call that changes the disk, except those that clean up."""

    NAMES = ("mkdir", "rename", "replace", "fsync")

    def __init__(self, step: int) -> None:
        self.left, self.failed = step, False

    def __enter__(self):
        self.patch = pytest.MonkeyPatch()
        for name in self.NAMES:
            self.patch.setattr(os, name, self._breaking(getattr(os, name)))
        self.patch.setattr(Path, "write_bytes", self._breaking(Path.write_bytes))
        return self

    def __exit__(self, *_):
        self.patch.undo()

    def _breaking(self, call):
        def run(*args, **kwargs):
            self.left -= 1
            if self.left == -1:
                self.failed = True
                raise KeyboardInterrupt
            return call(*args, **kwargs)

        return run


def test_paths_that_cannot_be_written(model, tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "model"):
        with pytest.raises(InputError, match="cannot be written") as error:
            model.save(path)
        assert "\n" not in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_full_disk(model, saved, monkeypatch):
    before = content(saved)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"cannot be written \(.*No space left on device\)"):
        model.save(saved)
    assert content(saved) == before
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_load_folder(saved, model):
    folder = load_folder(saved, kind="tree-classifier")
    assert folder.vocabulary == model.embedding.vocabulary.words
    assert folder.config["model"] == asdict(model.config)
    assert folder.config["model"].items() >= SIZES.items()
    assert folder.weights.keys() == model.state_dict().keys()
