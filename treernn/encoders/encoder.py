"""A pretrained encoder of the Hugging Face hub that embeds words.

The vector of a word is the mean of the last hidden states of its pieces. Sentences are split into
words already, so the vectors are those of the leaves of a tree.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from treernn.batching import bucket_by_length, map_batches
from treernn.checks import brief
from treernn.encoders.base_model import BaseModel, find_base_model
from treernn.encoders.folder import CONFIG, EncoderFolder, open_folder
from treernn.encoders.frozen_layers import PartlyEncoded, below, from_layer, lay_out, store
from treernn.encoders.linear import accelerate
from treernn.encoders.tuning import Tuning
from treernn.encoders.word_pieces import Batch, EncodedSentence, WordPieces
from treernn.engine import inference
from treernn.errors import DataError, MissingPackageError, ModelError, one_line
from treernn.finite import check_finite
from treernn.optional import require
from treernn.transfer import to_device
from treernn.weightless import bounded_by

# Pieces per batch; larger batches are hardly faster.
PIECES_PER_BATCH = 2048

# Pieces per window; attention over longer ones costs more than it gains.
_MAX_LENGTH = 512

# Model types that accept attention masks of any shape and explicit positions, so that several
# sentences can share a row.
_PACKING = ("bert", "roberta", "xlm-roberta", "camembert", "electra")


class Encoder(nn.Module):
    """Contextual word vectors.

    ``encoder.bfloat16()`` changes the type of the computation, not of the result. On processors
    with AVX-512 BF16 or AMX it is 1.8 times as fast; vectors change by a cosine distance of 6e-5.

    Args:
        model: an encoder of transformers without a head.
        pieces: its tokenizer.
        folder: where it was loaded from.
        base: the identity of the pretrained weights.

    Attributes:
        output_size: dimension of the vectors.
        packs: whether several sentences can share a row of a batch.
        tuning: which weights are trained, see ``set_trainable``.
    """

    def __init__(self, model: nn.Module, pieces: WordPieces, folder: Path, base: BaseModel) -> None:
        super().__init__()
        self.model = model
        self.pieces = pieces
        self.folder, self.base = folder, base
        config: Any = model.config
        self.output_size: int = config.hidden_size
        attention = getattr(config, "_attn_implementation", None)
        self.packs = config.model_type in _PACKING and attention == "sdpa"
        self.tuning = Tuning("full")
        self._first_position = _first_position(model)

    @property
    def device(self) -> torch.device:
        """The device of the weights."""
        return next(self.model.parameters()).device

    def encode(self, sentences: Sequence[Sequence[str]]) -> list[EncodedSentence]:
        """Tokenize sentences, see ``WordPieces.encode``."""
        return self.pieces.encode(sentences)

    def encode_training(self, sentences: Sequence[Sequence[str]]) -> list[Any]:
        """``encode`` for sentences that are used in every epoch: what a frozen encoder, or its
        frozen layers, compute of them is computed once and cached."""
        if self.tuning.method == "frozen":
            return self.embed(sentences)
        encoded = self.encode(sentences)
        return [*map(PartlyEncoded, encoded)] if self.tuning.frozen_layers else encoded

    def collate(self, sentences: Sequence[Any]) -> Batch | Tensor:
        """Batch at least one sentence of ``encode`` or ``encode_training``, on the CPU."""
        if isinstance(sentences[0], np.ndarray):
            return torch.from_numpy(np.concatenate(sentences))
        if not isinstance(sentences[0], PartlyEncoded):
            return self.pieces.collate(sentences, packed=self.packs)
        self._compute_states([each for each in sentences if each.states is None])
        batch = self.pieces.collate([each.sentence for each in sentences], packed=self.packs)
        return batch._replace(states=lay_out(sentences, batch))

    def _compute_states(self, sentences: Sequence[PartlyEncoded]) -> None:
        """Compute the output of the frozen layers, without dropout."""
        if not sentences:
            return
        batch = self.pieces.collate([each.sentence for each in sentences], packed=self.packs)
        with inference(self), below(self.model, self.tuning.frozen_layers):
            store(sentences, batch, self._hidden(to_device(batch, self.device)))

    def forward(self, batch: Batch | Tensor) -> Tensor:
        """Vectors of words, float32 ``[words, output_size]``, sentence after sentence."""
        if isinstance(batch, Tensor):
            return batch
        h = self._hidden(batch).flatten(0, 1)
        return nn.functional.embedding_bag(batch.piece_index, h, batch.offsets, mode="mean")

    def _hidden(self, batch: Batch) -> Tensor:
        """The last hidden states of a batch, float32 ``[R, L, output_size]``."""
        is_piece = batch.window_ids >= 0
        inputs: dict[str, Tensor] = {"attention_mask": is_piece}
        if self.packs:
            # Padding attends to padding, since a row of a softmax must not be empty.
            same_window = batch.window_ids.unsqueeze(2) == batch.window_ids.unsqueeze(1)
            inputs = {
                "attention_mask": same_window.unsqueeze(1),
                "position_ids": batch.position_ids + self._first_position,
            }
        known = batch.states
        upper = (
            contextlib.nullcontext()
            if known is None
            else from_layer(self.model, self.tuning.frozen_layers, known.float())
        )
        with upper:
            output = self.model(input_ids=batch.input_ids, **inputs)
        return output.last_hidden_state.float()

    def embed(self, sentences: Sequence[Sequence[str]]) -> list[np.ndarray]:
        """Vectors of words, without gradients.

        Args:
            sentences: the words of each.

        Returns:
            For each sentence float32 ``[words, output_size]``.

        Raises:
            InputError: a sentence has no words.
        """
        return self.embed_encoded(self.encode(sentences))

    def embed_encoded(self, sentences: Sequence[EncodedSentence]) -> list[np.ndarray]:
        """``embed`` for encoded sentences."""

        def vectors(indices: Sequence[int]) -> np.ndarray:
            batch = self.collate([sentences[i] for i in indices])
            return self(to_device(batch, self.device)).cpu().numpy()

        sizes = [sentence.num_pieces for sentence in sentences]
        batches = bucket_by_length(sizes, max_total=PIECES_PER_BATCH)
        with inference(self):
            return map_batches(batches, [sentence.num_words for sentence in sentences], vectors)


def load_encoder(
    name: str | os.PathLike[str],
    folder: str | os.PathLike[str] | None = None,
    expected: BaseModel | None = None,
) -> Encoder:
    """Load a pretrained encoder in float32, on the CPU, in evaluation mode.

    Only safetensors files are read, and no code of the model is run.

    Args:
        name: a name on the Hugging Face hub or a folder, see ``find_base_model``. Folders and
            downloaded models need no network.
        folder: where the encoder of that name is, to skip the search.
        expected: the identity that the encoder must have.

    Raises:
        ModelError: the encoder is missing or damaged, has its weights in a pickle, has no fast
            tokenizer, is not an encoder, or is not the ``expected`` one.
        MissingPackageError: transformers is not installed.
    """
    require("transformers", extra="transformers")
    path = find_base_model(name) if folder is None else Path(folder)
    with _without_output(), _errors_in_one_line(path):
        files = open_folder(path)
        classes = _classes(files)
        weights, sha256 = files.read_weights()
        full_name = str(path.resolve()) if os.path.isdir(name) else str(name)
        base = BaseModel.of(files, sha256, full_name)
        if expected is not None:
            expected.compare(base, path)
        model = _build(files, *classes, weights)
        for parameter_name, weight in model.named_parameters():
            check_finite(parameter_name, weight.detach(), path / files.weight_files[0])
        accelerate(model)
        encoder = Encoder(model, _word_pieces(files, model), path, base).eval()
        # Some values are wrong only when they are used.
        check_finite("its output", torch.from_numpy(encoder.embed([("a",)])[0]), path)
    return encoder


def _classes(files: EncoderFolder) -> tuple[Any, Any]:
    """The classes of transformers for the configuration and the model."""
    import transformers

    kind = files.config["model_type"]
    if kind not in transformers.CONFIG_MAPPING:
        has = f"transformers {transformers.__version__} has no model_type {brief(kind)}"
        raise ModelError(f"{files.path / CONFIG}: {has}")
    config_class: Any = transformers.CONFIG_MAPPING[kind]
    model_class: Any = transformers.MODEL_MAPPING.get(config_class, None)
    several = model_class is None or isinstance(model_class, tuple)
    if several or getattr(config_class, "is_encoder_decoder", False):
        raise ModelError(f"{files.path}: a {kind} model is not an encoder")
    return config_class, model_class


def _build(
    files: EncoderFolder, config_class: Any, model_class: Any, weights: dict[str, Tensor]
) -> Any:
    """The model of transformers."""
    files.check_layers(len(weights))
    config = config_class.from_dict(dict(files.config))
    if config.is_encoder_decoder or not hasattr(config, "vocab_size"):
        raise ModelError(f"{files.path}: a {config.model_type} model is not an encoder of text")
    parameters = inspect.signature(model_class.__init__).parameters
    pooling = {"add_pooling_layer": False} if "add_pooling_layer" in parameters else {}
    with bounded_by(weights):
        # From the bytes that the checksum is of, so that nothing else is looked up.
        model, report = model_class.from_pretrained(
            None,
            config=config,
            state_dict=weights,
            dtype=torch.float32,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # they are in the report
            local_files_only=True,
            trust_remote_code=False,
            **pooling,
        )
    problem = ""
    if report["mismatched_keys"]:
        name, stored, expected = min(report["mismatched_keys"])
        problem = f"{name} is {list(stored)}, expected {list(expected)}"
    elif report["missing_keys"]:
        problem = f"{min(report['missing_keys'])} is missing"
    if problem:
        raise ModelError(f"{files.path}: weights do not fit config.json: {problem}")
    return model


def _word_pieces(files: EncoderFolder, model: Any) -> WordPieces:
    """The tokenizer, checked to fit the model."""
    import transformers

    with tempfile.TemporaryDirectory(prefix="treernn-") as copy:
        files.write_tokenizer(Path(copy))
        tokenizer: Any = transformers.AutoTokenizer.from_pretrained(
            copy, config=model.config, local_files_only=True, trust_remote_code=False
        )
    _check_tokenizer(tokenizer, model, files.path)
    positions = getattr(model.config, "max_position_embeddings", _MAX_LENGTH)
    limits = {
        "model_max_length": tokenizer.model_max_length,
        "max_position_embeddings": positions - _first_position(model),
    }
    for field, limit in limits.items():
        if type(limit) not in (int, float) or not limit > 0:
            raise ModelError(f"{files.path}: {field} is {brief(limit)}, expected a length")
    shortest = min(limits, key=lambda field: limits[field])
    pieces = WordPieces.from_tokenizer(tokenizer, int(min(limits[shortest], _MAX_LENGTH)))
    if pieces.room < 1:
        raise ModelError(
            f"{files.path}: {shortest} is {brief(limits[shortest])}, which leaves no room for words"
        )
    return pieces


def _check_tokenizer(tokenizer: Any, model: Any, folder: Path) -> None:
    if not tokenizer.is_fast:
        raise ModelError(f"{folder}: has no fast tokenizer, save one as tokenizer.json")
    pieces, rows = tokenizer.get_vocab(), model.get_input_embeddings().num_embeddings
    if len(pieces) <= len(set(tokenizer.all_special_ids)):  # transformers makes one of no files
        raise ModelError(f"{folder}: incomplete, its tokenizer.json is missing")
    if len(pieces) > rows:
        raise ModelError(
            f"{folder}: the tokenizer does not fit, it has {len(pieces)} pieces, the encoder {rows}"
        )
    if max(pieces.values()) >= rows:
        raise ModelError(
            f"{folder}: the tokenizer does not fit, it has a piece {max(pieces.values())}, the "
            f"encoder {rows} pieces"
        )


def _first_position(model: nn.Module) -> int:
    """The position of the first piece; RoBERTa and similar models start after the padding id."""
    for name, module in model.named_modules():
        if name.endswith("position_embeddings"):
            padding = getattr(module, "padding_idx", None)
            return 0 if padding is None else padding + 1
    return 0


@contextlib.contextmanager
def _without_output() -> Iterator[None]:
    """Suppress the progress bars, reports and warnings of transformers."""
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(logging.CRITICAL)
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


@contextlib.contextmanager
def _errors_in_one_line(folder: Path) -> Iterator[None]:
    """Turn any error that transformers raises for a damaged folder into a ``ModelError``."""
    try:
        yield
    except (ModelError, MissingPackageError):
        raise
    except DataError as error:
        raise ModelError(str(error)) from None
    except BaseException as error:  # transformers raises many kinds
        # A panic of tokenizers is no Exception.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        problem = one_line(error)
        if isinstance(error, KeyError):
            problem = f"KeyError {problem}"
        raise ModelError(f"{folder}: cannot be loaded ({problem})") from None
