"""What a server answers to a request that it cannot serve."""

from __future__ import annotations

from treernn.errors import TreernnError


class RefusedError(TreernnError):
    """A request that is answered with an error.

    Args:
        problem: one line: what is wrong, where, and what to do.
        status: the status code of the answer.
        retry_after: seconds after which it may be tried again.
    """

    def __init__(self, problem: str, status: int = 400, retry_after: int | None = None) -> None:
        super().__init__(problem)
        self.status, self.retry_after = status, retry_after


class WorkerDiedError(RefusedError):
    """The process that had the texts in work was killed; it is started again."""

    def __init__(self) -> None:
        super().__init__(
            "the process that had this request in work has died and is started again; "
            "send the request again",
            status=503,
            retry_after=1,
        )


class NotTakenError(WorkerDiedError):
    """The process had died before it received the texts."""


class DisconnectedError(Exception):
    """The client has gone; nobody would read an answer."""
