"""Time and memory of ``treernn summarize``: ``python tests/load/summaries.py FILE [OPTIONS]``.

Prints the seconds, and the memory of all its processes together at its highest: the sum of their
proportional set sizes (PSS), in which what processes share counts once. Linux only.
"""

import re
import subprocess
import sys
import time
from pathlib import Path


def tree(pid: int) -> list[int]:
    """A process and those that it started."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(each for child in children for each in tree(int(child)))]


def memory(pid: int) -> float:
    """MB of a process."""
    try:
        found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


def main() -> None:
    """Run it and print what it took."""
    command = [sys.executable, "-m", "treernn", "summarize", *sys.argv[1:]]
    start, most = time.monotonic(), 0.0
    with subprocess.Popen(command) as process:
        while process.poll() is None:
            most = max(most, sum(map(memory, tree(process.pid))))
            time.sleep(1)
    took = time.monotonic() - start
    print(f"exit status {process.returncode}, {took:,.0f} s, at most {most:,.0f} MB")


if __name__ == "__main__":
    main()
