"""The code blocks of README.md and of docs/ are run, each document's in their order in one folder.

- ``sh``: ``treernn`` commands are run. Of the slow ones, see ``NOT_RUN``, only the options are
  checked.
- ``python``: the blocks of a document are one program. Comments at the end of a block are lines of
  its output, in this order.
- A file name after the language: the block is the content of this file, from there on.
- ``not-run`` after the language: the block needs a network or files of the reader.

What a block needs must have been made by one before it.
"""

import hashlib
import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from treernn.models.pretrained import PARSER, SENTIMENT_MODELS

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = {
    path.relative_to(ROOT / "docs" if "docs" in path.parts else ROOT)
    .with_suffix("")
    .as_posix(): path
    for pattern in ("README*.md", "docs/*.md", "docs/tutorials/*.md")
    for path in sorted(ROOT.glob(pattern))
}
BLOCK = re.compile(r"^```(\{?\w*\}?)(?: (\S+))?\n(.*?)^```$", re.M | re.S)
OUTPUT = re.compile(r"(?:^# .*\n)+\Z", re.M)
NOT_RUN = ("bench",)
GROUPS = ("bench", "train", "distil")  # their commands have subcommands
OPTIONAL = ("stanza", "spacy", "pandas", "polars")


def blocks(name, language):
    found = BLOCK.findall(DOCUMENTS[name].read_text("utf-8"))
    return [content for kind, word, content in found if (kind, word) == (language, "")]


def commands(name):
    """The ``treernn`` commands of a document, without the first word."""
    return commands_of("".join(blocks(name, "sh")))


def commands_of(text):
    """The ``treernn`` commands of lines for a shell, without the first word."""
    lines = [shlex.split(line, comments=True) for line in text.replace("\\\n", " ").splitlines()]
    return [line[1:] for line in lines if line and line[0] == "treernn"]


WITH_COMMANDS = [name for name in DOCUMENTS if commands(name)]
WITH_BLOCKS = [name for name in DOCUMENTS if commands(name) or blocks(name, "python")]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The empty working folder of a reader; ``TREERNN_DATA`` has a very small treebank and word
    vectors."""
    if not (SENTIMENT_MODELS["small"].is_dir() and PARSER.is_dir()):
        pytest.skip("this copy has no pretrained models")
    data = tmp_path / "data"
    data.mkdir()
    trees = "(3 (2 It) (3 (2 is) (3 good)))\n(1 (1 (2 not) (3 good)) (2 .))\n"
    for split in ("train", "dev", "test"):
        (data / f"{split}.txt").write_text(trees * 3)
    words = ("it", "is", ".")
    rows = np.random.default_rng(1).normal(size=(3, 100)).round(3)
    vectors = (f"{word} {' '.join(map(str, row))}\n" for word, row in zip(words, rows, strict=True))
    (data / "glove.6B.100d.txt").write_text("".join(vectors))
    work = tmp_path / "work"
    work.mkdir()
    (work / "examples").symlink_to(ROOT / "examples")
    monkeypatch.setenv("TREERNN_DATA", str(data))
    monkeypatch.chdir(work)
    return work


@pytest.fixture
def python(folder, site):
    """Run a block of the program of a document, in a process that lives as long as the test; the
    lines that the block printed."""
    end = "-- end of a block --"
    source = (
        "import json, sys\n"
        "names = {'__name__': '__main__'}\n"
        "for line in sys.stdin:\n"
        "    exec(compile(json.loads(line), 'block', 'exec'), names)\n"
        f"    print({end!r}, flush=True)\n"
    )
    with (
        open(folder.parent / "errors.txt", "w+b") as errors,
        subprocess.Popen(
            [sys.executable, "-c", source],
            cwd=folder,
            env={**os.environ, "OMP_NUM_THREADS": "1", **stanza_site(*site, folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
        ) as process,
    ):

        def run(program):
            process.stdin.write(json.dumps(program) + "\n")
            process.stdin.flush()
            printed = []
            while (line := process.stdout.readline()) and line.rstrip() != end:
                printed.append(line.rstrip())
            if not line:  # the process has ended
                errors.seek(0)
                pytest.fail(errors.read().decode())
            return printed

        yield run


@pytest.mark.parametrize("name", WITH_BLOCKS)
def test_blocks_work_in_their_order(name, folder, in_process, request):
    for kind, word, content in BLOCK.findall(DOCUMENTS[name].read_text("utf-8")):
        if word not in ("", "not-run"):
            (folder / word).parent.mkdir(parents=True, exist_ok=True)
            (folder / word).write_text(content, "utf-8")
        elif kind == "sh" and not word:
            run_commands(content, in_process)
        elif kind == "python" and not word:
            check_program(content, request)


def run_commands(text, in_process):
    """Run the ``treernn`` commands among lines for a shell."""
    for command in commands_of(text):
        if command[0] not in NOT_RUN:
            status, out, err = in_process(*command)
            assert status == 0, (command, err)
            assert out or "-o" in command, command


def check_program(program, request):
    """Run a block of Python, and compare what it prints with its last comments."""
    for library in OPTIONAL:
        uses = re.search(rf"^(?:import|from) {library}\b", program, re.M)
        if uses and importlib.util.find_spec(library) is None:
            pytest.skip(f"{library} is not installed")
    printed = request.getfixturevalue("python")(program)
    expected = OUTPUT.search(program)
    shown = [line[2:] for line in expected.group().splitlines()] if expected else []
    rest = iter(printed)
    for line in shown:
        assert line.rstrip() in rest, (line, printed)


@pytest.mark.parametrize("name", WITH_COMMANDS)
def test_options_of_commands_exist(name, in_process):
    for command in commands(name):
        options = [word.partition("=")[0] for word in command if re.match("--[a-z]", word)]
        path = command[: 2 if command[0] in GROUPS else 1]
        _, out, _ = in_process(*path, "--help")
        for option in options:
            assert re.search(rf"(?<![\w-]){option}(?![\w-])", out), (command, option)


def stanza_site(address, served, folder):
    """Environment variables that make Stanza download its list of models from a web server on this
    machine, with a tokenizer's model that is never read."""
    model = served / "tokenize" / "default.pt"
    model.parent.mkdir()
    model.write_bytes(b"not read for pretokenized text")
    listed = {
        "url": f"{address}/{{filename}}",
        "en": {
            "lang_name": "English",
            "packages": {},
            "tokenize": {"default": {"md5": hashlib.md5(model.read_bytes()).hexdigest()}},
        },
    }
    for version in stanza_versions():
        (served / f"resources_{version}.json").write_text(json.dumps(listed))
    return {
        "STANZA_RESOURCES_URL": address,
        "STANZA_RESOURCES_DIR": str(folder / "stanza_resources"),
        "NO_PROXY": "*",
    }


