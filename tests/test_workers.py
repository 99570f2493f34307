import contextlib
import importlib
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from treernn import workers
from treernn.errors import DataError, InputError, TreernnError

# Workers import what they call, and a test module has no name by which they could.
FUNCTIONS = """
import os, time, torch
from treernn.errors import DataError

def fail(item):
    if item == 3:
        raise DataError(f"item {item} is bad", "in.csv", 7)
    return item

def first_after_second(item):
    folder, number = item
    deadline = time.monotonic() + 300
    while number == 0 and not (folder / "1").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    (folder / str(number)).touch()
    return number, os.getpid(), torch.get_num_threads()
"""


@pytest.fixture(scope="module")
def functions(tmp_path_factory):
    folder = tmp_path_factory.mktemp("functions")
    (folder / "called_by_workers.py").write_text(FUNCTIONS)
    sys.path.insert(0, str(folder))
    yield importlib.import_module("called_by_workers")
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def two(functions):
    assert functions
    with workers.parallel_map(2) as parallel_map:
        yield parallel_map


def test_results_are_in_order_and_from_other_processes(two, functions, tmp_path):
    """The first item ends after the second has, so another process must have taken that one."""
    items = [(tmp_path, number) for number in range(20)]
    numbers, processes, threads = zip(*two(functions.first_after_second, items), strict=True)
    assert numbers == tuple(range(20))
    assert processes[0] != processes[1]
    assert len({os.getpid(), *processes}) == 3
    assert set(threads) == {1}


def test_few_items_are_on_their_way(two):
    taken = []
    outputs = two(abs, (taken.append(i) or i for i in range(100)))
    for number in range(20):
        assert next(outputs) == number
        assert len(taken) <= number + 4
    assert len(list(outputs)) == 80


def test_an_error_comes_after_the_results_before_it(two, functions):
    outputs = []
    with pytest.raises(DataError, match=r"^in.csv:7: item 3 is bad$"):
        outputs.extend(two(functions.fail, range(10)))
    assert outputs == [0, 1, 2]

    def broken():
        yield from range(3)
        raise InputError("cannot be read on")

    with pytest.raises(InputError, match="cannot be read on"):
        outputs.extend(two(abs, broken()))
    assert outputs == [0, 1, 2, 0, 1, 2]


def test_one_is_this_process():
    with workers.parallel_map(1) as parallel_map:
        assert list(parallel_map(lambda _: os.getpid(), [1])) == [os.getpid()]


def test_a_killed_worker_is_an_error():
    others = set(multiprocessing.active_children())

    def killing():
        yield 1
        for child in set(multiprocessing.active_children()) - others:
            os.kill(child.pid, signal.SIGKILL)
        yield from range(100)

    with (
        pytest.raises(TreernnError, match=r"^a worker process was killed.*use fewer processes$"),
        workers.parallel_map(2) as parallel_map,
    ):
        list(parallel_map(abs, killing()))


ENDLESS = textwrap.dedent(
    """
    import itertools, operator, os, sys, time
    from treernn import workers

    if __name__ == "__main__":
        with workers.parallel_map(2) as parallel_map:
            call = operator.methodcaller("__call__")
            print(*set(parallel_map(call, [os.getpid] * 8)))
            sys.stdout.flush()
            list(parallel_map(time.sleep, itertools.repeat(60)))
    """
)


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="needs POSIX signals")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_workers_end_with_the_process_they_work_for(tmp_path, how):
    """With Ctrl-C, which a terminal sends to all of them, and when it is killed."""
    program = tmp_path / "endless.py"
    program.write_text(ENDLESS)
    process = subprocess.Popen(
        [sys.executable, program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    children = [int(number) for number in process.stdout.readline().split()]
    assert children
    if how is signal.SIGINT:
        os.killpg(process.pid, how)
    else:
        process.kill()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == -how
    assert errors.count("Traceback") == (1 if how is signal.SIGINT else 0)
    until = time.monotonic() + 30
    while any(map(alive, children)):
        assert time.monotonic() < until
        time.sleep(0.05)


def alive(number):
    with contextlib.suppress(ProcessLookupError):
        os.kill(number, 0)
        with contextlib.suppress(OSError), open(f"/proc/{number}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
        return True
    return False
