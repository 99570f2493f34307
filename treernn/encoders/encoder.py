"""A pretrained encoder of the Hugging Face kind that gives one vector for each word.

The vector of a word is the mean of its pieces' last hidden states. Words come pre-tokenised, as a
tree has them, so that the rows are those of the trees' leaves.
"""

from __future__ import annotations

import contextlib
import inspect
import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from treernn.batching import bucket_by_length, map_batches
from treernn.encoders.base_model import BaseModel, base_folder, weight_files
from treernn.encoders.linear import quicken
from treernn.encoders.tuning import Tuning
from treernn.encoders.word_pieces import Batch, Prepared, WordPieces
from treernn.engine import inference
from treernn.errors import ModelError
from treernn.optional import require

# Pieces read together: past this larger products gain next to nothing.
PIECES_PER_BATCH = 2048

# Positions past this cost more attention than they give; longer sentences are read in windows.
_LONGEST = 512

# Encoders that take masks of their own and the positions of their pieces, so that sentences can
# share a row.
_PACKING = ("bert", "roberta", "xlm-roberta", "camembert", "electra")


class Encoder(nn.Module):
    """One vector for each word.

    ``encoder.bfloat16()``, as torch has it for every module, halves the precision in which it
    computes, not that of what it gives: on processors that multiply in it (AVX-512 BF16, AMX) it
    reads 1.8 times as many sentences a second, the vectors turning by a cosine distance of 6e-5.

    A frozen encoder reads a lesson once and for all.

    Args:
        model: a bare encoder of transformers.
        pieces: its tokenizer at work.
        folder: where it came from.
        name: what it is called.
    """

    def __init__(self, model: nn.Module, pieces: WordPieces, folder: Path, name: str) -> None:
        super().__init__()
        self.model = model
        self.pieces = pieces
        self.folder, self.name = folder, name
        config: Any = model.config
        self.output_size: int = config.hidden_size
        attention = getattr(config, "_attn_implementation", None)
        self.packs = config.model_type in _PACKING and attention == "sdpa"
        self.tuning = Tuning("full")
        self.mixed_precision = False
        self._first_position = _first_position(model)

    @cached_property
    def base(self) -> BaseModel:
        """What the encoder was before anything was learnt on top of it; reads its file whole."""
        return BaseModel.of(self.folder, self.name)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.model.parameters()).device

    def encode(self, sentences: Sequence[Sequence[str]]) -> list[Prepared]:
        """Look up the pieces of the words of ``sentences``, once; see ``WordPieces.encode``."""
        return self.pieces.encode(sentences)

    def encode_training(self, sentences: Sequence[Sequence[str]]) -> list[Any]:
        """The same, of sentences that are read again and again: by a frozen encoder now, and the
        vectors kept."""
        return self.embed(sentences) if self.tuning.method == "frozen" else self.encode(sentences)

    def collate(self, sentences: Sequence[Any]) -> Batch | Tensor:
        """Batch at least one sentence, of ``encode`` or of ``encode_training``; on the CPU."""
        if isinstance(sentences[0], np.ndarray):
            return torch.from_numpy(np.concatenate(sentences))
        return self.pieces.collate(sentences, packed=self.packs)

    def forward(self, batch: Batch | Tensor) -> Tensor:
        """Vectors of words, ``[words, output_size]`` float32: sentence after sentence, word after
        word, which is the order of the leaves in a plan of their parse trees."""
        if isinstance(batch, Tensor):
            return batch
        there = batch.windows >= 0
        known: dict[str, Tensor] = {"attention_mask": there}
        if self.packs:
            # Places without a piece see each other: a row of a softmax must see something.
            together = batch.windows.unsqueeze(2) == batch.windows.unsqueeze(1)
            known = {
                "attention_mask": together.unsqueeze(1),
                "position_ids": batch.positions + self._first_position,
            }
        kind = batch.pieces.device.type
        with torch.autocast(kind, torch.bfloat16, enabled=self.mixed_precision):
            h = self.model(input_ids=batch.pieces, **known).last_hidden_state.flatten(0, 1)
        return nn.functional.embedding_bag(batch.places, h.float(), batch.starts, mode="mean")

    def embed(self, sentences: Sequence[Sequence[str]]) -> list[np.ndarray]:
        """Vectors of words, without learning.

        Args:
            sentences: the words of each, any number.

        Returns:
            For each sentence float32 ``[words, output_size]``.

        Raises:
            InputError: a sentence has no words.
        """
        return self.embed_encoded(self.encode(sentences))

    def embed_encoded(self, prepared: Sequence[Prepared]) -> list[np.ndarray]:
        """The same of sentences that ``encode`` gave."""

        def vectors(indices: Sequence[int]) -> np.ndarray:
            batch = self.collate([prepared[i] for i in indices])
            return self(batch.to(self.device)).cpu().numpy()

        batches = bucket_by_length(
            [sentence.num_pieces for sentence in prepared], max_total=PIECES_PER_BATCH
        )
        with inference(self):
            return map_batches(batches, [sentence.num_words for sentence in prepared], vectors)


