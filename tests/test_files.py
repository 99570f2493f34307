import contextlib
import errno
import os

import pytest
import torch
from safetensors.torch import load_file

from treernn.errors import InputError
from treernn.files import atomic_write, remove_temporary, replace_folder, save_tensors


def test_a_file_appears_when_it_is_complete(tmp_path):
    path = tmp_path / "new" / "file"
    with atomic_write(path) as temporary:
        temporary.write_text("hal")
        assert not path.exists()
        assert temporary.parent == path.parent
        temporary.write_text("whole")
    assert path.read_text() == "whole"
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


def test_an_error_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    with contextlib.suppress(KeyError), atomic_write(path) as temporary:
        temporary.write_text("new")
        raise KeyError
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_is_one_line(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError) as error:
        save_tensors(tmp_path / "file", {"a": torch.zeros(2)})
    expected = f"{tmp_path}/file: cannot be written (No space left on device)"
    assert str(error.value) == expected
    assert list(tmp_path.iterdir()) == []


def test_a_file_has_the_mode_of_any_new_file(tmp_path):
    (tmp_path / "other").touch()
    save_tensors(tmp_path / "file", {"a": torch.zeros(2)})
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_tensors_of_any_layout(tmp_path):
    tensors = {"a": torch.arange(6.0).view(2, 3).t(), "b": torch.ones((), requires_grad=True)}
    save_tensors(tmp_path / "file", tensors)
    for name, tensor in load_file(tmp_path / "file").items():
        assert torch.equal(tensor, tensors[name])


def test_only_temporary_files_of_this_file_are_removed(tmp_path):
    path = tmp_path / "file"
    stay = ["file", "other", ".file.bak", ".other.12ab34cd.part", "file.12ab34cd.part"]
    for name in (*stay, ".file.12ab34cd.part"):
        (tmp_path / name).touch()
    remove_temporary(path)
    assert {entry.name for entry in tmp_path.iterdir()} == set(stay)
    remove_temporary(tmp_path / "none" / "file")


@pytest.mark.parametrize("platform", ["linux", "elsewhere"])
def test_a_folder_is_replaced(tmp_path, monkeypatch, platform):
    monkeypatch.setattr("sys.platform", platform)
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    replace_folder(tmp_path / "old", tmp_path / "new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["old"]
    assert [entry.name for entry in (tmp_path / "old").iterdir()] == ["new"]
