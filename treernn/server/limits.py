"""How much a client may ask for, so that memory and time stay bounded whatever comes."""

from __future__ import annotations

from dataclasses import dataclass

BATCH_TEXTS, BATCH_CHARACTERS = 64, 50_000
"""Of texts that are scored together; a longer text is a batch of its own."""

GATHER_SECONDS = 0.005
"""How long a text waits for others to be scored together with it."""

BATCH_SECONDS = 120.0
"""After which a worker that does not answer is ended."""

START_SECONDS = 300.0
"""In which a worker has to load its models."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a request, and of all requests together.

    Attributes:
        body_bytes: of the body of a request.
        buffered_bytes: of the bodies of all requests that are being received.
        characters: of a text.
        texts: in a request.
        queued_texts, queued_characters: of all requests that wait, are in work, or are being
            answered; a request beyond them gets 429.
        seconds: from the end of a request to its answer.
        client_seconds: in which a client has to send the head of a request, and then its body;
            and that it may take without reading anything of its answer.
        connections: at the same time.
        upload_bytes: of an uploaded file.
        jobs: with files, at the same time, those that are finished included.
        job_seconds: for which the result of a job is kept.
    """

    body_bytes: int = 4_000_000
    buffered_bytes: int = 64_000_000
    characters: int = 100_000
    texts: int = 1_000
    queued_texts: int = 5_000
    queued_characters: int = 2_000_000
    seconds: float = 60.0
    client_seconds: float = 30.0
    connections: int = 800
    upload_bytes: int = 200_000_000
    jobs: int = 20
    job_seconds: float = 3_600.0
