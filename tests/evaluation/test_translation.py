"""BLEU and chrF of translations."""

import sys

import pytest

from treernn.errors import InputError, MissingPackageError
from treernn.evaluation.translation import translation_metrics

pytest.importorskip("sacrebleu")


def test_metrics_are_those_of_sacrebleu() -> None:
    same = translation_metrics(["A cat sat on the mat."], ["A cat sat on the mat."])
    assert (same.bleu, same.chrf) == (pytest.approx(100), pytest.approx(100))
    assert same.signatures[0].startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:")
    assert same.signatures[1].startswith("nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:")
    assert translation_metrics(["A cat sat."], ["A cat sat on the mat."]).bleu < 50
    with pytest.raises(InputError, match="no translations to evaluate"):
        translation_metrics([], [])


def test_without_sacrebleu(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "sacrebleu.metrics", None)
    with pytest.raises(MissingPackageError, match=r"^sacrebleu is not installed: pip install"):
        translation_metrics(["a"], ["a"])
