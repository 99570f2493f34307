"""Settings, data and models from what a user names: files, folders and options.

Error messages name the options of the command line.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from treernn.corpora import glove, sst
from treernn.corpora.captions import Captioned, read_captions
from treernn.corpora.glove import WordVectors
from treernn.corpora.labelled import FIVE_CLASSES, Scale
from treernn.encoders.word_pieces import CONTINUATION
from treernn.errors import InputError, one_line
from treernn.models.phrase_classifier import PhraseClassifier
from treernn.models.pretrained import PARSER
from treernn.models.tagger import Tagger
from treernn.parsing import load_parser
from treernn.parsing.chart_parser import ChartParser
from treernn.scoring.rows import texts_of
from treernn.tables.encoding import decode
from treernn.tables.source import is_stream, open_source
from treernn.training.data import reading
from treernn.training.data.parsed import Cache, unlabelled
from treernn.training.data.source_files import (
    SourceTable,
    read_dev_sets,
    read_sources,
    source_tables,
)
from treernn.training.data.sources import Part, Source, label_targets, root_sides
from treernn.training.data.teachers import folder_checksum
from treernn.training.loop.settings import Settings, defaults, flat, settings_from
from treernn.training.tasks import captioning
from treernn.training.tasks.initialization import (
    check_fixed_settings,
    fixed_settings,
    init_from,
    new_classifier,
)
from treernn.training.tasks.parser import new_parser, parser_vocabulary
from treernn.training.tasks.parser_settings import (
    EncoderParserSettings,
    LSTMParserSettings,
    ParserSettings,
)
from treernn.training.tasks.sentiment import SentimentTask, vocabulary
from treernn.training.tasks.sentiment_settings import STRUCTURES, EncoderSettings, SentimentSettings
from treernn.training.tasks.sources_task import SourcesTask
from treernn.training.tasks.tagging import TaggingSettings, new_tagger
from treernn.types import Splits, Tree
from treernn.version import __version__

_LARGEST, _LONGEST = 1 << 16, 1 << 10  # TOML is read in quadratic time

MAX_VECTORS = 50_000
"""Default number of word vectors, the most frequent ones."""


def read_vectors(source: str | None) -> WordVectors | None:
    """Word vectors of a file; GloVe's for None, which may be downloaded; none for ``"none"``."""
    return None if source == "none" else glove.read(glove.fetch(source), progress=True)


def _vectors_for(words: Iterable[str], source: str | None, first: int) -> WordVectors | None:
    """``read_vectors`` of some words, of word pieces and of the ``first`` words of the file: others
    would be read in vain, which takes a second."""
    if source == "none":
        return None
    return glove.read(glove.fetch(source), _Needed(words), progress=True, first=first)


class _Needed(frozenset[str]):
    """Words, and all word pieces."""

    def __contains__(self, word: object) -> bool:
        return super().__contains__(word) or str(word).startswith(CONTINUATION)


def read_settings(file: Path | None) -> dict[str, Any]:
    """The settings in a TOML file, see ``flat``; none for None.

    Raises:
        InputError, DataError: see ``_read_toml``.
    """
    if file is None:
        return {}
    values = _read_toml(file)
    try:
        return flat(values)
    except InputError as error:
        raise InputError(f"{file}: {error}") from None


def _read_toml(file: Path) -> dict[str, Any]:
    """
    Raises:
        InputError: the file cannot be read, or is no TOML.
        DataError: it is not UTF-8.
    """
    content = (_stream_content if is_stream(file) else _content)(file)
    if len(content) > _LARGEST or max(map(len, content.split(b"\n"))) > _LONGEST:
        raise InputError(
            f"{file}: no settings, these have at most {_LARGEST:,} bytes and {_LONGEST:,} in a line"
        )
    try:
        return tomllib.loads(decode(content, file))
    except (ValueError, RecursionError) as error:  # the second of nested brackets
        raise InputError(f"{file}: not TOML ({one_line(error)})") from None


