"""Training: one loop, a task and settings for each kind of model, and the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treernn.lazy import lazy_exports

if TYPE_CHECKING:
    from treernn.training.data.own_trees import read_own_trees as read_own_trees
    from treernn.training.data.reading import frequent_words as frequent_words
    from treernn.training.data.reading import load_gold_tags as load_gold_tags
    from treernn.training.data.reading import load_sentences as load_sentences
    from treernn.training.data.reading import load_tagged as load_tagged
    from treernn.training.data.reading import load_trees as load_trees
    from treernn.training.data.reading import parse_labelled as parse_labelled
    from treernn.training.data.soft_targets import SoftTargets as SoftTargets
    from treernn.training.data.teachers import teacher_distributions as teacher_distributions
    from treernn.training.data.teachers import teacher_spans as teacher_spans
    from treernn.training.loop.settings import TrainingSettings as TrainingSettings
    from treernn.training.loop.task import Task as Task
    from treernn.training.loop.trainer import fit as fit
    from treernn.training.tasks.captioning import CaptioningSettings as CaptioningSettings
    from treernn.training.tasks.captioning import CaptioningTask as CaptioningTask
    from treernn.training.tasks.captioning import load_digits as load_digits
    from treernn.training.tasks.captioning import new_captioner as new_captioner
    from treernn.training.tasks.group_words import fit_group_words as fit_group_words
    from treernn.training.tasks.initialization import init_from as init_from
    from treernn.training.tasks.initialization import new_classifier as new_classifier
    from treernn.training.tasks.parser import ParserTask as ParserTask
    from treernn.training.tasks.parser import new_parser as new_parser
    from treernn.training.tasks.parser_settings import (
        EncoderParserSettings as EncoderParserSettings,
    )
    from treernn.training.tasks.parser_settings import LSTMParserSettings as LSTMParserSettings
    from treernn.training.tasks.parser_settings import ParserSettings as ParserSettings
    from treernn.training.tasks.sentiment import SentimentTask as SentimentTask
    from treernn.training.tasks.sentiment_settings import AverageSettings as AverageSettings
    from treernn.training.tasks.sentiment_settings import ChainSettings as ChainSettings
    from treernn.training.tasks.sentiment_settings import (
        EncoderAverageSettings as EncoderAverageSettings,
    )
    from treernn.training.tasks.sentiment_settings import EncoderTreeSettings as EncoderTreeSettings
    from treernn.training.tasks.sentiment_settings import SentimentSettings as SentimentSettings
    from treernn.training.tasks.sentiment_settings import TreeSettings as TreeSettings
    from treernn.training.tasks.tagging import TaggingSettings as TaggingSettings
    from treernn.training.tasks.tagging import TaggingTask as TaggingTask
    from treernn.training.tasks.tagging import new_tagger as new_tagger
    from treernn.training.tasks.translation import TranslationSettings as TranslationSettings
    from treernn.training.tasks.translation import TranslationTask as TranslationTask
    from treernn.training.tasks.translation import new_translator as new_translator

__all__, __getattr__, __dir__ = lazy_exports(__name__)
