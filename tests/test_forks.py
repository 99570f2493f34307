"""Forked processes with the included models and several threads of torch.

Each program runs in a process of its own, whose time is limited: what fails here is a child that
waits for ever. Its parent has scored before it forks.
"""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

SECONDS = 120
# Python 3.12 and newer warn of every fork of a process with threads.
_FORKS_ARE_MEANT = ("-W", "ignore:This process (pid=:DeprecationWarning")

HEAD = """
import multiprocessing, os, signal, sys, threading
import torch, treernn

multiprocessing.set_start_method("fork")  # joblib and spaCy take the default, since 3.14 another
torch.set_num_threads(3)  # also on a machine of one core
TEXTS = ["A good film with a bad end. " * n for n in (1, 3, 9)] + ["", "It isn't good."] * 3
scorer = treernn.load()
expected = [result.to_json() for result in scorer.score_many(TEXTS)]
alone = [scorer(text).to_json() for text in TEXTS]  # may differ in the last digit
torch.randn(300_000).tanh()  # all threads have worked

def scored(texts=TEXTS):
    return [result.to_json() for result in scorer.score_many(texts)]

def check():
    assert scored() == expected
    torch.randn(300_000).tanh()

def score(text):
    return os.getpid(), torch.get_num_threads(), scorer(text).to_json()

def check_all(outputs, processes=2):
    children, threads, texts = zip(*outputs)
    assert list(texts) == alone, texts
    assert set(threads) == {1} and os.getpid() not in children and len(set(children)) <= processes
    assert torch.get_num_threads() == 3
    check()  # the parent still works, with all threads

def in_child(function):
    # Exit status of a forked child that calls the function.
    child = os.fork()
    if not child:
        signal.alarm(60)
        try:
            function()
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
"""


