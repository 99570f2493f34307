"""The matrix-vector recursive net, MV-RNN (Socher et al. 2012, section 2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from treernn.cells.cell import Cell
from treernn.cells.products import add_product, gradient, product, project, tanh_
from treernn.cells.tape import Tape
from treernn.structure.plan import Level


class MatrixVector(Cell):
    """A vector h and a matrix P per node. With vectors a, b and matrices A, B of the two children,
    each vector is multiplied by the matrix of its sibling::

        h = tanh(W x + U [B a; A b] + bias)
        P = I/2 + bias_M + W_M x / input + (A + B) / 4 + U_M [A; B] / (2 hidden)

    The paper has a trainable matrix for every word. Here it is a linear function of the word's
    vector, so that memory grows with the nodes of a run (in training 6 hidden² numbers per node)
    and not with the vocabulary. With W_M, U_M and bias_M at zero, matrices lie between I/2 and I in
    a tree of any depth; the divisors keep AdaGrad's first steps, which have one length for all
    weights, from leaving that range.

    ``States.c`` is ``[N, hidden²]``, the matrices P by columns.
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

    def forward(self, x: Tensor, h: Tensor, c: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Inputs ``[n, input]``, child states ``[n, 2, hidden]`` and matrices ``[n, 2, hidden²]``
        to states and matrices: the definition."""
        assert c is not None
        matrices = c.unflatten(2, (self.hidden_size, self.hidden_size)).mT
        z = self.join((matrices.flip(1) @ h.unsqueeze(3)).squeeze(3))
        h = (x @ self.weight_input.t() + z @ self.weight_children.t() + self.bias).tanh()
        children = _add_quarter(self.memory_children) @ matrices.flatten(1, 2)
        own = (x / self.input_size) @ self.memory_input.t() + _add_half(self.memory_bias)
        return h, own + children.mT.flatten(1)

    # Stored by columns, a matrix is transposed in its row of c, so that U_M [A; B] of a level is
    # one product for all A and one for all B. Tables that alternate go right child first:
    # ``sibling_c`` holds the matrix B that multiplies a, then the matrix A that multiplies b.
    # ``products`` holds [B a; A b].

    def start(self, tape: Tape) -> None:
        weight, _, bias, memory_input, memory_children, memory_bias = tape.weights
        project(tape.x, weight, bias, tape.h[tape.computed])
        if not tape.has_initial_states:
            tanh_(tape.h[tape.leaves])
        tape.scaled_x = tape.x / self.input_size
        project(tape.scaled_x, memory_input, _add_half(memory_bias), tape.c[tape.computed])
        left, right = _add_quarter(memory_children).chunk(2, 1)
        tape.memory_weights = right.contiguous(), left.contiguous()
        tape.sibling_c = tape.scratch("sibling_c", 2, tape.plan.num_inner, self.memory_size)
        tape.products = tape.scratch("products", tape.plan.num_inner, 2 * self.hidden_size)

    def forward_level(self, tape: Tape, level: Level) -> None:
        hidden = self.hidden_size
        products, columns = tape.products[level.inner], tape.c[level.nodes].view(-1, hidden)
        for vectors, out, siblings, sibling_c, weight in zip(
            tape.join(level).chunk(2, 1),
            products.chunk(2, 1),
            tape.children(level).view(-1, 2).t().flip(0),
            tape.sibling_c,
            tape.memory_weights,
            strict=True,
        ):
            rows = torch.index_select(tape.c, 0, siblings, out=sibling_c[level.inner])
            matrices = rows.view(-1, hidden, hidden)
            out.copy_(torch.bmm(vectors.unsqueeze(1), matrices).squeeze(1))
            add_product(columns, rows.view(-1, hidden), weight.t())
        tanh_(add_product(tape.h[level.nodes], products, tape.weights[1].t()))

    def local_gradients(self, tape: Tape) -> None:
        h, size = tape.h[:-1], self.memory_size
        tape.local_grad = tape.scratch("local_grad", *h.shape)
        torch.addcmul(h.new_ones(()), h, h, value=-1, out=tape.local_grad)
        tape.matrix_grad = tape.scratch("matrix_grad", len(h), size)
        tape.c_table = tape.grad_table("c_table", 2 * tape.plan.num_inner, size)

    # Backpropagation turns ``local_grad``, dh/d(pre-activation), into the gradient of that, and
    # fills ``matrix_grad``, the gradient of c.

    def backward_level(self, tape: Tape, level: Level) -> None:
        hidden = self.hidden_size
        grad, c_grad = self._backpropagate(tape, level.nodes)
        child_c_grad = tape.c_table[:-1].view(-1, 2, self.memory_size)[level.inner]
        for product_grad, vectors, vector_grad, sibling_grad, sibling_c, weight in zip(
            (grad @ tape.weights[1]).chunk(2, 1),
            tape.child_h[level.inner].chunk(2, 1),
            tape.child_h_grad[level.inner].chunk(2, 1),
            (child_c_grad[:, 1], child_c_grad[:, 0]),
            tape.sibling_c,
            tape.memory_weights,
            strict=True,
        ):
            matrices = sibling_c[level.inner].view(-1, hidden, hidden)
            vector_grad.copy_(torch.bmm(matrices, product_grad.unsqueeze(2)).squeeze(2))
            columns_grad = tape.scratch("columns_grad", len(c_grad) * hidden, hidden)
            columns_grad = product(c_grad.view(-1, hidden), weight, out=columns_grad)
            torch.addcmul(
                columns_grad.view_as(matrices),
                vectors.unsqueeze(2),
                product_grad.unsqueeze(1),
                out=sibling_grad.view_as(matrices),
            )

    def _backpropagate(self, tape: Tape, nodes: slice) -> tuple[Tensor, Tensor]:
        grad = tape.local_grad[nodes].mul_(tape.h_grad(nodes))
        return grad, tape.matrix_grad[nodes].copy_(tape.c_grad(nodes))

    def backward_leaves(self, tape: Tape) -> None:
        self._backpropagate(tape, tape.leaves)

    def weight_gradients(self, tape: Tape) -> tuple[Tensor, ...]:
        hidden, x, inner = self.hidden_size, tape.x, slice(tape.plan.num_leaves, None)
        grad, c_grad = tape.local_grad[tape.computed], tape.matrix_grad[tape.computed]
        input_grad, c_input_grad = grad[: len(x)], c_grad[: len(x)]
        x_grad = product(c_input_grad, tape.weights[3], out=torch.empty_like(x))
        columns = tape.matrix_grad[inner].view(-1, hidden)
        right, left = (gradient(columns, table.view(-1, hidden)) for table in tape.sibling_c)
        return (
            add_product(x_grad.div_(self.input_size), input_grad, tape.weights[0]),
            gradient(input_grad, x),
            gradient(tape.local_grad[inner], tape.products),
            grad.sum(0),
            gradient(c_input_grad, tape.scaled_x),
            torch.cat([left, right], 1).div_(2 * hidden),
            c_grad.sum(0),
        )


def _add_quarter(weight: Tensor) -> Tensor:
    """The matrix that multiplies [A; B]: [I/4, I/4] + U_M / (2 hidden)."""
    quarter = torch.eye(len(weight), dtype=weight.dtype, device=weight.device) / 4
    return torch.cat([quarter, quarter], 1) + weight / weight.shape[1]


def _add_half(bias: Tensor) -> Tensor:
    """I/2 + bias_M, by columns."""
    hidden = round(len(bias) ** 0.5)
    return bias + torch.eye(hidden, dtype=bias.dtype, device=bias.device).flatten() / 2
