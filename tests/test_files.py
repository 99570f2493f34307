import contextlib
import errno
import os

import pytest
import torch
from safetensors.torch import load_file

from treernn.errors import InputError
from treernn.files import atomic_write, remove_temporary, replace_folder, save_tensors


def test_a_file_appears_whole(tmp_path):
    path = tmp_path / "new" / "file"
    with atomic_write(path) as fresh:
        fresh.write_text("half")
        assert not path.exists()
        assert fresh.parent == path.parent
        fresh.write_text("whole")
    assert path.read_text() == "whole"
    assert [each.name for each in path.parent.iterdir()] == ["file"]


def test_an_error_leaves_what_was_there(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    with contextlib.suppress(KeyError), atomic_write(path) as fresh:
        fresh.write_text("new")
        raise KeyError
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_is_one_line(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError) as error:
        save_tensors(tmp_path / "file", {"a": torch.zeros(2)})
    expected = f"{tmp_path}/file: cannot be written ([Errno 28] No space left on device)"
    assert str(error.value) == expected
    assert list(tmp_path.iterdir()) == []


def test_a_file_has_the_rights_of_any_new_file(tmp_path):
    (tmp_path / "other").touch()
    save_tensors(tmp_path / "file", {"a": torch.zeros(2)})
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_tensors_of_any_layout(tmp_path):
    tensors = {"a": torch.arange(6.0).view(2, 3).t(), "b": torch.ones((), requires_grad=True)}
    save_tensors(tmp_path / "file", tensors)
    for name, tensor in load_file(tmp_path / "file").items():
        assert torch.equal(tensor, tensors[name])


def test_sweep_takes_only_what_a_killed_process_left(tmp_path):
    path = tmp_path / "file"
    stay = ["file", "other", ".file.bak", ".other.12ab34cd.part", "file.12ab34cd.part"]
    for name in (*stay, ".file.12ab34cd.part"):
        (tmp_path / name).touch()
    remove_temporary(path)
    assert {each.name for each in tmp_path.iterdir()} == set(stay)
    remove_temporary(tmp_path / "none" / "file")


@pytest.mark.parametrize("platform", ["linux", "elsewhere"])
def test_a_folder_takes_the_place_of_another(tmp_path, monkeypatch, platform):
    monkeypatch.setattr("sys.platform", platform)
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    replace_folder(tmp_path / "old", tmp_path / "new")
    assert [each.name for each in tmp_path.iterdir()] == ["old"]
    assert [each.name for each in (tmp_path / "old").iterdir()] == ["new"]
