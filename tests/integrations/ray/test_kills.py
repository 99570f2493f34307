"""Actors, drivers and machines that are killed cost nothing but time.

In full: ``tests/load/ray_kills.py``, whose sizes ``TREERNN_RAY_KILLS`` sets here.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "load" / "ray_kills.py"
KILLS = int(os.environ.get("TREERNN_RAY_KILLS", "1"))


@pytest.mark.slow
@pytest.mark.parametrize("what", ["actors", "driver", "machine"])
def test_killed_and_yet_every_row_once(what):
    pytest.importorskip("ray")
    kills = 1 if what == "machine" else KILLS
    sizes = ["--rows", str(4_000 if KILLS == 1 else 20_000), "--kills", str(kills)]
    ran = subprocess.run(
        [sys.executable, SCRIPT, what, *sizes], capture_output=True, text=True, timeout=3_600
    )
    assert ran.returncode == 0, ran.stderr[-2_000:]
    assert "rows the same" in ran.stdout
