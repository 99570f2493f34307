"""Models are pushed to a hub, which is a web server on this machine, by the real client."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from hub_models import SENTENCES, files_of, save_model, use_hub
from hub_server import TOKEN, running_hub

import treernn
from treernn.errors import InputError, ModelError
from treernn.models.sentiment import load_sentiment
from treernn.models.storage import weights_checksum
from treernn.models.tagger import Tagger, TaggerConfig
from treernn.models.target_classifier import TargetClassifier, TargetConfig
from treernn.scoring.push import push

pytest.importorskip("huggingface_hub")
REPO = "user/films"
# The client warns of its own call of its HTTP library.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def hub(monkeypatch, tmp_path):
    with running_hub() as hub:
        use_hub(monkeypatch, hub.url, tmp_path / "cache")
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        yield hub


@pytest.fixture
def model(tmp_path):
    """A model beside which there are files that are none of the model's."""
    folder = save_model(tmp_path / "model")
    for name in ("metrics.jsonl", "token", ".env", "old.bin", "targets/notes.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("secret")
    return folder


def scores(scorer):
    return [[phrase.probabilities for phrase in scorer(text).phrases()] for text in SENTENCES]


def load(model):
    return treernn.load(model, parser="right")


def pushed(hub, address):
    return hub.repositories[REPO].commits[address.rpartition("@")[2]]


def test_round_trip(hub, model):
    scorer = load(model)
    address = scorer.push_to_hub(REPO)
    assert address.startswith(f"hf://{REPO}@")
    assert scores(load(address)) == scores(load(f"hf://{REPO}")) == scores(scorer)
    files = pushed(hub, address)
    names = {"config.json", "lexicon.json", "model.safetensors", "vocabulary.txt"}
    assert {*files} == {*names, "README.md", ".gitattributes"}
    assert all(files[name] == (model / name).read_bytes() for name in names)
    assert not any(b"secret" in body or TOKEN.encode() in body for body in hub.bodies)
    # One commit, after the one that made the repository.
    assert len(hub.repositories[REPO].commits) == 2


def test_sentiment_toward_targets(hub, model):
    (model / "lexicon.json").unlink()
    base = load_sentiment(model)
    targets = TargetClassifier(TargetConfig(base.config.embedding_size, 3), base)
    targets.save(model / "targets", base_sha256=weights_checksum(model))
    address = push(model, REPO)
    assert {"targets/config.json", "targets/model.safetensors"} < {*pushed(hub, address)}
    assert "targets/notes.txt" not in pushed(hub, address)
    here, there = (load(each).target("A good film.", 7, 11) for each in (model, address))
    assert here.probabilities == there.probabilities
    (model / "targets" / "config.json").unlink()  # an unfinished one
    address = push(model, REPO)
    assert not any(name.startswith("targets") for name in pushed(hub, address))
    with pytest.raises(ModelError, match="knows no sentiment toward targets"):
        load(address).target("A good film.", 7, 11)


def test_what_an_earlier_model_had_is_removed(hub, model, tmp_path):
    hub.add(REPO, {"data.csv": b"kept", "targets/config.json": b"{}", "README.md": b"old"})
    (model / "lexicon.json").unlink()
    first = push(model, REPO)
    assert {*pushed(hub, first)} == {
        *("data.csv", "README.md", "config.json", "model.safetensors", "vocabulary.txt")
    }
    second = push(save_model(tmp_path / "other", seed=2), REPO)
    assert scores(load(first)) == scores(load(model)) != scores(load(second))


def test_branches(hub, model):
    hub.add(REPO, {"README.md": b"main"})
    address = push(model, REPO, revision="next")
    push(model, REPO, revision="next")
    assert scores(load(f"hf://{REPO}@next")) == scores(load(address)) == scores(load(model))
    main = hub.repositories[REPO].branches["main"]
    assert hub.repositories[REPO].commits[main] == {"README.md": b"main"}


def test_private_repositories(hub, model, monkeypatch):
    address = push(model, REPO, private=True)
    assert scores(load(address)) == scores(load(model))
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(ModelError, match="no such repository, or it is private: hf auth login"):
        load(f"hf://{REPO}@next")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    hub.add("user/open", {})
    with pytest.raises(InputError, match=r"^user/open: is public already, nothing was pushed$"):
        push(model, "user/open", private=True)
    assert len(hub.repositories["user/open"].commits) == 1


def header(hub, address):
    import yaml

    start, values, text = pushed(hub, address)["README.md"].decode().split("---\n", 2)
    assert start == ""
    return yaml.safe_load(values), text.lstrip("\n")


def test_cards(hub, model):
    expected = {
        "language": "en",
        "library_name": "treernn",
        "pipeline_tag": "text-classification",
        "tags": ["treernn", "sentiment-analysis"],
    }
    values, text = header(hub, push(model, REPO))
    assert values == expected
    assert 'treernn.load("hf://user/films")' in text
    (model / "MODEL_CARD.md").write_text("# Films — ours\n\nText.\n", "utf-8")
    values, text = header(hub, push(model, REPO, license="mit"))
    assert values == expected | {"license": "mit"}
    assert text == "# Films — ours\n\nText.\n"
    (model / "MODEL_CARD.md").write_text("---\nlicense: apache-2.0\nlanguage: [en, de]\n---\n# A\n")
    values, text = header(hub, push(model, REPO))
    assert values == expected | {"license": "apache-2.0", "language": ["en", "de"]}
    assert text == "# A\n"
    (model / "MODEL_CARD.md").write_text("---\nlicense: [\n---\n# A\n")
    with pytest.raises(InputError, match=r"MODEL_CARD\.md: cannot be read \(while parsing"):
        push(model, REPO)


def test_a_card_comes_back(hub, model):
    """A model of the hub, put into another repository, keeps its card."""
    (model / "MODEL_CARD.md").write_text("# Ours\n")
    first = push(model, REPO, license="mit")
    push(load(first).folder, "user/copy")
    [*_, copy] = hub.repositories["user/copy"].commits.values()
    assert copy["README.md"] == pushed(hub, first)["README.md"]


def test_folders_that_do_not_load(hub, model):
    (model / "vocabulary.txt").write_text("others\n")
    with pytest.raises(ModelError, match="changed, its sha256 is not the one in"):
        push(model, REPO)
    with pytest.raises(ModelError, match="no such model folder"):
        push(model / "gone", REPO)
    shutil.copy(model / "config.json", model / "targets")
    assert hub.requests == []


def test_targets_that_do_not_load(hub, model):
    shutil.copy(model / "config.json", model / "targets")
    with pytest.raises(ModelError, match="the kind of model is tree-classifier"):
        push(model, REPO)
    assert hub.requests == []


def test_a_scorer_that_is_not_its_folder(hub, model):
    words = treernn.load(model, parser="right", lexicon={"film": -1})
    with pytest.raises(InputError, match=r"store them with treernn lexicon"):
        words.push_to_hub(REPO)
    scorer = load(model)
    scorer.classifier.load_state_dict(scorer.classifier.state_dict())
    with pytest.raises(InputError, match=r"is not as it was loaded from a folder; save it"):
        scorer.push_to_hub(REPO)
    with pytest.raises(InputError, match=r"is not as it was loaded from a folder; save it"):
        treernn.Scorer(scorer.parser, scorer.classifier).push_to_hub(REPO)
    assert hub.requests == []


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        ("/preupload/", 403, "access is denied (403)"),
        ("PUT /upload", 403, "access is denied (403)"),
        ("/commit/", 412, "it was changed meanwhile (412), try again"),
        ("/commit/", 503, "the hub answers 503, try again later"),
    ],
)
def test_a_hub_that_refuses(hub, model, path, status, reason):
    hub.add(REPO, {"README.md": b"old"})
    hub.fails[path] = status
    with pytest.raises(InputError) as caught:
        push(model, REPO)
    assert str(caught.value).startswith(f"{REPO}: cannot be pushed ({reason}")
    assert [*hub.repositories[REPO].commits.values()] == [{"README.md": b"old"}]


