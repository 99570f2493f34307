"""Sentiment toward a part of a sentence: a pass up its tree, and one from the root down.

In "great screen, awful battery" the phrase "battery" is neutral by itself. What is said of it is in
the phrases around it, so the states of a tree flow from the leaves up, as for the sentiment of the
phrases, and then from the root down over the same tree, and the classifier sees both states of the
smallest phrase that holds the target. To compare: the average of the vectors of the target's words,
which knows the words around it only as far as an encoder has put them there.

The words are embedded as by a sentiment model, which stays as it is: only what is above them and,
on an encoder, adapters (LoRA) are trained and stored, in the folder ``targets`` of the model's.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from treernn.batching import batch_nodes, bucket_by_length, map_batches
from treernn.cells import CELLS
from treernn.cells.dropout import dropout
from treernn.checks import brief, check_cell, check_fractions, check_sizes
from treernn.encoders.encoder import Encoder
from treernn.encoders.fine_tuning import merge_adapters, set_trainable
from treernn.encoders.tuning import Tuning
from treernn.engine import Backend, inference, run
from treernn.errors import InputError, ModelError
from treernn.models import spans
from treernn.models.names import CONFIG, TARGETS
from treernn.models.phrase_classifier import check_temperature
from treernn.models.storage import weights_checksum
from treernn.models.stored_model import StoredModel, finite
from treernn.models.target_places import Place
from treernn.models.tree_classifier import TreeClassifier
from treernn.models.word_embeddings import WordTable
from treernn.structure import Plan, Structure, compile_plan, tree
from treernn.transfer import to_device
from treernn.types import LABELS, Tree

STRUCTURES = ("tree", "average")
"""How a target is read, see ``TargetConfig``."""

FROZEN = Tuning("frozen")


@dataclass(frozen=True)
class TargetConfig:
    """Configuration of a target classifier.

    Attributes:
        input_size: dimension of the vectors of the leaves.
        hidden_size: dimension of the states, in both directions; half of that of the layer above an
            average.
        structure: what the classifier reads: ``tree``, the states of the smallest phrase that holds
            the target; ``average``, a layer with a tanh over the mean of the vectors of its words.
        cell: a name of ``treernn.cells.CELLS``, for trees.
        input_dropout: dropout probability of the vectors of the leaves.
        dropout: that of the classifier's inputs.
        target_dropout: probability that the vectors of a target's own words are zeros, so that the
            model does not learn by heart which things are praised; for trees.
        temperature: logits are divided by it before the softmax.

    Raises:
        InputError: a value is out of range.
    """

    input_size: int
    hidden_size: int
    structure: str = "tree"
    cell: str = "lstm"
    input_dropout: float = 0.3
    dropout: float = 0.5
    target_dropout: float = 0.3
    temperature: float = 1.0

    def __post_init__(self) -> None:
        check_sizes(self, "input_size", "hidden_size")
        if self.structure not in STRUCTURES:
            expected = ", ".join(STRUCTURES)
            raise InputError(f"structure is {brief(self.structure)}, expected one of {expected}")
        check_cell(self, CELLS)
        check_fractions(self, "input_dropout", "dropout", "target_dropout")
        check_temperature(self.temperature)


class Example(NamedTuple):
    """A parse tree with targets.

    Attributes:
        structure: its graph.
        words: ``[words, input_size]``, their vectors; or encoded by an encoder that is trained.
        places: ``[targets, 3]`` the node, first word and last word + 1 of each target.
    """

    structure: Structure
    words: Any
    places: np.ndarray


class Batch(NamedTuple):
    """Collated examples.

    Attributes:
        plan: their compiled structure.
        words: ``[words, input_size]``; or collated by an encoder that is trained.
        nodes: ``[targets]`` the node of each target, in plan order.
        words_of_targets: those of them that are single words.
        starts, ends: ``[targets]`` its words, half-open ranges of those of the batch.
    """

    plan: Plan
    words: Any
    nodes: Tensor
    words_of_targets: Tensor
    starts: Tensor
    ends: Tensor


class TargetClassifier(StoredModel):
    """Two cells, or a layer above an average, and a softmax; see the module.

    Args:
        config: its sizes.
        base: the sentiment model whose leaves it reads. It is no part of this module: it is
            neither trained nor stored with it.
        tuning: ``lora`` or ``layers`` for a copy of the base's encoder that is trained further;
            ``frozen`` to read the vectors of the base.

    Raises:
        InputError: the vectors of the words have another size, or there is no encoder to train.
    """

    KIND, CONFIG = "target-classifier", TargetConfig
    STORAGE_DTYPES: ClassVar[Mapping[str, str]] = {"": "float16"}

    config: TargetConfig

    def __init__(self, config: TargetConfig, base: TreeClassifier, tuning: Tuning = FROZEN) -> None:
        super().__init__()
        if config.input_size != base.config.embedding_size:
            raise InputError(
                f"input_size is {config.input_size}, the sentiment model's words have vectors of "
                f"{base.config.embedding_size}"
            )
        self.config = config
        self._base = (base,)  # in a tuple, so that it is no submodule
        self.tuning = tuning
        if tuning != FROZEN:
            if not isinstance(base.embedding, Encoder):
                raise InputError(f"tuning is {tuning.method!r}, but there is no encoder to train")
            self.encoder = copy.deepcopy(base.embedding).requires_grad_(False)
            set_trainable(self.encoder, tuning)
        size = config.hidden_size
        if config.structure == "tree":
            self.cell = CELLS[config.cell](config.input_size, size)
            self.cell_down = CELLS[config.cell](size, size)
        else:
            self.layer = nn.Linear(config.input_size, 2 * size)
        self.classifier = nn.Linear(2 * size, len(LABELS))

    @property
    def base(self) -> TreeClassifier:
        """The sentiment model."""
        return self._base[0]

    @property
    def embedding(self) -> WordTable | Encoder:
        """What embeds the words."""
        return self.base.embedding if self.tuning == FROZEN else self.encoder

    def start_from_base(self) -> None:
        """Copy the weights of the sentiment model as far as they fit, so that at first the
        sentiment toward a target is that of its phrase, if it is read in a tree."""
        size, base = self.config.hidden_size, self.base
        if self.config.structure != "tree":
            return
        if (base.config.cell, base.config.hidden_size) != (self.config.cell, size):
            return
        self.cell.load_state_dict(base.cell.state_dict())
        with torch.no_grad():
            self.classifier.weight.zero_()
            self.classifier.weight[:, :size] = base.classifier.weight[:, :size]
            self.classifier.bias.copy_(base.classifier.bias)

    def encode(self, trees: Sequence[Tree], places: Sequence[Sequence[Place]]) -> list[Example]:
        """Compute the vectors of the words.

        Args:
            trees: parse trees.
            places: for each the place of each target.
        """
        embedding, rows_of_places = self.embedding, [*map(_rows, places)]
        if isinstance(embedding, Encoder):
            structures = [tree(each) for each in trees]
            vectors = embedding.embed([each.words for each in trees])
            return [*map(Example, structures, vectors, rows_of_places)]
        encoded = self.base.encode(trees)
        if not encoded:
            return []
        with inference(self.base):
            words = embedding.collate([example.words for example in encoded])
            words = to_device(words, self.base.device)
            rows = embedding(words).float().cpu().numpy()
        structures = [example.structure for example in encoded]
        ends = np.cumsum([_num_leaves(structure) for structure in structures])
        # A word that was split into a compound has moved its node, and the words after it.
        moved = [
            at if example.nodes is None else _moved(at, example.nodes, example.structure, parsed)
            for example, at, parsed in zip(encoded, rows_of_places, trees, strict=True)
        ]
        return [*map(Example, structures, np.split(rows, ends[:-1]), moved)]

    def encode_training(
        self, trees: Sequence[Tree], places: Sequence[Sequence[Place]]
    ) -> list[Example]:
        """``encode``, but not what is trained."""
        if self.tuning == FROZEN:
            return self.encode(trees, places)
        words = self.encoder.encode_training([each.words for each in trees])
        return [*map(Example, map(tree, trees), words, map(_rows, places))]

    def collate(self, examples: Sequence[Example]) -> Batch:
        """Batch at least one example, on the CPU."""
        plan = compile_plan(
            [example.structure for example in examples], None if self.training else "arrays"
        )
        nodes = [example.structure.num_nodes for example in examples]
        words = [_num_leaves(example.structure) for example in examples]
        shifts = np.stack([np.cumsum([0, *counts[:-1]]) for counts in (nodes, words, words)], 1)
        places = [each.places + shift for each, shift in zip(examples, shifts, strict=True)]
        nodes_of_targets, starts, ends = torch.from_numpy(np.concatenate(places)).unbind(1)
        if self.config.structure == "tree":
            self.cell.prepare(plan)
            self.cell_down.prepare(plan.top_down)
        at = plan.rank[nodes_of_targets]
        single = at[at < plan.num_leaves]
        return Batch(plan, self._collated(examples), at, single, starts, ends)

    def _collated(self, examples: Sequence[Example]) -> Any:
        if isinstance(examples[0].words, np.ndarray):
            return torch.from_numpy(np.concatenate([example.words for example in examples]))
        return self.encoder.collate([example.words for example in examples])

    def forward(self, batch: Batch, backend: Backend = "auto") -> Tensor:
        """Logits, ``[targets, 5]``."""
        x = batch.words if isinstance(batch.words, Tensor) else self.encoder(batch.words)
        if self.config.structure == "tree":
            features = self._states(x, batch, backend)
        else:
            features = self._averages(x, batch)
        return self.classifier(self._dropout(features, self.config.dropout))

    def _states(self, x: Tensor, batch: Batch, backend: Backend) -> Tensor:
        """Of the smallest phrases, up and down the tree, ``[targets, 2 * hidden_size]``."""
        if self.training:
            x = self._without_targets(x, batch)
        h = run(self.cell, batch.plan, self._dropout(x, self.config.input_dropout), backend).h
        down = batch.plan.top_down
        h_down = run(self.cell_down, down, h[down.order], backend).h[down.rank]
        return torch.cat([h[batch.nodes], h_down[batch.nodes]], 1)

    def _averages(self, x: Tensor, batch: Batch) -> Tensor:
        """Of the words of the targets, after a layer, ``[targets, 2 * hidden_size]``."""
        x = self._dropout(x, self.config.input_dropout)
        return self.layer(spans.means(x, batch.starts, batch.ends)).tanh()

    def _dropout(self, x: Tensor, probability: float) -> Tensor:
        return dropout(x, probability) if self.training else x

    def _without_targets(self, x: Tensor, batch: Batch) -> Tensor:
        """The vectors of the words, with zeros for some of the targets that are single words."""
        words = batch.words_of_targets
        dropped = torch.rand(len(words), device=words.device) < self.config.target_dropout
        times = x.new_zeros(len(x)).index_add_(0, words, dropped.to(x.dtype))  # two may be one word
        return x * (times == 0).to(x.dtype).unsqueeze(1)

    def distributions(
        self, trees: Sequence[Tree], places: Sequence[Sequence[Place]]
    ) -> list[np.ndarray]:
        """The sentiment toward each target.

        Args:
            trees: parse trees, labels are ignored.
            places: for each tree the place of each target, see ``target_places``.

        Returns:
            For each tree float32 ``[targets, 5]``, over the five classes.
        """
        return self.distributions_of(self.encode(trees, places))

    def distributions_of(self, examples: Sequence[Example]) -> list[np.ndarray]:
        """``distributions`` of encoded trees."""

        def probabilities(indices: Sequence[int]) -> np.ndarray:
            batch = to_device(self.collate([examples[i] for i in indices]), self.device)
            rows = (finite(self(batch)) / self.config.temperature).softmax(1)
            return rows.cpu().numpy()

        sizes = [example.structure.num_nodes for example in examples]
        with inference(self):
            batches = bucket_by_length(sizes, max_total=batch_nodes(self.device))
            return map_batches(batches, [len(each.places) for each in examples], probabilities)

    @classmethod
    def load_for(cls, base: TreeClassifier, model: str | os.PathLike[str]) -> TargetClassifier:
        """Load that of a sentiment model, on its device, in evaluation mode.

        Args:
            base: the loaded sentiment model.
            model: its folder.

        Raises:
            ModelError: the folder has none, or it is damaged or made for other weights.
        """
        folder = Path(model) / TARGETS
        if not (folder / CONFIG).exists():
            raise ModelError(
                f"{model}: knows no sentiment toward targets; train it with treernn train targets"
            )
        loaded = cls._load(folder, partial(cls._of_base, base, weights_checksum(model), folder))
        if loaded.tuning != FROZEN:
            merge_adapters(loaded.encoder)
        return loaded.to(base.device)

    def _encoder_config(self) -> dict[str, Any]:
        return {"tuning": asdict(self.tuning)}

    @classmethod
    def _of_base(
        cls,
        base: TreeClassifier,
        sha256: str,
        folder: Path,
        config: dict[str, Any],
        *_: Any,
    ) -> TargetClassifier:
        if config.get("base_sha256") != sha256:
            raise ModelError(
                f"{folder}: made for other weights than the model has, train it again with treernn "
                "train targets"
            )
        return cls(cls._model_config(config), base, Tuning(**config["tuning"]))


def _num_leaves(structure: Structure) -> int:
    return structure.num_nodes - len(np.unique(structure.parents))


def _rows(places: Sequence[Place]) -> np.ndarray:
    return np.array(places, np.int64).reshape(-1, len(Place._fields))


def _moved(places: np.ndarray, nodes: np.ndarray, structure: Structure, parsed: Tree) -> np.ndarray:
    """Places in a tree with compounds.

    Args:
        places: ``[targets, 3]`` in the tree without.
        nodes: ``[nodes]`` for each node of that tree its node in the other.
        structure: the other.
        parsed: the tree without.
    """
    last = dict(zip(structure.parents.tolist(), structure.children.tolist(), strict=True))
    ends = np.array(
        [0, *(last.get(node, node) + 1 for node in nodes[: len(parsed.words)].tolist())]
    )
    return np.stack([nodes[places[:, 0]], ends[places[:, 1]], ends[places[:, 2]]], 1)


def load_targets(classifier: Any, folder: str | os.PathLike[str] | None) -> TargetClassifier:
    """The target classifier of a sentiment model.

    Args:
        classifier: the sentiment model.
        folder: where it was loaded from, or None.

    Raises:
        ModelError: there is none, or it is damaged or made for other weights.
    """
    if folder is None or not isinstance(classifier, TreeClassifier):
        raise ModelError(
            "this model knows no sentiment toward targets, which needs a tree model with a folder"
        )
    return TargetClassifier.load_for(classifier, folder)


def check_base(model: Any, name: str | os.PathLike[str]) -> TreeClassifier:
    """The model, if it has what targets need: trees.

    Raises:
        InputError: it has not.
    """
    if not isinstance(model, TreeClassifier):
        raise InputError(f"{brief(os.fspath(name))}: targets need a model over trees")
    return model
