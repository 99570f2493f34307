"""Pools of actors that a cluster can hold."""

import pytest

from treernn.errors import InputError
from treernn.integrations.ray.resources import Cluster, pool_of


def cluster(*nodes, free=None):
    cluster = Cluster([{"CPU": cpus, "GPU": gpus} for cpus, gpus in nodes], {})
    return cluster._replace(free=free or {n: cluster.total(n) for n in ("CPU", "GPU")})


@pytest.mark.parametrize(
    ("machines", "asked", "expected"),
    [
        ([(2, 0)], {}, (2, 1, 0)),
        ([(2, 0)], {"kept": 1}, (2, 0.5, 0)),
        ([(1, 0)], {"kept": 1}, (1, 0, 0)),
        ([(16, 0)] * 10, {"kept": 1}, (160, 15 / 16, 0)),
        ([(16, 0), (8, 0)], {"kept": 1}, (24, 15 / 16, 0)),
        ([(64, 0), *[(2, 0)] * 10], {"kept": 1}, (84, 63 / 64, 0)),
        ([(16, 2)], {"gpus": 1, "kept": 1}, (2, 15 / 16, 1)),
        ([(16, 2)], {"gpus": 0.25, "kept": 1}, (8, 15 / 16, 0.25)),
        ([(4, 8)], {"gpus": 1, "cpus": 1, "kept": 1}, (3, 1, 1)),
        ([(0, 0), (8, 0)], {"actors": 3, "cpus": 2}, (3, 2, 0)),
    ],
)
def test_a_pool_uses_what_there_is_and_leaves_a_cpu_to_read(machines, asked, expected):
    assert pool_of(cluster(*machines), **asked) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("machines", "asked", "problem"),
    [
        (
            [(2, 0)],
            {"actors": 2, "cpus": 1, "kept": 1},
            "too small: 2 actors need 3 CPU (of which 1 CPU reads), there is 2 CPU on 1 machine;",
        ),
        ([(2, 0)] * 2, {"actors": 3, "cpus": 1.5}, "3 actors need 4.5 CPU, there is 4 CPU on 2"),
        ([(2, 0)], {"gpus": 1}, "too small: 1 actor needs 1 CPU and 1 GPU, there is 2 CPU and 0 G"),
        ([(0, 0)], {}, "too small: 1 actor needs 1 CPU, there is 0 CPU"),
        ([], {}, "there is 0 CPU on 0 machines"),
    ],
)
def test_what_is_missing_is_one_line(machines, asked, problem):
    with pytest.raises(InputError) as caught:
        pool_of(cluster(*machines), **asked)
    assert problem in str(caught.value)


def test_a_busy_cluster_says_so():
    busy = cluster((4, 0), free={"CPU": 1})
    with pytest.raises(InputError, match="busy: 4 actors need 4 CPU, and 1 of its 4 CPU is free"):
        pool_of(busy)
