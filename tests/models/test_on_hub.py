"""Models on a hub, which is a web server on this machine; the client is the real one."""

import json
import pickle
import signal
import subprocess
import sys
import time

import pytest
from hub_models import SENTENCES, files_of, save_model, use_hub
from hub_server import running_hub

import treernn
from treernn.errors import InputError, MissingPackageError, ModelError
from treernn.models.on_hub import Address, address_of, downloaded, hub_folder
from treernn.models.pretrained import pinned
from treernn.models.tagger import Tagger, TaggerConfig
from treernn.parsing import load_parser
from treernn.parsing.lstm_parser import SPECIAL_WORDS, LSTMParser, LSTMParserConfig

pytest.importorskip("huggingface_hub")
NAME = "hf://user/films"


@pytest.fixture
def hub(monkeypatch, tmp_path):
    with running_hub() as hub:
        use_hub(monkeypatch, hub.url, tmp_path / "cache")
        yield hub


@pytest.fixture
def model(tmp_path):
    return save_model(tmp_path / "model")


def scores(scorer):
    return [[phrase.probabilities for phrase in scorer(text).phrases()] for text in SENTENCES]


def load(model):
    return treernn.load(model, parser="right")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("hf://user/name", Address("user/name", "main")),
        ("hf://user/name@v1.0", Address("user/name", "v1.0")),
        ("hf://a-b/c.d_e@refs/pr/3", Address("a-b/c.d_e", "refs/pr/3")),
    ],
)
def test_addresses(text, address):
    assert address_of(text) == address
    assert address_of(str(address)) == address


@pytest.mark.parametrize(
    "wrong",
    [
        *(
            "",
            "name",
            "user/name/sub",
            "user/",
            "/name",
            "../name",
            "user/..",
            "us er/name",
            "u/n\n",
        ),
        *("u/n@", "u/n@../x", "u/n@/etc/passwd", "u/n@a b", "u/n@a@b", "u/n@" + "a" * 300),
    ],
)
def test_no_addresses(wrong):
    with pytest.raises(InputError) as caught:
        address_of(f"hf://{wrong}")
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError):
        treernn.load(f"hf://{wrong}")


def test_a_model_is_downloaded_once(hub, model):
    others = {"pytorch_model.bin": b"a pickle", "model.py": b"import os", ".env": b"TOKEN=x"}
    commit = hub.add("user/films", {**files_of(model), **others, "README.md": b"# Films"})
    scorer = load(NAME)
    assert scores(scorer) == scores(load(model))
    assert {*files_of(scorer.folder)} == {*files_of(model), "README.md"}
    assert not any(name in path for path in hub.requests for name in others if "GET" in path)
    # The commit is known, and what is known needs no network.
    assert scorer.folder.name == commit
    assert f"model='{NAME}@{commit}'" in repr(scorer)
    hub.requests.clear()
    again = [load(NAME), load(f"{NAME}@{commit}"), pickle.loads(pickle.dumps(scorer))]
    assert [scores(each) for each in again] == [scores(scorer)] * 3
    assert hub.requests == []
    assert pinned(NAME) == f"{NAME}@{commit}"


def test_revisions(hub, model, tmp_path):
    other = save_model(tmp_path / "other", seed=2)
    old = hub.add("user/films", files_of(model))
    new = hub.add("user/films", files_of(other))
    hub.add("user/films", files_of(model), branch="refs/pr/1")
    assert scores(load(f"{NAME}@{old}")) == scores(load(model))
    assert scores(load(NAME)) == scores(load(other))
    assert scores(load(f"{NAME}@refs/pr/1")) == scores(load(model))
    # It moves on the hub, not on this machine.
    hub.add("user/films", files_of(model))
    assert load(NAME).folder.name == new
    assert scores(load(f"{NAME}@{old}")) == scores(load(model))


def test_offline(hub, model, monkeypatch):
    from huggingface_hub import constants

    commit = hub.add("user/films", files_of(model))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    problem = f"{NAME}: is not on this machine and cannot be downloaded (HF_HUB_OFFLINE is set)"
    with pytest.raises(ModelError) as caught:
        load(NAME)
    assert str(caught.value) == problem
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    expected = scores(load(NAME))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    hub.requests.clear()
    assert scores(load(NAME)) == scores(load(f"{NAME}@{commit}")) == expected
    assert hub.requests == []


