"""The reference of the command line, from the commands themselves."""

from __future__ import annotations

import re

import typer

from treernn.cli.app import app
from treernn.cli.defaults import DEFAULTS


def pages() -> dict[str, str]:
    """A page for each command and each group, and one that lists them."""
    root = typer.main.get_command(app)
    found = {}
    listed = []
    for name, command in root.commands.items():
        below = getattr(command, "commands", None)
        parts = (
            {f"{name} {each}": item for each, item in below.items()} if below else {name: command}
        )
        lines = [*_heading(f"treernn {name}", "="), "", *_help(command), ""]
        for path, each in parts.items():
            if below:
                lines += [*_heading(f"treernn {path}", "-"), "", *_help(each), ""]
            lines += _parameters(path, each)
        found[f"reference/commands/{name}.rst"] = "\n".join(lines) + "\n"
        listed.append(f"   {name}")
    text = [
        *_heading("Commands", "="),
        "",
        "Every command with its arguments and options. ``treernn COMMAND --help`` prints the same.",
        "",
        ".. toctree::",
        "   :maxdepth: 2",
        "",
        *listed,
    ]
    found["reference/commands/index.rst"] = "\n".join(text) + "\n"
    return found


def _heading(text: str, line: str) -> list[str]:
    return [text, line * len(text)]


def escaped(text: str) -> str:
    """Plain text in reStructuredText; options and code stay as they are."""
    text = re.sub(r"([\\*`|_])", r"\\\1", text)
    return re.sub(r"(?<![\w-])(--[a-z][\w-]*)", r"``\1``", text)


def _help(command) -> list[str]:
    return [escaped(line.replace("\b", "").strip()) for line in (command.help or "").splitlines()]


def _parameters(path: str, command) -> list[str]:
    """The usage, and each argument and option."""
    context = command.context_class(command, info_name=f"treernn {path}")
    usage = command.get_usage(context).removeprefix("Usage: ")
    lines = [".. code-block:: text", "", f"   {' '.join(usage.split())}", ""]
    lines += [f".. program:: treernn {path}", ""]
    settings = DEFAULTS.get(command.name or "", {})
    for parameter in command.params:
        if parameter.name == "help" or getattr(parameter, "hidden", False):
            continue
        if parameter.name in settings and parameter.default is None:  # see cli/defaults.py
            parameter.show_default = settings[parameter.name]
        first, text = parameter.get_help_record(context) or (parameter.make_metavar(context), "")
        text = re.sub(r"(\[default:\s+)\(([^()]*)\)(?=[;\]])", r"\1\2", text)
        if not parameter.opts[0].startswith("-"):
            first = parameter.name + ("..." if parameter.nargs == -1 else "")
        help_, _, rest = text.partition("  [")
        lines += [f".. option:: {first.replace(' / ', ', ').replace(', ,', ',')}", ""]
        lines += [f"   {escaped(' '.join(help_.split()))}", ""] if help_.strip() else []
        lines += [f"   *{_default(rest.rstrip(']'))}*", ""] if rest else []
    return lines


def _default(text: str) -> str:
    text = escaped(" ".join(text.split())).replace("``", "")
    return text[:1].upper() + text[1:] + "."