def _content(file: Path) -> bytes:
    with open_source(file) as source:
        return source.file.read(_LARGEST + 1)


_stream_content = cache(_content)  # settings are asked for several times, a pipe can be read once


def load_settings(
    kind: type[Settings], file: Path | None = None, flags: Mapping[str, Any] | None = None
) -> Settings:
    """Settings of a TOML file, overridden by flags.

    Raises:
        InputError: a setting is wrong; the message names the file, or the flag that does not apply.
    """
    values = read_settings(file)
    try:
        settings_from(kind, values)
    except InputError as error:
        raise InputError(f"{file}: {error}") from None
    known = defaults(kind).values()
    for name in flags or {}:
        if name not in known:
            option = "--" + name.replace("_", "-")
            raise InputError(f"{option} does not apply to this kind of model")
    return settings_from(kind, values | dict(flags or {}))


def sentiment_settings(
    file: Path | None = None,
    flags: Mapping[str, Any] | None = None,
    structure: str | None = None,
    start: PhraseClassifier | None = None,
) -> SentimentSettings:
    """Settings of a sentiment model.

    Args:
        file: TOML file of settings.
        flags: settings that override the file.
        structure: a name of ``STRUCTURES``; default that of ``start``, or ``tree``.
        start: the model to start from; it determines some of the settings.

    Raises:
        InputError: something is wrong, or does not fit ``start``.
    """
    flags = dict(flags or {})
    if start is not None:
        check_fixed_settings(start, read_settings(file), str(file))
        check_fixed_settings(start, flags, "--init-from")
        [own] = [n for n, (kind, _) in STRUCTURES.items() if kind.CLASSIFIER is type(start)]
        if structure not in (None, own):
            raise InputError(f"--init-from: the structure is {own}, not {structure}")
        structure, flags = own, {**flags, **fixed_settings(start)}
    structure = structure or "tree"
    if structure not in STRUCTURES:
        raise InputError(f"structure is {structure!r}, expected one of {', '.join(STRUCTURES)}")
    kind, encoder_kind = STRUCTURES[structure]
    if not has_encoder(file, flags):
        return load_settings(kind, file, flags)
    if encoder_kind is None:
        raise InputError(f"structure is {structure!r}, with an encoder expected tree or average")
    return load_settings(encoder_kind, file, flags)


def parser_settings(
    file: Path | None = None, flags: Mapping[str, Any] | None = None
) -> ParserSettings:
    """Settings of a parser: on an encoder if they name one, otherwise on word vectors."""
    on_encoder = has_encoder(file, flags or {})
    return load_settings(EncoderParserSettings if on_encoder else LSTMParserSettings, file, flags)


def has_encoder(file: Path | None, flags: Mapping[str, Any]) -> bool:
    """Whether settings name an encoder.

    Raises:
        InputError: there is ``--tuning`` without one.
    """
    if "encoder" in read_settings(file) or "encoder" in flags:
        return True
    if "tuning" in flags:
        raise InputError("--tuning needs --encoder")
    return False


def check_vector_options(
    settings: SentimentSettings | ParserSettings,
    vectors: str | None,
    max_vectors: int | None,
    start: PhraseClassifier | None = None,
) -> None:
    """Check that no word vectors are named for a model that has an encoder, or words, already.

    Raises:
        InputError: there are.
    """
    for flag, value in (("--vectors", vectors), ("--words", max_vectors)):
        if value is not None and start is not None:
            raise InputError(f"{flag} cannot be used with --init-from")
        if value is not None and isinstance(settings, EncoderSettings | EncoderParserSettings):
            raise InputError(f"{flag} cannot be used with --encoder")


