"""Models: classifiers of phrases, taggers, captioners and translators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treernn.lazy import lazy_exports

if TYPE_CHECKING:
    from treernn.models.average_classifier import AverageClassifier as AverageClassifier
    from treernn.models.average_classifier import AverageConfig as AverageConfig
    from treernn.models.captioner import Caption as Caption
    from treernn.models.captioner import Captioner as Captioner
    from treernn.models.captioner import CaptionerConfig as CaptionerConfig
    from treernn.models.chain_classifier import ChainClassifier as ChainClassifier
    from treernn.models.chain_classifier import ChainConfig as ChainConfig
    from treernn.models.decoder import Decoder as Decoder
    from treernn.models.decoder import DecoderConfig as DecoderConfig
    from treernn.models.phrase_classifier import PhraseClassifier as PhraseClassifier
    from treernn.models.phrase_classifier import PhraseConfig as PhraseConfig
    from treernn.models.recurrent import Chains as Chains
    from treernn.models.recurrent import Recurrent as Recurrent
    from treernn.models.recurrent import compile_sequences as compile_sequences
    from treernn.models.sentiment import load_sentiment as load_sentiment
    from treernn.models.stored_model import StoredModel as StoredModel
    from treernn.models.tagger import Tagger as Tagger
    from treernn.models.tagger import TaggerConfig as TaggerConfig
    from treernn.models.translator import Translator as Translator
    from treernn.models.translator import TranslatorConfig as TranslatorConfig
    from treernn.models.tree_classifier import TreeClassifier as TreeClassifier
    from treernn.models.tree_classifier import TreeConfig as TreeConfig
    from treernn.models.word_embeddings import Vocabulary as Vocabulary
    from treernn.models.word_embeddings import WordFeatures as WordFeatures
    from treernn.models.word_embeddings import WordTable as WordTable

__all__, __getattr__, __dir__ = lazy_exports(__name__)
