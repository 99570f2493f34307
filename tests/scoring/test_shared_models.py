"""The models of one process, used by others."""

import threading
import time
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client

import numpy as np
import pytest

import treernn
from treernn import workers
from treernn.errors import InputError, TreernnError
from treernn.parsing import load_parser
from treernn.scoring.formats import FORMATS
from treernn.scoring.rows import Chunk, Row
from treernn.scoring.scorer import Scorer
from treernn.scoring.settings import Settings
from treernn.scoring.shared_models import SharedModels, shared
from treernn.scoring.table import PartScorer, score_part

TEXTS = ["A good film. Not a bad one!", "", "?!", "Dull, but the music is great.", "x" * 2000]


@pytest.fixture(scope="module")
def scorer():
    return treernn.load()


def chunks():
    return [
        Chunk([Row(f"line {n}", text * number) for n, text in enumerate(TEXTS)], 1.0)
        for number in range(1, 6)
    ]


@pytest.mark.parametrize("format", ["jsonl", "csv", "vectors"])
def test_the_output_is_that_of_one_process(scorer, format):
    settings = Settings("small", "cpu", "embedded", "float32", format, ("text",), "")
    writer = FORMATS[format](scorer.classifier, ("text",), "", settings.detail)
    alone = [score_part(scorer, writer, chunk) for chunk in chunks()]
    count = 2 if format == "jsonl" else 1  # processes take seconds to start
    with workers.parallel_map(count) as parallel_map, shared(scorer) as address:
        assert list(parallel_map(PartScorer(settings, address), chunks())) == alone
    assert sum(part.failed for part in alone) > 0


def test_many_may_call_at_a_time(scorer):
    sentences = [["a", "film", "of", str(number)] for number in range(8)]
    found = {}

    def call(number, address):
        models = SharedModels(address)
        for _ in range(3):
            [tree] = models.parse([sentences[number]])
            [found[number]] = models.distributions([tree])

    with shared(scorer) as address:
        threads = [threading.Thread(target=call, args=(n, address)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for number, sentence in enumerate(sentences):
        expected = scorer.classifier.distributions(scorer.parser.parse([sentence]))[0]
        assert np.array_equal(found[number], expected)


def test_an_error_of_the_models_is_raised_where_they_are_used():
    class Wrong:
        def distributions(self, _):
            raise InputError("these trees are wrong")

    with shared(Scorer(load_parser("right"), Wrong())) as address:
        models = SharedModels(address)
        for _ in range(2):
            with pytest.raises(InputError, match="these trees are wrong"):
                models.distributions(models.parse([["a", "b"]]))
        with pytest.raises(AttributeError):
            models.states([])


def test_nobody_else_is_answered(scorer):
    with shared(scorer) as address:
        with pytest.raises(AuthenticationError):
            SharedModels(address._replace(key=b"another"))
        assert SharedModels(address).parse([["a"]])[0].words == ("a",)


def test_models_that_are_no_longer_there(scorer):
    with shared(scorer) as address:
        pass
    with pytest.raises(TreernnError, match=r"^the process with the models has ended$"):
        SharedModels(address)


def test_nothing_is_computed_after_the_block():
    """Python cannot end while another thread is in torch: it aborts."""
    started, ended = threading.Event(), []

    class Slow:
        def distributions(self, trees):
            started.set()
            time.sleep(0.2)
            ended.append(len(trees))
            return []

    with shared(Scorer(load_parser("right"), Slow())) as address:
        models = SharedModels(address)
        thread = threading.Thread(target=models.distributions, args=([],))
        thread.start()
        started.wait()
    assert ended == [0]
    thread.join()


def test_an_end_right_after_a_connection_waits_for_nobody():
    def come_and_go():
        for _ in range(100):
            with shared(None) as address:
                Client(address.path, authkey=address.key).close()

    thread = threading.Thread(target=come_and_go, daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
