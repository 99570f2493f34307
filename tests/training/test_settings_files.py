"""Settings files from outside: settings, or one line that names the file."""

import os
import threading
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers.words import null_byte
from treernn.errors import InputError, TreernnError
from treernn.tables import outside
from treernn.training.build import load_settings, read_settings
from treernn.training.tasks import new_model as new_models
from treernn.training.tasks.initialization import new_classifier
from treernn.training.tasks.new_model import new_model
from treernn.training.tasks.sentiment_settings import ChainSettings, TreeSettings

NO_SETTINGS = "no settings, these have at most 65,536 bytes and 1,024 in a line"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a = " + "[\n" * 5000, "not TOML ("),
        ("a = " + "{b=" * 300, "not TOML ("),
        ("a." * 600, NO_SETTINGS),
        ("#\n" * 40_000, NO_SETTINGS),
        (
            "epochs = " + "1" * 1000,
            f"epochs is {'1' * 40}…, expected at most 2147483647",
        ),
        ("epochs = 0x" + "f" * 1000, "epochs is "),
        ("seed = 0x" + "f" * 1000, "seed is "),
        ("epochs = 3_000_000_000", "epochs is 3000000000, expected at most 2147483647"),
        ("batch_size = 1" + "0" * 30, "batch_size is 1000000000000000000000000000000, expected at"),
        ("hidden_size = 4000000000", "hidden_size is 4000000000, expected at most 2147483647"),
        ("hidden_size = -1", "hidden_size is -1, expected a whole number, at least 1"),
        (
            "learning_rate = 1" + "0" * 400,
            f"learning_rate is 1{'0' * 39}…, too large",
        ),
        ("learning_rate = nan", "learning_rate is nan, expected 0 or more"),
        ("learning_rate = -inf", "learning_rate is -inf, expected 0 or more"),
        ("dropout = nan", "dropout is nan, expected from 0 to below 1"),
        ("temperature = nan", "temperature is nan, expected "),
        ("epochs = 1979-05-27", "epochs is datetime.date(1979, 5, 27), expected a whole number"),
        ("cell = ['a']", "cell is ['a'], expected a text"),
        ('cell = "a\\nb"', r"cell is 'a\nb', expected one of"),
        ('"a\\nb" = 1', r"no setting is called 'a\nb'; there are"),
        ("[model]\n[[model.x]]", "no setting is called 'x'; there are"),
        ("[[model]]\na = 1", "model is [{'a': 1}], expected a table of settings"),
        ("epochs = 1\nepochs = 2", "not TOML (Cannot overwrite a value (at end of document))"),
        ("epochs = 1\0", "not TOML ("),
    ],
)
def test_faulty_settings_are_one_line(tmp_path, text, problem):
    path = tmp_path / "s.toml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load_settings(TreeSettings, path)
    message = str(caught.value)
    assert message.startswith(f"{path}: {problem}")
    assert len(message.splitlines()) == 1
    assert len(message) < len(str(path)) + 500


SCALARS = ["true", "-1", "0", "nan", "-inf", "1e999", '"x"', "[]", "{}", "07:32:00", "9" * 900]


@pytest.mark.parametrize("kind", [TreeSettings, ChainSettings])
def test_every_setting_with_every_wrong_type(tmp_path, kind):
    path = tmp_path / "s.toml"
    for name, value in kind().values().items():
        for text in SCALARS:
            path.write_text(f"{name} = {text}")
            found, problem = outcome(kind, path)
            if problem:
                assert problem.startswith(f"{path}: ")
                assert len(problem.splitlines()) == 1
            else:
                assert type(found[name]) is type(value)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=40) | st.text(max_size=40).map(lambda text: text.encode("utf-16")))
def test_any_bytes_are_settings_or_one_line(tmp_path, content):
    path = tmp_path / "s.toml"
    for text in (content, b"epochs = 1\n" + content, b"[model]\nhidden_size = " + content):
        path.write_bytes(text)
        found, problem = outcome(TreeSettings, path)
        assert found or len(problem.splitlines()) == 1


def outcome(kind, path):
    """The settings of a file, or what is wrong with it."""
    try:
        return load_settings(kind, path).values(), ""
    except TreernnError as error:
        return {}, str(error)


def test_a_byte_order_mark_is_dropped(tmp_path):
    path = tmp_path / "s.toml"
    path.write_bytes(b"\xef\xbb\xbfepochs = 3\r\n")
    assert read_settings(path) == {"epochs": 3}


def test_what_is_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr(outside, "PATIENCE", 0.05)
    os.mkfifo(tmp_path / "pipe")
    for path, problem in (
        (tmp_path, "is a folder, expected a file"),
        (tmp_path / "pipe", "cannot be read (a named pipe into which nothing writes)"),
        (tmp_path / ("x" * 300), "cannot be read (File name too long)"),
        (Path("a\0b"), f"cannot be read ({null_byte()})"),
        (Path("/dev/zero"), "cannot be read (a device, expected a file)"),
    ):
        with pytest.raises(InputError) as caught:
            read_settings(path)
        assert str(caught.value).endswith(f": {problem}")


def test_settings_from_a_pipe_are_read_once(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=("epochs = 3",))
    writer.start()
    assert read_settings(path) == read_settings(path) == {"epochs": 3}
    writer.join()


@pytest.mark.parametrize("size", ["hidden_size", "embedding_size"])
def test_models_larger_than_the_memory_are_not_made(size):
    with pytest.raises(InputError, match=r"has more than .* weights, for which the memory"):
        new_classifier(TreeSettings().updated(**{size: 2**31 - 1}), ["a", "b"])


def test_models_of_more_layers_than_can_be_made(monkeypatch):
    monkeypatch.setattr(new_models, "_MAX_TENSORS", 300)
    deep = ChainSettings().updated(layers=10**9, hidden_size=1, embedding_size=1)
    with pytest.raises(InputError, match=r"more than 300 tensors"):
        new_classifier(deep, ["a", "b"])


def test_an_allocation_that_fails_is_one_line():
    for error in (MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: 9")):
        with pytest.raises(InputError, match="not enough memory"), new_model(1):
            raise error
    with pytest.raises(RuntimeError, match="other"), new_model(1):
        raise RuntimeError("other")


def test_random_state_is_left_as_it_was():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    with new_model(3):
        first = torch.rand(2)
    assert torch.equal(torch.rand(3), expected)
    torch.manual_seed(3)
    assert torch.equal(torch.rand(2), first)
