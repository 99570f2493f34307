"""Commands that take texts: one may begin with a dash, as ``-5 stars`` does."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from typer.core import TyperCommand

from treernn.errors import InputError

_MARK = "\0"  # no argument of a process can have it


_DEFAULT = re.compile(r"(\[default:\s+)\(([^()]*)\)(?=[;\]])")


class Command(TyperCommand):
    """A command whose arguments are options only if they look like some."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """See click; defaults in words have no brackets, as all others."""
        super().format_help(ctx, formatter)
        formatter.buffer[:] = [_DEFAULT.sub(r"\1\2", formatter.getvalue())]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """See click; arguments that are texts do not reach its parser as they are."""
        try:
            rest = super().parse_args(ctx, self._marked(ctx, args))
        except Exception as error:
            takes_texts = any(parameter.name in ("texts", "text") for parameter in self.params)
            if takes_texts and type(error).__name__ == "NoSuchOption":
                hint = "a text that begins with a dash goes after --"
                error.message = f"{error.message}; {hint}"  # type: ignore[attr-defined]
            raise
        for name, value in ctx.params.items():
            ctx.params[name] = _without_mark(value)
        for parameter in self.get_params(ctx):
            if "-o" in parameter.opts and str(ctx.params.get(parameter.name or "")) == "-":
                printed = "" if parameter.required else "; without it results are printed"
                raise InputError(f"-o -: expected a name{printed}")
        return rest

    def _marked(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments, with a mark before those that are texts in spite of a dash."""
        with_value: set[str] = set()
        for parameter in self.get_params(ctx):
            if not (getattr(parameter, "is_flag", False) or getattr(parameter, "count", False)):
                with_value.update(name for name in parameter.opts if name[:1] == "-")
        marked: list[str] = []
        rest = iter(args)
        for argument in rest:
            if argument == "--":
                return [*marked, argument, *rest]
            if _is_text(argument, with_value):
                argument = _MARK + argument
            marked.append(argument)
            if argument in with_value and (value := next(rest, None)) is not None:
                marked.append(value)
        return marked


def _is_text(argument: str, with_value: set[str]) -> bool:
    """Whether an argument with a dash in front cannot be meant as an option."""
    if argument[:1] != "-" or argument == "-":
        return False
    if argument[:2] in with_value and os.path.exists(argument[2:]):
        return False  # -f and the name of a file, without a blank between them
    name, equals, _ = argument.partition("=")
    if equals and name in with_value:
        return False
    if len(argument.split()) > 1:
        return True
    return not argument.lstrip("-")[:1].isalpha()


def _without_mark(value: Any) -> Any:
    if isinstance(value, str):  # not a new string where there is no mark: choices are of a subclass
        return value[len(_MARK) :] if value.startswith(_MARK) else value
    if isinstance(value, Path):
        return Path(_without_mark(str(value)))
    if isinstance(value, list | tuple):
        return type(value)(map(_without_mark, value))
    return value
