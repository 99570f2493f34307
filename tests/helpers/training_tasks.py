"""A small task of each kind, for tests of the training step."""

from dataclasses import replace

import numpy as np
import torch
from treebanks import left_branching

from treernn.corpora.captions import Captioned
from treernn.corpora.parallel import Pair
from treernn.corpora.tagged import TaggedSentence
from treernn.corpora.targets import target_of_side
from treernn.models.target_places import target_places
from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.scoring.target_trees import TargetTree
from treernn.training.data.sources import Source, label_targets
from treernn.training.tasks.captioning import CaptioningSettings, CaptioningTask, new_captioner
from treernn.training.tasks.initialization import new_classifier
from treernn.training.tasks.parser import ParserTask, new_parser
from treernn.training.tasks.parser_settings import LSTMParserSettings
from treernn.training.tasks.sentiment import SentimentTask, vocabulary
from treernn.training.tasks.sentiment_settings import AverageSettings, ChainSettings, TreeSettings
from treernn.training.tasks.sources_task import SourcesTask
from treernn.training.tasks.tagging import TaggingSettings, TaggingTask, new_tagger
from treernn.training.tasks.target_settings import TargetSettings
from treernn.training.tasks.targets import TargetTask, new_targets
from treernn.training.tasks.translation import TranslationSettings, TranslationTask, new_translator
from treernn.types import Splits

TREES = Splits(left_branching(9, 1), left_branching(5, 2))
SIZES = {"embedding_size": 5, "hidden_size": 6}


def sentiment(kind, **values):
    def task(precision):
        settings = replace(kind().updated(**SIZES, **values), precision=precision)
        model = new_classifier(settings, vocabulary(TREES.train, None, 0))
        return SentimentTask(model, TREES, settings)

    return task


def sources(precision):
    parts = [label_targets(part) for part in TREES[:2]]
    settings = replace(TreeSettings(root_weight=2.0).updated(**SIZES), precision=precision)
    model = new_classifier(settings, vocabulary(TREES.train, None, 0))
    several = [Source("a", *parts, treebank=True), Source("b", *parts, weight=0.5)]
    return SourcesTask(model, several, settings)


def targets(precision):
    words = sorted({word for tree in TREES.train for word in tree.words})
    with torch.random.fork_rng():
        torch.manual_seed(1)
        base = TreeClassifier(TreeConfig(5, hidden_size=6), ["<unk>", *words]).eval()
    rows = np.array([target_of_side("positive"), target_of_side("negative")], np.float32)

    def labelled(tree):
        return TargetTree(tree, (*target_places(tree, [(0, 1), (0, len(tree.words))]),), rows)

    data = Splits(*([labelled(tree) for tree in part] for part in TREES))
    settings = TargetSettings(precision=precision)
    return TargetTask(new_targets(base, settings), data, settings, "")


def parser(precision):
    settings = replace(LSTMParserSettings().updated(**SIZES, layers=1), precision=precision)
    return ParserTask(new_parser(settings, TREES.train), TREES, settings)


def tagging(precision):
    data = [TaggedSentence(("a", "dog", "runs"), ("DT", "NN", "VB")), TaggedSentence("b", ("NN",))]
    settings = replace(TaggingSettings().updated(**SIZES), precision=precision)
    return TaggingTask(new_tagger(settings, data), Splits(data, data), settings)


def translation(precision):
    data = [Pair("狗跑", "The dog runs .", ""), Pair("猫", "A cat .", "")]
    settings = replace(TranslationSettings().updated(**SIZES), precision=precision)
    return TranslationTask(new_translator(settings, data), Splits(data, data), settings)


def captioning(precision):
    rows = np.random.default_rng(1).normal(size=(2, 6)).astype(np.float32)
    data = [Captioned("a", rows[0], ("a dog",)), Captioned("b", rows[1], ("two cats run",))]
    settings = replace(CaptioningSettings().updated(**SIZES), precision=precision)
    return CaptioningTask(new_captioner(settings, data), Splits(data, data), settings)


TASKS = {
    "tree": sentiment(TreeSettings, dropout=0.2, root_weight=2.0),
    "child-sum": sentiment(TreeSettings, cell="child-sum-lstm", label_smoothing=0.1),
    "bidirectional": sentiment(TreeSettings, cell="gru", bidirectional=True),
    "chain": sentiment(ChainSettings, layers=2, bidirectional=True),
    "average": sentiment(AverageSettings),
    "sources": sources,
    "targets": targets,
    "parser": parser,
    "tagging": tagging,
    "translation": translation,
    "captioning": captioning,
}
