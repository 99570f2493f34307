"""Training: one loop, and a task and settings for each kind of model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treernn.lazy import lazy_exports

if TYPE_CHECKING:
    from treernn.training.captioning import CaptioningSettings as CaptioningSettings
    from treernn.training.captioning import CaptioningTask as CaptioningTask
    from treernn.training.captioning import load_digits as load_digits
    from treernn.training.captioning import new_captioner as new_captioner
    from treernn.training.data import frequent_words as frequent_words
    from treernn.training.data import load_gold_tags as load_gold_tags
    from treernn.training.data import load_sentences as load_sentences
    from treernn.training.data import load_tagged as load_tagged
    from treernn.training.data import load_trees as load_trees
    from treernn.training.data import parse_labelled as parse_labelled
    from treernn.training.initialization import init_from as init_from
    from treernn.training.initialization import new_classifier as new_classifier
    from treernn.training.own_trees import read_own_trees as read_own_trees
    from treernn.training.parser import ParserTask as ParserTask
    from treernn.training.parser import new_parser as new_parser
    from treernn.training.parser_settings import EncoderParserSettings as EncoderParserSettings
    from treernn.training.parser_settings import LSTMParserSettings as LSTMParserSettings
    from treernn.training.parser_settings import ParserSettings as ParserSettings
    from treernn.training.sentiment import SentimentTask as SentimentTask
    from treernn.training.sentiment_settings import AverageSettings as AverageSettings
    from treernn.training.sentiment_settings import ChainSettings as ChainSettings
    from treernn.training.sentiment_settings import EncoderAverageSettings as EncoderAverageSettings
    from treernn.training.sentiment_settings import EncoderTreeSettings as EncoderTreeSettings
    from treernn.training.sentiment_settings import SentimentSettings as SentimentSettings
    from treernn.training.sentiment_settings import TreeSettings as TreeSettings
    from treernn.training.settings import TrainingSettings as TrainingSettings
    from treernn.training.soft_targets import SoftTargets as SoftTargets
    from treernn.training.tagging import TaggingSettings as TaggingSettings
    from treernn.training.tagging import TaggingTask as TaggingTask
    from treernn.training.tagging import new_tagger as new_tagger
    from treernn.training.task import Task as Task
    from treernn.training.teachers import teacher_distributions as teacher_distributions
    from treernn.training.teachers import teacher_spans as teacher_spans
    from treernn.training.trainer import fit as fit
    from treernn.training.translation import TranslationSettings as TranslationSettings
    from treernn.training.translation import TranslationTask as TranslationTask
    from treernn.training.translation import new_translator as new_translator

__all__, __getattr__, __dir__ = lazy_exports(__name__)
