"""``treernn train`` as a process where it is killed, and in this process where it is not."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from processes import paused_after, wait_for

from treernn.cli.main import main
from treernn.models.storage import CONFIG, FILES

PHRASES = (
    "(4 (3 good) (2 film))",
    "(1 (1 bad) (2 film))",
    "(1 (2 not) (3 (3 good) (2 .)))",
    "(3 (2 not) (1 (1 bad) (2 .)))",
    "(0 (1 bad) (1 (1 bad) (2 film)))",
    "(4 (3 good) (3 (3 good) (2 film)))",
)
SMALL = (
    "sentiment",
    "--out",
    "model",
    "--trees",
    "trees.txt",
    "--vectors",
    "none",
    "--hidden-size",
    "8",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a file of trees."""
    (tmp_path / "trees.txt").write_text("\n".join(PHRASES * 6))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def train(monkeypatch, capfd):
    """Run ``treernn train`` in this process: status, standard output, standard error."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["treernn", "train", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code or 0, *capfd.readouterr()

    return run


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "treernn", "train", *arguments],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def epochs_done() -> int:
    """Changes with each epoch of the run in ``model``."""
    try:
        return Path("model", "checkpoint.safetensors").stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def metrics(out: Path) -> list[dict]:
    lines = (out / "metrics.jsonl").read_text().splitlines()
    return [{**json.loads(line), "seconds": None} for line in lines]


def config(out: Path) -> dict:
    found = json.loads((out / CONFIG).read_text())
    found["chosen"]["seconds"] = None
    return found


def test_a_stopped_and_killed_run_resumes_with_the_same_result(folder, train):
    options = (*SMALL, "--epochs", "5", "--batch-size", "1")
    uninterrupted = start(*options, "--out", "uninterrupted")
    out = folder / "model"
    process = paused_after("checkpoint.safetensors", "train", *options)
    wait_for(epochs_done, process)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=300)
    assert (process.returncode, stdout) == (130, "")
    assert stderr.splitlines()[-1] == (
        "treernn: stopped; the same command resumes after the last complete epoch"
    )
    assert "Traceback" not in stderr
    assert train(*options, "--seed", "2") == (2, "", (
        "treernn: model holds an unfinished run of other settings, data or word vectors; "
        "resume it with those, choose another folder, or remove its checkpoint.safetensors\n"
    ))  # fmt: skip
    while process.returncode:  # killed at random moments until it has finished
        before, process = epochs_done(), start(*options)
        while process.poll() is None and epochs_done() == before:
            time.sleep(0.001)
        time.sleep(random.uniform(0, 0.2))
        process.kill()
        process.communicate()
        assert process.returncode in (0, -signal.SIGKILL)
    assert uninterrupted.wait(300) == 0
    uninterrupted.communicate()
    for name in ("model.safetensors", "vocabulary.txt"):
        assert (out / name).read_bytes() == (folder / "uninterrupted" / name).read_bytes()
    assert config(out) == config(folder / "uninterrupted")
    assert metrics(out) == metrics(folder / "uninterrupted")
    assert {path.name for path in out.iterdir()} == {*FILES, "metrics.jsonl"}


@pytest.mark.usefixtures("folder")
def test_a_run_interrupted_before_the_first_epoch_starts_again(train, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("treernn.training.data.reading.load_trees", interrupted)
    assert train(*SMALL) == (130, "", "treernn: stopped; the same command starts again\n")


def test_flags_override_the_settings_file_and_a_finished_run_is_not_repeated(folder, train):
    Path("settings.toml").write_text("epochs = 2\nseed = 3\nhidden_size = 4\n[model]\ncell = 'gru'")
    command = (*SMALL, "--settings", "settings.toml", "--seed", "5")
    code, out, err = train(*command)
    assert (code, out.split(":")[0]) == (0, "model")
    assert [line.split()[:2] for line in err.splitlines()[:2]] == [["epoch", "1"], ["epoch", "2"]]
    settings = config(folder / "model")["settings"]
    assert (settings["epochs"], settings["seed"]) == (2, 5)
    assert (settings["model"]["cell"], settings["model"]["hidden_size"]) == ("gru", 8)
    assert settings["learning_rate"] == 0.05
    code, again, _ = train(*command)
    assert (code, again) == (0, out.replace("model: ", "model: already finished, "))
    code, _, err = train(*command, "--epochs", "3")
    assert (code, err) == (2, (
        "treernn: model holds a model of other settings, data or word vectors; choose another "
        "folder, or remove this one\n"
    ))  # fmt: skip


@pytest.mark.usefixtures("folder")
def test_errors_are_one_line(train):
    Path("range.toml").write_text("epochs = 0\n")
    Path("unknown.toml").write_text("[train]\nepochs = 1\n")
    Path("broken.toml").write_text("epochs =\n")
    Path("empty.txt").write_text("")
    for arguments, message in (
        (
            ("--settings", "range.toml"),
            "range.toml: epochs is 0, expected a whole number, at least",
        ),
        (("--settings", "none.toml"), "none.toml: no such file or folder"),
        (("--epochs", "0"), "epochs is 0, expected a whole number, at least 1"),
        (("--sentences", "trees.txt"), "give only one of --data, --trees and --sentences"),
        (("--trees", "none.txt"), "none.txt: no such file"),
        (("--trees", "empty.txt"), "empty.txt: holds no examples"),
        (("--device", "gpu"), "no device is called 'gpu', expected auto, cpu, cuda or cuda:N"),
        (("--vectors", "none.gz"), "none.gz: no such file or folder"),
    ):
        code, out, err = train(*SMALL, *arguments)
        assert (code, out) == (2, "")
        assert err.splitlines()[-1].startswith(f"treernn: {message}")
    for name, message in (
        ("unknown.toml", "no setting is called 'train'; there are embedding_size, "),
        ("broken.toml", "not TOML (Invalid value (at line 1, column 9))"),
    ):
        code, out, err = train(*SMALL, "--settings", name)
        assert (code, out) == (2, "")
        assert err.startswith(f"treernn: {name}: {message}")
        assert err.count("\n") == 1
    assert train("sentiment", "--out", "model", "--dev-trees", "trees.txt") == (
        2, "", "treernn: --dev-trees needs --trees\n",
    )  # fmt: skip
    assert not Path("model").exists() or not any(Path("model").iterdir())


TAGGED = "can\tMD\nsee\tVB\n\ncan\tNN\nof\tIN\nworms\tNNS\n\nworms\tNNS\ncan\tMD\nsee\tVB\n"
PAIRS = "".join(f"{sign} it.\t{sign}它。\n" for sign in "一二三四五六七八九十上下")
CAPTIONS = {
    "images": [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "b.png"}],
    "annotations": [{"image_id": 1, "caption": "a cat"}, {"image_id": 2, "caption": "a dog"}],
}
TASKS = {
    "sentiment": (
        "--structure",
        "chain",
        "--trees",
        "trees.txt",
        "--vectors",
        "none",
        "--bidirectional",
    ),
    "tagging": ("--data", "tagged.tsv", "--vectors", "none", "--cell", "gru", "--unidirectional"),
    "captioning": (
        *("--data", "captions.json", "--features", "images.npy"),
        *("--dev-data", "captions.json", "--dev-features", "images.npy"),
    ),
    "translation": ("--data", "pairs.tsv", "--no-attention"),
}


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.usefixtures("folder")
def test_every_task(train, task):
    Path("tagged.tsv").write_text(TAGGED)
    Path("pairs.tsv").write_text(PAIRS)
    Path("captions.json").write_text(json.dumps(CAPTIONS))
    np.save("images.npy", np.eye(2, 5, dtype=np.float32))
    command = (
        task,
        "--out",
        "model",
        "--hidden-size",
        "4",
        "--epochs",
        "2",
        "--layers",
        "2",
    )
    code, out, err = train(*command, *TASKS[task])
    assert code == 0, err
    assert out.startswith("model: epoch ")
    assert "dev " in out
    assert [line.split()[:2] for line in err.splitlines()] == [["epoch", "1"], ["epoch", "2"]]
    assert config(Path("model"))["settings"]["model"]["layers"] == 2
    assert train(*command, *TASKS[task])[1].startswith("model: already finished, epoch ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--epochs", "0"), "epochs is 0, expected a whole number, at least 1"),
        (("--structure", "ring"), "structure is 'ring', expected one of tree, chain, average"),
        (
            ("--data", "trees.txt", "--trees", "trees.txt"),
            "give only one of --data, --trees and --sentences",
        ),
        (("--structure", "chain", "--root-weight", "2"), "--root-weight does not apply to this "),
        (("--tuning", "lora"), "--tuning needs --encoder"),
        (("--encoder", "a", "--structure", "chain"), "structure is 'chain', with an encoder expec"),
        (("--encoder", "a", "--vectors", "trees.txt"), "--vectors cannot be used with --encoder"),
        (
            ("--encoder", "a", "--tuning", "half"),
            "tuning is 'half', expected full, layers, lora or froz",
        ),
        (("--encoder", "./a", "--trees", "trees.txt"), "./a: no such folder of a pretrained enco"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_options_that_exclude_each_other(train, arguments, message):
    code, out, err = train("sentiment", "--out", "model", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"treernn: {message}")
    assert not Path("model").exists()


@pytest.mark.usefixtures("folder")
def test_features_of_captioned_images_are_needed(train):
    code, out, err = train("captioning", "--out", "model", "--data", "trees.txt")
    assert (code, out) == (2, "")
    assert err.startswith("treernn: --data, --features, --dev-data and --dev-features are needed")


@pytest.mark.usefixtures("folder")
def test_each_task_has_its_own_options(train):
    for arguments, message in (
        (("music",), "No such command 'music'"),
        (("tagging", "--out", "model"), "Missing option '--data'"),
        (("tagging", "--out", "model", "--trees", "a"), "No such option: --trees"),
        (("captioning", "--out", "model", "--root-weight", "2"), "No such option: --root-weight"),
    ):
        code, out, err = train(*arguments)
        assert (code, out) == (2, "")
        assert message in err


@pytest.mark.usefixtures("folder")
def test_an_encoder_instead_of_word_vectors(train, treernn, tiny_encoder):
    pytest.importorskip("peft")
    trees = ("--trees", "trees.txt", "--epochs", "1")
    code, out, _ = train(
        *(
            "sentiment",
            "--out",
            "tree",
            *trees,
            "--encoder",
            str(tiny_encoder()),
            "--tuning",
            "frozen",
        )
    )
    assert (code, out[:16]) == (0, "tree: epoch 1, d")
    Path("settings.toml").write_text(f"encoder = '{tiny_encoder()}'\nlora_rank = 2\n")
    code, out, _ = train(
        *(
            "sentiment",
            "--out",
            "average",
            *trees,
            "--structure",
            "average",
            "--settings",
            "settings.toml",
        )
    )
    assert (code, out[:19]) == (0, "average: epoch 1, d")
    for model in "tree", "average":
        done = treernn(
            "evaluate", model, "--file", "trees.txt", "--precision", "bfloat16", "--json"
        )
        assert json.loads(done.stdout)["root"]["count"] == 36
        done = treernn("score", "--model", model, "--format", "jsonl", "a good film", "bad " * 99)
        first, second = map(json.loads, done.stdout.splitlines())
        assert first["text"] == "a good film"
        assert second["label"]


@pytest.mark.usefixtures("folder")
def test_trees_of_any_shape_on_several_lines(train):
    Path("wide.txt").write_text("(3\n\t(2 a)\n\t(4 b)\n\t(1 c))\n\n" * 3)
    code, _, err = train(*SMALL, "--trees", "wide.txt")
    assert code == 0, err
    notes = [line for line in err.splitlines() if "note" in line]
    assert notes == [
        "treernn: note: wide.txt: of 3 trees 3 had nodes with more than two children and got new "
        "nodes without labels"
    ]


@pytest.mark.usefixtures("folder")
def test_the_folder_of_the_corrected_treebank(train):
    folder = Path("sentiment-treebank", "fiveclass")
    folder.mkdir(parents=True)
    for name in ("train", "dev", "test", "extra-train"):
        (folder / f"{name}.txt").write_text("(3\n  (2 a)\n  (4 b))\n" * 3)
    for number, option in enumerate(("--trees", "--data")):
        own = ("sentiment", "--out", f"model{number}", option, "sentiment-treebank")
        code, _, err = train(*own, "--vectors", "none", "--hidden-size", "8", "--epochs", "1")
        assert code == 0, err
    code, _, err = train(*SMALL, "--trees", "sentiment-treebank", "--dev-trees", "trees.txt")
    assert (code, err.splitlines()[-1]) == (
        2,
        "treernn: sentiment-treebank: this folder has its own dev trees, --dev-trees is for files",
    )
