"""The log: lines for people or JSON objects for machines, on standard error, of every library alike.

The standard library's formatters do it all; only what strangers wrote must not reach a terminal's controls.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Mapping
from typing import Any, Literal, get_args

from db.errors import ConfigError
from monitor.telling import clean

Format = Literal["text", "json"]
FORMAT, LEVEL = "DRAWDOWN_LOG_FORMAT", "DRAWDOWN_LOG"  # environment variables


class Plain(logging.Formatter):
    """A line for people: time (UTC), level, message; below it what was raised."""

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")
        self.converter = time.gmtime

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The line itself."""
        record.message = clean.line(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """A traceback, its lines as they are indented."""
        lines = super().formatException(ei).splitlines()
        return "\n".join(line[: len(line) - len(line.lstrip(" "))] + clean.line(line) for line in lines)


class Json(Plain):
    """An object a line: time, level, logger, message, and exception where something was raised."""

    def format(self, record: logging.LogRecord) -> str:
        """The whole line."""
        message = clean.line(record.getMessage())
        said = {"time": self.formatTime(record), "level": record.levelname, "logger": record.name, "message": message}
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False)


_handler = logging.StreamHandler()


def begin(environ: Mapping[str, str] = os.environ) -> None:
    """Log from here on as the environment says, before there is a configuration. Raises ConfigError."""
    _handler.setFormatter(Plain())
    logging.captureWarnings(True)
    logging.basicConfig(level=_level(environ), handlers=[_handler])
    use(None, environ)


def use(configured: Format | None, environ: Mapping[str, str] = os.environ) -> None:
    """Log in the format that the environment names, else in the configured one. Raises ConfigError."""
    chosen = environ.get(FORMAT) or configured or "text"
    if chosen not in get_args(Format):
        raise ConfigError("is text or json", where=FORMAT)
    _handler.setFormatter(Json() if chosen == "json" else Plain())


def told(line: str) -> str:
    """What a command says to whoever called it, as it goes to standard error: an object where the log is such."""
    if not isinstance(_handler.formatter, Json):
        return f"drawdown: {line}"
    return _handler.format(logging.LogRecord("drawdown", logging.ERROR, "", 0, line, None, None))


def _level(environ: Mapping[str, str]) -> str:
    level = (environ.get(LEVEL) or "WARNING").upper()
    if level not in logging.getLevelNamesMapping():
        raise ConfigError("is DEBUG, INFO, WARNING, ERROR or CRITICAL", where=LEVEL)
    return level
