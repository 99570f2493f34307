"""Measure the LSTM over trees at several batch sizes and draw ``docs/pictures/benchmarks.svg``:
``python docs/benchmarks_picture.py``; some minutes, on a machine without other work."""

import warnings
from pathlib import Path

import torch

from treernn.cells import CELLS
from treernn.corpora import sst
from treernn.studies.benchmarks.common import HIDDEN_SIZE, INPUT_SIZE, medians
from treernn.studies.benchmarks.engine import Dgl, Engine, Plain, check_same, examples_of
from treernn.views.figures import INK, PALETTE, new_figure, save_figure, style_axes

KINDS = {"this engine": Engine, "the cell's definition, level by level": Plain, "DGL": Dgl}
SIZES = (1, 4, 16, 64, 256, 1024)
REPEATS = 15

warnings.simplefilter("ignore")  # DGL warns about leaves, which have no messages
torch.manual_seed(1)
examples, vectors = examples_of(sst.load("train"))
first, *others = kinds = [
    kind(vectors, CELLS["lstm"](INPUT_SIZE, HIDDEN_SIZE), HIDDEN_SIZE) for kind in KINDS.values()
]
for other in others:
    other.load_state_dict(first.state_dict())
    check_same(first, other, examples[:64])

figure = new_figure(9, 3.6)
panels = dict(zip(("train", "inference"), figure.subplots(1, 2, sharey=True), strict=True))
measured = [*medians(kinds, examples, REPEATS, batch_sizes=SIZES)]
for mode, axes in panels.items():
    rows = [(size, times) for of, size, times in measured if of == mode]
    for number, (name, color) in enumerate(zip(KINDS, PALETTE, strict=False)):
        speeds = [size / times[number] for size, times in rows]
        axes.plot(SIZES, speeds, color=color, marker="o", markersize=4, lw=1.8, label=name)
        print(mode, name, *(f"{speed:,.0f}" for speed in speeds))
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(SIZES, [f"{size:,}" for size in SIZES])
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_title({"train": "training", "inference": "inference"}[mode], fontsize=11)
    axes.set_xlabel("trees in a batch")
    style_axes(axes)
panels["train"].set_ylabel("trees per second")
panels["inference"].legend(frameon=False, fontsize=9, labelcolor=INK, loc="lower right")
save_figure(figure, Path(__file__).with_name("pictures") / "benchmarks.svg")
