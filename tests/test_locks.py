import os
import signal
import subprocess
import sys
import time

import pytest

from treernn.errors import InputError
from treernn.locks import LOCK, locked, remove_stale


def in_use(folder):
    with pytest.raises(InputError) as error, locked(folder):
        pass
    return str(error.value)


def test_the_lock_is_there_as_long_as_the_block(tmp_path):
    folder = tmp_path / "new" / "folder"
    with locked(folder):
        text = (folder / LOCK).read_text()
        assert text.startswith(f"process {os.getpid()} on ")
        expected = f"{folder}: in use by {text.strip()}; wait for its end, or write elsewhere"
        assert in_use(folder) == expected
    assert os.listdir(folder) == []
    with pytest.raises(KeyError), locked(folder):
        raise KeyError
    assert os.listdir(folder) == []
    with locked(folder), locked(tmp_path):  # of different folders
        pass


def test_a_folder_that_is_renamed_and_made_again(tmp_path):
    old, renamed = tmp_path / "folder", tmp_path / "renamed"
    first = locked(old)
    first.__enter__()
    old.rename(renamed)
    with locked(old):
        first.__exit__(None, None, None)  # the lock of the other one stays
        assert in_use(old)
    assert os.listdir(old) == []


HOLD = """
import subprocess, sys, time
from multiprocessing import get_context
from treernn.locks import locked

if __name__ == "__main__":
    with locked(sys.argv[1]):
        kinds = [get_context(kind) for kind in sys.argv[2:]]
        workers = [kind.Process(target=time.sleep, args=(60,)) for kind in kinds]
        for worker in workers:
            worker.start()
        other = subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL, close_fds=False)
        print(other.pid, *(worker.pid for worker in workers), flush=True)
        time.sleep(60)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_the_lock_of_a_killed_process_is_free_though_its_children_live(tmp_path):
    command = [sys.executable, "-c", HOLD, tmp_path, "spawn", "fork"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        children = [*map(int, process.stdout.readline().split())]
        try:
            assert len(children) == 3
            assert f"in use by process {process.pid} on " in in_use(tmp_path)
            time.sleep(0.1)
            process.kill()
            process.wait()
            with locked(tmp_path):
                pass
            for child in children:
                os.kill(child, 0)  # it lives, or this raises an error
        finally:
            process.kill()
            for child in children:
                os.kill(child, signal.SIGKILL)
    assert os.listdir(tmp_path) == []


def test_a_lock_that_a_killed_process_left(tmp_path):
    (tmp_path / LOCK).write_text("process 1 on moon since 1969-07-20 20:17:40\n")
    remove_stale(tmp_path)
    assert os.listdir(tmp_path) == []
    remove_stale(tmp_path)
    with locked(tmp_path):
        remove_stale(tmp_path)
        assert os.listdir(tmp_path) == [LOCK]


@pytest.mark.parametrize(
    "text", [b"", b"\x1b[31m", b"process 1 on a\nb since", b"x" * 9999, b"\xff"]
)
def test_any_text_of_the_lock_is_one_line(tmp_path, text):
    with locked(tmp_path):
        (tmp_path / LOCK).write_bytes(text)
        assert in_use(tmp_path) == (
            f"{tmp_path}: in use by another process; wait for its end, or write elsewhere"
        )


@pytest.mark.parametrize("kind", ["folder", "pipe", "link"])
def test_a_lock_that_is_no_file(tmp_path, kind):
    folder, path = tmp_path / "folder", tmp_path / "folder" / LOCK
    folder.mkdir()
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "link":
            path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError), locked(folder):
        pass
    assert os.listdir(tmp_path) == ["folder"]
    assert os.listdir(folder) == [LOCK]


def test_folders_that_cannot_be(tmp_path):
    (tmp_path / "file").touch()
    for name in ("file", "file/below", "x" * 256, "a\0b"):
        with pytest.raises(InputError, match="cannot be written"), locked(tmp_path / name):
            pass
