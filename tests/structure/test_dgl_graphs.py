"""dgl is imported without what would need one version of torch."""

import subprocess
import sys

PROGRAM = """
import treernn.structure.dgl_graphs as graphs
assert graphs.dgl.name == "dgl 2"
try:
    import dgl.graphbolt
except FileNotFoundError as error:
    print(error)
"""


def test_loaders_of_dgl_2_are_not_imported(tmp_path):
    """dgl.graphbolt is left out of the import of dgl, and remains what it was for others."""
    package = tmp_path / "dgl"
    package.mkdir()
    (package / "__init__.py").write_text(
        "import warnings\nfrom . import graphbolt\nwarnings.warn('backslash', SyntaxWarning)\n"
        "name = 'dgl 2'\n"
    )
    (package / "graphbolt.py").write_text("raise FileNotFoundError('libgraphbolt_pytorch.so')\n")
    path = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", path + PROGRAM],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    assert process.stdout == "libgraphbolt_pytorch.so\n"
