"""The ports of the demo, taken before anything starts: nobody can come in between."""

import contextlib
import errno
import socket

DEFAULT = 8000
BACKLOG = 256
HIGHEST = 65535


class NoPort(Exception):
    """The port cannot be had; the text says why, and what to do."""


def listen_here(host: str, port: str | None) -> socket.socket:
    """Listen at the address that was asked for; raises NoPort."""
    if port and not (port.isdecimal() and int(port) <= HIGHEST):
        raise NoPort(f"PORT={port} is not a port: use a number up to {HIGHEST}.")
    wanted = int(port) if port else DEFAULT
    try:
        return _listen(host, wanted)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise NoPort(
                f"Port {wanted} is in use by another program. "
                f"Choose another one: make run PORT={wanted + 1}"
            ) from None
        raise NoPort(f"Cannot listen at {host}, port {wanted}: {error.strerror}.") from None


def next_free(host: str, first: int) -> socket.socket:
    """Listen at the first free port from there on."""
    for port in range(first, first + 100):
        with contextlib.suppress(OSError):
            return _listen(host, port)
    return _listen(host, 0)


def number(listening: socket.socket) -> int:
    """The port of a listening socket."""
    port: int = listening.getsockname()[1]
    return port


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)
