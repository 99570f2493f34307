"""The command line in a process that waits at a known moment, so that no test races with it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable

_RUN = """
import fnmatch, os, runpy, sys, time

pattern, replace = sys.argv.pop(1), os.replace

def replace_and_wait(source, target, **options):
    replace(source, target, **options)
    if fnmatch.fnmatch(os.path.basename(target), pattern):
        time.sleep(600)

os.replace = replace_and_wait
runpy.run_module("treernn", run_name="__main__", alter_sys=True)
"""


def paused_after(pattern: str, *arguments: str) -> subprocess.Popen[str]:
    """``treernn`` with these arguments, which sleeps once it has written a file of this name."""
    return subprocess.Popen(
        [sys.executable, "-c", _RUN, pattern, *arguments],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(condition: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Wait until the condition is true, as long as the process runs."""
    while not condition():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
