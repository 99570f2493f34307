import os
import subprocess
import sys

import pytest

from treernn import memory, workers

NAME = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"

# An LSTM over 400 shapes, each of which is a kernel of oneDNN; prints the KB that stay.
GROWTH = """
import sys
if sys.argv[1] == "few":
    from treernn import memory
    memory.keep_few_kernels()
import torch
torch.set_num_threads(1)
lstm = torch.nn.LSTM(8, 64)
def kilobytes():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("RssAnon"))
with torch.inference_mode():
    lstm(torch.zeros(1, 1, 8))
    before = kilobytes()
    for batch in range(1, 401):
        lstm(torch.zeros(2, batch, 8))
print(kilobytes() - before)
"""


def test_workers_keep_few_kernels(monkeypatch):
    monkeypatch.delenv(NAME, raising=False)
    with workers.parallel_map(2) as parallel_map:
        assert [*parallel_map(os.getenv, [NAME] * 2)] == ["64"] * 2
    assert NAME not in os.environ


def test_a_number_of_the_user_stays(monkeypatch):
    monkeypatch.setenv(NAME, "7")
    memory.keep_few_kernels()
    assert os.environ[NAME] == "7"


def test_memory_is_given_back_with_any_c_library(monkeypatch):
    memory.give_back()
    memory._malloc_trim.cache_clear()
    monkeypatch.setattr(sys, "platform", "darwin")
    try:
        memory.give_back()
    finally:
        memory._malloc_trim.cache_clear()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_process_that_keeps_few_kernels_grows_less():
    environment = {name: value for name, value in os.environ.items() if name != NAME}
    few, many = (
        int(subprocess.check_output([sys.executable, "-c", GROWTH, kernels], env=environment))
        for kernels in ("few", "many")
    )
    if many < 50_000:
        pytest.skip("oneDNN compiles no kernels on this processor")
    assert few < 0.6 * many
