import errno
import os
import socket
import stat
import threading

import pytest

from tests.helpers.words import null_byte
from treernn.errors import InputError, StorageError
from treernn.files import atomic_write
from treernn.outputs import (
    cannot_write,
    check_writable,
    folder_of,
    is_stream,
    open_stream,
    target_of,
)
from treernn.printing import shown


def write(path, text="new"):
    with atomic_write(path) as temporary:
        temporary.write_text(text)


def names(folder):
    return sorted(os.listdir(folder))


@pytest.fixture
def reader(tmp_path):
    """A pipe with a name, and what was written to it."""
    os.mkfifo(path := tmp_path / "pipe")
    found = []
    thread = threading.Thread(target=lambda: found.append(path.read_bytes()), daemon=True)
    thread.start()

    def content():
        thread.join(20)
        return found[0]

    return path, content


def test_a_link_is_followed(tmp_path):
    """Also a link to a link, and one to nowhere, in a folder that does not exist."""
    target, link = tmp_path / "there" / "file", tmp_path / "link"
    (tmp_path / "first").symlink_to("there/file")
    link.symlink_to("first")
    for text in ("new", "newer"):
        write(link, text)
        assert (target.read_text(), target_of(link), link.is_symlink()) == (text, target, True)
    assert names(target.parent) == ["file"]
    assert names(tmp_path) == ["first", "link", "there"]


def test_a_file_that_is_replaced_keeps_its_mode(tmp_path):
    path = tmp_path / "file"
    for mode in (0o600, 0o444, 0o755):
        path.touch()
        path.chmod(mode)
        write(path)
        assert stat.S_IMODE(path.stat().st_mode) == mode
        assert path.read_text() == "new"


def test_a_pipe_is_written_to(reader):
    path, content = reader
    assert is_stream(path)
    write(path)
    assert content() == b"new"
    assert stat.S_ISFIFO(path.lstat().st_mode)
    assert names(path.parent) == ["pipe"]


def test_a_device_is_written_to(tmp_path):
    path = tmp_path / "device"
    for minor, full in ((3, False), (7, True)):  # null and full
        try:
            os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, minor))
        except OSError:
            pytest.skip("may not make devices")
        check_writable(path)
        if full:
            with pytest.raises(InputError, match=r"device: cannot be written \(No space left"):
                write(path)
        else:
            write(path)
        assert stat.S_ISCHR(path.lstat().st_mode)
        assert names(tmp_path) == ["device"]
        path.unlink()


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="no files of open files")
def test_an_open_file_is_written_on(tmp_path):
    """Not emptied, nor replaced: it may be a log of a shell."""
    path, link = tmp_path / "file", tmp_path / "link"
    with open(path, "ab") as file:
        file.write(b"first ")
        file.flush()
        link.symlink_to(f"/dev/fd/{file.fileno()}")
        for name in (f"/dev/fd/{file.fileno()}", f"/proc/self/fd/{file.fileno()}", link):
            assert is_stream(name)
            write(name)
    assert path.read_text() == "first newnewnew"
    assert names(tmp_path) == ["file", "link"]
    with pytest.raises(InputError, match=r"cannot be written \(Bad file descriptor\)"):
        write("/dev/fd/987654")


@pytest.mark.parametrize("name", ["in", "out", "err"])
def test_standard_streams_are_streams_whatever_they_are(name):
    assert is_stream(f"/dev/std{name}")
    assert not is_stream(f"/dev/std{name}.txt")


def test_a_pipe_whose_reader_has_gone():
    ends = os.pipe()
    os.close(ends[0])
    with pytest.raises(InputError, match=r"cannot be written \(Broken pipe\)"):
        write(f"/dev/fd/{ends[1]}")
    os.close(ends[1])


def test_other_things_are_one_line(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "socket"))
    before = names(tmp_path)
    for name, problem in {
        "folder": ", it is a folder",
        "socket": ", it is no file",
        "loop": " (Too many levels of symbolic links)",
        "file/below": " (Not a directory)",
        "x" * 256: " (File name too long)",
        "é" * 128: " (File name too long)",
        "a\0b": f" ({null_byte()})",
    }.items():
        for check in (check_writable, write, target_of):
            with pytest.raises(InputError) as error:
                check(tmp_path / name)
            assert str(error.value).endswith(f"{shown(name)}: cannot be written{problem}")
    assert names(tmp_path) == before


@pytest.mark.parametrize("length", [240, 255])
def test_a_long_name_needs_no_more_room(tmp_path, length):
    for name in ("x" * length, "é" * (length // 2)):
        write(tmp_path / name)
    assert len(names(tmp_path)) == 2


def test_folders(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("there")
    os.mkfifo(tmp_path / "pipe")
    assert folder_of(tmp_path / "link") == tmp_path / "there"
    assert folder_of("new") == folder_of("new").__class__("new")
    for name in ("file", "pipe", "x" * 256, "file/below"):
        with pytest.raises(InputError, match="cannot be written"):
            folder_of(tmp_path / name)


def test_a_stream_is_given_each_part_at_once(reader):
    path, content = reader
    with open_stream(path) as file:
        file.write(b"one")
        file.flush()
        file.write(b"two")
    assert content() == b"onetwo"


@pytest.mark.parametrize("reason", ["ENOSPC", "EROFS", "EIO"])
def test_a_full_disk_is_no_fault_of_a_file(tmp_path, reason):
    error = cannot_write(tmp_path, OSError(getattr(errno, reason), "reason"))
    assert type(error) is StorageError
    assert str(error) == f"{tmp_path}: cannot be written (reason)"
    assert type(cannot_write(tmp_path, OSError(errno.ENAMETOOLONG, "reason"))) is InputError
