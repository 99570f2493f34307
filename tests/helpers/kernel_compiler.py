"""Compiles for a GPU, without one, the kernels that a training step launches.

A program: ``python kernel_compiler.py CELL [CELL …]`` prints a line for each kernel. Triton must
not be in its interpreter. Whatever a kernel would have computed is left as it was.
"""

import inspect
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from triton.runtime.jit import JITFunction

from treernn.cells import CELLS
from treernn.engine.engine import _Levels
from treernn.engine.triton import available
from treernn.structure import compile_chains, compile_plan, tree
from treernn.types import Tree

HOPPER = GPUTarget("cuda", 90, 32)
TYPES = {torch.float32: "*fp32", torch.float64: "*fp64", torch.int64: "*i64"}
CUOBJDUMP = Path(triton.__file__).parent / "backends" / "nvidia" / "bin" / "cuobjdump"
INPUT, HIDDEN = 300, 150
done = set()


def compile_launch(kernel, *args, grid, warmup, **kwargs):  # noqa: ARG001
    """In the place of ``JITFunction.run``."""
    arguments = inspect.signature(kernel.fn).bind(*args, **kwargs).arguments
    signature, constants, aligned = {}, {}, {}
    for position, (param, (name, value)) in enumerate(
        zip(kernel.params, arguments.items(), strict=True)
    ):
        signature[name] = "i32"
        if param.is_constexpr or value is None:
            signature[name], constants[(position,)] = "constexpr", value
        elif isinstance(value, torch.Tensor):
            signature[name] = TYPES[value.dtype]
            aligned[(position,)] = [["tt.divisibility", 16]]
    name = f"{kernel.fn.__module__}.{kernel.fn.__name__}"
    key = name, str(signature), str(constants)
    if key in done:
        return
    done.add(key)
    source = ASTSource(kernel, signature, constants, aligned)
    compiled = triton.compile(source, target=HOPPER)
    named = {list(arguments)[at]: value for (at,), value in constants.items()}
    sizes = {name: value for name, value in named.items() if value is not None}
    print(name, sizes, resources(compiled), flush=True)


def resources(compiled):
    """What the machine code needs of a processor; registers that do not fit are on the stack."""
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(compiled.asm["cubin"])
        file.flush()
        command = [CUOBJDUMP, "--dump-resource-usage", file.name]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    registers, stack = re.search(r"REG:(\d+) STACK:(\d+)", said).groups()
    shared = compiled.metadata.shared
    return f"{registers} registers, {stack} bytes of stack, {shared} bytes shared"


def steps(name, count, **options):
    """Training and inference, over so many trees, or chains if the cell has one slot."""
    cell = CELLS[name](INPUT, HIDDEN, **options)
    if cell.arity == 1:
        plan = compile_chains([3] * count)
    else:
        parsed = Tree(("not", "very", "good"), ((1, 2), (0, 3)))
        plan = compile_plan([tree(parsed)] * count, "arrays")
    x = torch.zeros(plan.num_nodes if cell.arity == 1 else plan.num_leaves, INPUT)
    kernels = available.load_kernels(cell)
    arguments = kernels, cell, plan, x, None, None, *cell.parameters()
    h, *_ = _Levels.apply(*arguments)
    h.sum().backward()
    with torch.no_grad():
        _Levels.apply(*arguments)


if __name__ == "__main__":
    JITFunction.run = compile_launch
    for name in sys.argv[1:]:
        if name == "--large":
            continue
        for count in (5, 2000) if "--large" in sys.argv else (5,):
            steps(name, count)
            if CELLS[name].torch_counterpart is not None:
                steps(name, count, arity=1)
            if name in ("elman", "gru"):
                steps(name, count, arity=None)
