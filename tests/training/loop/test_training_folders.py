"""Folders of trainings: what is in them, and who else trains into them."""

import json
import math
import os
import shutil

import pytest

from tests.helpers.treebanks import left_branching
from treernn.errors import InputError, ModelError
from treernn.models.storage import CONFIG, FILES
from treernn.training.loop.checkpoint import load_checkpoint, save_checkpoint
from treernn.training.loop.trainer import CHECKPOINT, METRICS, fit
from treernn.training.tasks.initialization import new_classifier
from treernn.training.tasks.sentiment import SentimentTask, vocabulary
from treernn.training.tasks.sentiment_settings import TreeSettings
from treernn.types import Splits

SETTINGS = TreeSettings().updated(embedding_size=3, hidden_size=4, epochs=3, batch_size=4)
DATA = Splits(left_branching(8, 1), left_branching(4, 2))


def run(out, **more):
    model = new_classifier(SETTINGS, vocabulary(DATA.train, None, 0))
    return fit(SentimentTask(model, DATA, SETTINGS), out, **more)


class Killed(BaseException):
    """As if by a signal."""


HEADERS = {
    "no history": lambda header: {"provenance": header["provenance"]},
    "history is null": lambda header: {**header, "history": None},
    "history is empty": lambda header: {**header, "history": []},
    "history of numbers": lambda header: {**header, "history": [1, 2]},
    "epochs in another order": lambda header: {**header, "history": header["history"][::-1]},
    "epochs without metrics": lambda header: {**header, "history": [{"epoch": 1}, {"epoch": 2}]},
    "metrics are texts": lambda header: {
        **header, "history": [{**each, "dev_root": "a"} for each in header["history"]],
    },
    "metrics are not finite": lambda header: {
        **header, "history": [{**each, "dev_root": math.nan} for each in header["history"]],
    },
}  # fmt: skip
TENSORS = {
    "a missing weight": lambda name, _tensor: None if name.startswith("model.cell") else _tensor,
    "another shape": lambda name, tensor: tensor[:1] if name.startswith("best.cell") else tensor,
    "another type": lambda name, tensor: tensor.half() if name.startswith("average.") else tensor,
    "not finite": lambda name, tensor: tensor * math.inf if name.startswith("model.") else tensor,
    "an optimizer's shape": lambda name, tensor: tensor[:1] if name.endswith("sum") else tensor,
    "an optimizer's name": lambda name, tensor: None if name.endswith("sum") else tensor,
}


@pytest.fixture(scope="module")
def unfinished(tmp_path_factory):
    """A folder with a run that died in its third epoch."""
    out = tmp_path_factory.mktemp("unfinished") / "model"

    def die(*done):
        if done[:2] == (3, 1):
            raise Killed

    with pytest.raises(Killed):
        run(out, on_step=die)
    return out


@pytest.mark.parametrize("change", [*HEADERS, *TENSORS])
def test_a_checkpoint_with_another_content_is_one_line(tmp_path, unfinished, change):
    """Of a file whose checksum is right."""
    out = shutil.copytree(unfinished, tmp_path / "model")
    tensors, header = load_checkpoint(out / CHECKPOINT)
    if change in HEADERS:
        header = HEADERS[change](header)
    else:
        changed = {name: TENSORS[change](name, tensor) for name, tensor in tensors.items()}
        tensors = {name: tensor for name, tensor in changed.items() if tensor is not None}
    save_checkpoint(out / CHECKPOINT, tensors, header)
    with pytest.raises(ModelError) as error:
        run(out)
    message = str(error.value)
    assert message.startswith(f"{out / CHECKPOINT}: not a checkpoint (")
    assert message.endswith("); remove it to start again")
    assert "\n" not in message
    assert sorted(path.name for path in out.iterdir()) == [CHECKPOINT, METRICS]


def test_a_checkpoint_without_provenance_is_of_another_run(tmp_path, unfinished):
    out = shutil.copytree(unfinished, tmp_path / "model")
    for header in ({}, {"provenance": None}, {"provenance": [[[]]]}):
        save_checkpoint(out / CHECKPOINT, {}, header)
        with pytest.raises(InputError, match="holds an unfinished run of other settings"):
            run(out)


@pytest.mark.parametrize(
    "chosen", [None, 5, [], "text", {}, {"epoch": "1"}, {"epoch": 1, "loss": "a", "seconds": 0}]
)
def test_a_finished_model_without_its_epoch_is_one_line(tmp_path, chosen):
    out = tmp_path / "model"
    run(out)
    config = json.loads((out / CONFIG).read_text())
    (out / CONFIG).write_text(json.dumps(config | {"chosen": chosen}))
    with pytest.raises(ModelError, match=r"config\.json: damaged, it does not say which epoch"):
        run(out)


def test_a_second_training_is_kept_out(tmp_path):
    """By any name of the same folder; it says who is there, and disturbs nothing."""
    out, link = tmp_path / "model", tmp_path / "link"
    link.symlink_to("model")  # to nowhere
    problems = []

    def another(*done):
        if done[:2] == (1, 1):
            for name in (out, link):
                with pytest.raises(InputError) as error:
                    run(name)
                problems.append(str(error.value))

    run(link, on_step=another)
    assert len(problems) == 2
    for problem in problems:
        assert problem.startswith(f"{out}: in use by process {os.getpid()} on ")
    assert {path.name for path in out.iterdir()} == {*FILES, METRICS}
    assert link.is_symlink()
