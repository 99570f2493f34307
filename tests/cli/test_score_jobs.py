"""Several processes, and devices."""

import json
import os

import pytest
import torch

from treernn.cli import choices as command

ROWS = "".join(f"A film of {number} hours, not bad.\n" for number in range(1100))


@pytest.fixture
def score(treernn, small_model):
    def run(*arguments, **settings):
        return treernn("score", "--model", str(small_model), *map(str, arguments), **settings)

    return run


def test_two_processes_write_the_same_as_one(score, tmp_path):
    source, one, two = (tmp_path / name for name in ("in.txt", "one.jsonl", "two.jsonl"))
    source.write_text(ROWS + "?!\n")
    for out, jobs in ((one, 1), (two, 2)):
        process = score(source, "-o", out, "--jobs", jobs)
        assert process.returncode == 1
        assert process.stderr == b"treernn: 1 of 1101 could not be scored, see error\n"
    assert one.read_bytes() == two.read_bytes()
    assert len(one.read_bytes().splitlines()) == 1101
    assert sorted(os.listdir(tmp_path)) == ["in.txt", "one.jsonl", "two.jsonl"]


def test_processes_that_share_the_models_write_the_same(score, tmp_path):
    """As for a GPU; with a number the CPU is treated as one."""
    source, one, two = (tmp_path / name for name in ("in.txt", "one.jsonl", "two.jsonl"))
    source.write_text(ROWS + "?!\n")
    for out, options in ((one, ("--jobs", 1)), (two, ("--jobs", 2, "--device", "cpu:0"))):
        process = score(source, "-o", out, *options)
        assert process.returncode == 1
        assert process.stderr == b"treernn: 1 of 1101 could not be scored, see error\n"
    assert one.read_bytes() == two.read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["in.txt", "one.jsonl", "two.jsonl"]


def test_two_processes_print_in_order(score, tmp_path):
    source = tmp_path / "in.jsonl"
    texts = [f"A film of {number} hours." for number in range(200)]
    source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    process = score(source, "--format", "jsonl", "--jobs", 2)
    assert (process.returncode, process.stderr) == (0, b"")
    assert [json.loads(line)["text"] for line in process.stdout.splitlines()] == texts


@pytest.mark.parametrize("arguments", [("a text",), ("-", "--input-format", "text"), ("in.txt",)])
def test_jobs_are_for_files(score, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.txt").write_text("good\n")
    process = score(*arguments, "--jobs", 2)
    assert (process.returncode, process.stdout) == (2, b"")
    assert process.stderr == (
        b"treernn: --jobs needs an input file, not a pipe, and another format than trees\n"
    )


def test_default_number_of_processes(tmp_path, monkeypatch):
    monkeypatch.setattr("treernn.workers.default_count", lambda: 4)
    small, large = tmp_path / "small.txt", tmp_path / "large.txt"
    small.write_text("good\n")
    large.write_bytes(b"good\n" * (command.LARGE_FILE // 5 + 1))

    def count(path, format="jsonl"):
        path = path and str(path)
        return command.processes(command.size_of(path), format)

    assert count(large) == 4
    assert count(large, "tree") == count(small) == 1
    assert count(None) == count("-") == count(tmp_path / "none.txt") == 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
@pytest.mark.parametrize(
    ("device", "problem"),
    [
        ("cuda", f"device 'cuda': torch {torch.__version__} finds no GPU"),
        ("gpu", "no device is called 'gpu', expected auto, cpu, cuda or cuda:N"),
    ],
)
def test_unknown_devices(treernn, score, small_model, device, problem):
    message = f"treernn: {problem}\n".encode()
    for process in (
        score("good", "--device", device),
        treernn("evaluate", str(small_model), "--device", device),
    ):
        assert (process.returncode, process.stdout, process.stderr) == (2, b"", message)