def test_other_models(hub, tmp_path):
    config = LSTMParserConfig(4, 3, 8, hidden_size=3, layers=1, span_rank=4)
    LSTMParser((*SPECIAL_WORDS, "a", "film"), config).save(tmp_path / "parser")
    hub.add("user/parser", files_of(tmp_path / "parser"))
    words = ("a", "good", "film")
    expected = load_parser(tmp_path / "parser").parse([words])
    assert load_parser("hf://user/parser").parse([words]) == expected
    scorer = treernn.load(save_model(tmp_path / "model"), parser="hf://user/parser")
    assert "hf://user/parser@" in repr(scorer)
    with pytest.raises(ModelError, match="the kind of model is lstm-parser, expected"):
        load("hf://user/parser")


def test_a_tagger_on_the_command_line(hub, tmp_path, in_process):
    config = TaggerConfig(6, hidden_size=5, subword_size=4, subword_rows=64)
    Tagger(config, ("JJ", "NN"), ("<unk>", "good")).save(tmp_path / "tagger")
    hub.add("user/tagger", files_of(tmp_path / "tagger"))
    here = in_process("tag", tmp_path / "tagger", "good film")
    assert in_process("tag", "hf://user/tagger", "good film")[:2] == here[:2]


def test_processes_download_nothing(hub, model, tmp_path, in_process):
    hub.add("user/films", files_of(model))
    (tmp_path / "films.csv").write_text("text\n" + "A good film.\n" * 40)
    same = ("score", tmp_path / "films.csv", "--column", "text", "--parser", "right")
    status, _, err = in_process(*same, "-o", tmp_path / "1.csv", "--model", NAME, "--jobs", 2)
    assert status == 0, err
    assert len([each for each in hub.requests if "GET /cdn" in each]) == 1
    assert in_process(*same, "-o", tmp_path / "2.csv", "--model", model)[0] == 0
    assert (tmp_path / "1.csv").read_text() == (tmp_path / "2.csv").read_text()


def test_the_copy_of_the_hub_is_not_changed(hub, model, in_process):
    commit = hub.add("user/films", files_of(model))
    status, _, err = in_process("probe", NAME, "--calibrate")
    assert status == 2
    assert f"{NAME}@{commit} is on the hub and is not changed; copy " in err


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "access is denied (401): hf auth login, with a token that may do this"),
        (403, "access is denied (403): hf auth login, with a token that may do this"),
        (429, "too many requests (429), try again later"),
        (500, "the hub answers 500, try again later"),
        (503, "the hub answers 503, try again later"),
    ],
)
def test_a_hub_that_refuses(hub, model, status, reason, in_process):
    hub.add("user/films", files_of(model))
    hub.fails["GET /api/models"] = status
    code, _, err = in_process("evaluate", NAME)
    assert code == 2
    problem = f"{NAME}: is not on this machine and cannot be downloaded ({reason})"
    assert err == f"treernn: {problem}\n"


def test_what_is_not_there(hub, model, monkeypatch, tmp_path):
    hub.add("user/films", files_of(model))
    for name, reason in (
        ("hf://user/gone", "there is no such repository, or it is private: hf auth login"),
        (f"{NAME}@gone", "there is no such revision"),
        (f"{NAME}@{'0' * 40}", "there is no such revision"),
    ):
        with pytest.raises(ModelError) as caught:
            load(name)
        assert str(caught.value).endswith(f"cannot be downloaded ({reason})")
    use_hub(monkeypatch, "http://127.0.0.1:9", tmp_path / "cache")
    with pytest.raises(ModelError, match=r"downloaded \(no connection: .*refused\)$"):
        load(NAME)


def test_another_repository_is_not_downloaded(hub, model):
    files = files_of(model)
    del files["vocabulary.txt"]
    hub.add("user/bert", {**files, "pytorch_model.bin": b"a pickle"})
    with pytest.raises(ModelError) as caught:
        load("hf://user/bert")
    problem = "hf://user/bert@main: no model of treernn, it has no vocabulary.txt"
    assert str(caught.value) == problem
    assert not any("/resolve/" in each for each in hub.requests)
    hub.add("user/strange", {**files, "config.json": b'{"kind": "x"}', "vocabulary.txt": b""})
    with pytest.raises(ModelError, match="has no format version, this treernn reads format"):
        load("hf://user/strange")