def sentiment_data(
    seed: int,
    treebank: Path | None = None,
    trees: Path | None = None,
    dev_trees: Path | None = None,
    sentences: Path | None = None,
    dev_sentences: Path | None = None,
    text_column: str = "text",
    label_column: str = "label",
    encoding: str | None = None,
    delimiter: str | None = None,
) -> tuple[Splits[Tree], Scale]:
    """The user's trees or sentences, see ``treernn.training.data.reading``, otherwise the SST; and
    what the labels mean.

    Raises:
        InputError: more than one kind of data is named.
        MissingDataError, DataError: a file is missing or faulty.
    """
    if sum(source is not None for source in (treebank, trees, sentences)) > 1:
        raise InputError("give only one of --data, --trees and --sentences")
    need("--trees", trees, "--dev-trees", dev_trees)
    need("--sentences", sentences, "--dev-sentences", dev_sentences)
    if trees is not None and os.path.isdir(trees):
        if dev_trees is not None:
            raise InputError(
                f"{trees}: this folder has its own dev trees, --dev-trees is for files"
            )
        return sst.load_splits(trees), FIVE_CLASSES
    if trees is not None:
        return reading.load_trees(trees, dev_trees, seed), FIVE_CLASSES
    if sentences is None:
        return sst.load_splits(treebank), FIVE_CLASSES
    columns, stored = (text_column, label_column), (encoding, delimiter)
    return reading.sentences_and_scale(
        load_parser("embedded"), sentences, dev_sentences, *columns, seed, *stored
    )


def corpus_cache(out: Path) -> Cache:
    """Where texts that the built-in parser parses are stored during the training into ``out``."""
    return Cache(out / "corpus", f"{__version__} {folder_checksum(PARSER)}")


def training_sources(file: Path, seed: int, cache: Cache | None = None) -> list[Source]:
    """The sources that a TOML file describes; names of files are relative to its folder.

    Args:
        file: of the tables.
        seed: of random dev parts.
        cache: of parsed texts.

    Raises:
        InputError: the file, or a table in it, is wrong.
        MissingDataError, DataError: a file that it names is missing or faulty.
    """
    return read_sources(_source_tables(file), load_parser("embedded"), seed, file.parent, cache)


def annotated_source(file: Path, seed: int) -> Source:
    """What people labelled in an annotation tool, from the file that it exports.

    Raises:
        MissingDataError, DataError: the file is missing or faulty.
    """
    table = SourceTable(kind="annotations", file=str(file))
    return read_sources([table], load_parser("embedded"), seed)[0]


def dev_sets(file: Path, seed: int) -> list[Part]:
    """The dev parts of ``training_sources`` alone, without parsing the texts to train on."""
    return read_dev_sets(_source_tables(file), load_parser("embedded"), seed, file.parent)


def _source_tables(file: Path) -> list[SourceTable]:
    values = _read_toml(file)
    try:
        return source_tables(values)
    except InputError as error:
        raise InputError(f"{file}: {error}") from None


def sentiment_task(
    model: PhraseClassifier,
    splits: Splits[Tree],
    settings: SentimentSettings,
    scale: Scale = FIVE_CLASSES,
    start: PhraseClassifier | None = None,
) -> SentimentTask:
    """The training of a model on labels of this scale, from the weights of ``start``."""
    if not scale.two_classes:
        return SentimentTask(model, splits, settings)
    train, dev = root_sides(splits.train, known_strength=start is None), root_sides(splits.dev)
    return SourcesTask(model, [Source("sentences", train, dev)], settings)


def caption_data(
    captions: Path | None, features: Path | None, dev: Path | None, dev_features: Path | None
) -> Splits[Captioned]:
    """Captions in COCO's JSON with features of their images; without any the rows of digits.

    Raises:
        InputError: some files are named, but not all.
        MissingDataError, DataError: a file is missing or faulty.
    """
    if captions is None and features is None and dev is None and dev_features is None:
        return captioning.load_digits()
    if captions is None or features is None or dev is None or dev_features is None:
        raise InputError("--data, --features, --dev-data and --dev-features are needed together")
    return Splits(read_captions(captions, features), read_captions(dev, dev_features))


