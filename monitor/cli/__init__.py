"""The command line: `drawdown`. Exit 0 done, 1 something is wrong and said, 2 wrong usage; times are UTC.

Commands are thin: they open what they need, call the rooms, and print. Each group has a file of its own.
"""

from __future__ import annotations

import os
import sys

from db.errors import DrawdownError
from monitor import logs
from monitor.cli import backups, exports, mutes, reports, rulings, run, setup, sources, texts, upkeep
from monitor.cli.app import app, complain, fail

__all__ = ["app", "main"]

for group in (setup, run, reports, sources, exports, rulings, mutes, upkeep, backups, texts):
    group.register(app)


def main() -> None:
    """The entry point: every error that a person can mend is one line on stderr and exit 1."""
    try:
        logs.begin()
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
