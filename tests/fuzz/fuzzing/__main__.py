"""``python -m fuzzing``: a long run, or one case again."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from fuzzing import harness
from fuzzing.blocks import blocks_of, run_block
from fuzzing.targets import TARGETS

_STEPS = 20  # lines of progress


def main() -> int:
    """Run what the arguments say; the status is 1 if a case failed."""
    parser = argparse.ArgumentParser(prog="python -m fuzzing", description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=1_000_000, help="cases in all")
    parser.add_argument("--only", help="targets, separated by commas", default=",".join(TARGETS))
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes")
    parser.add_argument("--out", type=Path, default=Path("build/fuzz"), help="for cases that fail")
    parser.add_argument("--replay", type=Path, help="the folder of a case, to run it again")
    arguments = parser.parse_args()
    if arguments.replay is not None:
        return replay(arguments.replay)
    out: Path = arguments.out.resolve()
    blocks = blocks_of(arguments.only.split(","), arguments.count, arguments.first)
    counts: dict[str, Counter[str]] = {}
    started = time.monotonic()
    failed = done = 0
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(arguments.jobs, context) as pool:
        running = {pool.submit(run_block, block): block for block in blocks}
        for future in as_completed(running):
            found, failures = future.result()
            counts.setdefault(running[future].name, Counter()).update(found)
            before, done = done, done + found.total()
            if done * _STEPS // arguments.count > before * _STEPS // arguments.count:
                minutes = (time.monotonic() - started) / 60
                print(f"{done:,} cases after {minutes:.0f} minutes", file=sys.stderr, flush=True)
            for each in failures:
                failed += 1
                path = harness.keep(each, out)
                print(f"{each.target} {each.number}: {each.problem}", file=sys.stderr)
                print(f"  again: python -m fuzzing --replay {path}", file=sys.stderr, flush=True)
    print_counts(counts, time.monotonic() - started)
    return 1 if failed else 0


def print_counts(counts: dict[str, Counter[str]], seconds: float) -> None:
    """A line for each target, and one for all."""
    kinds = sorted({kind for each in counts.values() for kind in each})
    for name in TARGETS:
        if found := counts.get(name):
            ended = ", ".join(f"{kind} {found[kind]:,}" for kind in kinds if found[kind])
            print(f"{name:<12} {found.total():>9,}   {ended}")
    total = sum(counts.values(), Counter())
    print(f"{'all':<12} {total.total():>9,}   in {seconds / 60:.1f} minutes")


def replay(path: Path) -> int:
    """Run a case that was kept; its error is shown in full."""
    name, case = harness.kept(path)
    harness.prepare(TARGETS[name])
    with harness.new_place() as place:
        print(harness.run_case(TARGETS[name], case, place))
    return 0


if __name__ == "__main__":
    sys.exit(main())
