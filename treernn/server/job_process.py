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
from typing import TYPE_CHECKING, Any

from treernn.errors import TreernnError
from treernn.server.work import read_message

if TYPE_CHECKING:
    from treernn.scoring.lexicon.entries import Lexicon

MOST_MEMORY = 8 << 30
"""Bytes of addresses of the process, the models included."""


@dataclass(frozen=True, slots=True)
class JobSettings:
    """What to score, and how.

    Attributes:
        source, result: paths.
        name: what the file is called in messages.
        input, column, encoding, delimiter: as ``open_rows`` takes them.
        output: a key of ``scoring.formats.FORMATS``.
        model, parser, device, precision: as ``treernn.load`` takes them.
        lexicon: that the model is read with.
        level, explain, classes: see ``Detail``.
        characters: of the longest text that is scored.
    """

    source: Path
    result: Path
    name: str
    input: str
    column: str | None
    encoding: str | None
    delimiter: str | None
    output: str
    model: str
    parser: str
    device: str
    precision: str
    lexicon: Lexicon | None
    level: str
    explain: bool
    classes: int
    characters: int


def run() -> None:
    """Score a file."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what some library prints is no message
    settings = read_message(sys.stdin.buffer)
    if settings is None:
        return
    threading.Thread(target=_exit_with_server, daemon=True).start()
    if settings.device == "cpu":
        _limit_memory()

    def say(**values: Any) -> None:
        lines.write(json.dumps(values) + "\n")
        lines.flush()

    try:
        _score(settings, say)
    except TreernnError as error:
        say(error=str(error).replace(str(settings.source), settings.name))
    except Exception as error:
        from treernn.server.worker import report

        report(error)
        say(error=f"the file could not be scored ({type(error).__name__})")


def _score(settings: JobSettings, say: Any) -> None:
    from treernn.scoring import formats
    from treernn.scoring.entries import YIELDING_COLUMNS, Detail
    from treernn.scoring.rows import open_rows

    s = settings
    formats.check_lexicon(s.output, s.lexicon)
    detail = Detail(s.level, explain=s.explain, classes=s.classes)
    added = formats.added_columns(s.output, "", detail)
    with open_rows(
        *(s.source, s.column or "text", s.input, s.characters, added, s.encoding, s.delimiter),
        yielding=YIELDING_COLUMNS,
    ) as table:
        # A table that cannot be read has been refused by now, before models are loaded.
        import torch

        import treernn
        from treernn.scoring import job

        torch.set_num_threads(1)
        models = (s.model, s.device, s.parser, s.precision)
        scorer = treernn.load(*models, classes=s.classes, lexicon=s.lexicon)
        detail = detail.of_table(table.column, table.columns, "")
        writer = formats.FORMATS[s.output](scorer.classifier, table.columns, "", detail)
        score = partial(job.score_part, scorer, writer)
        chunks = table.chunks(job.PART_ROWS // 4, job.PART_CHARACTERS // 4)
        rows = failed = 0
        for part in job.run(s.result, {}, chunks, score, writer.join):
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
