"""Addresses of clusters that are not there: one line, soon."""

import socket

import pytest

from treernn.errors import InputError, MissingPackageError
from treernn.integrations.ray import cluster


@pytest.fixture(autouse=True)
def unconnected(monkeypatch):
    ray = pytest.importorskip("ray")
    monkeypatch.setattr(ray, "is_initialized", lambda: False)


def unused_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("127.0.0.1:1", "no Ray cluster answers (Connection refused); pass that"),
        ("head", "head: no address of a Ray cluster, pass that of its head, such as 10.0.0.5:6379"),
        ("127.0.0.1:port", "no address of a Ray cluster"),
        ("ray://127.0.0.1:10001", "run the command on a machine of the cluster"),
    ],
)
def test_no_cluster_is_one_line(address, problem):
    with pytest.raises(InputError) as caught, cluster.connected(address):
        pass
    assert problem in str(caught.value)


def test_a_cluster_that_ended_is_none(monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{unused_port()}")
    with pytest.raises(InputError, match="no Ray cluster answers"), cluster.connected("auto"):
        pass


def test_without_ray_an_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    named = pytest.raises(MissingPackageError, match=r"pip install 'treernn\[ray\]'")
    with named, cluster.connected():
        pass
