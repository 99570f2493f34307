"""The public names of every package, and that importing a package is quick."""

import importlib
import subprocess
import sys
from importlib.util import find_spec

import pytest

EXPORTS = {
    "treernn": """
        DataError InputError LABELS MissingDataError MissingPackageError ModelError Phrase
        Result Scorer Sentence Summary Token Tree TreernnError load summarize
    """,
    "treernn.corpora": """
        Annotated Captioned Pair PennTree Rally Review SpanTarget TaggedFrames TaggedSentence
        TargetText WordVectors format_tree read_annotations read_brackets read_captions
        read_features read_frame_tags read_frames read_labelled read_pairs read_penn read_spans
        read_tagged read_treebank
    """,
    "treernn.corpora.annotations": "Annotated read_annotations",
    "treernn.corpora.constructions": """
        GroupSentence LabelledText Span all_constructions constructions examples group_sentences
        group_texts
    """,
    "treernn.tables": "FORMATS Record Table format_of open_table",
    "treernn.structure": """
        GraphLibrary Plan Structure chain compile_chains compile_plan dependency tree
    """,
    "treernn.cells": "CELLS CHAIN_CELLS Cell ChildSumLSTM Elman GRU LSTM MatrixVector RNTN States",
    "treernn.engine": "Backend inference run",
    "treernn.encoders": """
        BaseModel Encoder MINILM Tuning distil_vectors layer_groups load_encoder merge_adapters
        set_trainable
    """,
    "treernn.models": """
        AverageClassifier AverageConfig Caption Captioner CaptionerConfig ChainClassifier
        ChainConfig Chains Decoder DecoderConfig PhraseClassifier PhraseConfig Recurrent
        StoredModel Tagger TaggerConfig Translator TranslatorConfig TreeClassifier TreeConfig
        Vocabulary WordFeatures WordTable compile_sequences load_sentiment
    """,
    "treernn.parsing": """
        BaseParser ChartParser EncoderParser EncoderParserConfig LSTMParser LSTMParserConfig
        PARSERS Parser ShapeParser StanzaParser balanced binarize dependency_trees
        find_heads left_branching load_parser load_trained read_trees right_branching
    """,
    "treernn.scoring": """
        Classifier Explanation NEGATORS Phrase Result Scorer Sentence combine load
        tokenize treebank_token
    """,
    "treernn.opinions": """
        Aspect AspectCounts JudgedAspect ListedAspects Quote Summary Term read_listed terms_of
    """,
    "treernn.evaluation": """
        Accuracy BracketScore Calibration ConstructionAccuracy Contrast CorpusInfluence
        Evaluation GroupChange Negation Ngrams Probe Reliability TextInfluence bracket_score
        calibrate construction_accuracy evaluate fit_temperature group_change reliability
        strongest_ngrams template_negation treebank_negation word_influences
    """,
    "treernn.training": """
        AverageSettings CaptioningSettings CaptioningTask ChainSettings
        EncoderAverageSettings EncoderParserSettings EncoderTreeSettings LSTMParserSettings
        ParserSettings ParserTask SentimentSettings SentimentTask SoftTargets
        TaggingSettings TaggingTask Task TrainingSettings TranslationSettings
        TranslationTask TreeSettings fit fit_group_words frequent_words init_from load_digits
        load_gold_tags load_sentences load_tagged load_trees new_captioner new_classifier new_parser
        new_tagger new_translator parse_labelled read_own_trees teacher_distributions
        teacher_spans
    """,
}


@pytest.mark.parametrize("package", EXPORTS)
def test_exports(package):
    module = importlib.import_module(package)
    assert sorted(module.__all__) == sorted(EXPORTS[package].split())
    assert set(module.__all__) <= set(dir(module))
    for name in module.__all__:
        assert getattr(module, name) is not None
        assert find_spec(f"{package}.{name}") is None, "importing this module would hide the name"
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'missing'"):
        _ = module.missing


def test_importing_packages_imports_no_torch():
    program = f"import sys, {', '.join(EXPORTS)}; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_cells():
    from treernn.cells import CELLS, CHAIN_CELLS

    assert list(CELLS) == ["child-sum-lstm", "elman", "gru", "lstm", "matrix-vector", "rntn"]
    assert list(CHAIN_CELLS) == ["elman", "gru", "lstm"]
    assert all(cell.name == name for name, cell in CELLS.items())
    assert len({cell.title for cell in CELLS.values()}) == len(CELLS)
