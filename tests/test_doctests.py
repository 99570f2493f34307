"""Examples in the docstrings of all modules, and docstrings of public names."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

import treernn

PACKAGES = ("treernn", "treernn.corpora", "treernn.cli")
MODULES = sorted(
    {
        f"{package}.{module.name}"
        for package in PACKAGES
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__)
        if module.name != "__main__"
    }
    | {
        module.name
        for module in pkgutil.walk_packages(treernn.__path__, "treernn.")
        if not module.name.endswith("__main__")
    }
    | set(PACKAGES)
)
OPTIONAL = {
    "treernn.integrations.stanza": "stanza",
    "treernn.integrations.spacy": "spacy",
    "treernn.scoring.scorer": "pandas",
    "treernn.structure.dgl_graphs": "dgl",
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of imported packages
@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    if name in OPTIONAL:
        pytest.importorskip(OPTIONAL[name])
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_public_names_have_docstrings():
    for name in treernn.__all__:
        value = getattr(treernn, name)
        if inspect.isclass(value) or callable(value):
            assert value.__doc__, name
        if inspect.isclass(value):
            for member, method in vars(value).items():
                if not member.startswith("_") and callable(method):
                    assert method.__doc__, f"{name}.{member}"


@pytest.mark.parametrize("place", ["", "Scorer", "load", "Result.phrases", "Tree"])
def test_main_names_have_examples(place):
    value = treernn
    for name in filter(None, place.split(".")):
        value = getattr(value, name)
    assert doctest.DocTestParser().get_examples(value.__doc__)
