"""Evaluation of models: accuracy, calibration and analyses. Computes values; prints nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treernn.lazy import lazy_exports

if TYPE_CHECKING:
    from treernn.evaluation.accuracy import Accuracy as Accuracy
    from treernn.evaluation.accuracy import Evaluation as Evaluation
    from treernn.evaluation.accuracy import evaluate as evaluate
    from treernn.evaluation.brackets import BracketScore as BracketScore
    from treernn.evaluation.brackets import bracket_score as bracket_score
    from treernn.evaluation.calibration import Calibration as Calibration
    from treernn.evaluation.calibration import Reliability as Reliability
    from treernn.evaluation.calibration import calibrate as calibrate
    from treernn.evaluation.calibration import fit_temperature as fit_temperature
    from treernn.evaluation.calibration import reliability as reliability
    from treernn.evaluation.constructions import ConstructionAccuracy as ConstructionAccuracy
    from treernn.evaluation.constructions import construction_accuracy as construction_accuracy
    from treernn.evaluation.contrast import Contrast as Contrast
    from treernn.evaluation.groups import GroupChange as GroupChange
    from treernn.evaluation.groups import group_change as group_change
    from treernn.evaluation.influence import CorpusInfluence as CorpusInfluence
    from treernn.evaluation.influence import TextInfluence as TextInfluence
    from treernn.evaluation.influence import word_influences as word_influences
    from treernn.evaluation.negation import Negation as Negation
    from treernn.evaluation.negation import template_negation as template_negation
    from treernn.evaluation.negation import treebank_negation as treebank_negation
    from treernn.evaluation.ngrams import Ngrams as Ngrams
    from treernn.evaluation.ngrams import strongest_ngrams as strongest_ngrams
    from treernn.evaluation.probe import Probe as Probe

__all__, __getattr__, __dir__ = lazy_exports(__name__)