def run(program, head=HEAD, **environment):
    """Run a program; what it leaves behind after a timeout is killed with it."""
    environment = os.environ | environment
    environment.pop("OMP_NUM_THREADS", None)
    with subprocess.Popen(
        [sys.executable, *_FORKS_ARE_MEANT, "-c", head + textwrap.dedent(program)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            pytest.fail(f"still running after {SECONDS} s: {out}{err}")
    assert (process.returncode, err) == (0, ""), out + err
    return out


def test_fork():
    run("""
        for _ in range(3):
            assert in_child(check) == 0
        check()
    """)


def test_fork_before_anything_is_scored():
    run(
        """
        import os, torch, treernn
        torch.set_num_threads(3)
        scorer = treernn.load()
        if os.fork():
            assert os.wait()[1] == 0
        assert scorer("A wonderful film. " * 50).label == "very positive"
        """,
        head="",
    )


def test_a_child_may_use_more_threads():
    run("""
        def more():
            assert torch.get_num_threads() == 1
            torch.set_num_threads(3)
            check()
            assert torch.get_num_threads() == 3

        assert in_child(more) == 0
    """)


def test_a_child_of_a_child():
    run("""
        def fork_again():
            torch.set_num_threads(3)
            check()
            assert in_child(check) == 0
            check()

        assert in_child(fork_again) == 0
    """)


def test_a_web_server_that_loads_and_then_forks():
    """As gunicorn with ``--preload``: several children at a time, which answer many requests."""
    run("""
        children = []
        for _ in range(4):
            child = os.fork()
            if not child:
                for _ in range(5):
                    check()
                os._exit(0)
            children.append(child)
            check()
        assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    """)


def test_pool():
    run("""
        with multiprocessing.get_context("fork").Pool(2) as pool:
            check_all(pool.map(score, TEXTS))
    """)


def test_process_pool_executor():
    run("""
        from concurrent.futures import ProcessPoolExecutor
        with ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as executor:
            check_all(executor.map(score, TEXTS))
    """)


def test_joblib():
    pytest.importorskip("joblib")
    run("""
        from joblib import Parallel, delayed
        check_all(Parallel(2, backend="multiprocessing")(map(delayed(score), TEXTS)))
    """)


def test_spacy():
    pytest.importorskip("spacy")
    run("""
        import spacy
        nlp = spacy.blank("en")
        nlp.add_pipe("sentencizer")
        nlp.add_pipe("treernn")
        docs = nlp.pipe(TEXTS, batch_size=2)
        plain = [doc._.treernn.to_json() for doc in docs]
        for _ in range(2):
            docs = list(nlp.pipe(TEXTS, n_process=2, batch_size=2))
            assert [doc._.treernn.to_json() for doc in docs] == plain
    """)


def test_fork_while_other_threads_score():
    """No lock may be held by a thread that the child lacks."""
    run("""
        import itertools
        stop = threading.Event()

        def busy(number):
            for n in itertools.count(number):
                if stop.is_set():
                    break
                scorer.score_many(["A good film with a bad end. " * (n % 12 + 1)] * (n % 19 + 1))

        threads = [threading.Thread(target=busy, args=(7 * n,)) for n in range(2)]
        for thread in threads:
            thread.start()
        try:
            codes = [in_child(check) for _ in range(40)]
            assert codes == [0] * 40, codes
        finally:
            stop.set()
        for thread in threads:
            thread.join()
    """)


def test_fork_from_another_thread():
    run("""
        codes = []
        thread = threading.Thread(target=lambda: (check(), codes.append(in_child(check))))
        thread.start()
        thread.join()
        assert codes == [0]
    """)


def test_training_in_a_child(tmp_path):
    """Also if the parent has trained before."""
    run(f"""
        from pathlib import Path
        from treernn.corpora import read_brackets
        from treernn.models import TreeConfig
        from treernn.training import SentimentTask, TreeSettings, fit, new_classifier
        from treernn.types import Splits, Tree

        trees = [Tree(("not", "good", "."), ((0, 1), (3, 2)), (2, 3, 2, 1, 1))] * 300
        settings = TreeSettings(model=TreeConfig(64, hidden_size=64), epochs=2)

        def train(name):
            torch.manual_seed(1)
            model = new_classifier(settings, ("not", "good", "."))
            task = SentimentTask(model, Splits(trees, trees[:3]), settings)
            return fit(task, Path({str(tmp_path)!r}, name))["loss"]

        loss = train("parent")

        def train_again():
            assert abs(train("child") - loss) < 1e-4

        assert in_child(train_again) == 0
    """)


def test_the_encoder_of_medium():
    """Its tokenizer prints a warning in a child if it has used threads before."""
    pytest.importorskip("transformers")
    run("""
        texts = TEXTS * 20
        try:
            scorer = treernn.load("medium")
        except treernn.TreernnError:  # its encoder is not there
            sys.exit()
        variable = "TOKENIZERS_PARALLELISM"
        expected = scored(texts)
        assert in_child(lambda: os._exit(scored(texts) != expected)) == 0
        assert variable not in os.environ
        os.environ[variable] = "true"  # the user's choice
        assert in_child(lambda: os._exit(os.environ[variable] != "true")) == 0
        assert os.environ[variable] == "true"
    """)


def test_a_process_without_torch_forks():
    run(
        """
        import os, sys, treernn
        child = os.fork()
        if not child:
            os._exit("torch" in sys.modules)
        assert os.waitpid(child, 0)[1] == 0
        """,
        head="",
    )


def test_without_the_hooks_a_child_waits_for_ever():
    """Otherwise the tests above show nothing, for example with another build of torch."""
    if sys.platform != "linux":
        pytest.skip("only libgomp needs the hooks")
    program = HEAD.replace(
        "import torch, treernn",
        "os.register_at_fork = lambda **hooks: None\nimport torch, treernn",
    ).replace("alarm(60)", "alarm(8)")
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\nsys.exit(in_child(check))"],
        capture_output=True,
        timeout=SECONDS,
        env={name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"},
    )
    if done.returncode == 0:
        pytest.skip("this build of torch needs no hooks")
    assert done.returncode == 256 - signal.SIGALRM, done.stderr
