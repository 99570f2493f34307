"""``treernn serve``: scores over HTTP, and a page for a browser."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treernn.cli import inputs
from treernn.cli.device import chosen_device
from treernn.cli.options import Device, Domain, OwnLexicon, Precision
from treernn.errors import DataError, InputError
from treernn.optional import require
from treernn.strict_json import check_regular

if TYPE_CHECKING:
    from treernn.scoring.lexicon.entries import Lexicon

TOKEN = "TREERNN_TOKEN"  # noqa: S105 - the name of a variable


def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for any free one.")
    ] = 9000,
    model: Annotated[
        list[str] | None,
        typer.Option(
            callback=inputs.sentiment_model,
            help="Model that can be asked for: a folder; small, medium, large; or hf://user/name; "
            "repeatable.",
            show_default="small",
        ),
    ] = None,
    parser: Annotated[
        list[str] | None,
        typer.Option(
            callback=inputs.parser,
            help="Parser that can be asked for: a name, a folder, or hf://user/name; repeatable.",
            show_default="embedded",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=256,
            help="Processes that hold the models.",
            show_default="one less than cores, at most 8",
        ),
    ] = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    token_file: Annotated[
        Path | None,
        typer.Option(
            callback=inputs.existing(),
            help=f"File with a token that requests have to send; or set {TOKEN}.",
        ),
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(help="Site whose pages may use the server, https://…; repeatable."),
    ] = None,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(help="Host name that requests may use, besides localhost; repeatable."),
    ] = None,
    corrections: Annotated[
        Path | None,
        typer.Option(help="File to which the page may append corrected trees, to train with."),
    ] = None,
    max_body: Annotated[
        int, typer.Option(min=1, help="Bytes of the largest body of a request.")
    ] = 4_000_000,
    max_chars: Annotated[int, typer.Option(min=1, help="Do not score longer texts.")] = 100_000,
    max_texts: Annotated[int, typer.Option(min=1, help="Texts in a request.")] = 1_000,
    max_queue: Annotated[
        int, typer.Option(min=1, help="Texts that may wait; further requests get 429.")
    ] = 5_000,
    time_limit: Annotated[
        float, typer.Option(min=0.1, help="Seconds in which a request is answered.")
    ] = 60.0,
    client_limit: Annotated[
        float,
        typer.Option(min=0.1, help="Seconds a client may take to send a request, or read on."),
    ] = 30.0,
    lexicon: OwnLexicon = None,
    domain: Domain = None,
    device: Device = "cpu",  # each process has models of its own
    precision: Precision = "float32",
) -> None:
    """Score over HTTP, with a page for a browser, until Ctrl-C."""
    for package in ("starlette", "uvicorn", "prometheus_client"):
        require(package, extra="server")
    from treernn import workers as processes
    from treernn.server.hosts import given_name
    from treernn.server.limits import Limits
    from treernn.server.run import open_browser
    from treernn.server.run import serve as run
    from treernn.server.service import Options
    from treernn.server.work import Models

    chosen = named(model or ["small"], "--model")
    models = Models(
        chosen,
        named(parser or ["embedded"], "--parser"),
        str(chosen_device(device)),
        precision,
        lexicons_of(chosen, lexicon, domain),
    )
    limits = Limits(
        body_bytes=max_body,
        characters=max_chars,
        texts=max_texts,
        queued_texts=max_queue,
        seconds=time_limit,
        client_seconds=client_limit,
    )
    if corrections is not None:
        check_corrections(corrections)
    options = Options(
        token_of(token_file),
        tuple(allow_origin or ()),
        corrections,
        frozenset(map(given_name, allowed_host or ())),
    )

    def announce(address: str) -> None:
        print(f"ready at {address}", flush=True)
        if open_page:
            open_browser(address)

    print(f"loading {', '.join(models.models)}; Ctrl-C stops the server", flush=True)
    count = workers or max(1, processes.default_count() - 1)
    run(host, port, models, count, limits, options, announce)


def named(given: list[str], option: str) -> dict[str, str]:
    """The names of models or parsers in requests: the last part of a path, or of an address on the
    hub without its revision. What is on the hub has its commit, for all processes.

    Raises:
        InputError: two have the same.
        ModelError: one on the hub cannot be downloaded.
    """
    from treernn.models.on_hub import address_of, is_on_hub
    from treernn.models.pretrained import pinned

    names: dict[str, str] = {}
    for each in map(str, map(pinned, given)):
        name = os.path.basename(os.path.abspath(each)) if os.path.isdir(each) else each
        if is_on_hub(each):
            name = address_of(each).repo.rpartition("/")[2]
        if name in names and names[name] != each:
            raise InputError(f"{option}: two are named {name}; rename a folder")
        names[name] = each
    return names


def lexicons_of(
    models: dict[str, str], lexicon: str | None, domain: str | None
) -> dict[str, Lexicon]:
    """The lexicon of each model that has one; see ``treernn.load``."""
    from treernn.scoring.lexicon.files import lexicon_of, read_lexicon

    given = None if lexicon is None else read_lexicon(lexicon)
    found = {name: lexicon_of(model, given, domain) for name, model in models.items()}
    return {name: words for name, words in found.items() if words is not None}


def check_corrections(file: Path) -> None:
    """Check that a file of trees can be appended to.

    Raises:
        InputError: it cannot.
    """
    try:
        if file.exists():
            check_regular(file)
        with open(file, "ab"):
            pass
    except DataError as error:
        raise InputError(str(error)) from None
    except OSError as error:
        raise InputError(f"{file}: cannot be written ({error.strerror})") from None


def token_of(file: Path | None) -> str | None:
    """The token of a server: in a file, or in the environment.

    Raises:
        InputError: the file cannot be read, or the token is empty.
    """
    if file is None:
        token = os.environ.get(TOKEN)
        source = TOKEN
    else:
        source = str(file)
        try:
            token = file.read_text("utf-8")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8"
            raise InputError(f"{file}: cannot be read ({reason})") from None
    if token is None:
        return None
    token = token.strip()
    if not token:
        raise InputError(f"{source}: the token is empty")
    return token
