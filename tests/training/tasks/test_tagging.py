import json
import os
import re
import signal
from pathlib import Path

import numpy as np
import pytest
import torch

from treernn.corpora import glove
from treernn.corpora.glove import WordVectors
from treernn.corpora.rally import rallies, save_rallies
from treernn.corpora.tagged import TaggedSentence, format_tagged
from treernn.errors import DataError, InputError, MissingDataError
from treernn.evaluation.tagging import MostFrequentTag, Perceptron, accuracy
from treernn.models.storage import CONFIG, FILES
from treernn.models.tagger import Tagger
from treernn.training.data.reading import load_gold_tags, load_tagged
from treernn.training.loop.settings import settings_from
from treernn.training.loop.trainer import CHECKPOINT, METRICS, fit
from treernn.training.tasks.tagging import TaggingSettings, TaggingTask, new_tagger, tag_names
from treernn.types import Splits

QUICK = TaggingSettings().updated(
    hidden_size=12,
    layers=1,
    embedding_size=8,
    dropout=0.1,
    word_dropout=0.1,
    epochs=12,
    batch_size=10,
    learning_rate=0.03,
    ema_decay=0.9,
    seed=7,
)


def corpus(number: int, seed: int) -> list[TaggedSentence]:
    """``can`` is a verb before a verb, otherwise a noun: its tag depends on the next word."""
    choose = np.random.default_rng(seed)
    sentences = []
    for _ in range(number):
        pairs = []
        for _ in range(int(choose.integers(1, 5))):
            if choose.random() < 0.5:
                pairs += [("can", "MD"), (str(choose.choice(["see", "hear"])), "VB")]
            else:
                pairs += [("can", "NN"), (str(choose.choice(["of", "with"])), "IN")]
        words, tags = zip(*pairs, strict=True)
        sentences.append(TaggedSentence(words, tags))
    return sentences


TRAIN, DEV = corpus(60, 1), corpus(20, 2)


def train(settings, out, train=TRAIN, dev=DEV, vectors=None, **options):
    model = new_tagger(settings, train, vectors)
    return fit(TaggingTask(model, Splits(train, dev), settings), out, **options)


def test_a_tag_that_depends_on_the_next_word_needs_both_directions(tmp_path):
    found = {}
    for bidirectional in (True, False):
        settings = QUICK.updated(bidirectional=bidirectional)
        found[bidirectional] = train(settings, tmp_path / str(bidirectional))
    assert found[True]["dev_accuracy"] == 100
    assert found[False]["dev_accuracy"] < 85
    model = Tagger.load(tmp_path / "True")
    assert model.tag([("can", "see", "can", "of")]) == [("MD", "VB", "NN", "IN")]
    assert accuracy([tags for _, tags in DEV], model.tag([words for words, _ in DEV])) == 100


def test_training_on_frames(tmp_path):
    """On a few rallies."""
    films = [(each.vectors, (each.winner,) * len(each.frames)) for each in rallies(24)]
    settings = QUICK.updated(epochs=2, batch_size=8)
    model = new_tagger(settings, films[:20])
    frames = np.concatenate([frames for frames, _ in films[:20]])
    np.testing.assert_allclose(model.inputs.mean, frames.mean(0), atol=1e-5)
    np.testing.assert_allclose(model.inputs.std, frames.std(0), atol=1e-5)
    task = TaggingTask(model, Splits(films[:20], films[20:]), settings)
    best = fit(task, tmp_path / "model")
    found = Tagger.load(tmp_path / "model").distributions([frames for frames, _ in films[20:]])
    assert [rows.shape for rows in found] == [(len(tags), 2) for _, tags in films[20:]]
    gold = [np.array([("left", "right").index(tag) for tag in tags]) for _, tags in films[20:]]
    of_gold = np.concatenate([p[np.arange(len(g)), g] for p, g in zip(found, gold, strict=True)])
    assert best["dev_loss"] == pytest.approx(-np.log(of_gold).mean(), rel=1e-4)


