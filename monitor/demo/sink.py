"""A local SMTP server that keeps what it is sent and delivers nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from email import message_from_bytes, policy
from email.message import EmailMessage
from socket import create_server
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"


class MailSink:
    """A real SMTP server on a free port of 127.0.0.1, as long as the `with` block lasts.

    host, port: where it listens. messages: what it was sent, oldest first; it stays readable afterwards.
    Raises OSError where the machine gives it no port.
    """

    def __init__(self) -> None:
        self.host = HOST
        self.port = 0
        self._kept: list[EmailMessage] = []
        self._lock = threading.Lock()
        self._controller: _OnFreePort | None = None

    def __enter__(self) -> MailSink:
        self._controller = _OnFreePort(self)
        self._controller.start()
        self.port = self._controller.port
        return self

    def __exit__(self, *error: object) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    @property
    def messages(self) -> list[EmailMessage]:
        """A copy of what was received so far."""
        with self._lock:
            return list(self._kept)

    @property
    def url(self) -> str:
        """The sink as an Apprise URL, plain SMTP without a login."""
        return f"mailto://{self.host}:{self.port}/?from=drawdown@demo.example&to=desk@demo.example&mode=insecure"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep one message; called by aiosmtpd in its own thread."""
        content = envelope.content
        raw = content.encode() if isinstance(content, str) else content or b""
        with self._lock:
            self._kept.append(message_from_bytes(raw, policy=policy.default))
        return "250 kept"


class _OnFreePort(Controller):
    """A controller whose port is taken before its thread starts, so that nobody can take it in between."""

    def __init__(self, handler: MailSink) -> None:
        self._socket = create_server((HOST, 0))
        super().__init__(handler, hostname=HOST, port=self._socket.getsockname()[1])

    def _create_server(self) -> Coroutine[Any, Any, asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._socket)
