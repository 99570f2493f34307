"""The names by which a server may be asked: the header ``Host``, or the host of a whole address.

A page of another site can let the name of its own site point to this machine (DNS rebinding). To a
browser the server then belongs to that site, whose pages may read all that it answers. But the
browser still says that name, so a server that only this machine reaches, and that asks for no
token, answers to the names of this machine alone. The status is 403, as that of Jupyter, Vite and
Caddy; to 421 a client might ask once more, over another connection.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address

from treernn.errors import InputError
from treernn.server.problems import RefusedError

_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~%!$&'()*+,;=-]+)(?::[0-9]*)?")
_LONGEST = 60


def name_of(host: str) -> str | None:
    """The name in a host with or without a port, as all ways to write it are compared.

    Args:
        host: of the header, or of an address.

    Returns:
        None if it is no host.

    >>> [name_of(host) for host in ("LocalHost.:9000", "127.0.0.1", "[0:0::1]:80", "a b", "")]
    ['localhost', '127.0.0.1', '::1', None, None]
    """
    match = _HOST.fullmatch(host.strip(" \t"))
    if match is None:
        return None
    name = match["name"].lower()
    if name.startswith("["):
        try:
            return str(IPv6Address(name[1:-1]))
        except ValueError:
            return None
    return name.removesuffix(".") or None


def is_loopback(name: str) -> bool:
    """Whether a name of ``name_of`` never means another machine: no name server is asked for it.

    >>> [is_loopback(name) for name in ("localhost", "a.localhost", "127.9.9.9", "::1", "a.b")]
    [True, True, True, True, False]
    """
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address: IPv4Address | IPv6Address | None = ip_address(name)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    return address is not None and address.is_loopback


def given_name(host: str) -> str:
    """The name that ``--allowed-host`` gives.

    Raises:
        InputError: it is none.
    """
    text = f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host
    try:
        name = name_of(text if text.isascii() else _ascii(text))
    except UnicodeError:
        name = None
    if name is None or "*" in name:
        raise InputError(
            f"--allowed-host {host[:_LONGEST]!r}: expected the name of a host, such as "
            "films.example or xn--bcher-kva.example, without http:// and without a path"
        )
    return name


def _ascii(host: str) -> str:
    """A host as browsers send it.

    Raises:
        UnicodeError: Python would send another: it knows the rules of 2003, by which ß is ss.
    """
    encoded = host.encode("idna")
    if encoded.decode("idna") != host.lower():
        raise UnicodeError
    return encoded.decode()


def names_to_answer(
    given: Iterable[str], host: str, address: str, token: str | None
) -> frozenset[str] | None:
    """The names by which a server may be asked, besides those of this machine.

    Args:
        given: names of ``--allowed-host``.
        host: where it was told to listen.
        address: where it listens.
        token: that requests have to send.

    Returns:
        None if it may be asked by any name: other machines reach it, or a token is needed, which
        pages of other sites have not; and no name was given.
    """
    names = frozenset(given)
    if not names and (token is not None or not is_loopback(address.partition("%")[0])):
        return None
    own = name_of(f"[{host}]" if ":" in host else host)
    return names | {own} if own else names


def check_host(host: str | None, names: frozenset[str] | None) -> None:
    """Check that a server may be asked by a name.

    Args:
        host: with or without a port; None if the request names none, which HTTP/1.0 allows and no
            browser does.
        names: of ``names_to_answer``.

    Raises:
        RefusedError: it may not.
    """
    if names is None or host is None:
        return
    name = name_of(host)
    if name is None:
        raise RefusedError("the header Host is no name of a host")
    if name not in names and not is_loopback(name):
        shown = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
        raise RefusedError(
            f"this server does not answer to the name {shown}; use localhost, or start it with "
            f"--allowed-host {shown}",
            status=403,
        )
