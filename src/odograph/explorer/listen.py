"""The socket that the explorer listens at."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from odograph.errors import UsageError


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket bound to the address; port 0 is any that is free.

    Raises:
        UsageError: there is no such address, or the port is taken.
    """
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        _bind(bound, host, port)
        yield bound
    finally:
        bound.close()


def _bind(bound: socket.socket, host: str, port: int) -> None:
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen()  # a browser that is quicker than the server waits
    except OSError as error:
        raise UsageError(
            f"cannot listen at {host}:{port}: {error.strerror or error}",
            remedy="Choose another --port, or leave it out.",
        ) from error


def address_of(bound: socket.socket) -> str:
    """Host and port, as they stand in an address."""
    host, port = bound.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
