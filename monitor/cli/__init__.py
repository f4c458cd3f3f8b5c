"""The command line: `drawdown`. Exit 0 done, 1 something is wrong and said, 2 wrong usage; times are UTC.

Commands are thin: they open what they need, call the rooms, and print. Each group has a file of its own.
"""

from __future__ import annotations

import logging
import os
import sys

from db.errors import DrawdownError
from monitor.cli import exports, mutes, reports, rulings, run, setup, sources, texts, upkeep
from monitor.cli.app import app, complain, fail
from monitor.telling import clean

__all__ = ["app", "main"]

for group in (setup, run, reports, sources, exports, rulings, mutes, upkeep, texts):
    group.register(app)


class _Plain(logging.Formatter):
    """Log lines in which nothing that strangers wrote can reach the terminal's controls."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        record.message = clean.line(record.message)
        return super().formatMessage(record)


def main() -> None:
    """The entry point: every error that a person can mend is one line on stderr and exit 1."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Plain("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=os.environ.get("DRAWDOWN_LOG", "WARNING").upper(), handlers=[handler])
    try:
        app()
    except DrawdownError as error:
        fail(str(error))
    except KeyboardInterrupt:
        complain("stopped")
        sys.exit(130)
    except BrokenPipeError:  # `drawdown changes | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        fail(f"{error.filename or 'the system'}: {error.strerror or error}")
