"""The speed of scoring, from raw text to JSON lines: by stage, for a file, and for one text.

The texts are the test sentences of the Stanford Sentiment Treebank, joined into plain text by
NLTK's ``TreebankWordDetokenizer``. The stages are measured in this process on one thread, each on
all texts. The file has a text per line, several times over, and is scored by the command ``treernn
score FILE -o OUT.jsonl``, measured from start to end.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import torch

from treernn.corpora import sst
from treernn.errors import InputError, TreernnError
from treernn.scoring.formats import FORMATS
from treernn.scoring.rows import Chunk, Scored, text_rows
from treernn.scoring.scorer import Scorer, load
from treernn.studies.machine import device_name, machine
from treernn.studies.report import Report, table
from treernn.text import tokenize
from treernn.text.cleaning import clean
from treernn.text.sentences import sentence_spans
from treernn.text.words import words
from treernn.types import Tree
from treernn.workers import default_count

COPIES = 10  # of each text in the file
SINGLE_TEXTS = 300
COLD_STARTS = 3
REVIEW = "It's not a bad movie, but it takes too long."

Value = TypeVar("Value")


def bench(
    source: str | os.PathLike[str] | None = None,
    copies: int = COPIES,
    max_texts: int | None = None,
    model: str = "small",
    precision: str = "float32",
    device: str = "cpu",
) -> Report:
    """Run the benchmark.

    Args:
        source: the treebank; see ``treernn.corpora.sst.load``.
        copies: of each text in the file.
        max_texts: use only the first texts.
        model, precision, device: as for ``treernn.load``; the command gets them too.

    Returns:
        ``sentences_per_s`` of the command that scores a file, including its start; the same of
        each of the ``stages``; ``single_ms``, the median time of a call with one sentence;
        ``cold_s``, the median time of the command ``treernn score TEXT``; and ``metadata``.

    Raises:
        InputError: no texts or no copies.
        MissingDataError: the treebank is missing.
    """
    if copies < 1 or (max_texts is not None and max_texts < 1):
        raise InputError("at least one text and one copy are needed")
    texts = plain_texts(sst.load("test", source))[:max_texts]
    options = ("--model", model, "--precision", precision, "--device", device)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        scorer = load(model, device, precision=precision)
        scorer.score_many(texts[:SINGLE_TEXTS])
        stages = stage_speeds(scorer, texts)
        single = statistics.median(_timed(scorer, text)[1] for text in texts[:SINGLE_TEXTS])
    finally:
        torch.set_num_threads(threads)
    speed = round(len(texts) * copies / score_file(texts, copies, options), 1)
    single_ms = round(1000 * single, 2)
    cold = statistics.median(run_command("score", REVIEW, *options) for _ in range(COLD_STARTS))
    metadata = machine(
        model=model,
        precision=precision,
        device=device_name(device),
        sentences=len(texts),
        copies=copies,
        processes=default_count(),
    )
    shown = table(metadata, ("raw text to JSON lines", "sentences/s", "ms per sentence"))
    for name, rate in stages.items():
        shown.add_row(name, f"{rate:,.0f}", f"{1000 / rate:.3f}", end_section=name == "all")
    shown.add_row("a file, as a command", f"{speed:,.0f}", "", style="bold")
    shown.add_row("one text, median", "", f"{single_ms:.1f}")
    shown.add_row("one text, as a command", "", f"{1000 * cold:,.0f}")
    values = {"sentences_per_s": speed, "stages": stages, "single_ms": single_ms}
    return Report({**values, "cold_s": round(cold, 2), "metadata": metadata}, shown)


def plain_texts(trees: Sequence[Tree]) -> list[str]:
    """The sentences in usual spelling."""
    from nltk.tokenize.treebank import TreebankWordDetokenizer

    detokenizer = TreebankWordDetokenizer()
    return [detokenizer.detokenize(tree.words) for tree in trees]


def stage_speeds(scorer: Scorer, texts: Sequence[str]) -> dict[str, float]:
    """Texts per second of ``split`` (clean the texts and find their sentences), ``tokenize``,
    ``parse``, ``classify`` and ``write``, each alone; and of ``all`` together."""
    cleaned, split = _timed(lambda: [_split(text) for text in texts])
    _, divide = _timed(lambda: [[*words(*each)] for spans in cleaned for each in spans])
    tokens = [tokenize(text) for text in texts]
    sentences = [[token.text for token in sentence] for text in tokens for sentence in text]
    trees, parse = _timed(scorer.parser.parse, sentences)
    _, classify = _timed(scorer.classifier.distributions, trees)
    results, score = _timed(scorer.score_many, texts)
    scored = Scored(Chunk(text_rows(texts)), [*results], [None] * len(texts))
    _, write = _timed(FORMATS["jsonl"](scorer.classifier).encode, scored)
    seconds = {
        "split": split,
        "tokenize": divide,
        "parse": parse,
        "classify": classify,
        "write": write,
        "all": score + write,
    }
    return {name: round(len(texts) / value, 1) for name, value in seconds.items()}


def _split(text: str) -> list[tuple[str, int, int]]:
    """The clean text and range of each of its sentences."""
    cleaned = clean(text).mapped.text
    return [(cleaned, start, end) for start, end in sentence_spans(cleaned)]


def score_file(texts: Sequence[str], copies: int, options: Sequence[str]) -> float:
    """Duration of ``treernn score`` for a file with a text per line."""
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder, "texts.txt"), Path(folder, "out.jsonl")
        path.write_text("".join(f"{text}\n" for text in texts) * copies, "utf-8")
        seconds = run_command("score", str(path), "-o", str(out), *options)
        with out.open("rb") as file:
            lines = sum(1 for _ in file)
    if lines != len(texts) * copies:
        raise TreernnError(f"{lines} lines for {len(texts) * copies} texts")
    return seconds


def run_command(*arguments: str) -> float:
    """Seconds of a command of treernn, from its start to its end.

    Raises:
        TreernnError: it fails.
    """
    command = [sys.executable, "-m", "treernn", *arguments]
    process, seconds = _timed(
        # Its own program, with arguments of this file.
        lambda: subprocess.run(command, capture_output=True, text=True)  # noqa: S603
    )
    if process.returncode:
        raise TreernnError(f"treernn {arguments[0]} failed: {process.stderr.strip()[-300:]}")
    return seconds


def _timed(function: Callable[..., Value], *arguments: object) -> tuple[Value, float]:
    """The value of a call and its duration in seconds."""
    start = time.perf_counter()
    value = function(*arguments)
    return value, time.perf_counter() - start
