"""``treernn translate``: texts in, translations out, and how good they are."""

import io
import json
import sys
from pathlib import Path

import pytest
import torch

from treernn.cli.main import main
from treernn.corpora.parallel import Pair, read_pairs, split
from treernn.evaluation.translation import translation_metrics
from treernn.models.averaging import average_models
from treernn.models.decoder import SPECIAL_WORDS
from treernn.models.translator import Translator, TranslatorConfig
from treernn.training.loop.trainer import fit
from treernn.training.tasks.translation import TranslationSettings, TranslationTask, new_translator

pytest.importorskip("sacrebleu")

PAIRS = [Pair(f"{who} {n}.", f"{sign}{n}。") for who, sign in (("I", "我"), ("You", "你"))
         for n in range(100, 120)]  # fmt: skip


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The folder of an untrained translator."""
    torch.manual_seed(1)
    config = TranslatorConfig(embedding_size=4, hidden_size=6)
    made = Translator(
        config, (*SPECIAL_WORDS, *"我是汤姆。"), (*SPECIAL_WORDS, "I", "am", "Tom", ".")
    )
    made.save(tmp_path / "model")
    return tmp_path / "model"


@pytest.fixture
def run(monkeypatch, capfd):
    """Run ``treernn translate`` in this process: status, standard output, standard error."""

    def run(*arguments: object, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["treernn", "translate", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code or 0, *capfd.readouterr()

    return run


def test_as_a_process(treernn, model: Path) -> None:
    done = treernn("translate", str(model), "-", "--beam", "1", stdin="我是汤姆。\n\n汤姆\n")
    assert (done.returncode, done.stderr) == (0, b"")
    expected = Translator.load(model).translate(["我是汤姆。", "", "汤姆"], beam_size=1)
    assert done.stdout.decode().split("\n") == [*expected, ""]


def test_texts_from_arguments_file_and_standard_input(run, model: Path, tmp_path: Path) -> None:
    texts = ["我是汤姆。", "汤姆", "", "我"]
    expected = Translator.load(model).translate(texts, beam_size=3)
    assert run(model, texts[0], texts[1], "--beam", 3)[1].splitlines() == expected[:2]
    (tmp_path / "texts.txt").write_text("\n".join(texts) + "\n", "utf-8")
    code, out, err = run(model, "--file", tmp_path / "texts.txt", "--beam", 3)
    assert (code, err) == (0, "")
    assert out.splitlines() == expected  # a blank line stays where it was
    assert run(model, "-", "--beam", 3, stdin="\n".join(texts))[1].splitlines() == expected
    lines = run(model, *texts[:2], "--json", "--beam", 3)[1].splitlines()
    assert [json.loads(line) for line in lines] == [
        {"text": text, "translation": found}
        for text, found in zip(texts[:2], expected[:2], strict=True)
    ]


def test_evaluation_on_the_test_pairs(run, model: Path, tmp_path: Path) -> None:
    data, out = tmp_path / "pairs.tsv", tmp_path / "trained"
    data.write_text("".join(f"{pair.english}\t{pair.chinese}\n" for pair in PAIRS), "utf-8")
    parts = split(read_pairs(data))
    settings = TranslationSettings().updated(
        embedding_size=4, hidden_size=4, epochs=1, batch_size=8, min_count=1
    )
    fit(TranslationTask(new_translator(settings, parts.train), parts, settings), out)
    found = json.loads(run(out, "--evaluate", data, "--beam", 2, "--json")[1])
    expected = translation_metrics(
        Translator.load(out).translate([pair.chinese for pair in parts.test], 2),
        [pair.english for pair in parts.test],
    )
    assert found == {
        "model": str(out),
        "data": str(data),
        "pairs": 4,
        "beam": 2,
        "bleu": expected.bleu,
        "chrf": expected.chrf,
        "signatures": list(expected.signatures),
    }
    first, bleu, chrf = run(out, "--evaluate", data, "--beam", 2)[1].splitlines()
    assert first == f"4 pairs of {data}, beam 2"
    assert bleu.split() == ["BLEU", f"{expected.bleu:.2f}", expected.signatures[0]]
    assert chrf.split() == ["chrF", f"{expected.chrf:.2f}", expected.signatures[1]]
    average_models([out, out], tmp_path / "mean")
    assert run(tmp_path / "mean", "--evaluate", data)[0] == 0
    average_models([out, tmp_path / "mean"], tmp_path / "mean of means")
    assert run(tmp_path / "mean of means", "--evaluate", data)[0] == 0
    edited = json.loads((tmp_path / "mean" / "config.json").read_text())
    edited["averaged"][1]["data"] = {}
    (tmp_path / "mean" / "config.json").write_text(json.dumps(edited))
    assert run(tmp_path / "mean", "--evaluate", data)[0] == 2
    code, shown, problem = run(model, "--evaluate", data)
    assert (code, shown) == (2, "")
    assert problem.startswith(f"treernn: {model} was not trained on the train and dev parts")
    assert problem.count("\n") == 1


def test_errors_are_one_line(run, model: Path, tmp_path: Path) -> None:
    none = tmp_path / "none"
    for arguments, problem in (
        ((model,), "nothing to translate, give a text, - for standard input, or --file"),
        (
            (model, "我", "--evaluate", model),
            "--evaluate takes its texts from the sentence pairs, give no others",
        ),
        ((none, "我"), f"{none}: no such model folder"),
        ((model, "--file", none), f"{none}: no such file"),
        (
            (model, "--evaluate", none),
            f"{none}: no such file or folder; get it from "
            "https://www.manythings.org/anki/cmn-eng.zip",
        ),
        (
            (model, "我", "--device", "gpu"),
            "no device is called 'gpu', expected auto, cpu, cuda or cuda:N",
        ),
    ):
        assert run(*arguments) == (2, "", f"treernn: {problem}\n")
