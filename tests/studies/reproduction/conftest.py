import json

import numpy as np
import pytest

from treernn.studies.reproduction.records import parse_record

# Around the figures of the papers: all nodes 5, root 5, all nodes 2, root 2.
_LEVELS = {
    "nb": (67, 41, 83, 82), "binb": (71, 42, 83, 83), "vecavg": (73, 34, 85, 80),
    "rnn": (79, 43, 86, 82), "rntn": (80, 45, 87, 85), "lstm": (80, 47, 86, 85),
    "bilstm": (80, 48, 86, 86), "constituency-random": (79, 44, 83, 82),
    "constituency-fixed": (81, 49, 87, 87), "constituency-tuned": (81, 51, 88, 88),
    "tree-gru": (81, 50, 88, 87),
}  # fmt: skip
_GROUPS = ((1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 7), (8, 10), (11, 15), (16, 20), (21, 30),
           (31, 56))  # fmt: skip


@pytest.fixture
def made():
    """Makes up what a run's file holds: ``made(row, seed, task="five")``."""
    return make


@pytest.fixture
def parsed():
    """Turns what files hold into records."""
    return parse


def parse(runs):
    return [parse_record(f"{run['row']}-{run['task']}-seed{run['seed']}", run) for run in runs]


@pytest.fixture
def records(results):
    """The records of ``results``."""
    return parse(results[1])


@pytest.fixture
def results(tmp_path):
    """A folder of made-up runs, three seeds of each row; returns the folder and the runs."""
    runs = [
        make(row, seed, task)
        for row in _LEVELS
        for task in (("five", "binary") if row in WITH_BINARY else ("five",))
        for seed in ((1,) if row in ("nb", "binb") else (1, 2, 3))
    ]
    out = tmp_path / "results"
    write(out, runs)
    return out, runs


WITH_BINARY = ("lstm", "bilstm", "constituency-random", "constituency-fixed", "constituency-tuned")


def write(out, runs):
    (out / "runs").mkdir(parents=True, exist_ok=True)
    for run in runs:
        name = f"{run['row']}-{run['task']}-seed{run['seed']}.json"
        (out / "runs" / name).write_text(json.dumps(run), "utf-8")


def make(row, seed=1, task="five", **others):
    random = np.random.default_rng([seed, *map(ord, row + task)])
    all5, root5, all2, root2 = _LEVELS.get(row, (70, 40, 80, 80)) + random.normal(0, 0.4, 4)
    trained = row not in ("nb", "binb")
    epochs = int(random.integers(9, 15)) if trained else 0
    history = [
        {
            "epoch": epoch,
            "loss": 2.0 / epoch,
            "dev_root": round(root5 - 12 / epoch, 2),
            "dev_binary": round(root2 - 12 / epoch, 2),
            "dev_all": round(all5 - 8 / epoch, 2),
            "seconds": 20.0,
        }
        for epoch in range(1, epochs + 1)
    ]
    measured = {
        "root": {"five": round(root5, 2), "binary": round(root2, 2), "count": 2210,
                 "count_binary": 1821},
        "all": {"five": round(all5, 2), "binary": round(all2, 2), "count": 82600,
                "count_binary": 33000},
        "confusion": (random.integers(20, 90, (5, 5)) + 300 * np.eye(5, dtype=int)).tolist(),
        "by_length": [
            {"from": low, "to": high, "five": round(all5 + 8 - 4 * place, 2),
             "binary": round(all2 + 3 - place, 2), "count": 100, "count_binary": 50}
            for place, (low, high) in enumerate(_GROUPS)
        ],
    }  # fmt: skip
    return {
        "row": row,
        "task": task,
        "seed": seed,
        "quick": False,
        "vectors": "GloVe 6B 100-d, tuned" if trained else "none",
        "settings": {"hidden_size": 150, "seed": seed} if trained else {},
        "weights": 262_355 if trained else 82_910,
        "seconds": 20.0 * epochs + seed,
        "test": measured,
        "dev": measured,
        "history": history,
        "chosen": history[-3] if history else {},
        "machine": {"threads": 1, "cores": 2, "cpu": "A processor", "load": 1.0, "torch": "2.13.0",
                    "python": "3.12.1"},
        "treernn": "0.1.0",
        **others,
    }  # fmt: skip
