"""The command line, in this process."""

from __future__ import annotations

import io
import json
import re
import shlex
import sys
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import treernn
from fuzzing.case import Case, Target, options_of, with_options
from fuzzing.mutations import NUMBERS, hostile_text, mutate_bytes
from fuzzing.targets import corpora
from fuzzing.targets.tables import ROWS
from fuzzing.targets.texts import scorer, strict
from treernn.cli.main import main
from treernn.scoring.scorer import Scorer, load

_CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

_FILES = {
    "a.csv": b"id,text\n1,A good film.\n2,\n3,bad\n",
    "a.jsonl": "\n".join(map(json.dumps, ROWS)).encode(),
    "a.txt": b"A good film.\n\nBad.\n",
    "trees.txt": corpora.SST.encode(),
    "penn.txt": corpora.PENN.encode(),
    "x.toml": b"epochs = 1\n",
}
_COMMANDS = ("score", "score", "score", "score", "parse", "parse", "draw", "info", "tag", "caption",
             "translate", "evaluate", "probe", "influence", "train", "distil", "")  # fmt: skip
_VALID = (
    *(["score", "--file", name] for name in ("a.csv", "a.jsonl", "a.txt")),
    *(["score", "--file", "a.csv", "--format", name] for name in ("csv", "json", "jsonl", "ptb")),
    ["score", "-f", "a.jsonl", "-o", "out.csv"],
    ["score", "--json", "Not a good film."],
    ["score", "--explain"],
    ["parse", "It isn't good."],
    ["parse", "-f", "a.txt", "--json"],
    ["parse", "--from", "trees.txt"],
    ["parse", "--from", "penn.txt", "--format", "tree"],
)
_OPTIONS = (
    *("--file", "-f", "--column", "--input-format", "--encoding", "--delimiter", "--format"),
    *("--level", "--no-phrases", "--json", "--prefix", "--max-chars", "--explain", "--from"),
    *("--newline-ends-sentence", "--model", "--parser", "--device", "--precision", "--jobs"),
    *("--resume", "--help", "--version", "--settings", "--no-such-option", "--"),
)
_VALUES = ("a.csv", "a.jsonl", "a.txt", "trees.txt", "penn.txt", "x.toml", ".", "-", "gone.csv",
           "small", "csv", "jsonl", "json", "tree", "ptb", "text", "id", "review", "phrase",
           "latin-1", ",", "cpu", "cuda:9", "float32", "right", "balanced", "1")  # fmt: skip


def _make(random: Random) -> Case:
    files = dict(_FILES)
    name = random.choice([*files])
    files[name] = mutate_bytes(random, files[name])
    if random.random() < 0.2:
        files["a.txt"] = hostile_text(random).encode("utf-8", "surrogatepass")
    arguments = [random.choice(_COMMANDS)]
    if random.random() < 0.6:
        arguments = list(random.choice(_VALID))
    for _ in range(random.randint(0, 2 if arguments[1:] else 4)):
        match random.randrange(6):
            case 0 | 1 | 2:
                arguments += [random.choice(_OPTIONS), random.choice(_VALUES)]
            case 3:
                arguments.append(random.choice(_OPTIONS))
            case 4:
                arguments.append(random.choice((hostile_text(random, 5), *_VALUES)))
            case _:
                hostile = random.choice((hostile_text(random, 2), random.choice(NUMBERS)))
                arguments += [random.choice(_OPTIONS), hostile]
    arguments = [each.replace("\0", "") for each in arguments if each or random.random() < 0.5]
    files["arguments.txt"] = shlex.join(arguments).encode("utf-8", "surrogatepass")  # for people
    return with_options(files, arguments=[_as_given(each) for each in arguments])


def _as_given(argument: str) -> str:
    """An argument as Python gets it: bytes that are not UTF-8 as lone surrogates."""
    return argument.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")


def _run(case: Case, folder: Path) -> str:
    import os

    arguments = options_of(case)["arguments"]
    out, err = _stream(), _stream()
    kept = sys.argv, sys.stdout, sys.stderr, sys.stdin
    treernn.load = _load_once
    sys.argv = ["treernn", *arguments]
    sys.stdout, sys.stderr = out, err
    sys.stdin = io.TextIOWrapper(io.BytesIO(b"A good film."), encoding="utf-8")
    os.chdir(folder)
    try:
        main()
        status: Any = 0
    except SystemExit as ended:
        status = ended.code or 0
    finally:
        os.chdir(folder.parent)
        sys.argv, sys.stdout, sys.stderr, sys.stdin = kept
        treernn.load = load
    printed, said = (_content(stream) for stream in (out, err))
    assert status in (0, 1, 2), f"status {status}"
    assert "Traceback" not in said, "a traceback"
    assert not _CONTROL.search(said), f"control characters in {said[:200]!r}"
    if status == 2:
        assert said.strip(), "no message"
        if said.startswith("treernn: "):
            lines = [line for line in said.splitlines() if not line.startswith("treernn: note:")]
            assert len(lines) == 1, f"{len(lines)} lines of one error"
    if arguments[:1] in (["score"], ["parse"]) and status == 0:
        _check_printed(arguments, printed)
    return f"status {status}"


def _check_printed(arguments: list[str], printed: str) -> None:
    if "--help" in arguments or "--version" in arguments:
        return
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    formats = [value for name, value in pairwise(options) if name == "--format"]
    if "--json" in options or formats[-1:] in (["json"], ["jsonl"]):
        try:
            strict(printed)
        except json.JSONDecodeError:  # several values
            for line in printed.split("\n")[:-1]:
                strict(line)
    elif "--format" not in arguments:
        assert not _CONTROL.search(printed), "control characters are printed"


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="replace", write_through=True)


def _content(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer: Any = stream.buffer
    return buffer.getvalue().decode("utf-8", "replace")


def ready() -> None:
    """Load what would make files or libraries be opened in a case."""
    if find_spec("dgl"):
        import dgl  # noqa: F401
    import matplotlib.figure  # makes folders of its own
    import matplotlib.font_manager  # noqa: F401

    scorer()


def _load_once(
    model: Any = "small",
    device: str = "cpu",
    parser: Any = "embedded",
    precision: str = "float32",
    newline_ends_sentence: bool = False,
    classes: int = 5,
    lexicon: Any = None,
) -> Any:
    """``treernn.load``, but the small model is loaded once and not for each command."""
    if (model, device, parser, precision) == ("small", "cpu", "embedded", "float32"):
        kept = scorer()
        found = Scorer(kept.parser, kept.classifier, newline_ends_sentence, classes, lexicon)
        found.folder = kept.folder
        return found
    return load(model, device, parser, precision, newline_ends_sentence, classes, lexicon)


TARGETS = (Target("commands", _make, _run, quick=100, share=1, may_write=True, prepare=ready),)