def test_constant_features_keep_their_scale():
    videos = [(np.full((3, 2), 5.0, np.float32), ("a", "b", "a"))]
    model = new_tagger(QUICK, videos)
    assert (model.inputs.mean.tolist(), model.inputs.std.tolist()) == ([5, 5], [1, 1])


def test_frames_of_different_sizes():
    videos = [(np.zeros((1, size), np.float32), ("a",)) for size in (3, 2)]
    with pytest.raises(InputError, match=r"train frames of different sizes: \(2,\), \(3,\)"):
        new_tagger(QUICK, videos)


def test_the_same_seed_gives_the_same_model(tmp_path):
    settings = QUICK.updated(epochs=2)
    for name in ("a", "b"):
        torch.rand(3)
        train(settings, tmp_path / name)
    one, other = (Tagger.load(tmp_path / name).state_dict() for name in ("a", "b"))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_files(tmp_path):
    settings, seen = QUICK.updated(epochs=2), []
    options = {"metadata": {"from": "here"}, "on_epoch": seen.append}
    best = train(settings, tmp_path / "m", **options)
    lines = (tmp_path / "m" / METRICS).read_text().splitlines()
    assert [json.loads(line) for line in lines] == seen
    assert {"epoch", "loss", "dev_accuracy", "dev_loss", "seconds"} == set(best)
    assert {file.name for file in (tmp_path / "m").iterdir()} == {*FILES, METRICS}
    config = json.loads((tmp_path / "m" / CONFIG).read_text())
    assert config["from"] == "here"
    assert config["chosen"] == best
    assert config["data"]["train"]["sequences"] == len(TRAIN)
    assert settings_from(TaggingSettings, config["settings"]) == settings
    assert train(settings, tmp_path / "m", **options) == best
    with pytest.raises(InputError, match="holds a model of other settings, data or word vectors"):
        train(settings, tmp_path / "m", dev=DEV[:5])


def test_an_interrupted_run_resumes_with_the_same_result(tmp_path):
    settings = QUICK.updated(epochs=4)

    def stop(epoch: int, done: int, _steps: int) -> None:
        if (epoch, done) == (3, 2):
            os.kill(os.getpid(), signal.SIGINT)

    train(settings, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train(settings, tmp_path / "cut", on_step=stop)
    assert (tmp_path / "cut" / CHECKPOINT).exists()
    train(settings, tmp_path / "cut")
    one, other = (Tagger.load(tmp_path / name).state_dict() for name in ("whole", "cut"))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_initial_word_vectors():
    vectors = WordVectors(
        ("of", "See", "other", "rare"), np.arange(8, dtype=np.float32).reshape(4, 2)
    )
    model = new_tagger(QUICK, TRAIN, vectors, max_vectors=3)
    words = model.inputs.vocabulary.words
    assert words[0] == "<unk>"
    assert words[1] == "can"
    assert set(words) == {"<unk>", "can", "see", "hear", "of", "with", "See", "other"}
    table = model.inputs.embedding.weight
    assert table.shape == (8, 2)
    assert table[words.index("of")].tolist() == [0, 1]
    assert table[words.index("other")].tolist() == [4, 5]
    assert table[0].tolist() == [0, 0]
    assert model.tags == ("IN", "MD", "NN", "VB") == tuple(tag_names(TRAIN))


def test_vectors_of_unused_words_do_not_change(tmp_path):
    vectors = WordVectors(("of", "other"), np.full((2, 3), 0.25, np.float32))
    settings = QUICK.updated(epochs=1)
    train(settings, tmp_path / "m", vectors=vectors)
    inputs = Tagger.load(tmp_path / "m").inputs
    before = torch.full((3,), 0.25)
    rows = dict(zip(inputs.vocabulary.words, inputs.embedding.weight, strict=True))
    assert torch.equal(rows["other"], before)
    assert not torch.equal(rows["of"], before)


def test_a_dev_tag_without_training_data_is_wrong(tmp_path):
    settings = QUICK.updated(epochs=1)
    dev = [TaggedSentence(("!",), ("SYM",))]
    best = train(settings, tmp_path / "m", dev=dev)
    assert (best["dev_accuracy"], best["dev_loss"]) == (0, 0)


@pytest.mark.parametrize(
    ("sequences", "dev", "problem"),
    [
        ([], DEV, "no train sequences"),
        (TRAIN, [], "no dev sequences"),
        (TRAIN, [(("a", "b"), ("DT",))], "dev sequence 1 has 1 tags for 2 steps"),
        ([*TRAIN, ((), ())], DEV, "train sequence 61 has 0 tags for 0 steps"),
    ],
)
def test_wrong_data(sequences, dev, problem):
    with pytest.raises(InputError, match=problem):
        TaggingTask(new_tagger(QUICK, TRAIN), Splits(sequences, dev), QUICK)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"epochs": 0}, "epochs is 0, expected a whole number, at least 1"),
        ({"cell": "child-sum-lstm"}, "cell is 'child-sum-lstm', expected one of"),
        ({"word_dropout": 1.0}, "word_dropout is 1.0, expected from 0 to below 1"),
        ({"bidirectional": 1}, "bidirectional is 1, expected true or false"),
        ({"hidden": 3}, "no setting is called 'hidden'"),
    ],
)
def test_wrong_settings(values, problem):
    with pytest.raises(InputError, match=problem):
        settings_from(TaggingSettings, values)


