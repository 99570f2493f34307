import importlib.util
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from treernn.errors import InputError
from treernn.structure import Plan, Structure, chain, compile_chains, compile_plan, tree
from treernn.types import Tree

needs_dgl = pytest.mark.skipif(
    importlib.util.find_spec("dgl") is None, reason="dgl has no wheel for this Python"
)
LIBRARIES = ["arrays", pytest.param("dgl", marks=needs_dgl)]


def plan_of(structures, library="arrays"):
    return compile_plan(structures, library)


def structure_of(num_nodes, edges):
    columns = zip(*edges, strict=True) if edges else ((), (), ())
    return Structure(num_nodes, *(np.array(column, dtype=np.int64) for column in columns))


@st.composite
def structures(draw):
    """Any directed acyclic structure: forests, several parents, gaps among the slots."""
    num_nodes = draw(st.integers(1, 12))
    numbers = draw(st.permutations(range(num_nodes)))
    edges = []
    for parent in range(1, num_nodes):
        slots = draw(st.lists(st.integers(0, 4), unique=True, max_size=3))
        edges += [
            (numbers[draw(st.integers(0, parent - 1))], numbers[parent], slot) for slot in slots
        ]
    return structure_of(num_nodes, draw(st.permutations(edges)) if edges else edges)


@given(st.lists(structures(), min_size=1, max_size=4))
def test_plan_keeps_the_structure(batch):
    plan = plan_of(batch)
    sizes = [structure.num_nodes for structure in batch]
    first = np.cumsum([0, *sizes[:-1]])
    assert plan.num_nodes == sum(sizes)
    assert plan.order[plan.rank].tolist() == list(range(plan.num_nodes))
    assert plan.roots.tolist() == plan.rank[torch.from_numpy(first + sizes - 1)].tolist()

    edges = zip(
        plan.order[plan.children].tolist(),
        plan.order[plan.edge_parents + plan.num_leaves].tolist(),
        plan.slots.tolist(),
        strict=True,
    )
    assert sorted(edges) == sorted(
        (child + start, parent + start, slot)
        for structure, start in zip(batch, first.tolist(), strict=True)
        for child, parent, slot in zip(
            structure.children.tolist(),
            structure.parents.tolist(),
            structure.slots.tolist(),
            strict=True,
        )
    )


@given(st.lists(structures(), min_size=1, max_size=4))
def test_levels(batch):
    """Children lie below, one of them right below, and level 0 is the nodes without children."""
    plan = plan_of(batch)
    level = np.repeat(np.arange(len(plan.bounds) - 1), np.diff(plan.bounds))
    for i in range(plan.num_inner):
        children = plan.children[plan.offsets[i] : plan.offsets[i + 1]]
        assert level[children].max() == level[plan.num_leaves + i] - 1
    assert level[: plan.num_leaves].max() == 0
    assert [part.nodes for part in plan.levels] == [
        slice(*pair) for pair in zip(plan.bounds[1:-1], plan.bounds[2:], strict=True)
    ]
    for part in plan.levels:
        edges = plan.edge_parents[part.edges]
        assert (edges >= part.inner.start).all()
        assert (edges < part.inner.stop).all()
    assert sum(part.edges.stop - part.edges.start for part in plan.levels) == len(plan.children)


@given(st.lists(st.integers(0, 20), max_size=12))
def test_levels_where_children_come_first_and_where_they_come_last(merges):
    """The quick way, for trees, and the sort, for what is numbered from the root down."""
    roots, children = list(range(len(merges) + 1)), []
    for at in (merge % max(1, len(merges) - k) for k, merge in enumerate(merges)):
        children.append((roots[at], roots[at + 1]))
        roots[at : at + 2] = [len(merges) + len(children)]
    up = tree(Tree(("a",) * (len(merges) + 1), tuple(children)))
    last = up.num_nodes - 1
    down = Structure(up.num_nodes, last - up.children, last - up.parents, up.slots)
    assert up.levels.tolist() == down.levels[::-1].tolist()


@given(st.lists(structures(), min_size=1, max_size=4))
def test_slots_and_returns(batch):
    """What parents leave at their slots comes back to the children, and sums up."""
    plan = plan_of(batch)
    arity = 5
    children, parent_rows = plan.at_slots(arity)
    table = torch.arange(1.0, plan.num_inner * arity + 2)
    table[-1] = 0
    expected = torch.zeros(plan.num_nodes + 1).index_add(0, children, table[:-1])[:-1]
    if parent_rows.offsets is None:
        found = table[parent_rows.rows]
    else:
        groups = torch.repeat_interleave(torch.arange(plan.num_nodes), parent_rows.offsets.diff())
        found = torch.zeros(plan.num_nodes).index_add(0, groups, table[parent_rows.rows])
        assert parent_rows.starts == tuple(parent_rows.offsets.tolist())
    assert torch.equal(found, expected)