def load_encoder(
    name: str | os.PathLike[str],
    folder: str | os.PathLike[str] | None = None,
    needed: BaseModel | None = None,
) -> Encoder:
    """Load a pretrained encoder, on the CPU, ready to encode.

    Weights are read from safetensors alone, in single precision, and no code that comes with a
    model is run.

    Args:
        name: a name on the Hugging Face hub or a folder, see ``base_folder``. A folder needs no
            network, and neither does a name that was fetched before.
        folder: where the encoder of that name is, so that nothing is looked for.
        needed: what the encoder must be.

    Raises:
        ModelError: it is not there and cannot be fetched, is damaged, has its weights in a pickle,
            has no fast tokenizer, is no encoder, or is not the one that is ``needed``.
        MissingPackageError: transformers is not installed.
    """
    transformers = require("transformers", extra="transformers")
    where = base_folder(name) if folder is None else Path(folder)
    weight_files(where)
    if needed is not None:
        needed.check(where)
    with _quietly(), _one_line(where):
        safe = {"local_files_only": True, "trust_remote_code": False}
        config = transformers.AutoConfig.from_pretrained(where, **safe)
        kind = transformers.MODEL_MAPPING.get(type(config), None)
        if not inspect.isclass(kind) or config.is_encoder_decoder:
            raise ModelError(f"{where}: a {config.model_type} model is no encoder")
        takes = inspect.signature(kind.__init__).parameters
        bare = {"add_pooling_layer": False} if "add_pooling_layer" in takes else {}
        model, report = kind.from_pretrained(
            where,
            config=config,
            dtype=torch.float32,
            use_safetensors=True,
            output_loading_info=True,
            **bare,
            **safe,
        )
        tokenizer = transformers.AutoTokenizer.from_pretrained(where, **safe)
    if report["missing_keys"]:
        first = min(report["missing_keys"])
        raise ModelError(f"{where}: weights do not fit config.json: {first} is missing")
    _check_tokenizer(tokenizer, model, where)
    quicken(model)
    positions = getattr(config, "max_position_embeddings", _LONGEST) - _first_position(model)
    longest = min(positions, tokenizer.model_max_length, _LONGEST)
    called = str(where.resolve()) if Path(name).is_dir() else str(name)
    return Encoder(model, WordPieces.of(tokenizer, longest), where, called).eval()


def _check_tokenizer(tokenizer: Any, model: Any, folder: Path) -> None:
    if not tokenizer.is_fast:
        raise ModelError(
            f"{folder}: has no fast tokenizer, which is needed: save one as tokenizer.json"
        )
    pieces, rows = len(tokenizer), model.get_input_embeddings().num_embeddings
    if pieces <= len(set(tokenizer.all_special_ids)):  # what transformers makes of no files at all
        raise ModelError(f"{folder}: incomplete, its tokenizer.json is missing")
    if pieces > rows:
        raise ModelError(
            f"{folder}: the tokenizer does not fit, it has {pieces} pieces, the encoder {rows}"
        )


def _first_position(model: nn.Module) -> int:
    """The position of a window's first piece: RoBERTa and its kin count on from the padding's."""
    for name, module in model.named_modules():
        if name.endswith("position_embeddings"):
            padding = getattr(module, "padding_idx", None)
            return 0 if padding is None else padding + 1
    return 0


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Without the progress bars and the reports of transformers; afterwards they are as before."""
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(logging.CRITICAL)
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


@contextlib.contextmanager
def _one_line(folder: Path) -> Iterator[None]:
    """Whatever transformers makes of a damaged folder, in one line."""
    try:
        yield
    except ModelError:
        raise
    except Exception as error:  # it raises nearly everything there is
        problem = str(error).strip().split("\n")[0] or type(error).__name__
        raise ModelError(f"{folder}: cannot be loaded ({problem})") from None
