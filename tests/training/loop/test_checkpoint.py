import contextlib
import hashlib
import os
import pickle

import pytest
import torch

from treernn.errors import ModelError
from treernn.training.loop.checkpoint import (
    load_checkpoint,
    optimizer_tensors,
    restore_optimizer,
    save_checkpoint,
    with_prefix,
)


def test_a_checkpoint_is_restored(tmp_path):
    tensors = {"a": torch.arange(6.0).view(2, 3).t(), "b": torch.tensor(3.5)}
    header = {"epochs": [{"loss": 0.1 + 0.2, "binary": None}], "name": "é"}
    for _ in range(2):  # the second takes the place of the first
        save_checkpoint(tmp_path / "file", tensors, header)
    found = load_checkpoint(tmp_path / "file")
    assert found.header == header
    assert found.tensors.keys() == tensors.keys()
    assert all(torch.equal(found.tensors[name], tensors[name]) for name in tensors)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_no_checkpoint(tmp_path):
    assert load_checkpoint(tmp_path / "file") is None


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99])
def test_a_truncated_checkpoint(tmp_path, share):
    path = tmp_path / "file"
    save_checkpoint(path, {"a": torch.zeros(100)}, {})
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(ModelError) as error:
        load_checkpoint(path)
    assert str(error.value).startswith(f"{path}: not a checkpoint (")
    assert str(error.value).endswith("); remove it to start again")


def test_other_files_are_errors(tmp_path):
    from safetensors.torch import save_file

    save_file({"a": torch.zeros(2)}, tmp_path / "weights")
    for number, state in enumerate(("null", "5", "[]", '"a"', "{", "[" * 100_000)):
        digest = hashlib.sha256(state.encode()).hexdigest()
        save_file({}, tmp_path / f"state {number}", {"state": f"{digest} {state}"})
        save_file({}, tmp_path / f"unsigned {number}", {"state": state})
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link to nowhere").symlink_to("nowhere")
    (tmp_path / "pickle").write_bytes(pickle.dumps({"a": 1}))
    (tmp_path / "folder").mkdir()
    for path in tmp_path.iterdir():
        with pytest.raises(ModelError, match="not a checkpoint") as error:
            load_checkpoint(path)
        assert "\n" not in str(error.value)


def test_any_changed_byte_is_found(tmp_path):
    path = tmp_path / "file"
    save_checkpoint(
        path, {"a": torch.arange(4.0), "b": torch.tensor([1], dtype=torch.int8)}, {"c": 1}
    )
    data = path.read_bytes()
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        with contextlib.suppress(ModelError):
            found = load_checkpoint(path)  # white space of the header
            assert found.header == {"c": 1}
            assert found.tensors["a"].tolist() == [0, 1, 2, 3]


def test_an_optimizer_resumes():
    def start():
        torch.manual_seed(1)
        weights = [torch.nn.Parameter(torch.randn(3)), torch.nn.Parameter(torch.randn(2, 2))]
        return weights, torch.optim.Adagrad(weights, lr=0.1, weight_decay=1e-2)

    def steps(weights, optimizer, number):
        for _ in range(number):
            sum((weight**2).sum() for weight in weights).backward()
            optimizer.step()
            optimizer.zero_grad()

    uninterrupted, optimizer = start()
    steps(uninterrupted, optimizer, 5)
    weights, optimizer = start()
    steps(weights, optimizer, 3)
    saved = {name: tensor.clone() for name, tensor in optimizer_tensors(optimizer).items()}
    fresh = torch.optim.Adagrad(weights, lr=0.1, weight_decay=1e-2)
    restore_optimizer(fresh, saved)
    steps(weights, fresh, 2)
    assert all(map(torch.equal, weights, uninterrupted))


def test_with_prefix():
    tensors = {"model.a": torch.zeros(1), "model.b.c": torch.zeros(2), "models.a": torch.zeros(3)}
    assert {name: len(tensor) for name, tensor in with_prefix("model.", tensors).items()} == {
        "a": 1, "b.c": 2,
    }  # fmt: skip