def stanza_versions():
    """Versions of Stanza's list of models, found without importing Stanza, which is slow."""
    found = importlib.util.find_spec("stanza")
    if found is None:
        return []
    text = (Path(found.origin).parent / "_version.py").read_text("utf-8")
    return re.findall(r'__resources_version__ = "(.*?)"', text.replace("'", '"'))


def test_languages_of_blocks():
    for path in DOCUMENTS.values():
        text = path.read_text("utf-8")
        found = BLOCK.findall(text)
        assert 2 * len(found) == len(re.findall("^```", text, re.M)), path.name
        kinds = {kind for kind, file, _ in found if file in ("", "not-run")}
        assert kinds <= {"sh", "python", "text", "toml", "json", "{toctree}", ""}, path.name


def test_other_shell_commands():
    for name in DOCUMENTS:
        for line in "".join(blocks(name, "sh")).replace("\\\n", " ").splitlines():
            first = shlex.split(line, comments=True)[:1]
            assert first in ([], ["make"], ["pip"], ["treernn"], ["."]), line


def test_links_exist():
    for path in DOCUMENTS.values():
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), (path.name, target)


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_options_in_text_exist(name):
    import typer

    from treernn.cli.app import app

    def options(command):
        for below in getattr(command, "commands", {}).values():
            yield from options(below)
        for parameter in command.params:
            yield from (*parameter.opts, *parameter.secondary_opts)

    known = set(options(typer.main.get_command(app)))
    text = DOCUMENTS[name].read_text("utf-8")
    # Other programs have options of their own.
    text = re.sub(
        r"(?:pip install|hf download)[^`\n]*|gunicorn with `[^`]*`|prodigy [^`\n]*"
        r"|torchrun -[^`]*?-m treernn|#SBATCH [^\n]*",
        "",
        text,
    )
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text)) <= known


def test_the_table_of_settings_is_complete():
    from treernn.training.tasks.sentiment_settings import STRUCTURES

    text = DOCUMENTS["train"].read_text("utf-8")
    _, text = text.split("## Settings\n")
    on_words, on_encoder = text.split("## An encoder instead of word vectors")

    def names(part):
        rows = [row.split("|")[1] for row in part.splitlines() if row.startswith("| `")]
        return {name for row in rows for name in re.findall("`(.*?)`", row)}

    def settings(kinds):
        return {name for kind in kinds if kind for name in kind().values()}

    plain, with_encoder = map(settings, zip(*STRUCTURES.values(), strict=True))
    assert names(on_words) == plain
    both = {"learning_rate", "embedding_learning_rate"}
    assert names(on_encoder) == with_encoder - plain | both
