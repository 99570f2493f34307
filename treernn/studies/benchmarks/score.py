"""How fast texts are scored, from raw text to JSON lines: by stage, as a command, one by one.

The texts are the test sentences of the Stanford Sentiment Treebank, joined back into plain text by
NLTK's ``TreebankWordDetokenizer``, one a line. The stages are measured in this process on one
thread, each over all texts; the command is ``treernn score FILE -o OUT.jsonl`` as a process of its
own, over a file of the same texts several times, from its start to its end.
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
from treernn.scoring import formats
from treernn.scoring import tokenizer as text
from treernn.scoring.result import Result
from treernn.scoring.rows import Chunk, Row
from treernn.scoring.scored import Scored
from treernn.scoring.scorer import Scorer, load
from treernn.studies.benchmarks.common import Report, table
from treernn.studies.machine import machine
from treernn.types import Tree
from treernn.workers import default_count

COPIES = 10
SINGLES = 300
STARTS = 3
REVIEW = "It's not a bad movie, but it takes too long."

Value = TypeVar("Value")


def bench(
    source: str | os.PathLike[str] | None = None,
    copies: int = COPIES,
    most: int | None = None,
    model: str = "small",
    precision: str = "float32",
) -> Report:
    """Measure all of it: ``sentences_per_s`` of the command that scores a file, its start and its
    end included; the same of each of the ``stages`` alone, on one thread; ``single_ms``, the median
    of calls with one sentence, when the models are loaded; ``cold_s``, the median of the whole
    process ``treernn score TEXT``; and the ``machine``.

    Args:
        source: the treebank; see ``treernn.corpora.sst.load``.
        copies: how many times the file of the command has each text.
        most: take no more texts than so many.
        model, precision: as for ``treernn.load``.

    Raises:
        InputError: no texts or no copies.
        MissingDataError: the treebank is not at hand.
    """
    if copies < 1 or (most is not None and most < 1):
        raise InputError("at least one text and one copy are needed")
    texts = plain(sst.load("test", source))[:most]
    which = ("--model", model, "--precision", precision)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        scorer = load(model, precision=precision)
        scorer.score_many(texts[:SINGLES])
        stages = by_stage(scorer, texts)
        single = statistics.median(
            _timed(lambda each=each: scorer(each))[1]  # type: ignore[misc]
            for each in texts[:SINGLES]
        )
    finally:
        torch.set_num_threads(threads)
    rate = len(texts) * copies / command_seconds(texts, copies, which)
    cold = statistics.median(_run("score", REVIEW, *which) for _ in range(STARTS))
    rate, single_ms, cold_s = round(rate, 1), round(1000 * single, 2), round(cold, 2)
    about = machine(
        model=model,
        precision=precision,
        sentences=len(texts),
        copies=copies,
        processes=default_count(),
    )
    made = table(about, ("raw text to JSON lines", "sentences/s", "ms a sentence"))
    for name, each in stages.items():
        made.add_row(name, f"{each:,.0f}", f"{1000 / each:.3f}", end_section=name == "all")
    made.add_row("a file, as a command", f"{rate:,.0f}", "", style="bold")
    made.add_row("one text, median", "", f"{single_ms:.1f}")
    made.add_row("one text, as a command", "", f"{1000 * cold_s:,.0f}")
    values = {"sentences_per_s": rate, "stages": stages, "single_ms": single_ms, "cold_s": cold_s}
    return Report({**values, "machine": about}, made)


def plain(trees: Sequence[Tree]) -> list[str]:
    """The sentences as somebody would write them."""
    from nltk.tokenize.treebank import TreebankWordDetokenizer

    detokenizer = TreebankWordDetokenizer()
    return [detokenizer.detokenize(tree.words) for tree in trees]


def by_stage(scorer: Scorer, texts: Sequence[str]) -> dict[str, float]:
    """Texts a second: of ``split`` (clean the texts and find their sentences), ``tokenise``,
    ``parse``, ``compose`` (the states and classes of all nodes) and ``write``, each alone; and of
    ``all``, from texts to results to lines."""
    _, split = _timed(lambda: [list(text._sentence_spans(text._clean(each)[0])) for each in texts])
    divided, split_and_tokenise = _timed(lambda: [text.tokenize(each) for each in texts])
    words = [[token.text for token in tokens] for each in divided for tokens in each]
    trees, parse = _timed(lambda: scorer.parser.parse(words))
    _, compose = _timed(lambda: scorer.classifier.distributions(trees))
    results, score = _timed(lambda: scorer.score_many(texts))
    rows = [Row(f"line {i}", each, {"text": each}) for i, each in enumerate(texts, 1)]
    found: list[Result | None] = [*results]
    scored = Scored(Chunk(rows), found, [None] * len(rows))
    encode = formats.writer("jsonl", scorer.classifier).encode
    _, write = _timed(lambda: encode(scored))
    seconds = {
        "split": split,
        "tokenise": split_and_tokenise - split,
        "parse": parse,
        "compose": compose,
        "write": write,
        "all": score + write,
    }
    return {name: round(len(texts) / value, 1) for name, value in seconds.items()}


def command_seconds(texts: Sequence[str], copies: int, which: Sequence[str] = ()) -> float:
    """How long ``treernn score``, with the options ``which``, takes for a file with a text a
    line."""
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder, "texts.txt"), Path(folder, "out.jsonl")
        path.write_text("".join(f"{each}\n" for each in texts) * copies, "utf-8")
        seconds = _run("score", str(path), "-o", str(out), *which)
        with out.open("rb") as file:
            lines = sum(1 for _ in file)
    if lines != len(texts) * copies:
        raise TreernnError(f"{lines} lines for {len(texts) * copies} texts; nothing was measured")
    return seconds


def _run(*arguments: str) -> float:
    command = [sys.executable, "-m", "treernn", *arguments]
    done, seconds = _timed(lambda: subprocess.run(command, capture_output=True, text=True))
    if done.returncode:
        raise TreernnError(f"treernn {arguments[0]} failed: {done.stderr.strip()[-300:]}")
    return seconds


def _timed(function: Callable[[], Value]) -> tuple[Value, float]:
    start = time.perf_counter()
    value = function()
    return value, time.perf_counter() - start
