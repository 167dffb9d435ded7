"""The server: a place on the network, loopback unless somebody says otherwise, and uvicorn on it."""

import errno
import ipaddress
import socket
import webbrowser
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

from gcnet_core.plugin_api import UserError

FIRST_PORT, TRIES = 8000, 100
CONNECTIONS = 64
"""At a time; a browser holds six."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen(host: str, port: int | None) -> socket.socket:
    """Take a place on the network.

    Args:
        host: address, or a name of this machine.
        port: which; None: the first one from 8000 that is free.

    Raises:
        UserError: if it is taken, or not of this machine.
    """
    ports = range(FIRST_PORT, FIRST_PORT + TRIES) if port is None else [port]
    for number in ports:
        try:
            return socket.create_server((host, number), family=_family(host), backlog=CONNECTIONS)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise UserError(f"cannot listen on {host}, port {number}: {error.strerror or error}") from error
    taken = f"port {port} is taken" if port is not None else f"the ports {ports[0]} to {ports[-1]} are taken"
    raise UserError(f"{host}: {taken}; name another one with --port, or leave it out for the next that is free")


def address(listening: socket.socket, host: str) -> str:
    """Where a browser finds the page."""
    name = "127.0.0.1" if host in ("0.0.0.0", "") else "[::1]" if host == "::" else f"[{host}]" if ":" in host else host
    return f"http://{name}:{listening.getsockname()[1]}/"


def serve(app: FastAPI, listening: socket.socket, started: Callable[[], None]) -> None:
    """Answer until Ctrl-C.

    Args:
        app: that answers.
        listening: where.
        started: called when the page can be opened.
    """
    config = uvicorn.Config(
        app,
        access_log=False,  # names of files are nobody's business
        log_level="warning",
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=2,
        server_header=False,
        ws="none",
        lifespan="off",
    )

    class Server(uvicorn.Server):
        """Tells when it answers."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started()

    with suppress(KeyboardInterrupt):  # which is how it ends
        Server(config).run(sockets=[listening])


def open_browser(url: str) -> None:
    """Show the page, where there is a browser."""
    webbrowser.open(url)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
