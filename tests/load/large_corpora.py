"""Memory of a distillation on many sentences, phase by phase.

``python tests/load/large_corpora.py TEXTS OUT [PARSER] [SHARE]``: the steps of ``treernn distil
sentiment --text TEXTS --out OUT --resample SHARE``, with a small untrained model as teacher, and a
parser that may be a baseline, so that a million sentences take minutes. Prints after each phase the
seconds and the most memory that the process had so far.
"""

import resource
import sys
import time
from pathlib import Path

import torch

from treernn.corpora import sst
from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.parsing import load_parser
from treernn.scoring.rows import texts_of
from treernn.training.build import sentiment_model
from treernn.training.data.parsed import Cache, unlabelled
from treernn.training.data.sequences import chained
from treernn.training.data.sources import Source, label_targets, with_teachers
from treernn.training.data.teachers import teacher_distributions
from treernn.training.loop.trainer import fit
from treernn.training.tasks.sentiment_settings import TreeSettings
from treernn.training.tasks.sources_task import SourcesTask

START = time.monotonic()


def report(phase: str) -> None:
    """Print what the process took so far."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{phase}: {time.monotonic() - START:,.0f} s, at most {most:,.0f} MB", flush=True)


def main(texts: str, out: Path, parser: str = "balanced", share: float = 0.1) -> None:
    """Distil."""
    splits = sst.load_splits(None)
    treebank = label_targets(splits.train), label_targets(splits.dev)
    settings = TreeSettings().updated(embedding_size=16, hidden_size=16, epochs=1)
    teacher = out / "teacher"
    if not teacher.exists():
        torch.manual_seed(1)
        words = sorted({word.lower() for tree in splits.train for word in tree.words})
        TreeClassifier(TreeConfig(8, 8), ("<unk>", *words)).save(teacher)
    report("start")
    cache = Cache(out / "corpus", parser)
    part = unlabelled(texts_of([texts]), load_parser(parser), cache)
    report(f"{len(part.trees):,} sentences parsed")
    plain = [
        Source("treebank", *treebank, treebank=True),
        Source("texts", part, sample=max(1, round(share * len(part.trees)))),
    ]
    several = []
    for source in plain:
        soft = teacher_distributions([teacher], source.train.trees, out / "teachers")
        several.append(with_teachers(source, soft))
    report("teacher")
    trees = chained([source.train.trees for source in several])
    task = SourcesTask(sentiment_model(settings, trees, "none"), several, settings)
    report("vocabulary and task")
    best = fit(task, out)
    report(f"one epoch, loss {best['loss']:.3f}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:4], *map(float, sys.argv[4:5]))