def test_checksums(hub, model):
    hub.add("user/films", files_of(model))
    weights = (model / "model.safetensors").read_bytes()
    hub.changes[weights] = weights[:-4] + bytes(4)
    with pytest.raises(ModelError) as caught:
        load(NAME)
    assert "model.safetensors is not the file of the hub, its sha256 is " in str(caught.value)
    assert str(caught.value).endswith("; it was removed, try again")
    hub.changes.clear()
    assert scores(load(NAME)) == scores(load(model))


def test_wrong_checksums_of_small_files(hub, model, tmp_path):
    """A file that was changed in the cache before the download was complete."""
    commit = hub.add("user/films", files_of(model))
    hub.fails["GET /cdn"] = 500
    with pytest.raises(ModelError, match="the hub answers 500"):
        load(NAME)
    folder = tmp_path / "cache" / "models--user--films" / "snapshots" / commit
    [blob] = [each for each in folder.iterdir() if each.name == "lexicon.json"]
    blob.resolve().write_text("{}")
    hub.fails.clear()
    with pytest.raises(ModelError, match=r"lexicon\.json is not the file of the hub, its git-sha1"):
        load(NAME)
    assert scores(load(NAME)) == scores(load(model))


def test_cut_connections(hub, model, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda _: None)  # the client's, between attempts
    hub.add("user/films", files_of(model))
    hub.cuts = 10**6
    with pytest.raises(ModelError, match="is not on this machine and cannot be downloaded"):
        load(NAME)
    hub.cuts = 1
    assert scores(load(NAME)) == scores(load(model))


def test_killed_downloads(hub, model, tmp_path):
    """Each process is killed at another file; none leaves a model, and the next one goes on."""
    hub.add("user/films", {**files_of(model), "README.md": b"# Films"})
    program = (
        "import os, signal, sys\n"
        "import huggingface_hub.file_download as client\n"
        "move, left = client._chmod_and_move, [int(sys.argv[1])]\n"
        "def killed(*arguments):\n"
        "    left[0] -= 1\n"
        "    left[0] < 0 and os.kill(os.getpid(), signal.SIGKILL)\n"
        "    move(*arguments)\n"
        "client._chmod_and_move = killed\n"
        "from treernn.models.on_hub import hub_folder\n"
        f"hub_folder({NAME!r})\n"
    )
    for moved in (0, 1, 2):
        done = subprocess.run([sys.executable, "-c", program, str(moved)], capture_output=True)
        assert done.returncode == -signal.SIGKILL
        assert not [*(tmp_path / "cache").rglob("snapshots/*/config.json")]
    assert scores(load(NAME)) == scores(load(model))
    assert {*files_of(hub_folder(NAME))} == {*files_of(model), "README.md"}


def test_info_lists_what_is_in_the_cache(hub, model, in_process, tmp_path):
    files = files_of(model)
    commits = [hub.add("user/films", files), hub.add("user/films", {**files, "README.md": b"a"})]
    place = tmp_path / "cache" / "models--user--films" / "snapshots"
    assert "user/films" not in in_process("info")[1]
    for commit in commits:
        load(f"{NAME}@{commit}")
    bert = tmp_path / "cache" / "models--user--bert" / "snapshots" / ("0" * 40)
    bert.mkdir(parents=True)
    (bert / "config.json").write_text('{"model_type": "bert"}')
    listed = json.loads(in_process("info", "--json")[1])["Models"]
    found = {name: folder for name, folder in listed.items() if name.startswith("user/")}
    assert found == {f"user/films@{commit[:7]}": str(place / commit) for commit in commits}


def test_names_in_requests_to_a_server(hub, model):
    from treernn.cli.serve import named

    commit = hub.add("user/films", files_of(model))
    assert named([NAME, "small"], "--model") == {"films": f"{NAME}@{commit}", "small": "small"}
    with pytest.raises(InputError, match="--model: two are named films; rename a folder"):
        named([NAME, str(model.rename(model.with_name("films")))], "--model")


def test_without_the_client(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'treernn\[hub\]'$"):
        load(NAME)
    assert downloaded() == {}
