from pathlib import Path

import pytest
import torch

from treernn.errors import InputError
from treernn.models.device import multiplies_bfloat16, usable_device


def test_cpu():
    assert usable_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize(("gpus", "found"), [(0, "cpu"), (2, "cuda")])
def test_auto_is_a_gpu_if_there_is_one(monkeypatch, gpus, found):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    assert usable_device("auto") == torch.device(found)


@pytest.mark.parametrize("name", ["gpu", "", "cpu:x", "CPU"])
def test_no_such_device(name):
    with pytest.raises(InputError) as error:
        usable_device(name)
    assert str(error.value) == f"no device is called {name!r}, expected auto, cpu, cuda or cuda:N"


@pytest.mark.parametrize("name", ["meta", "mps"])
def test_a_device_that_is_not_supported(name):
    with pytest.raises(InputError) as error:
        usable_device(name)
    assert str(error.value).startswith(f"device {name!r} is not supported, expected auto, cpu, ")


def test_no_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match=r"^device 'cuda': torch .* finds no GPU$"):
        usable_device("cuda")


def test_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert usable_device("cuda:0") == torch.device("cuda", 0)
    with pytest.raises(InputError) as error:
        usable_device("cuda:3")
    assert str(error.value) == "device 'cuda:3': torch finds 1 GPU(s), numbered from 0"


def test_bfloat16_needs_a_processor_with_its_products():
    assert not multiplies_bfloat16(torch.device("cuda"))
    info = Path("/proc/cpuinfo")
    if multiplies_bfloat16(torch.device("cpu")):
        assert "avx512_bf16" in info.read_text("utf-8")
    elif info.is_file() and "avx512_bf16" in info.read_text("utf-8", "replace"):
        assert not torch.backends.cpu.get_cpu_capability().startswith("AVX512")
