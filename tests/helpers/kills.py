"""Kill copies of this process, at a file operation or after some time."""

import contextlib
import os
import signal
import time
from collections.abc import Callable

CALLS = ("mkdir", "rename", "replace", "unlink", "rmdir", "fsync")
"""Functions of ``os`` that change the file system."""


def killed(
    work: Callable[[], object], at_call: int | None = None, after: float | None = None
) -> bool:
    """Whether a copy of this process was killed before it finished ``work``.

    Args:
        work: must not fail.
        at_call: kill it just before this call of one of ``CALLS``, from 1.
        after: kill it after so many seconds.
    """
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            left = at_call

            def counted(call):
                def do(*args, **kwargs):
                    nonlocal left
                    left -= 1
                    if left == 0:
                        os.kill(os.getpid(), signal.SIGKILL)
                    return call(*args, **kwargs)

                return do

            if left is not None:
                for name in CALLS:
                    setattr(os, name, counted(getattr(os, name)))
            work()
            os._exit(0)
        os._exit(1)
    if after is not None:
        time.sleep(after)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, -signal.SIGKILL)
    return status != 0