@needs_dgl
@given(st.lists(structures(), min_size=1, max_size=4))
def test_libraries_give_the_same_plan(batch):
    ours, theirs = plan_of(batch, "arrays"), plan_of(batch, "dgl")
    for field in fields(ours):
        mine, other = getattr(ours, field.name), getattr(theirs, field.name)
        assert torch.equal(mine, other) if isinstance(mine, torch.Tensor) else mine == other


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    "edges", [[(0, 1, 0), (1, 2, 0), (2, 0, 0)], [(0, 0, 0)], [(0, 1, 0), (1, 2, 0), (2, 1, 1)]]
)
def test_cycle(library, edges):
    with pytest.raises(InputError, match=r"^the structure has a cycle$"):
        plan_of([structure_of(3, edges)], library)


@pytest.mark.parametrize("library", LIBRARIES)
def test_too_many_children(library):
    plan = plan_of([tree(Tree(("a", "b", "c"), ((0, 1, 2),)))], library)
    with pytest.raises(
        InputError,
        match=r"^a node has 3 children, the cell takes 2: binarise the trees or use a Child-Sum",
    ):
        plan.at_slots(2)
    plan.at_slots(3)


@pytest.mark.parametrize("library", LIBRARIES)
def test_two_children_in_one_slot(library):
    plan = plan_of([structure_of(3, [(0, 2, 1), (1, 2, 1)])], library)
    with pytest.raises(InputError, match=r"^a node has two children in one slot$"):
        plan.at_slots(2)


@pytest.mark.parametrize("library", LIBRARIES)
def test_no_structures(library):
    with pytest.raises(InputError, match="at least one"):
        compile_plan([], library)


@pytest.mark.parametrize("library", LIBRARIES)
def test_deep_chain(library):
    plan = plan_of([chain(10_000), chain(10_000, reverse=True)], library)
    assert len(plan.levels) == 9_999
    assert plan.order[:4].tolist() == [0, 19_999, 1, 19_998]


def test_to_a_device():
    plan = plan_of([chain(3)])
    moved = plan.to("cpu")
    for field in fields(plan):
        mine, other = getattr(plan, field.name), getattr(moved, field.name)
        assert torch.equal(mine, other) if isinstance(mine, torch.Tensor) else mine == other


def test_no_such_library():
    with pytest.raises(InputError, match="no graph library 'networkx', expected dgl or arrays"):
        compile_plan([chain(1)], "networkx")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.booleans())
def test_chains_are_compiled_as_their_graphs(lengths, reverse):
    expected = compile_plan([chain(n, reverse) for n in lengths], "arrays")
    found = compile_chains(lengths, reverse)
    assert found.child_slices is not None
    assert (found.bounds, found.edge_bounds) == (expected.bounds, expected.edge_bounds)
    # The same edges, in the batch's own numbers.
    for plan in found, expected:
        assert torch.equal(plan.order[plan.rank], torch.arange(sum(lengths)))
    edges = [
        set(zip(plan.order[plan.children].tolist(), inner_of(plan).tolist(), strict=True))
        for plan in (found, expected)
    ]
    assert edges[0] == edges[1]
    assert torch.equal(found.order[found.roots], expected.order[expected.roots])
    if lengths == sorted(lengths, reverse=True):
        for field in fields(Plan):
            one, other = getattr(found, field.name), getattr(expected, field.name)
            assert torch.equal(one, other) if isinstance(one, torch.Tensor) else one == other


def inner_of(plan):
    """The parent of each edge, in the batch's own numbers."""
    return plan.order[plan.edge_parents + plan.num_leaves]


@st.composite
def forests(draw):
    """Structures in which a node has one parent at most."""
    num_nodes = draw(st.integers(1, 12))
    edges, taken = [], [0] * num_nodes
    for child in range(num_nodes - 1):
        parent = draw(st.integers(child + 1, num_nodes))
        if parent < num_nodes:
            edges.append((child, parent, taken[parent]))
            taken[parent] += 1
    return structure_of(num_nodes, edges)


@given(st.lists(forests(), min_size=1, max_size=4))
def test_downward_is_the_plan_of_the_edges_turned_round(batch):
    plan = plan_of(batch)
    down = plan.top_down
    turned = plan_of(
        [replace(each, children=each.parents, parents=each.children) for each in batch]
    )
    assert down.bounds == turned.bounds
    assert down.edge_bounds == turned.edge_bounds
    assert down.order[down.rank].tolist() == list(range(plan.num_nodes))
    assert down.roots.tolist() == down.rank[plan.roots].tolist()
    assert edges_of(down, plan.order[down.order]) == edges_of(turned, turned.order)


def edges_of(plan, number):
    """Edges between the batch's own nodes."""
    ends = number[plan.children].tolist(), number[plan.edge_parents + plan.num_leaves].tolist()
    return sorted(zip(*ends, plan.slots.tolist(), strict=True))


def test_downward_wants_one_parent():
    plan = plan_of([structure_of(3, [(0, 1, 0), (0, 2, 0)])])
    with pytest.raises(InputError, match="two parents"):
        _ = plan.top_down
