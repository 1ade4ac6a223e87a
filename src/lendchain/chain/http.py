"""JSON-RPC over one kept connection, in batches."""

from __future__ import annotations

import base64
import http.client
import socket
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from lendchain.chain.errors import NodeUnreachableError
from lendchain.chain.ports import Call, Reply
from lendchain.i18n import _

MAX_CALLS_A_POST: Final = 500
MAX_BYTES_A_POST: Final = 1_500_000  # under the 2 MB that nodes commonly take


class HttpTransport:
    """A keep-alive HTTP client for one node. Not for use by two threads at once: give each its own."""

    def __init__(self, url: str, *, timeout: float = 60.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise NodeUnreachableError(_("Not an http(s) address: {url}").format(url=url))
        self.url = url
        self._secure = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._timeout = timeout
        self._headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if parts.username is not None:
            token = base64.b64encode(f"{parts.username}:{parts.password or ''}".encode()).decode()
            self._headers["Authorization"] = f"Basic {token}"
        self._connection: http.client.HTTPConnection | None = None

    def post(self, calls: Sequence[Call]) -> list[Reply]:
        """Carry the calls, in as many requests as the limits on size ask for."""
        replies: list[Reply] = []
        pending: list[bytes] = []
        size = 0
        for call in calls:
            body = _encode(call, len(pending))
            if pending and (len(pending) == MAX_CALLS_A_POST or size + len(body) > MAX_BYTES_A_POST):
                replies += self._exchange(pending)
                pending, size = [], 0
                body = _encode(call, 0)
            pending.append(body)
            size += len(body) + 1
        if pending:
            replies += self._exchange(pending)
        return replies

    def close(self) -> None:
        """Drop the connection; the next call opens a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange(self, bodies: list[bytes]) -> list[Reply]:
        payload = bodies[0] if len(bodies) == 1 else b"[" + b",".join(bodies) + b"]"
        try:
            answer = orjson.loads(self._send(payload))
        except orjson.JSONDecodeError as error:
            self.close()
            raise self._unreachable(error) from error
        if isinstance(answer, dict) and len(bodies) > 1:  # the whole batch was refused
            return [_reply(answer)] * len(bodies)
        items = answer if isinstance(answer, list) else [answer]
        by_id = {item.get("id"): item for item in items if isinstance(item, dict)}
        missing = {"error": {"code": -32603, "message": "no reply to this call"}}
        return [_reply(by_id.get(index, missing)) for index in range(len(bodies))]

    def _send(self, payload: bytes) -> bytes:
        fresh = self._connection is None
        try:
            return self._round_trip(payload)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError) as error:
            self.close()
            if fresh:
                raise self._unreachable(error) from error
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise self._unreachable(error) from error
        try:  # a kept connection that the node had closed meanwhile; every call we make may be made twice
            return self._round_trip(payload)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise self._unreachable(error) from error

    def _round_trip(self, payload: bytes) -> bytes:
        connection = self._connection or self._open()
        connection.request("POST", self._path, payload, self._headers)
        response = connection.getresponse()
        body = response.read()
        if response.status >= 400 and not body.lstrip().startswith((b"{", b"[")):
            raise http.client.HTTPException(f"HTTP {response.status}")
        return body

    def _open(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=self._timeout)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = connection
        return connection

    def _unreachable(self, error: Exception) -> NodeUnreachableError:
        text = _("The node at {url} does not answer: {reason}")
        return NodeUnreachableError(
            text.format(url=self.url, reason=str(error) or type(error).__name__),
            hint=_("Is it running? `lendchain status` shows the node; --rpc names another."),
        )


def _encode(call: Call, number: int) -> bytes:
    return orjson.dumps({"jsonrpc": "2.0", "id": number, "method": call.method, "params": call.params})


def _reply(item: dict[str, Any]) -> Reply:
    error = item.get("error")
    return Reply(error=error) if error is not None else Reply(result=item.get("result"))
