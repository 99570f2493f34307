"""What all kernels share: sizes of blocks, products, states of children, gradients from parents."""

# Kernels annotate only those parameters that the compiler must know.
# mypy: disable-error-code="no-untyped-def"

from typing import Any, NamedTuple

import torch
import triton
import triton.language as tl

VERSION: str = triton.__version__
INTERPRETED = not isinstance(tl.sigmoid, triton.JITFunction)
"""Whether ``TRITON_INTERPRET`` was set when triton was imported, so that kernels run on a CPU."""

_FEW_ROWS = 1024  # of a level
_MOST_SLOTS = 3


class Blocks(NamedTuple):
    """What one program of a kernel computes: so many rows of a level and columns of a state, in
    sums over blocks of ``depth``. All are at least 16, the least that ``tl.dot`` takes."""

    rows: int
    columns: int
    depth: int = 32

    @classmethod
    def of(cls, count: int, slots: int) -> "Blocks":
        """For a level of so many nodes, with so many slots of children: small blocks where it has
        few, for more programs at once; large ones where it has many, which read the weights less
        often, if the memory of a processor holds those of all slots."""
        size = 16 if count <= _FEW_ROWS or slots > _MOST_SLOTS else 32
        return cls(size, size, 32 if slots else size)

    def grid(self, count: int, hidden: int, states: int) -> tuple[int, int, int]:
        """Number of programs along the rows, and along the columns of so many states."""
        return -(-count // self.rows), -(-hidden // self.columns) * states, 1


def works_on(device: torch.device) -> bool:
    """Whether a kernel can be compiled and run there; raises what triton raises if not."""
    result = torch.zeros(16, device=device)
    _count[(1,)](result, 16)
    return result.tolist() == list(range(16))


@triton.jit
def _count(result, SIZE: tl.constexpr):
    numbers = tl.arange(0, SIZE)
    tl.store(result + numbers, numbers.to(tl.float32))


def precision() -> str:
    """How products of float32 are computed: as in torch, in TF32 if its user allows it."""
    matmul: Any = torch.backends.cuda.matmul
    # torch 2.9 refuses to tell the older of its two settings if the newer was set.
    setting = getattr(matmul, "fp32_precision", None)
    allowed = matmul.allow_tf32 if setting is None else setting == "tf32"
    return "tf32" if allowed else "ieee"


@triton.jit
def tanh(x):
    """tanh(x), which triton has for devices only."""
    return 2 * tl.sigmoid(2 * x) - 1


@triton.jit
def add_product(total, a, at, mask, PRECISION: tl.constexpr):
    """``total + a @ b``, with a block b of the weights ``at`` these addresses."""
    b = tl.load(at, mask=mask, other=0)
    return tl.dot(a, b, total, input_precision=PRECISION, out_dtype=total.dtype)


@triton.jit
def children_at(children, offsets, inner, slot, valid, SLOTS: tl.constexpr):
    """Where ``joined`` finds the states of the children of inner nodes: the child in a slot, or for
    Child-Sum (``offsets``) the first and last + 1 in ``children``."""
    if offsets is None:
        first = tl.load(children + inner * SLOTS + slot, mask=valid, other=0)
        last = first
    else:
        first = tl.load(offsets + inner, mask=valid, other=0)
        last = tl.load(offsets + inner + 1, mask=valid, other=0)
    return first, last


@triton.jit
def joined(
    h,
    children,
    offsets,
    first,
    last,
    columns,
    mask,
    HIDDEN: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
):
    """Columns of the states of children, or of their sum."""
    if offsets is None:
        total = tl.load(h + first[:, None] * HIDDEN + columns[None, :], mask=mask, other=0)
    else:
        total = tl.zeros((ROWS, COLUMNS), h.dtype.element_ty)
        for k in range(0, tl.max(last - first, 0).to(tl.int32)):
            more = first + k < last
            child = tl.load(children + first + k, mask=more, other=0)
            at = h + child[:, None] * HIDDEN + columns[None, :]
            total += tl.load(at, mask=mask & more[:, None], other=0)
    return total


@triton.jit
def parents(parent_rows, parent_offsets, nodes, valid):
    """Where ``received`` finds the gradients for ``nodes``: the row of each if it has at most one
    parent; otherwise the first and last + 1 in ``parent_rows``."""
    first = nodes
    last = nodes
    if parent_offsets is not None:
        first = tl.load(parent_offsets + nodes, mask=valid, other=0)
        last = tl.load(parent_offsets + nodes + 1, mask=valid, other=0)
    elif parent_rows is not None:
        first = tl.load(parent_rows + nodes, mask=valid, other=0)
    return first, last


@triton.jit
def received(
    grad,
    table,
    parent_rows,
    parent_offsets,
    first,
    last,
    nodes,
    columns,
    mask,
    HIDDEN: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
):
    """The gradient of a state at ``nodes`` and ``columns``: as a result of the run (``grad``, None
    if it is not used), and from the parents (``table``, None where they add theirs to ``grad``)."""
    if table is None:
        total = tl.load(grad + nodes[:, None] * HIDDEN + columns[None, :], mask=mask, other=0)
    else:
        total = tl.zeros((ROWS, COLUMNS), table.dtype.element_ty)
        if parent_offsets is None:
            at = table + first[:, None] * HIDDEN + columns[None, :]
            total += tl.load(at, mask=mask, other=0)
        else:
            for k in range(0, tl.max(last - first, 0).to(tl.int32)):
                more = first + k < last
                row = tl.load(parent_rows + first + k, mask=more, other=0)
                at = table + row[:, None] * HIDDEN + columns[None, :]
                total += tl.load(at, mask=mask & more[:, None], other=0)
        if grad is not None:
            at = grad + nodes[:, None] * HIDDEN + columns[None, :]
            total += tl.load(at, mask=mask, other=0)
    return total


@triton.jit
def send(message, grad, table, children, rows, columns, valid, mask, HIDDEN: tl.constexpr):
    """Leave gradients for children in rows of ``table``; without it, add them to ``grad``."""
    if table is None:
        child = tl.load(children + rows, mask=valid, other=0)
        at = grad + child[:, None] * HIDDEN + columns[None, :]
        tl.store(at, tl.load(at, mask=mask, other=0) + message, mask=mask)
    else:
        tl.store(table + rows[:, None] * HIDDEN + columns[None, :], message, mask=mask)


@triton.jit
def shared_out(mask, part, columns, HIDDEN: tl.constexpr):
    """``mask`` of a part of the columns, in the program of those beside each other that writes it;
    nothing in the others, which compute it too."""
    # A last column, not a condition: triton 3.9's interpreter repeats conditions as integers, and
    # takes no such mask.
    end = tl.where(part % tl.num_programs(1) == tl.program_id(1), HIDDEN, 0)
    return mask & (columns < end)[None, :]
