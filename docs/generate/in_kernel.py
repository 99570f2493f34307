"""What the cells of a tutorial find when the site is built: the examples, and a shell.

IPython's own ``%%sh`` passes its output on in pieces, with colours and bars of progress.
"""

import os
import subprocess
from pathlib import Path

from IPython import get_ipython
from IPython.core.magic import register_cell_magic

os.symlink(Path(__file__).resolve().parents[2] / "examples", "examples")
get_ipython().run_line_magic("config", "InlineBackend.figure_formats = ['svg']")
for name in ("FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE"):
    os.environ.pop(name, None)


@register_cell_magic
def sh(line: str, cell: str) -> None:
    """Print what commands write; what they tell people beside it is left out."""
    done = subprocess.run(
        ["/bin/sh", "-e"], input=cell, capture_output=True, text=True, encoding="utf-8"
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    print(done.stdout, end="")
