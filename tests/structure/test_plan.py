from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from graphs import edges_of, needs_dgl, structure_of, structures
from hypothesis import given, settings
from hypothesis import strategies as st

from treernn.errors import InputError
from treernn.structure import Structure, chain, compile_chains, compile_plan, tree
from treernn.types import Tree

LIBRARIES = ["arrays", pytest.param("dgl", marks=needs_dgl)]
batches = st.lists(structures(), min_size=1, max_size=4)


def edges_of_plan(plan, numbers):
    """The edges (child, parent, slot) of a plan, sorted, with these numbers of nodes."""
    ends = numbers[plan.children], numbers[plan.edge_parents + plan.num_leaves]
    return sorted(zip(*(end.tolist() for end in ends), plan.slots.tolist(), strict=True))


def assert_equal(plan, other):
    for field in fields(plan):
        value, expected = getattr(plan, field.name), getattr(other, field.name)
        if isinstance(value, torch.Tensor):
            assert torch.equal(value, expected)
        else:
            assert value == expected


@given(batches)
def test_a_plan_has_the_edges_of_its_structures(batch):
    plan = compile_plan(batch, "arrays")
    sizes = [structure.num_nodes for structure in batch]
    first = np.cumsum([0, *sizes[:-1]])
    assert plan.num_nodes == sum(sizes)
    assert plan.order[plan.rank].tolist() == list(range(plan.num_nodes))
    assert plan.roots.tolist() == plan.rank[torch.from_numpy(first + sizes - 1)].tolist()
    assert edges_of_plan(plan, plan.order) == sorted(
        (child + start, parent + start, slot)
        for structure, start in zip(batch, first.tolist(), strict=True)
        for child, parent, slot in edges_of(structure)
    )


@given(batches)
def test_levels(batch):
    """Level 0 has the nodes without children; others have a child one level below, none above."""
    plan = compile_plan(batch, "arrays")
    level = np.repeat(np.arange(len(plan.bounds) - 1), np.diff(plan.bounds))
    for i in range(plan.num_inner):
        children = plan.children[plan.offsets[i] : plan.offsets[i + 1]]
        assert level[children].max() == level[plan.num_leaves + i] - 1
    assert level[: plan.num_leaves].max() == 0
    assert [part.nodes for part in plan.levels] == [
        slice(*pair) for pair in zip(plan.bounds[1:-1], plan.bounds[2:], strict=True)
    ]
    for part in plan.levels:
        parents = plan.edge_parents[part.edges]
        assert (parents >= part.inner.start).all()
        assert (parents < part.inner.stop).all()
    assert sum(part.edges.stop - part.edges.start for part in plan.levels) == len(plan.children)


@given(st.lists(st.integers(0, 20), max_size=12))
def test_levels_of_nodes_in_topological_order_and_in_the_opposite_order(merges):
    roots, children = list(range(len(merges) + 1)), []
    for at in (merge % max(1, len(merges) - k) for k, merge in enumerate(merges)):
        children.append((roots[at], roots[at + 1]))
        roots[at : at + 2] = [len(merges) + len(children)]
    up = tree(Tree(("a",) * (len(merges) + 1), tuple(children)))
    last = up.num_nodes - 1
    down = Structure(up.num_nodes, last - up.children, last - up.parents, up.slots)
    assert up.levels.tolist() == down.levels[::-1].tolist()


@given(batches)
def test_children_find_what_parents_leave_in_their_slots(batch):
    plan = compile_plan(batch, "arrays")
    arity = 5
    children = plan.at_slots(arity).children
    rows, offsets, starts = plan.slot_rows(arity)
    table = torch.arange(1.0, plan.num_inner * arity + 2)
    table[-1] = 0
    expected = torch.zeros(plan.num_nodes + 1).index_add(0, children, table[:-1])[:-1]
    if offsets is None:
        total = table[rows]
    else:
        nodes = torch.repeat_interleave(torch.arange(plan.num_nodes), offsets.diff())
        total = torch.zeros(plan.num_nodes).index_add(0, nodes, table[rows])
        assert starts == tuple(offsets.tolist())
    assert torch.equal(total, expected)


