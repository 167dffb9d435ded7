"""Guard: stands before every request. Other web pages that the person has open must not reach the server."""

import asyncio
import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gcnet_core.serve.desk import Deadline, Desk, Refused

HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}
"""Of every answer: no script but the page's own, no other page around it, nothing kept by the browser."""


class Guard:
    """Refuses what comes from elsewhere or is too large, and lets in as many requests as the desk has places.

    Args:
        app: that answers.
        desk: with the limits.
        hosts: names by which this server may be called; addresses always may.
    """

    def __init__(self, app: ASGIApp, desk: Desk, hosts: Collection[str]) -> None:
        self.app, self.desk = app, desk
        self.hosts = {"localhost", *(host.lower() for host in hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        try:
            self._check_sender(Headers(scope=scope), scope["method"])
            if scope["method"] in ("GET", "HEAD"):
                await self.app(scope, receive, send_guarded)
                return
            self._check_length(Headers(scope=scope))
            with self.desk.place() as deadline:
                scope.setdefault("state", {})["deadline"] = deadline
                await self.app(scope, self._limited(receive, deadline), send_guarded)
        except Refused as refused:
            await refusal(refused)(scope, receive, send_guarded)

    def _check_sender(self, headers: Headers, method: str) -> None:
        """A page of another site can send requests here, or can let its own name point to this machine."""
        host = headers.get("host", "")
        if not self._is_own(host):
            raise Refused(421, "this server does not go by that name; `--allow-host NAME` lets it")
        origin = headers.get("origin")
        foreign = origin is not None and urlsplit(origin).netloc.lower() != host.lower()
        if method not in ("GET", "HEAD") and (foreign or headers.get("sec-fetch-site") in ("cross-site", "same-site")):
            raise Refused(403, "requests of other web pages are not answered")

    def _is_own(self, host: str) -> bool:
        try:
            name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        except ValueError:
            return False
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return name in self.hosts
        return True  # no foreign name can stand for an address

    def _check_length(self, headers: Headers) -> None:
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self.desk.limits.body:
            raise self._too_large()

    def _too_large(self) -> Refused:
        return Refused(413, f"a request may have {self.desk.limits.megabytes:g} MB; send fewer pictures at a time")

    def _limited(self, receive: Receive, deadline: Deadline) -> Receive:
        """Counts the body, whose announced length may be wrong or missing, and does not wait for it for ever."""
        size = 0

        async def limited() -> Message:
            nonlocal size
            try:
                message = await asyncio.wait_for(receive(), deadline.left)
            except TimeoutError as error:
                raise HTTPException(408, "the request came too slowly") from error
            size += len(message.get("body", b""))
            if size > self.desk.limits.body:
                raise HTTPException(413, self._too_large().detail)
            return message

        return limited


def refusal(refused: Refused) -> JSONResponse:
    """The answer to a request that is not answered."""
    headers = {} if refused.retry is None else {"retry-after": str(refused.retry)}
    return JSONResponse({"detail": refused.detail}, refused.status, headers)
