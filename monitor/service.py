"""What the daemon says to the service manager that started it: that it is ready, alive, stopping, and at what.

The protocol is sd_notify(3): a datagram of `NAME=value` lines to the socket that the environment names. systemd's own
binding has to be built against its headers, and the others on offer are no shorter than this and less kept.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Mapping

from monitor.telling import clean

log = logging.getLogger(__name__)

LONGEST = 300  # characters of a status


class Service:
    """A service manager that wants to be told; nothing is said where there is none. Nobody waits for it."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address

    def ready(self) -> None:
        """The start is over."""
        self._say("READY=1")

    def alive(self) -> None:
        """The loop goes round; where this stays out, a watchdog starts the daemon anew."""
        self._say("WATCHDOG=1")

    def stopping(self) -> None:
        """The end has begun."""
        self._say("STOPPING=1")

    def status(self, text: str) -> None:
        """What it is at, in one line; what strangers wrote in it can begin no other."""
        self._say(f"STATUS={clean.cut(clean.line(text), LONGEST)}")

    def _say(self, line: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
                out.setblocking(False)
                out.sendto(line.encode(), self._address)
        except OSError as error:
            log.debug("the service manager was not told %s: %s", line, error)
