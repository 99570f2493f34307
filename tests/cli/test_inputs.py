"""A wrong name of a file or a model is said before torch is imported."""

import json
import subprocess
import sys

import pytest

NAMED = {
    *("model", "compare", "teachers", "init_from", "parser", "encoder", "vectors", "lexicon"),
    *("data", "dev_data", "file", "trees", "trees_file", "dev_trees", "sentences", "targets"),
    *("dev_sentences", "annotations", "sources", "settings", "aspects", "text", "corpus", "gold"),
    *("features", "dev_features", "frames", "images", "evaluate", "token_file"),
}
"""Parameters that name something to read."""

NOT_ALL = ("evaluate trees", "influence text")
"""Those that are something else in some command."""

DRIVER = """
import contextlib, io, json, sys, typer
from treernn.cli.app import app
from treernn.cli.main import main
named, not_all = json.loads(sys.argv[1])

def commands(group, above=()):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*above, name))
        else:
            yield (*above, name), command

def arguments(parameter, value):
    return [value] if parameter.param_type_name == "argument" else [parameter.opts[0], value]

def run(words, *given):
    sys.argv[1:] = [*words, *sum(given, [])]
    stderr = io.StringIO()
    with contextlib.redirect_stderr(stderr), contextlib.suppress(SystemExit):
        main()
    said[" ".join(words)] = [stderr.getvalue(), sorted({"torch", "transformers"} & {*sys.modules})]

said = {}
for words, command in commands(typer.main.get_command(app)):
    needed = {each.name: arguments(each, "small") for each in command.params if each.required}
    for parameter in command.params:
        names = *words, parameter.name
        if parameter.name in named and " ".join(names) not in not_all:
            wrong = {**needed, parameter.name: arguments(parameter, "./none/x.csv")}
            run(words, *wrong.values())
            said[" ".join(names)] = said.pop(" ".join(words))
for words in json.loads(sys.stdin.readline()):
    run(words)
print(json.dumps(said))
"""
TABLES = [
    ["score", "./none/x.csv"],
    ["score", "table.csv", "--column", "none"],
    ["score", "table.csv", "-o", "none.xyz"],
    ["score", "small", "-o", "out/"],
    ["summarize", "table.csv", "--column", "none"],
]


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """For each command and parameter what the command said, and which modules it had imported."""
    folder = tmp_path_factory.mktemp("here")
    (folder / "small").mkdir()
    (folder / "table.csv").write_text("text\ngood\n")
    command = [sys.executable, "-c", DRIVER, json.dumps([*map(sorted, (NAMED, NOT_ALL))])]
    tables = json.dumps(TABLES)
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, input=tables, timeout=300
    )
    assert not done.returncode, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_each_is_named_in_one_line(said):
    assert len(said) > 70
    for words, (line, _) in said.items():
        command = words.split()[0]
        wrong = "none" if "none" in line else "small"
        assert line.startswith("treernn: "), (command, line)
        assert line.count("\n") == 1, (command, line)
        assert wrong in line, (command, line)


def test_without_torch(said):
    assert {words: modules for words, (_, modules) in said.items() if modules} == {}
