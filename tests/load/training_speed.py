"""Seconds of an epoch in one process and in several: ``python tests/load/training_speed.py``.

Trains the tree model on MiniLM on some sentences of the Stanford Sentiment Treebank, as ``treernn
train sentiment --encoder`` does, with ``--devices 1`` and ``--devices N`` in turns. Each process
has one thread. The first epoch of a run, which warms up, does not count.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from treernn.encoders.base_model import MINILM

ARCHIVE = "trainDevTestTrees_PTB.zip"


def sample(archive: Path, part: str, count: int) -> str:
    """So many trees of a part of the treebank, evenly spaced, one a line."""
    with zipfile.ZipFile(archive) as content:
        lines = content.read(f"trees/{part}.txt").decode().splitlines()
    return "\n".join(lines[i * len(lines) // count] for i in range(count)) + "\n"


def epochs(folder: Path, devices: int, chosen: argparse.Namespace) -> list[float]:
    """The seconds of the epochs of a run but the first."""
    with tempfile.TemporaryDirectory(dir=folder) as out:
        command = [sys.executable, "-m", "treernn", "train", "sentiment", "--out", f"{out}/model"]
        command += ["--trees", f"{folder}/train.txt", "--dev-trees", f"{folder}/dev.txt"]
        command += ["--encoder", chosen.encoder, "--epochs", str(chosen.epochs + 1)]
        command += ["--devices", str(devices), "--device", "cpu", *chosen.options]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        lines = Path(out, "model", "metrics.jsonl").read_text().splitlines()
    return [json.loads(line)["seconds"] for line in lines][1:]


def main() -> None:
    """Print the seconds of each run, their medians and the quotient."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--encoder", default=MINILM)
    parser.add_argument("--data", type=Path, help="the treebank; default in TREERNN_DATA")
    parser.add_argument("--sentences", type=int, default=400, help="of an epoch")
    parser.add_argument("--epochs", type=int, default=2, help="of a run that count")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--devices", type=int, default=2)
    parser.add_argument("options", nargs="*", help="further options of treernn, after --")
    chosen = parser.parse_args()
    archive = chosen.data or Path(os.environ["TREERNN_DATA"], ARCHIVE)
    counts = (1, chosen.devices)
    seconds: dict[int, list[float]] = {count: [] for count in counts}
    with tempfile.TemporaryDirectory() as folder:
        dev = max(1, chosen.sentences * 1101 // 8544)  # as many as in the whole treebank
        for part, count in (("train", chosen.sentences), ("dev", dev)):
            Path(folder, f"{part}.txt").write_text(sample(archive, part, count))
        for number in range(chosen.rounds):
            for count in counts[:: 1 if number % 2 else -1]:
                found = epochs(Path(folder), count, chosen)
                seconds[count] += found
                print(f"{count} process(es):", *(f"{each:.1f} s" for each in found), flush=True)
    one, several = (statistics.median(seconds[count]) for count in counts)
    print(f"medians {one:.1f} s and {several:.1f} s: {one / several:.2f} times as fast")


if __name__ == "__main__":
    main()
