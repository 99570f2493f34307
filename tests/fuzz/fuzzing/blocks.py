"""Runs divided into blocks of cases, for several processes."""

from __future__ import annotations

import resource
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from fuzzing import harness
from fuzzing.targets import TARGETS

_BLOCK = 0.02  # of a target's cases, run by one process at a time
_MEMORY = 12 << 30  # of addresses; torch alone has some


class Block(NamedTuple):
    """Cases ``start`` to ``end`` of a target."""

    name: str
    start: int
    end: int


def blocks_of(names: Sequence[str], count: int, first: int) -> list[Block]:
    """Blocks of ``count`` cases in all, by the targets' shares; all targets in turn."""
    shares = {name: TARGETS[name].share for name in names}
    blocks = []
    for name, share in shares.items():
        cases = max(1, round(count * share / sum(shares.values())))
        size = max(20, round(cases * _BLOCK))
        for number, start in enumerate(range(0, cases, size)):
            blocks.append((number, Block(name, first + start, first + min(cases, start + size))))
    return [block for _, block in sorted(blocks)]


def run_block(block: Block) -> tuple[Counter[str], list[harness.Failure]]:
    """Run the cases of a block."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if soft == resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, hard))
    with harness.new_place() as place:
        return harness.run(TARGETS[block.name], range(block.start, block.end), place)
