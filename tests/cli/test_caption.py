"""``treernn caption``: pictures, arrays and features in, words out; and what can be wrong."""

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from treernn.cli.main import main
from treernn.corpora.digits import WORDS, rows
from treernn.models.captioner import Captioner, CaptionerConfig
from treernn.models.decoder import SPECIAL_WORDS

pytest.importorskip("sklearn")
pytest.importorskip("sacrebleu")
Image = pytest.importorskip("PIL.Image")


def untrained(path, **config):
    torch.manual_seed(1)
    model = Captioner(
        CaptionerConfig(embedding_size=6, hidden_size=8, **config), (*SPECIAL_WORDS, *WORDS)
    )
    for weight in model.parameters():
        weight.data.mul_(2)
    model.save(path)
    return path


@pytest.fixture(scope="module")
def digits_model(tmp_path_factory):
    return untrained(tmp_path_factory.mktemp("models") / "digits")


@pytest.fixture(scope="module")
def features_model(tmp_path_factory):
    return untrained(tmp_path_factory.mktemp("models") / "features", feature_size=5)


@pytest.fixture
def images():
    return [row.image for row in rows("test", 3)]


@pytest.fixture
def caption(monkeypatch, capfd):
    """Run ``treernn caption`` in this process: status, standard output, standard error."""

    def run(*arguments) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["treernn", "caption", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code or 0, *capfd.readouterr()

    return run


def test_as_a_process(treernn, digits_model, images, tmp_path):
    path = tmp_path / "row.npy"
    np.save(path, images[0])
    done = treernn("caption", str(digits_model), str(path), "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    [captions] = Captioner.load(digits_model).caption(images[:1])
    assert json.loads(done.stdout) == {
        "image": str(path),
        "caption": captions.text,
        "score": pytest.approx(captions.score),
    }


def test_arrays_and_pictures_get_the_same_captions(caption, digits_model, images, tmp_path):
    paths = []
    for number, image in enumerate(images):
        large = np.kron(np.rint(image * 255), np.ones((6, 6)))  # six times the size
        paths += [tmp_path / f"{number}.npy", tmp_path / f"{number}.png"]
        np.save(paths[-2], np.rint(image * 255) / 255)
        Image.fromarray(large.astype(np.uint8)).save(paths[-1])
    code, out, err = caption(digits_model, *paths)
    assert (code, err) == (0, "")
    names, texts = zip(*(line.split(": ") for line in out.splitlines()), strict=True)
    assert names == tuple(map(str, paths))
    assert texts[::2] == texts[1::2]
    captions = Captioner.load(digits_model).caption(images)
    assert texts[::2] == tuple(each.text for each in captions)


def test_features(caption, features_model, tmp_path):
    path, one = tmp_path / "features.npy", tmp_path / "one.npy"
    vectors = np.random.default_rng(1).normal(size=(3, 5)).astype(np.float32)
    np.save(path, vectors)
    np.save(one, vectors[:1])
    code, out, _ = caption(features_model, path, one, "--beam", 3)
    captions = Captioner.load(features_model).caption(vectors, beam_size=3)
    names = [f"{path}:1", f"{path}:2", f"{path}:3", str(one)]
    texts = [each.text for each in captions]
    assert code == 0
    assert out.splitlines() == [
        f"{name}: {text}" for name, text in zip(names, [*texts, texts[0]], strict=True)
    ]


def test_evaluation_on_rows(caption, digits_model):
    arguments = (digits_model, "--rows", "test", "--count", 50)
    code, out, err = caption(*arguments)
    assert (code, err) == (0, "")
    assert re.fullmatch(
        r"rows of digits, test: 50 images, \d+\.\d\d % exact, BLEU \d+\.\d\d\n", out
    )
    code, out, _ = caption(*arguments, "--json")
    found = json.loads(out)
    assert (code, found["data"], found["images"]) == (0, "rows of digits, test", 50)
    assert 0 <= found["exact"] <= 100
    assert 0 <= found["bleu"] <= 100


def test_evaluation_on_own_captions(caption, features_model, tmp_path):
    """The references are two of the model's own captions, and another one."""
    vectors = np.random.default_rng(1).normal(size=(3, 5)).astype(np.float32)
    texts = [each.text for each in Captioner.load(features_model).caption(vectors)]
    captions = [texts[0].upper() + ".", "something else", texts[2]]
    content = {
        "images": [{"id": number} for number in range(3)],
        "annotations": [
            {"image_id": number, "caption": text} for number, text in enumerate(captions)
        ],
    }
    (tmp_path / "captions.json").write_text(json.dumps(content))
    np.save(tmp_path / "features.npy", vectors)
    files = ("--gold", tmp_path / "captions.json", "--features", tmp_path / "features.npy")
    code, out, _ = caption(features_model, *files, "--json")
    assert code == 0
    assert json.loads(out)["exact"] == pytest.approx(200 / 3)


def test_errors_are_one_line(caption, digits_model, features_model, images, tmp_path):
    row, wide, vectors, text, large = (
        tmp_path / name for name in ("row.npy", "wide.npy", "vectors.npy", "a.png", "large.npy")
    )
    np.save(row, images[0])
    np.save(wide, np.zeros((8, 13)))
    np.save(vectors, np.zeros((2, 4)))
    np.save(large, images[0] * 16)
    text.write_text("no picture")
    one_of = "give images, or evaluate with --rows, or with --gold and --features"
    for arguments, message in (
        ((digits_model,), one_of),
        ((digits_model, row, "--rows", "test"), one_of),
        ((digits_model, "--gold", row), "--gold and --features need each other"),
        ((tmp_path / "none", row), f"{tmp_path}/none: no such model folder"),
        ((digits_model, tmp_path / "none.png"), f"{tmp_path}/none.png: no such file or folder"),
        ((digits_model, tmp_path / "none.npy"), f"{tmp_path}/none.npy: no such file or folder"),
        (
            (digits_model, row, wide),
            f"{wide} has shape [8, 13], expected a row of digits: [8, 8 n], n from 1 to 5",
        ),
        (
            (digits_model, large),
            f"{large} has values from 0 to 16, expected from 0 (paper) to 1 (ink)",
        ),
        (
            (features_model, vectors),
            f"{vectors}:1 has shape [4], expected [5], its features",
        ),
        (
            (features_model, "--rows", "test"),
            "image 1 has shape [8, 32], expected [5], its features",
        ),
    ):
        assert caption(*arguments) == (2, "", f"treernn: {message}\n")
    code, out, err = caption(digits_model, text)
    assert (code, out) == (2, "")
    assert err.startswith(f"treernn: {text}: not a picture, or damaged (")


def test_the_options_in_the_document_exist():
    from treernn.cli import caption

    document = Path(__file__).parents[2] / "docs" / "caption.md"
    command = Path(caption.__file__).read_text("utf-8")
    options = {
        word.partition("=")[0]
        for line in document.read_text("utf-8").splitlines()
        if line.startswith("treernn caption")
        for word in line.split()
        if word.startswith("--")
    }
    assert options
    for option in options:
        name = option.removeprefix("--").replace("-", "_")
        assert f"    {name}: Annotated[" in command or f'"{option}"' in command, option
