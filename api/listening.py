"""The socket that the server listens on: bound once by whoever starts the server, and kept while that is replaced."""

import errno
import socket

BACKLOG = 2048
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  # where to reach one that says so


class CannotListen(Exception):
    """The address cannot be had; carries host and port, and says what to take instead."""

    def __init__(self, host: str, port: int, why: str, remedy: str) -> None:
        super().__init__(f"port {port} of {host or 'this machine'} cannot be used: {why}. {remedy}")
        self.host, self.port = host, port


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Who connects before a server takes its place waits, and is not refused.

    Raises
    ------
    CannotListen
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as fault:
        raise CannotListen(
            host, port, f"there is no host {host!r}", "Set TRADES_HOST to one of this machine"
        ) from fault
    # The protocol is named because asyncio sends without delay (TCP_NODELAY) only what it sees to be TCP; without that
    # the second part of an answer waits for the client's word on the first, 40 ms.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # not to wait for connections that have just ended
        made.bind(address)
        made.listen(BACKLOG)
    except OSError as fault:
        made.close()
        why, remedy = fault.strerror or str(fault), f"Take another: --port {_another(port)}"
        if fault.errno == errno.EADDRINUSE:
            why = "something else answers there"
        elif fault.errno == errno.EADDRNOTAVAIL:
            remedy = "Set TRADES_HOST to an address of this machine"
        raise CannotListen(host, port, why, remedy) from fault
    return made


def url_of(host: str, port: int) -> str:
    """Where a browser of this machine finds what listens there."""
    reached = EVERYWHERE.get(host, host)
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def _another(port: int) -> int:
    return port + 1 if 1024 <= port < 65_535 else 8080
