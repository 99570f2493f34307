"""Load a parser by its name or from its folder."""

from __future__ import annotations

import os
from importlib import import_module
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, cast

from treernn.errors import InputError
from treernn.models.on_hub import is_on_hub
from treernn.models.pretrained import model_folder

if TYPE_CHECKING:
    import torch

    from treernn.parsing.chart_parser import ChartParser
    from treernn.parsing.parser import Parser

# A new parser is a module in this package and a line here: what to call to make it. A kind of
# parser that is trained and saved has its class here, by the kind in its `config.json`.
PARSERS = {
    "embedded": "lstm_parser.load_embedded",
    "stanza": "stanza_parser.StanzaParser",
    "right": "baselines.right_parser",
    "left": "baselines.left_parser",
    "balanced": "baselines.balanced_parser",
}
TRAINED = {
    "lstm-parser": "lstm_parser.LSTMParser",
    "encoder-parser": "encoder_parser.EncoderParser",
}


def load_parser(
    name: str | PathLike[str], *, device: torch.device | str = "cpu", **options: Any
) -> Parser:
    """Load a parser.

    Args:
        name: a name in ``PARSERS``, or a trained parser: its folder, or its address on the hub,
            ``hf://user/name``. ``"embedded"`` is included in the package; ``"right"``, ``"left"``
            and ``"balanced"`` are baselines that ignore the words.
        device: where a trained parser runs. Stanza chooses its own device. On a CPU that multiplies
            in bfloat16, the LSTMs of a parser do.
        options: arguments of the parser, such as ``package`` and ``folder`` of ``StanzaParser``.

    Raises:
        InputError: no such parser or folder, or a package that the parser needs is not installed.
        MissingDataError: Stanza's models are missing and cannot be downloaded.
        ModelError: the model is damaged or is not a parser.

    >>> load_parser("left").parse([["not", "bad", "."]])[0].children
    ((0, 1), (3, 2))
    """
    name = fspath(name)
    check_parser(name)
    parser = _attribute(PARSERS[name])(**options) if name in PARSERS else load_trained(name)
    if hasattr(parser, "reduce_precision"):
        from treernn.models.device import multiplies_bfloat16

        parser = parser.to(device)
        if multiplies_bfloat16(parser.device):
            parser.reduce_precision()
    return cast("Parser", parser)


def check_parser(name: str) -> None:
    """Check that a name can be one of a parser; nothing is loaded.

    Raises:
        InputError: it is neither in ``PARSERS``, nor a folder or an address on the hub.
    """
    if not (name in PARSERS or is_on_hub(name) or os.path.isdir(name)):
        raise InputError(
            f"no parser {name!r}, expected one of {', '.join(PARSERS)}, or the folder of one"
        )


def load_trained(folder: str | PathLike[str]) -> ChartParser:
    """Load a parser that ``treernn train parser`` wrote, from its folder or the hub.

    Raises:
        ModelError: the folder is missing, damaged or not a parser; or its encoder is missing.
        InputError: the parser needs transformers, which is not installed.
    """
    from treernn.models.storage import model_kind

    folder = model_folder(folder)
    # A folder of another kind is rejected with a reason by any of the classes.
    parser = _attribute(TRAINED.get(model_kind(folder) or "", TRAINED["lstm-parser"]))
    return cast("ChartParser", parser.load(folder))


def _attribute(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(import_module(f"treernn.parsing.{module}"), name)
