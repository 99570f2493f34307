"""What the help of all commands says: defaults, and one meaning for each option's name."""

import re

import pytest
import typer

from treernn.cli.app import app
from treernn.cli.defaults import DEFAULTS, NO_DEFAULT

FLAGS = {
    "bidirectional": ("unidirectional", "bidirectional"),
    "attention": ("no-attention", "attention"),
}


def commands(command, path=()):
    """Each command with its path, groups excepted."""
    below = getattr(command, "commands", None)
    if not below:
        yield path, command
    for name, each in (below or {}).items():
        yield from commands(each, (*path, name))


ALL = dict(commands(typer.main.get_command(app)))


def options_of(command):
    return [each for each in command.params if each.opts[0].startswith("-") and each.name != "help"]


def settings_of(task):
    """The values of each kind of settings of a task, and whether it is on an encoder."""
    from treernn.training.loop.settings import defaults
    from treernn.training.tasks import (
        captioning,
        parser_settings,
        sentiment_settings,
        tagging,
        target_settings,
        translation,
    )

    if task == "sentiment":
        for name, (kind, on_encoder) in sentiment_settings.STRUCTURES.items():
            yield name, False, defaults(kind).values()
            if on_encoder is not None:
                yield name, True, defaults(on_encoder).values()
        return
    if task == "parser":
        yield "", False, defaults(parser_settings.LSTMParserSettings).values()
        yield "", True, defaults(parser_settings.EncoderParserSettings).values()
        return
    kind = {
        "tagging": tagging.TaggingSettings,
        "targets": target_settings.TargetSettings,
        "captioning": captioning.CaptioningSettings,
        "translation": translation.TranslationSettings,
    }[task]
    yield "", False, defaults(kind).values()


def described(task, name):
    """The default of a setting, and those of other structures and of encoders."""
    plain, on_encoder = {}, {}
    for structure, encoder, values in settings_of(task):
        if name in values:
            value = FLAGS[name][values[name]] if name in FLAGS else str(values[name])
            (on_encoder if encoder else plain)[structure] = value
    parts = []
    if plain:
        usual = next(iter(plain.values()))
        parts.append(
            usual if next(iter(plain)) in ("", "tree") else f"{usual} for {next(iter(plain))}"
        )
        parts += [f"{value} for {name}" for name, value in plain.items() if value != usual]
    values = {*on_encoder.values()}
    if values and values != {*plain.values()}:
        [value] = values
        parts.append(f"{value} with an encoder")
    return ", ".join(parts)


@pytest.mark.parametrize("task", sorted(DEFAULTS))
def test_defaults_in_the_help_are_those_of_the_settings(task):
    names = {name for _, _, values in settings_of(task) for name in values}
    options = {each.name for each in options_of(ALL["train", task])} & names - {"encoder"}
    assert DEFAULTS[task] == {name: described(task, name) for name in sorted(options)}


@pytest.mark.parametrize("path", list(ALL), ids=" ".join)
def test_every_option_with_a_default_shows_it(path):
    command = ALL[path]
    context = command.context_class(command, info_name=path[-1])
    assert "Options" in command.get_help(context)
    for option in options_of(command):
        assert not re.search(r"\bdefault\b", option.help or "", re.I), option.opts
        switch = option.is_flag and not option.secondary_opts  # off
        if switch or not NO_DEFAULT.isdisjoint(option.opts):
            continue
        _, text = option.get_help_record(context)
        assert re.search(r"\[(default: \S|required)", text), (option.opts, text)


def test_defaults_in_words_look_like_all_others(in_process):
    text = " ".join(in_process("score", "--help")[1].split())
    for default in ("text", "small", "utf-8, or what the bytes show", "coloured trees"):
        assert f"[default: {default}]" in text
    text = " ".join(in_process("train", "sentiment", "--help")[1].split())
    assert "Random seed. [default: 1]" in text
    assert "[default: 26, 4 with an encoder]" in text


def test_one_meaning_for_each_name():
    for path, command in ALL.items():
        for option in options_of(command):
            names = {*option.opts}
            where = (path, option.opts)
            assert ("--file" in names) == ("-f" in names), where
            assert ("--out" in names) == ("-o" in names), where
            if "--data" in names:
                assert option.help.startswith("Data: "), where
            if "--json" in names:
                assert option.is_flag, where
                assert option.help.startswith("Print JSON"), where


@pytest.mark.parametrize("group", [(), ("train",), ("distil",), ("bench",)], ids=" ".join)
def test_commands_are_listed_with_whole_sentences(group, in_process):
    _, text, _ = in_process(*group, "--help")
    assert "..." not in text.partition("Commands:")[2]


def test_help_of_a_command_is_fast():
    import subprocess
    import sys

    script = (
        "import sys; from treernn.cli.main import main\n"
        "sys.argv[1:] = ['train', 'sentiment', '-h']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(sorted({'torch', 'numpy', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
