"""Fixtures that several folders of tests share: data sets, a cache, a web site, small models."""

import gc
import os

# Before anything imports triton: its kernels run in its interpreter, on the CPU.
os.environ["TRITON_INTERPRET"] = "1"

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache as cache_results
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import hypothesis
import numpy as np
import pytest

from treernn.cli.main import main
from treernn.corpora import locations, sst
from treernn.parsing.baselines import ShapeParser, balanced
from treernn.scoring.scorer import Scorer
from treernn.types import Tree

# Before a test changes the environment.
_VARIABLE = os.environ.get("TREERNN_DATA")
_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"

# Processes in the background of a shell ignore Ctrl-C, and so do the processes that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples in every run, however slow the machine. For other examples:
# pytest --hypothesis-profile=explore
for name, derandomize in (("repeat", True), ("explore", False)):
    hypothesis.settings.register_profile(
        name,
        derandomize=derandomize,
        deadline=None,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
hypothesis.settings.load_profile("repeat")


def pytest_collection_finish() -> None:
    """Thousands of tests and all that they import are no garbage: collections, of which there are
    many, need not look at them again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def data_file() -> Callable[[str], Path]:
    """Returns the path of a file in the folder ``TREERNN_DATA`` or ``../shared/data``; skips the
    test if it is not there."""
    folders = (Path(_VARIABLE) if _VARIABLE else None, _BESIDE)
    folder = next((folder for folder in folders if folder and folder.is_dir()), None)

    def path(name: str) -> Path:
        if folder is None:
            pytest.skip(f"no data: neither a folder in TREERNN_DATA nor {_BESIDE}")
        if not (folder / name).is_file():
            pytest.skip(f"no data: {name} is not in {folder}")
        return folder / name

    return path


@pytest.fixture(scope="session")
def sst_archive(data_file: Callable[[str], Path]) -> Path:
    """The official archive of the Stanford Sentiment Treebank."""
    return data_file("trainDevTestTrees_PTB.zip")


@pytest.fixture(scope="session")
def glove_file(data_file: Callable[[str], Path]) -> Path:
    """GloVe 6B, 100 dimensions, the 200,000 most frequent words."""
    return data_file("glove.6B.100d.top200k.txt.gz")


@pytest.fixture(scope="session")
def treebank_archive(data_file: Callable[[str], Path]) -> Path:
    """NLTK's sample of the Penn Treebank."""
    return data_file("nltk-treebank.zip")


@pytest.fixture(scope="session")
def sst_train(sst_archive: Path) -> list[Tree]:
    return sst.load("train", sst_archive)


@pytest.fixture(scope="session")
def sst_dev(sst_archive: Path) -> list[Tree]:
    return sst.load("dev", sst_archive)


@pytest.fixture(scope="session")
def sst_test(sst_archive: Path) -> list[Tree]:
    return sst.load("test", sst_archive)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of an empty cache instead of the user's; ``TREERNN_DATA`` is not set."""
    folder = tmp_path / "user cache"
    monkeypatch.setattr(locations, "cache_folder", lambda: folder)
    monkeypatch.delenv("TREERNN_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A web server on this machine: its address, and the folder that it serves."""
    folder = tmp_path / "site"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", folder
        server.shutdown()
        thread.join()


@pytest.fixture
def in_process(monkeypatch, capfd) -> Callable[..., tuple[int, str, str]]:
    """Run ``treernn`` in this process: exit status, standard output, standard error."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["treernn", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code or 0, *capfd.readouterr()

    return run


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


SENTIMENT = {"awful": 0, "bad": 1, "good": 3, "great": 4}


class WordList:
    """A classifier of a few words; a phrase has the mean distribution of its children, a word with
    a full stop its own.

    Attributes:
        words: the words of the trees in the last call.
    """

    def __init__(self) -> None:
        self.words: list[tuple[str, ...]] = []

    def distributions(self, trees: Sequence[Tree]) -> list[np.ndarray]:
        self.words = [tree.words for tree in trees]
        distributions = []
        for tree in trees:
            rows = [0.1 + 0.5 * np.eye(5)[SENTIMENT.get(word.lower(), 2)] for word in tree.words]
            for children in tree.children:
                counted = children[:1] if tree.words[1:] == (".",) else children
                rows.append(np.mean([rows[child] for child in counted], axis=0))
            distributions.append(np.array(rows, dtype=np.float32))
        return distributions


@pytest.fixture(scope="session")
def scorer() -> Scorer:
    return Scorer(ShapeParser(balanced), WordList())


PIECES = (
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "the", "film", "good", "bad", "sur", "##ly"),
    *("##s", "##prising", "is", "n", "t", "sep", "(", ")", "[", "]", '"', "'", ".", ","),
)


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Returns the folder of an untrained encoder with the word pieces ``PIECES``, at most 32 in a
    sequence, of a model type of transformers, such as ``bert``."""
    transformers = pytest.importorskip("transformers")
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    @cache_results
    def folder(kind: str = "bert", layers: int = 2) -> Path:
        rows = {piece: row for row, piece in enumerate(PIECES)}
        words = Tokenizer(models.WordPiece(rows, unk_token="[UNK]"))
        words.normalizer = normalizers.BertNormalizer()
        words.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        ends = [(piece, rows[piece]) for piece in ("[CLS]", "[SEP]")]
        words.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=ends
        )
        tokenizer = transformers.PreTrainedTokenizerFast(
            tokenizer_object=words,
            model_max_length=32,
            unk_token="[UNK]",
            pad_token="[PAD]",
            cls_token="[CLS]",
            sep_token="[SEP]",
        )
        config = transformers.AutoConfig.for_model(
            kind,
            vocab_size=len(PIECES),
            hidden_size=8,
            num_hidden_layers=layers,
            num_attention_heads=2,
            intermediate_size=12,
            max_position_embeddings=40,
            initializer_range=0.5,
            pad_token_id=0,
        )
        path = tmp_path_factory.mktemp(kind) / "tiny"
        with torch.random.fork_rng():
            torch.manual_seed(1)
            transformers.AutoModel.from_config(config).save_pretrained(path)
        tokenizer.save_pretrained(path)
        return path

    return folder
