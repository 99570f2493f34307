"""A worker: a process that holds the models and answers batches of texts.

It reads messages from standard input and writes to standard output, until its input ends; that
happens also when the server is killed. It ignores the signals that stop a server, which finishes
what is in work and then closes the input.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from treernn.errors import TreernnError
from treernn.server.work import (
    TAKEN,
    Answer,
    Failure,
    Models,
    Reading,
    Ready,
    Work,
    pack,
    read_message,
)

if TYPE_CHECKING:
    from treernn.scoring.result import Result
    from treernn.scoring.scorer import Scorer

_WARM = "It isn't bad. A wonderful, touching film (really)! 😀\n\nBoring."


def run() -> None:
    """Answer batches until the input ends."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    messages, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what some library prints is no message
    models = read_message(messages)
    if models is None:
        return
    try:
        engine = Engine(models)
        first: Any = Ready(os.getpid(), engine.warm())
    except TreernnError as error:
        first = Failure(str(error))
    except Exception as error:
        report(error)
        first = Failure(f"the models cannot be loaded ({type(error).__name__})")

    def send(message: Any) -> None:
        answers.write(pack(message))
        answers.flush()

    try:
        send(first)
        while not isinstance(first, Failure) and (batch := read_message(messages)) is not None:
            send(TAKEN)
            send(engine.answer(batch))
    except BrokenPipeError:  # the server was killed
        os._exit(1)


def report(error: BaseException) -> None:
    """Write where an error was raised, but not its message, which may contain a text."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    where = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames))
    print(f"treernn: {type(error).__name__} at {where}", file=sys.stderr, flush=True)


class Engine:
    """The models of a worker.

    Args:
        models: is loaded at once.

    Raises:
        TreernnError: a model or a parser cannot be loaded.
    """

    def __init__(self, models: Models) -> None:
        import torch

        from treernn.models.device import usable_device
        from treernn.models.pretrained import sentiment_folder
        from treernn.models.sentiment import load_sentiment
        from treernn.parsing import load_parser

        torch.set_num_threads(1)  # a process for each core: see workers
        device = usable_device(models.device)
        self._classifiers = {
            name: load_sentiment(model, models.precision).to(device)
            for name, model in models.models.items()
        }
        self._folders = {name: sentiment_folder(model) for name, model in models.models.items()}
        self._parsers = {
            name: load_parser(parser, device=device) for name, parser in models.parsers.items()
        }
        self._lexicons = models.lexicons
        self._scorer = cache(self._new_scorer)

    def _new_scorer(self, reading: Reading) -> Scorer:
        from treernn.scoring.scorer import Scorer

        parser, classifier = self._parsers[reading.parser], self._classifiers[reading.model]
        scorer = Scorer(parser, classifier, lexicon=self._lexicons.get(reading.model))
        scorer.folder = self._folders[reading.model]
        return scorer

    def warm(self) -> dict[str, str]:
        """Score and encode something with each model and parser, since the first time takes
        longest.

        Returns:
            The kind of each model.
        """
        from treernn.server.outputs import ResultOutput

        for model in self._classifiers:
            for parser in self._parsers:
                [result] = self._score([_WARM], Reading(model, parser))
                ResultOutput(explain=True).encode(result)
        return {name: model.KIND for name, model in self._classifiers.items()}

    def answer(self, batch: Sequence[Work]) -> list[Answer]:
        """An answer for each text, in order; one that fails costs no other its answer."""
        groups: dict[Reading, list[int]] = {}
        for place, work in enumerate(batch):
            groups.setdefault(work.reading, []).append(place)
        answers: dict[int, Answer] = {}
        for reading, places in groups.items():
            works = [batch[place] for place in places]
            answers |= zip(places, self._answers(works, reading), strict=True)
        return [answers[place] for place in range(len(batch))]

    def _answers(self, works: Sequence[Work], reading: Reading) -> list[Answer]:
        try:
            results = self._score([work.text for work in works], reading)
        except Exception as error:
            if len(works) > 1:
                return [self._answers([work], reading)[0] for work in works]
            return [_failure(error)]
        return [_encoded(work, result) for work, result in zip(works, results, strict=True)]

    def _score(self, texts: Sequence[str], reading: Reading) -> Sequence[Result]:
        from treernn.server.sentences import sentences_of

        default = Reading(reading.model, reading.parser)
        scorer = self._scorer(default)
        if reading == default:
            return scorer.score_many(texts)
        return scorer.score_tokens(
            [(text, sentences_of(text, reading.ends, reading.white_space)) for text in texts]
        )


def _encoded(work: Work, result: Result) -> Answer:
    try:
        return work.output.encode(result)
    except Exception as error:
        return _failure(error)


def _failure(error: Exception) -> Failure:
    if isinstance(error, TreernnError):
        return Failure(str(error))
    report(error)  # a bug
    return Failure(f"the text could not be scored ({type(error).__name__})")
