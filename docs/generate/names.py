"""The reference of Python: every public name of every package, from the docstrings."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Mapping, Set
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@cache
def _packages() -> dict[str, ModuleType]:
    """The packages with public names, the front door first."""
    folders = [
        path.parent.relative_to(ROOT).parts
        for top in ("treernn", "corpora", "cli")
        for path in (ROOT / top).rglob("__init__.py")
    ]
    names = sorted(".".join(("treernn", *parts[parts[0] == "treernn" :])) for parts in folders)
    modules = {name: importlib.import_module(name) for name in names}
    return {name: module for name, module in modules.items() if getattr(module, "__all__", None)}


@cache
def _homes() -> dict[str, str]:
    """Where a class or function is described: the first package that exports it; by the name of
    its module and its own."""
    homes: dict[str, str] = {}
    for package, module in _packages().items():
        for name in module.__all__:
            value = getattr(module, name)
            if _described(value):
                homes.setdefault(_true_name(value), f"{package}.{name}")
    return homes


def _described(value: object) -> bool:
    return inspect.isclass(value) or inspect.isroutine(value)


def _true_name(value: Any) -> str:
    return f"{value.__module__}.{value.__qualname__}"


def pages() -> dict[str, str]:
    """A page for each package, and one that lists them."""
    text = [
        "Python",
        "======",
        "",
        "Every public name. What is not listed here may change without notice.",
        "",
        ".. toctree::",
        "   :maxdepth: 1",
        "",
        *(f"   {package}" for package in _packages()),
    ]
    found = {"reference/python/index.rst": "\n".join(text) + "\n"}
    for package, module in _packages().items():
        found[f"reference/python/{package}.rst"] = "\n".join(_page(package, module)) + "\n"
    return found


def _page(package: str, module: ModuleType) -> list[str]:
    lines = [package, "=" * len(package), "", f".. module:: {package}", ""]
    lines += [inspect.cleandoc(module.__doc__ or ""), ""]
    elsewhere = []
    for name in sorted(module.__all__, key=str.lower):
        value, path = getattr(module, name), f"{package}.{name}"
        if _described(value) and _homes()[_true_name(value)] != path:
            elsewhere.append(f":py:obj:`{name} <{_homes()[_true_name(value)]}>`")
            continue
        lines += [name, "-" * len(name), ""]
        if inspect.isclass(value):
            lines += [f".. autoclass:: {path}", "   :members:", "   :show-inheritance:", ""]
        elif inspect.isroutine(value):
            lines += [f".. autofunction:: {path}", ""]
        else:
            lines += [f".. py:data:: {path}", "", f"   {_content(value)}", ""]
    if elsewhere:
        lines += ["Also here: " + ", ".join(elsewhere) + ".", ""]
    return lines


def _content(value: object) -> str:
    """What a public constant is."""
    if isinstance(value, Mapping):
        return "A mapping with the keys " + ", ".join(f"``{key}``" for key in value) + "."
    if isinstance(value, Set):
        return "A set of " + ", ".join(f"``{each}``" for each in sorted(value)) + "."
    return f"``{value!r}``"


def skip(app, what, name, value, skipped, options) -> bool | None:
    """Leave out the fields of named tuples, which their class describes."""
    text = getattr(value, "__doc__", None) or ""
    return True if text.startswith("Alias for field number") else None


def split_fields(app, what, name, value, options, lines: list[str]) -> None:
    """Attributes that share a description, ``start, end: ...``, one by one."""
    found: list[str] = []
    shared: list[str] = []  # names of the field that the current lines belong to
    for line in [*lines, ""]:
        match = re.match(r":ivar (\w+(?:, \w+)+):(.*)", line)
        if match:
            shared = match[1].split(", ")
            body = [match[2]]
        elif shared and line.startswith(" "):
            body.append(line)
        else:
            for each in shared:
                found += [f":ivar {each}:{body[0]}", *body[1:]]
            shared = []
        if not shared:
            found.append(line)
    lines[:] = found


def resolve(app, env, node, content):
    """Link a type in a signature to where it is described; types that are not public are text.

    Annotations have the name of the module that defines a type, or only its own.
    """
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"]
    for true_name, home in _homes().items():
        if target == true_name or (target in home.split(".")[-1:] and node["reftype"] == "class"):
            domain = env.domains["py"]
            return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", home, node, content)
    return content
