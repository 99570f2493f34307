"""What the kernels of all cells share: sizes of blocks, activations, gradients from parents."""

# Kernels annotate only those parameters that the compiler must know.
# mypy: disable-error-code="no-untyped-def"

from typing import Any, NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor

INTERPRETED = not isinstance(tl.sigmoid, triton.JITFunction)
"""Whether ``TRITON_INTERPRET`` was set when triton was imported, so that kernels run on a CPU."""

_FEW_ROWS = 1024  # of a level


class Blocks(NamedTuple):
    """What one program of a kernel computes: so many rows of a level and columns of a state, in
    sums over blocks of ``depth``. All are at least 16, the least that ``tl.dot`` takes."""

    rows: int
    columns: int
    depth: int = 32

    @classmethod
    def of(cls, count: int) -> "Blocks":
        """For a level of so many nodes: small blocks where it has few, for more programs at once,
        large ones where it has many, which read the weights less often."""
        return cls(16, 16) if count <= _FEW_ROWS else cls(32, 32)

    def grid(self, count: int, hidden: int, slots: int = 1) -> tuple[int, int]:
        """Number of programs along the rows, and along the columns of so many states."""
        return -(-count // self.rows), -(-hidden // self.columns) * slots


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


def contiguous(grad: Tensor | None) -> Tensor | None:
    """A gradient from autograd, which may be a number expanded to a table."""
    return None if grad is None else grad.contiguous()


def parents_of(tape: Any) -> dict[str, Tensor | None]:
    """The arguments of kernels for ``received``."""
    if tape.child_slices is not None:
        return {"parent_rows": None, "parent_offsets": None}
    return {"parent_rows": tape.parent_rows.rows, "parent_offsets": tape.parent_rows.offsets}


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
