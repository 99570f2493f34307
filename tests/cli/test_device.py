import pytest
import torch

from treernn.cli.device import chosen_device


@pytest.fixture
def a_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "NVIDIA H200")


@pytest.mark.usefixtures("a_gpu")
def test_a_gpu_that_is_found_is_named(capsys):
    assert chosen_device("auto") == torch.device("cuda")
    said = "treernn: on NVIDIA H200; --device cpu is for the processor\n"
    assert capsys.readouterr() == ("", said)


@pytest.mark.usefixtures("a_gpu")
@pytest.mark.parametrize("name", ["cpu", "cuda", "cuda:0"])
def test_nothing_is_said_of_a_device_that_was_asked_for(capsys, name):
    assert chosen_device(name) == torch.device(name)
    assert capsys.readouterr() == ("", "")


def test_nothing_is_said_where_there_is_no_gpu(capsys, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert chosen_device("auto") == torch.device("cpu")
    assert capsys.readouterr() == ("", "")
