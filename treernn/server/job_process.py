"""A job: a process of its own that scores an uploaded file as ``treernn score`` does.

It reads the settings from standard input, which ends when the server does, and writes a line of
JSON to standard output for each part of the file, the last with ``done`` or ``error``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from treernn.errors import TreernnError
from treernn.scoring.settings import Settings, TableOptions
from treernn.server.work import read_message

MOST_MEMORY = 8 << 30
"""Bytes of addresses of the process, the models included."""


@dataclass(frozen=True, slots=True)
class JobSettings:
    """What to score, and how.

    Attributes:
        source, result: paths.
        name: what the file is called in messages.
        options: how it is read.
        settings: how it is scored and written.
    """

    source: Path
    result: Path
    name: str
    options: TableOptions
    settings: Settings


def run() -> None:
    """Score a file."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what some library prints is no message
    job = read_message(sys.stdin.buffer)
    if job is None:
        return
    threading.Thread(target=_exit_with_server, daemon=True).start()
    if job.settings.device == "cpu":
        _limit_memory()

    def say(**values: Any) -> None:
        lines.write(json.dumps(values) + "\n")
        lines.flush()

    try:
        _score(job, say)
    except TreernnError as error:
        say(error=str(error).replace(str(job.source), job.name))
    except Exception as error:
        from treernn.server.worker import report

        report(error)
        say(error=f"the file could not be scored ({type(error).__name__})")


def _score(job: JobSettings, say: Any) -> None:
    import torch

    from treernn.scoring.formats import check_lexicon
    from treernn.scoring.job import PART_CHARACTERS, PART_ROWS, run
    from treernn.scoring.table import open_to_score, score_part, scorer_of, writer_of

    check_lexicon(job.settings.format, job.settings.lexicon)
    torch.set_num_threads(1)
    # A table that cannot be read is refused before models are loaded.
    with open_to_score(job.source, job.options, job.settings) as (table, settings):
        scorer = scorer_of(settings)
        writer = writer_of(settings, scorer.classifier)
        score = partial(score_part, scorer, writer)
        chunks = table.chunks(PART_ROWS // 4, PART_CHARACTERS // 4)
        rows = failed = 0
        for part in run(job.result, {}, chunks, score, writer.join):
            rows += part.rows
            failed += part.failed
            say(rows=rows, failed=failed, fraction=part.fraction)
    say(rows=rows, failed=failed, fraction=1.0, done=True)


def _limit_memory() -> None:
    """What a small file unpacks to may be large: then this process alone fails."""
    if sys.platform == "linux":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = MOST_MEMORY if hard == resource.RLIM_INFINITY else min(hard, MOST_MEMORY)
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _exit_with_server() -> None:
    sys.stdin.buffer.read()
    os._exit(1)