@pytest.mark.parametrize("token", ["", "hf_another"])
def test_who_is_not_logged_in(hub, model, monkeypatch, token):
    monkeypatch.setenv("HF_TOKEN", token)
    problem = r"cannot be pushed \(access is denied \(401\): hf auth login, with a token that may"
    with pytest.raises(InputError, match=problem):
        push(model, REPO)
    assert hub.repositories == {}


@pytest.mark.parametrize("wrong", ["films", "user/films/x", "hf://user/films", "", "../films"])
def test_wrong_names(hub, model, wrong):
    with pytest.raises(InputError, match="is no name on the hub, expected user/name"):
        push(model, wrong)
    with pytest.raises(InputError, match="is no branch, tag or commit"):
        push(model, REPO, revision="../x")
    assert hub.requests == []


def test_the_command(hub, model, in_process, tmp_path):
    status, out, err = in_process("push", model, REPO, "--private", "--license", "mit")
    assert status == 0, err
    assert hub.repositories[REPO].private
    assert scores(load(out.strip())) == scores(load(model))
    config = TaggerConfig(6, hidden_size=5, subword_size=4, subword_rows=64)
    Tagger(config, ("JJ", "NN"), ("<unk>", "good")).save(tmp_path / "tagger")
    status, out, _ = in_process("push", tmp_path / "tagger", REPO, "--revision", "tags")
    assert header(hub, out.strip())[0]["pipeline_tag"] == "token-classification"
    assert in_process("tag", out.strip(), "good")[0] == 0
    status, _, err = in_process("push", model, "films")
    assert (status, err) == (
        2,
        "treernn: 'films' is no name on the hub, expected user/name\n",
    )


def test_models_on_encoders_name_it(hub, tiny_encoder, tmp_path):
    from treernn.encoders.encoder import load_encoder
    from treernn.models.tree_classifier import TreeClassifier, TreeConfig

    folder = shutil.copytree(tiny_encoder(), tmp_path / "encoder")
    TreeClassifier(TreeConfig(8, hidden_size=3), load_encoder(folder)).save(tmp_path / "model")
    config = json.loads((tmp_path / "model" / "config.json").read_text())
    address = push(tmp_path / "model", REPO)
    assert json.loads(pushed(hub, address)["config.json"]) == config
    assert "base_model" not in header(hub, address)[0]  # a folder
    assert scores(load(address)) == scores(load(tmp_path / "model"))
    assert {*files_of(tmp_path / "model")} < {*pushed(hub, address)}


def test_the_document(hub, model, in_process, tmp_path, monkeypatch):
    text = (Path(__file__).parents[2] / "docs" / "hub.md").read_text("utf-8")
    blocks = re.findall(r"^```(sh|python) not-run\n(.*?)^```$", text, re.M | re.S)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trees.txt").write_text("(3 (2 so) (3 good))\n")
    shutil.copytree(model, "my-model")
    hub.add(REPO, files_of(save_model(tmp_path / "first")))
    hub.add(REPO, hub.repositories[REPO].commits[hub.repositories[REPO].branches["main"]], "v1.0")
    names = {}
    for kind, block in blocks:
        if kind == "python":
            exec(compile(block, "block", "exec"), names)
            continue
        for line in block.splitlines():
            status, out, err = in_process(*shlex.split(line)[1:])
            assert status == 0, err
            assert out
    assert scores(names["copy"]) == scores(names["scorer"])
    assert hub.repositories["user/copy"].private
