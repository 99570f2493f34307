"""The matrix-vector recursive net, MV-RNN (Socher et al. 2012, section 2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from treernn.cells.cell import Cell, Tape, project, tanh_
from treernn.cells.products import add_product, gradient, product
from treernn.structure.plan import Level


class MatrixVector(Cell):
    """A vector h and a matrix P at every node. With vectors a, b and matrices A, B of the two
    children, each vector goes through the other's matrix::

        h = tanh(W x + U [B a; A b] + bias)
        P = I/2 + bias_M + W_M x / input + (A + B) / 4 + U_M [A; B] / (2 hidden)

    The paper stores a matrix for every word; here it is a linear image W_M x of the word's vector
    around a learnt one, so that memory grows with the nodes of a run, in training by 6 hidden²
    numbers each, and not with the vocabulary. Without W_M, U_M and bias_M matrices lie between
    I/2 and I in a tree of any depth; the divisors keep AdaGrad's first steps, which are of one
    length for every weight, from leading far away.

    ``States.c`` is ``[N, hidden²]``, the columns of P one after another.
    """

    name, title = "matrix-vector", "MV-RNN"
    has_memory = True
    input_blocks = children_blocks = 1

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, 2)
        self.memory_size = hidden_size**2
        self.memory_input = nn.Parameter(torch.empty(self.memory_size, input_size))
        self.memory_children = nn.Parameter(torch.empty(hidden_size, 2 * hidden_size))
        self.memory_bias = nn.Parameter(torch.zeros(self.memory_size))
        nn.init.uniform_(self.memory_input, -0.5, 0.5)
        nn.init.uniform_(self.memory_children, -0.5, 0.5)

    def weights(self) -> tuple[Tensor, ...]:
        return *super().weights(), self.memory_input, self.memory_children, self.memory_bias

    def forward(self, x: Tensor, h: Tensor, c: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The definition: inputs ``[n, input]``, child states ``[n, 2, hidden]`` and matrices
        ``[n, 2, hidden²]`` to states and matrices."""
        assert c is not None
        matrices = c.unflatten(2, (self.hidden_size, self.hidden_size)).mT
        z = self.merge((matrices.flip(1) @ h.unsqueeze(3)).squeeze(3))
        h = (x @ self.weight_input.t() + z @ self.weight_children.t() + self.bias).tanh()
        below = _around(self.memory_children) @ matrices.flatten(1, 2)
        own = (x / self.input_size) @ self.memory_input.t() + _around_half(self.memory_bias)
        return h, own + below.mT.flatten(1)

    # By columns a matrix lies transposed in its row of c, so that U_M [A; B] of a whole level is
    # one product for all A and one for all B. ``siblings`` has for the left child of each inner
    # node the matrix of the right one, which its vector goes through, then for the right child
    # that of the left; ``turned`` has the vectors that come out, side by side.

    def start(self, tape: Tape) -> None:
        weight, _, bias, memory_input, memory_children, memory_bias = tape.weights
        inner = tape.plan.num_inner
        project(tape.x, weight, bias, tape.h[tape.computed])
        if not tape.has_initial_states:
            tanh_(tape.h[tape.leaves])
        tape.share = tape.x / self.input_size
        project(tape.share, memory_input, _around_half(memory_bias), tape.c[tape.computed])
        left, right = _around(memory_children).chunk(2, 1)
        tape.memory_weights = right.contiguous(), left.contiguous()
        tape.siblings = tape.scratch("siblings", 2, inner, self.memory_size)
        tape.turned = tape.scratch("turned", inner, 2 * self.hidden_size)

    def forward_level(self, tape: Tape, level: Level) -> None:
        hidden = self.hidden_size
        turned, columns = tape.turned[level.inner], tape.c[level.nodes].view(-1, hidden)
        right_first = tape.children(level).view(-1, 2).t().flip(0)
        for vectors, out, children, table, weight in zip(
            tape.merge(level).chunk(2, 1),
            turned.chunk(2, 1),
            right_first,
            tape.siblings,
            tape.memory_weights,
            strict=True,
        ):
            matrices = torch.index_select(tape.c, 0, children, out=table[level.inner])
            apart = matrices.view(-1, hidden, hidden)
            out.copy_(torch.bmm(vectors.unsqueeze(1), apart).squeeze(1))
            add_product(columns, matrices.view(-1, hidden), weight.t())
        tanh_(add_product(tape.h[level.nodes], turned, tape.weights[1].t()))

    def local_gradients(self, tape: Tape) -> None:
        h, size = tape.h[:-1], self.memory_size
        tape.slope = tape.scratch("slope", *h.shape)
        torch.addcmul(h.new_ones(()), h, h, value=-1, out=tape.slope)
        tape.memory_slope = tape.scratch("memory slope", len(h), size)
        tape.memory_messages = tape.message_table("memory message", 2 * tape.plan.num_inner, size)

    # Once a level's gradients have arrived, ``slope`` holds that before tanh, and
    # ``memory_slope`` that of the matrices.

    def backward_level(self, tape: Tape, level: Level) -> None:
        hidden = self.hidden_size
        before, dc = self._arrive(tape, level.nodes)
        d_turned = before @ tape.weights[1]
        to_memory = tape.memory_messages[:-1].view(-1, 2, self.memory_size)[level.inner]
        for d_out, vectors, message, to_sibling, table, weight in zip(
            d_turned.chunk(2, 1),
            tape.below[level.inner].chunk(2, 1),
            tape.message[level.inner].chunk(2, 1),
            (to_memory[:, 1], to_memory[:, 0]),
            tape.siblings,
            tape.memory_weights,
            strict=True,
        ):
            matrices = table[level.inner].view(-1, hidden, hidden)
            message.copy_(torch.bmm(matrices, d_out.unsqueeze(2)).squeeze(2))
            d_columns = tape.scratch("d columns", len(dc) * hidden, hidden)
            d_matrices = product(dc.view(-1, hidden), weight, out=d_columns).view_as(matrices)
            torch.addcmul(
                d_matrices,
                vectors.unsqueeze(2),
                d_out.unsqueeze(1),
                out=to_sibling.view_as(matrices),
            )

    def _arrive(self, tape: Tape, nodes: slice) -> tuple[Tensor, Tensor]:
        before = tape.slope[nodes].mul_(tape.arriving(nodes))
        return before, tape.memory_slope[nodes].copy_(tape.arriving_memory(nodes))

    def weight_gradients(self, tape: Tape) -> tuple[Tensor, ...]:
        hidden, x, inner = self.hidden_size, tape.x, slice(tape.plan.num_leaves, None)
        if not tape.has_initial_states:
            self._arrive(tape, tape.leaves)
        before, dc = tape.slope[tape.computed], tape.memory_slope[tape.computed]
        seen, seen_dc = before[: len(x)], dc[: len(x)]
        d_x = product(seen_dc, tape.weights[3], out=torch.empty_like(x)).div_(self.input_size)
        columns = tape.memory_slope[inner].view(-1, hidden)
        right, left = (gradient(columns, table.view(-1, hidden)) for table in tape.siblings)
        return (
            add_product(d_x, seen, tape.weights[0]),
            gradient(seen, x),
            gradient(tape.slope[inner], tape.turned),
            before.sum(0),
            gradient(seen_dc, tape.share),
            torch.cat([left, right], 1).div_(2 * hidden),
            dc.sum(0),
        )


def _around(weight: Tensor) -> Tensor:
    """What [A; B] is multiplied with: U_M / (2 hidden) and a quarter of each."""
    quarter = torch.eye(len(weight), dtype=weight.dtype, device=weight.device) / 4
    return torch.cat([quarter, quarter], 1) + weight / weight.shape[1]


def _around_half(bias: Tensor) -> Tensor:
    """I/2 + bias_M, a matrix by columns."""
    hidden = round(len(bias) ** 0.5)
    return bias + torch.eye(hidden, dtype=bias.dtype, device=bias.device).flatten() / 2