def test_a_file_of_words_and_tags(tmp_path):
    path = tmp_path / "own.tsv"
    path.write_text(format_tagged(TRAIN))
    found = load_tagged(path)
    assert (len(found.train), len(found.dev), found.test) == (54, 6, ())
    assert sorted([*found.train, *found.dev]) == sorted(TRAIN)
    assert load_tagged(path) == found != load_tagged(path, seed=2)
    assert load_tagged(path, path) == Splits(TRAIN, TRAIN)
    assert load_gold_tags(path) == TRAIN
    path.write_text("one\tCD\n")
    with pytest.raises(DataError, match="only one example"):
        load_tagged(path)
    with pytest.raises(MissingDataError, match="no such file"):
        load_tagged(tmp_path / "none")


def test_a_treebank_is_split_by_documents(tmp_path):
    for number in range(10):
        (tmp_path / f"{number}.mrg").write_text(f"( (S (CD {number})))\n")
    found = load_tagged(tmp_path)
    assert [words for words, _ in found.dev] == [("8",)]
    assert found.test == load_gold_tags(tmp_path) == [(("9",), ("CD",))]
    with pytest.raises(InputError, match="a treebank has its own dev sentences"):
        load_tagged(tmp_path, tmp_path)


def test_a_folder_of_videos(tmp_path):
    save_rallies(tmp_path, rallies(4))
    found = load_tagged(tmp_path, column="winner")
    assert (len(found.train), len(found.dev)) == (3, 1)
    assert tag_names(found.train + found.dev) == ["left", "right"]


@pytest.mark.slow  # half of the epochs of the training of which docs/tag.md gives the figures
def test_parts_of_speech_of_the_penn_treebank(treebank_archive, glove_file, tmp_path):
    data = load_tagged(treebank_archive)
    settings = TaggingSettings(epochs=6)
    model = new_tagger(settings, data.train, glove.read(glove_file, limit=50_000))
    fit(TaggingTask(model, data, settings), tmp_path / "m")
    words, gold = zip(*data.test, strict=True)
    ours = accuracy(gold, Tagger.load(tmp_path / "m").tag(words))
    theirs = accuracy(gold, Perceptron(data.train).tag(words))
    usual = accuracy(gold, MostFrequentTag(data.train).tag(words))
    assert ours > theirs + 1 > usual + 1


def test_the_document_names_every_setting():
    text = (Path(__file__).parents[3] / "docs" / "tag.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `?([\w.]+)`? \|", text, re.M)
    shown = {name: str(value).lower() for name, value in TaggingSettings().values().items()}
    assert dict(rows) == shown
