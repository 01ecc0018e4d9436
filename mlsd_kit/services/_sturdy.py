"""What every served app is protected from: endless bodies, clients that never finish a request.

Handlers then see whole bodies of a bounded size, and what a client sent wrong is answered with a
4xx, also where the answer would repeat what no JSON can hold.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

PATIENCE = 5.0
"""Seconds from a connection's first moment, or a request's first byte, to its last one."""
SLOWEST = 100_000
"""Bytes for which a request has a second more."""
MOST_FILES = 65_536
"""Open files, and so connections, that a server asks the system for."""

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Sturdy:
    """An ASGI app behind a limit on bodies; a FastAPI app also learns to refuse what is no JSON.

    Parameters
    ----------
    app : ASGI app
    most_body : int
        Bytes. A longer body is read to its end and thrown away, so that the client hears why.
    """

    def __init__(self, app: Any, most_body: int) -> None:
        self.app, self.most_body = app, most_body
        _refuse_in_ascii(app)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        taken, started = 0, False

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.most_body:
                while message["type"] == "http.request" and message.get("more_body"):
                    message = await receive()
                raise _too_large(self.most_body)
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        if _declared(scope) > self.most_body:  # no reason to wake the app
            while (message := await receive())["type"] == "http.request":
                if not message.get("more_body"):
                    break
            await _refuse(send, _too_large(self.most_body))
            return
        try:
            await self.app(scope, bounded, noted)
        except Exception as error:
            if started or getattr(error, "status_code", None) != 413:
                raise
            await _refuse(send, error)


def _declared(scope: Message) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0


def _too_large(most: int) -> Exception:
    from starlette.exceptions import HTTPException

    return HTTPException(413, f"the body is longer than {most:,} bytes: send less at once.")


async def _refuse(send: Send, error: Any) -> None:
    text = json.dumps({"detail": error.detail}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(text))]
    await send({"type": "http.response.start", "status": error.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": text})


def _refuse_in_ascii(app: Any) -> None:
    """FastAPI repeats the input in a 422; NaN and half characters would make that a 500."""
    try:
        from fastapi import FastAPI, Request, Response
        from fastapi.exception_handlers import request_validation_exception_handler as usual
        from fastapi.exceptions import RequestValidationError
    except ImportError:
        return
    if not isinstance(app, FastAPI):
        return
    if app.exception_handlers.get(RequestValidationError) is not usual:
        return  # it has an answer of its own

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        try:
            return await usual(request, error)
        except ValueError:
            kept = [
                {name: each[name] for name in ("type", "loc", "msg")} for each in error.errors()
            ]
            return Response(
                json.dumps({"detail": kept}), status_code=422, media_type="application/json"
            )

    app.exception_handler(RequestValidationError)(refused)


class ImpatientProtocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """Closes a connection whose request is not whole in time; else each would stay for ever."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there: from now on its time runs."""
        self._end: asyncio.TimerHandle | None = None
        self._until, self._taken = 0.0, 0
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Some bytes, of which only those that complete a request stop the clock."""
        self._taken += len(data)
        super().data_received(data)
        cycle, upgraded = self.cycle, self.transport.get_protocol() is not self
        whole = cycle is not None and not cycle.more_body and not cycle.response_complete
        if whole or upgraded:
            self._stop()
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._stop()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._end is None:
            self._until, self._taken = self.loop.time() + PATIENCE, 0
            self._end = self.loop.call_at(self._until, self._give_up)

    def _stop(self) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None

    def _give_up(self) -> None:
        """Close the connection, unless enough has come meanwhile to wait for more."""
        until = self._until + self._taken / SLOWEST
        if self.loop.time() < until:
            self._end = self.loop.call_at(until, self._give_up)
        else:
            self.transport.abort()


def allow_many_connections() -> None:
    """Raise the limit of open files, which is 256 or 1024 on many systems, as far as allowed."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
