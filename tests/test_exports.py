"""The public names of every package, and that importing a package is quick."""

import importlib
import subprocess
import sys

import pytest

EXPORTS = {
    "treernn": """DataError InputError LABELS MissingDataError MissingPackageError ModelError Phrase
        Result Scorer Sentence Token Tree TreernnError load""",
    "treernn.tables": "FORMATS Record Table format_of open_table",
    "treernn.scoring": """Classifier Explanation NEGATORS Phrase Result Scorer Sentence combine load
        tokenize treebank_token""",
    "treernn.structure": """GraphLibrary Plan Structure chain compile_chains compile_plan
        dependency tree""",
    "treernn.cells": """CELLS CHAIN_CELLS Cell ChildSumLSTM Elman GRU LSTM MatrixVector RNTN
        States""",
    "treernn.engine": "Backend inference run",
}


@pytest.mark.parametrize("package", EXPORTS)
def test_exports(package):
    module = importlib.import_module(package)
    assert sorted(module.__all__) == sorted(EXPORTS[package].split())
    assert set(module.__all__) <= set(dir(module))
    for name in module.__all__:
        assert getattr(module, name) is not None
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'missing'"):
        _ = module.missing


@pytest.mark.parametrize("package", EXPORTS)
def test_importing_a_package_imports_no_torch(package):
    program = f"import sys, {package}; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_cells():
    from treernn.cells import CELLS, CHAIN_CELLS

    assert list(CELLS) == ["child-sum-lstm", "elman", "gru", "lstm", "matrix-vector", "rntn"]
    assert list(CHAIN_CELLS) == ["elman", "gru", "lstm"]
    assert all(cell.name == name for name, cell in CELLS.items())
    assert len({cell.title for cell in CELLS.values()}) == len(CELLS)
