"""Where the tests find real data, and how they do without the user's own."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from functools import cache as cache_results
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import hypothesis
import numpy as np
import pytest

from treernn.corpora import locations, sst
from treernn.parsing.baselines import ShapeParser, balanced
from treernn.scoring.scorer import Scorer
from treernn.types import Tree

# Read once, before a test changes the environment.
_VARIABLE = os.environ.get("TREERNN_DATA")
_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"

# A process started in the background ignores Ctrl-C, and so do those that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine is no reason to fail.
hypothesis.settings.register_profile(
    "treernn", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("treernn")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of data files, ``TREERNN_DATA`` or ``../shared/data`` beside the project; the
    test is skipped where there is none."""
    for folder in (Path(_VARIABLE) if _VARIABLE else None, _BESIDE):
        if folder is not None and folder.is_dir():
            return folder
    pytest.skip(f"no data: neither a folder in TREERNN_DATA nor {_BESIDE}")


@pytest.fixture(scope="session")
def sst_archive(data_dir: Path) -> Path:
    """The official archive of the Stanford Sentiment Treebank."""
    return _file(data_dir, "trainDevTestTrees_PTB.zip")


@pytest.fixture(scope="session")
def glove_file(data_dir: Path) -> Path:
    """GloVe 6B, 100-d, the 200,000 most frequent words."""
    return _file(data_dir, "glove.6B.100d.top200k.txt.gz")


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
    """A cache folder in place of the user's, not there yet, and no ``TREERNN_DATA``."""
    folder = tmp_path / "user cache"
    monkeypatch.setattr(locations, "cache_folder", lambda: folder)
    monkeypatch.delenv("TREERNN_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A web site on this machine: its address, and the folder that it serves."""
    folder = tmp_path / "site"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", folder
        server.shutdown()
        thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def _file(folder: Path, name: str) -> Path:
    if not (folder / name).is_file():
        pytest.skip(f"no data: {name} is not in {folder}")
    return folder / name


SENTIMENT = {"awful": 0, "bad": 1, "good": 3, "great": 4}


class WordList:
    """A classifier small enough to know what it must say: of a few words; a phrase is the mean of
    its parts. ``words`` is what it was asked last."""

    def __init__(self) -> None:
        self.words: list[tuple[str, ...]] = []

    def distributions(self, trees: Sequence[Tree]) -> list[np.ndarray]:
        self.words = [tree.words for tree in trees]
        found = []
        for tree in trees:
            rows = [0.1 + 0.5 * np.eye(5)[SENTIMENT.get(word.lower(), 2)] for word in tree.words]
            for below in tree.children:
                rows.append(np.mean([rows[child] for child in below], axis=0))
            found.append(np.array(rows, dtype=np.float32))
        return found


@pytest.fixture(scope="session")
def scorer() -> Scorer:
    return Scorer(ShapeParser(balanced), WordList())


PIECES = (
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "the", "film", "good", "bad", "sur", "##ly"),
    *("##s", "##prising", "is", "n", "t", "sep", "(", ")", "[", "]", '"', "'", ".", ","),
)


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """The folder of a pretrained encoder of two layers that has learnt nothing, and whose pieces
    are ``PIECES``; it takes 32 of them at once. Kinds are those of transformers: ``bert``, …"""
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