@needs_dgl
@given(batches)
def test_libraries_compile_the_same_plan(batch):
    assert_equal(compile_plan(batch, "arrays"), compile_plan(batch, "dgl"))


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    "edges", [[(0, 1, 0), (1, 2, 0), (2, 0, 0)], [(0, 0, 0)], [(0, 1, 0), (1, 2, 0), (2, 1, 1)]]
)
def test_cycle(library, edges):
    with pytest.raises(InputError, match=r"^the structure has a cycle$"):
        compile_plan([structure_of(3, edges)], library)


@pytest.mark.parametrize("library", LIBRARIES)
def test_too_many_children(library):
    plan = compile_plan([tree(Tree(("a", "b", "c"), ((0, 1, 2),)))], library)
    message = r"^a node has 3 children, the cell takes 2: binarise the trees or use a Child-Sum"
    with pytest.raises(InputError, match=message):
        plan.at_slots(2)
    plan.at_slots(3)


@pytest.mark.parametrize("library", LIBRARIES)
def test_two_children_in_one_slot(library):
    plan = compile_plan([structure_of(3, [(0, 2, 1), (1, 2, 1)])], library)
    with pytest.raises(InputError, match=r"^a node has two children in one slot$"):
        plan.at_slots(2)


@pytest.mark.parametrize("library", LIBRARIES)
def test_no_structures(library):
    with pytest.raises(InputError, match="at least one"):
        compile_plan([], library)


def test_no_such_library():
    with pytest.raises(InputError, match="no graph library 'networkx', expected dgl or arrays"):
        compile_plan([chain(1)], "networkx")


@pytest.mark.parametrize("library", LIBRARIES)
def test_deep_chain(library):
    plan = compile_plan([chain(10_000), chain(10_000, reverse=True)], library)
    assert len(plan.levels) == 9_999
    assert plan.order[:4].tolist() == [0, 19_999, 1, 19_998]


def test_to_a_device():
    plan = compile_plan([chain(3)], "arrays")
    assert_equal(plan.to("cpu"), plan)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.booleans())
def test_chains_compiled_from_their_lengths(lengths, reverse):
    expected = compile_plan([chain(n, reverse) for n in lengths], "arrays")
    plan = compile_chains(lengths, reverse)
    assert plan.child_slices is not None
    assert (plan.bounds, plan.edge_bounds) == (expected.bounds, expected.edge_bounds)
    for either in plan, expected:
        assert torch.equal(either.order[either.rank], torch.arange(sum(lengths)))
    assert edges_of_plan(plan, plan.order) == edges_of_plan(expected, expected.order)
    assert torch.equal(plan.order[plan.roots], expected.order[expected.roots])
    if lengths == sorted(lengths, reverse=True):
        assert_equal(plan, expected)


@st.composite
def forests(draw):
    """Structures in which a node has at most one parent."""
    num_nodes = draw(st.integers(1, 12))
    edges, arity = [], [0] * num_nodes
    for child in range(num_nodes - 1):
        parent = draw(st.integers(child + 1, num_nodes))
        if parent < num_nodes:
            edges.append((child, parent, arity[parent]))
            arity[parent] += 1
    return structure_of(num_nodes, edges)


@given(st.lists(forests(), min_size=1, max_size=4))
def test_top_down_is_the_plan_of_the_reversed_edges(batch):
    plan = compile_plan(batch, "arrays")
    down = plan.top_down
    reversed_batch = [
        replace(structure, children=structure.parents, parents=structure.children)
        for structure in batch
    ]
    expected = compile_plan(reversed_batch, "arrays")
    assert (down.bounds, down.edge_bounds) == (expected.bounds, expected.edge_bounds)
    assert down.order[down.rank].tolist() == list(range(plan.num_nodes))
    assert down.roots.tolist() == down.rank[plan.roots].tolist()
    assert edges_of_plan(down, plan.order[down.order]) == edges_of_plan(expected, expected.order)


def test_top_down_needs_a_forest():
    plan = compile_plan([structure_of(3, [(0, 1, 0), (0, 2, 0)])], "arrays")
    with pytest.raises(InputError, match="two parents"):
        _ = plan.top_down
