"""Every command with standard streams that are closed or full: one line where it can be read."""

import importlib.util
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from treernn.cli.app import COMMANDS
from treernn.corpora.digits import WORDS, rows
from treernn.models.captioner import Captioner, CaptionerConfig
from treernn.models.decoder import SPECIAL_WORDS
from treernn.models.tagger import Tagger, TaggerConfig
from treernn.models.translator import Translator, TranslatorConfig

CLOSED, FULL = "is closed, nothing can be printed", "cannot be written (No space left on device)"

# Arguments, and the exit status where all streams are usable. The first do not import torch.
QUICK = {
    **{f"{command.__name__} --help": 0 for command in COMMANDS},
    **{f"{group} --help": 0 for group in ("train", "distil", "bench")},
    **{"train parser --help": 0, "distil vectors --help": 0, "bench engine --help": 0},
    **{"--help": 0, "--version": 0, "": 2, "nonesuch": 2, "score --nonesuch": 2},
    **{"parse --from trees.txt": 0, "compare --seeds x": 2},
}
SLOW = {
    "score good --parser right --format csv": 0,
    "score good --parser right": 0,
    "score films.csv --parser right --format ptb": 1,
    "score - --parser right --input-format csv": 1,
    "parse good --parser right": 0,
    "parse --from trees.txt --format tree": 0,
    "evaluate small --file trees.txt": 0,
    "influence small good": 0,
    "draw -o a.svg": 0,
    "info": 0,
    "info --json": 0,
    "tag tagger good": 0,
    "tag tagger -": 0,
    "caption captioner row.npy": 0,
    "translate translator -": 0,
    "tag nonesuch good": 2,
    "probe nonesuch": 2,
    "reproduce --rows x": 2,
}
# What happens to standard input, output and error: kept, closed (-) or full (!).
STREAMS = ("...", ".-.", ".!.", "..!", "---", "..-", "-..", ".!!", ".-!")

# Forks after the imports, which take most of the time of a help.
DRIVER = """
import gc, importlib, json, os, sys
import treernn.cli.app
from treernn.cli.main import main
uses, ways, modules = json.loads(sys.argv[1])
for module in modules:
    importlib.import_module(module)
gc.collect()
gc.freeze()  # what is imported stays shared memory
for use in uses:
    for way in ways:
        child = os.fork()
        if not child:
            os.dup2(os.open("films.csv", os.O_RDONLY), 0)
            os.dup2(os.open("out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
            os.dup2(os.open("err", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
            os.closerange(3, 64)
            for number, (name, how) in enumerate(zip(("stdin", "stdout", "stderr"), way)):
                if how == "-":
                    os.close(number)
                    setattr(sys, name, None)
                    setattr(sys, f"__{name}__", None)
                elif how == "!":
                    full = os.open("/dev/full", os.O_WRONLY)
                    os.dup2(full, number)
                    os.close(full)
            sys.argv = ["treernn", *use.split()]
            main()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        texts = [open(name, errors="replace").read() for name in ("out", "err")]
        print(json.dumps([use, way, status, *texts]), file=sys.__stderr__)
"""


def outcomes(folder, uses, ways, modules=()):
    """For each use and way: the exit status, output and errors; ``modules`` are imported before."""
    (folder / "films.csv").write_text("id,text\n1,A good film\n2,\n")
    (folder / "trees.txt").write_text("(3 (2 so) (3 good))\n")
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, json.dumps([uses, ways, modules])],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1", "TREERNN_DATA": str(folder)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    lines = map(json.loads, done.stderr.splitlines())
    return {(use, way): outcome for use, way, *outcome in lines}


def check(found, use, status_of_use, ways):
    usual, printed, complaint = found[use, "..."]
    assert usual == status_of_use, complaint
    for way in ways[1:]:
        status, out, err = found[use, way]
        assert "Traceback" not in err, (use, way, err)
        assert "Exception ignored" not in err, (use, way, err)
        if way[0] == "-" and "-" in use.split():
            assert status == 2
            if way == "-..":
                problem = "standard input is closed, there is nothing to read"
                assert (out, err) == ("", f"treernn: {problem}\n")
        elif way[1] != "." and printed:
            assert status == 2, (use, way)
            if way[2] == ".":
                assert err == f"treernn: standard output {CLOSED if way[1] == '-' else FULL}\n"
        else:
            assert status == usual, (use, way)
            assert out == (printed if way[1] == "." else "")
            assert err == (complaint if way[2] == "." else "")


# What newer versions of typer import late and all helps need, which takes longer than the rest.
ADAPTERS = [name for name in ("typer._adapters",) if importlib.util.find_spec(name)]
full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")


@full
def test_streams_that_are_closed_or_full(tmp_path):
    found = outcomes(tmp_path, [*QUICK], STREAMS[:4], ADAPTERS)
    for use, status in QUICK.items():
        check(found, use, status, STREAMS[:4])


def save_models(folder):
    """Small untrained models, and an image."""
    config = TaggerConfig(6, hidden_size=5, subword_size=4, subword_rows=64)
    Tagger(config, ("JJ", "NN"), ("<unk>", "good")).save(folder / "tagger")
    words = (*SPECIAL_WORDS, "A", "good", "film")
    Translator(TranslatorConfig(embedding_size=4, hidden_size=6), words, words).save(
        folder / "translator"
    )
    Captioner(CaptionerConfig(embedding_size=6, hidden_size=8), (*SPECIAL_WORDS, *WORDS)).save(
        folder / "captioner"
    )
    np.save(folder / "row.npy", rows("test", 1)[0].image)


@full
@pytest.mark.slow
@pytest.mark.parametrize("use", SLOW, ids=range(len(SLOW)))
def test_streams_of_commands_that_compute(tmp_path, use):
    save_models(tmp_path)
    modules = ["torch", "treernn.models.sentiment", "treernn.scoring.scorer"]
    check(outcomes(tmp_path, [use], STREAMS, modules), use, SLOW[use], STREAMS)
