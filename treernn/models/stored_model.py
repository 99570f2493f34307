"""What all models share that are saved as folders."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn

from treernn.checks import brief
from treernn.encoders.encoder import Encoder
from treernn.encoders.fine_tuning import merge_adapters
from treernn.encoders.stored import encoder_config, stored_encoder
from treernn.errors import InputError, ModelError
from treernn.models.storage import CONFIG, load_folder, load_weights, save_folder, trainable_state
from treernn.models.weights import pack_weights
from treernn.weightless import weightless


class StoredModel(nn.Module):
    """A model that can be saved and loaded.

    If one of its modules is a pretrained encoder, the folder has the encoder's identity and its
    trained weights.
    """

    KIND: ClassVar[str]  # "tagger", or with a word before it: "tree-classifier"
    CONFIG: ClassVar[type[Any]]  # dataclass of the sizes of the layers
    STORAGE_DTYPES: ClassVar[Mapping[str, str]] = {"": "float32"}  # see ``pack_weights``

    config: Any

    @property
    def device(self) -> torch.device:
        """The device of the weights."""
        return next(self.parameters()).device

    def save(self, path: str | os.PathLike[str], **metadata: Any) -> None:
        """Save the model as a folder.

        Args:
            path: the folder; a model in it is replaced.
            metadata: more values for ``config.json``, such as the training settings.

        Raises:
            InputError: the folder cannot be written.
        """
        self._save(path, self.STORAGE_DTYPES, metadata)

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, keep_adapters: bool = False) -> Self:
        """Load a model folder, on the CPU, in evaluation mode.

        Args:
            path: the folder.
            keep_adapters: leave the adapters of an encoder apart, to train them further. Otherwise
                they are merged into its weights, which is faster.

        Raises:
            ModelError: the folder is missing, damaged, or contains another model; or the encoder
                that the model needs cannot be found.
            MissingPackageError: the model has an encoder, and transformers is not installed.
        """
        return cls._load(path, cls._build, keep_adapters)

    @classmethod
    def _load(
        cls,
        path: str | os.PathLike[str],
        build: Callable[[dict[str, Any], Sequence[str], Encoder | None], Self],
        keep_adapters: bool = False,
    ) -> Self:
        """``load`` with another way to make the model of a folder, see ``_build``."""
        folder, noun = load_folder(path, kind=cls.KIND), cls.KIND.rpartition("-")[2]
        encoder = None
        if "encoder" in folder.config:
            encoder = stored_encoder(folder.config["encoder"], path, folder.weights)
        try:
            with weightless(folder.weights):
                model = build(folder.config, folder.vocabulary, encoder)
        except KeyError as error:
            raise ModelError(f"{path}: {CONFIG} describes no {noun}, it has no {error}") from None
        except (TypeError, ValueError, OverflowError, RuntimeError, InputError) as error:
            raise ModelError(f"{path}: {CONFIG} describes no {noun} ({_line(error)})") from None
        load_weights(model, folder, path)
        if encoder is not None and not keep_adapters:
            merge_adapters(encoder)
        return model.eval()

    @classmethod
    def _build(cls, config: dict[str, Any], words: Sequence[str], encoder: Encoder | None) -> Self:
        """Make the model of a folder, with any weights or none."""
        return cls(cls._model_config(config), encoder or words)

    @classmethod
    def _model_config(cls, config: dict[str, Any]) -> Any:
        """The sizes of the layers, from ``config.json``."""
        if not isinstance(config["model"], dict):
            raise InputError(f"model is {brief(config['model'])}, expected names and values")
        return cls.CONFIG(**config["model"])

    def _words(self) -> Sequence[str]:
        """The content of ``vocabulary.txt``."""
        return ()

    def _extra_config(self) -> dict[str, Any]:
        """Values of ``config.json`` that ``_build`` needs besides the model's configuration."""
        return {}

    def _encoder_config(self) -> dict[str, Any]:
        """What ``config.json`` says of an encoder."""
        found = [module for module in self.children() if isinstance(module, Encoder)]
        return {"encoder": encoder_config(found[0])} if found else {}

    def _save(
        self,
        path: str | os.PathLike[str],
        storage_dtypes: Mapping[str, str],
        metadata: Mapping[str, Any],
    ) -> None:
        config = {"model": asdict(self.config), **self._extra_config(), **self._encoder_config()}
        save_folder(
            path,
            kind=self.KIND,
            config={**config, **metadata},
            vocabulary=self._words(),
            weights=pack_weights(trainable_state(self), storage_dtypes),
        )


def finite(scores: Tensor) -> Tensor:
    """``scores``, which have to be numbers.

    Raises:
        ModelError: one is NaN or infinite, by weights or inputs that are too large.
    """
    if not math.isfinite(torch.linalg.vector_norm(scores)):
        raise ModelError("the model gives scores that are not finite; its weights are damaged")
    return scores


def _line(error: Exception) -> str:
    """The first line of a message, without the name of the class that a call failed in."""
    return str(error).split("\n")[0].rpartition(".__init__() ")[2][:300]