def distillation_sources(
    seed: int,
    treebank: Path | None,
    sources: Path | None,
    texts: Sequence[Path],
    column: str = "text",
    encoding: str | None = None,
    delimiter: str | None = None,
    resample: float = 1.0,
    cache: Cache | None = None,
) -> list[Source]:
    """The sources of a student: the SST, or those of a file, and the sentences of texts.

    Args:
        seed: of random dev parts.
        treebank: where the SST is.
        sources: TOML file, see ``training_sources``.
        texts: tables.
        column, encoding, delimiter: of these.
        resample: fraction of their sentences that each epoch samples.
        cache: of parsed texts.

    Raises:
        InputError: something is wrong.
        MissingDataError, DataError: a file is missing or faulty.
    """
    if not 0 < resample <= 1:
        raise InputError(f"resample is {resample}, expected more than 0 and at most 1")
    if sources is None:
        splits = sst.load_splits(treebank)
        train, dev = label_targets(splits.train), label_targets(splits.dev)
        found = [Source("treebank", train, dev, treebank=True)]
    else:
        check_alone("--sources", [treebank], "--data")
        found = training_sources(sources, seed, cache)
    if texts:
        rows = texts_of(texts, column, encoding, delimiter)
        part = unlabelled(rows, load_parser("embedded"), cache)
        count = len(part.trees)
        if not count:
            raise InputError("the tables of --text have no sentence")
        if any(source.name == "texts" for source in found):
            raise InputError(
                f"{sources}: --text is a source called texts, give that one another name"
            )
        found.append(Source("texts", part, sample=max(1, round(resample * count))))
    return found


def check_alone(option: str, others: Sequence[Any], names: str) -> None:
    """Raise ``InputError`` if one of the options ``names`` has a value beside ``option``."""
    if any(value is not None for value in others):
        raise InputError(f"{option} cannot be used with {names}")


def need(needed: str, value: Any, option: str, other: Any) -> None:
    """Raise ``InputError`` if ``option`` has the value ``other``, but ``needed`` has none."""
    if other is not None and value is None:
        raise InputError(f"{option} needs {needed}")


def sentiment_model(
    settings: SentimentSettings,
    trees: Sequence[Tree],
    vectors: str | None = None,
    max_vectors: int | None = None,
    start: PhraseClassifier | None = None,
) -> PhraseClassifier:
    """A model for training: untrained, for the words of ``trees``; or a copy of ``start``."""
    if start is not None:
        return init_from(start, settings)
    if isinstance(settings, EncoderSettings):
        return new_classifier(settings)
    first = _count(max_vectors)
    known = _vectors_for((word.lower() for tree in trees for word in tree.words), vectors, first)
    words = vocabulary(trees, known, first, settings.CLASSIFIER.COMPOSES)
    return new_classifier(settings, words, known)


def parser_model(
    settings: ParserSettings,
    trees: Sequence[Tree],
    vectors: str | None = None,
    max_vectors: int | None = None,
) -> ChartParser:
    """An untrained parser for the words of ``trees``."""
    known, first = None, _count(max_vectors)
    if isinstance(settings, LSTMParserSettings):
        known = _vectors_for(parser_vocabulary(trees), vectors, first)
    return new_parser(settings, trees, known, first)


def tagging_model(
    settings: TaggingSettings,
    train: Sequence[reading.Tagged],
    vectors: str | None = None,
    max_vectors: int | None = None,
) -> Tagger:
    """An untrained tagger for the words or frames of ``train``."""
    known = read_vectors(vectors) if isinstance(train[0][0], tuple) else None
    return new_tagger(settings, train, known, _count(max_vectors))


def _count(max_vectors: int | None) -> int:
    return MAX_VECTORS if max_vectors is None else max_vectors
