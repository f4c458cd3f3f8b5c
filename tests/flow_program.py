"""The program as a process of its own that dies, as by `kill -9`, the moment it is about to do one thing.

Usage: flow_program.py STAGE ARGUMENTS...    STAGE: a key of STAGES, or "none"
"""

import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

STAGES = {
    "halfway": ("db.versions", "save_page"),  # some pages are stored, another is written, not committed
    "fetched": ("db.versions", "save_page"),  # a page is here, nothing of it is stored
    "stored": ("db.versions", "save_claims"),  # the version is stored, no claim is
    "read": ("monitor.process", "step"),  # claims are stored, no fact is
    "folded": ("db.knowledge", "mark_folded"),  # facts, changes and outbox rows are written, not committed
    "told": ("db.outbox", "lease"),  # all is committed, nothing is sent
    "sending": ("monitor.telling.notify", "Notifier.send"),  # leased, not sent
    "sent": ("db.outbox", "mark_sent"),  # sent, not marked: the one window in which an alert may come twice
}


HALFWAY = 5  # calls that are done before it dies in that stage


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying(call: Callable[..., Any]) -> Callable[..., Any]:
    """The call, that kills the program when it has been made so often, before its transaction ends."""
    left = HALFWAY

    def last(*args: Any, **kwargs: Any) -> Any:
        nonlocal left
        done = call(*args, **kwargs)
        left -= 1
        if not left:
            die()
        return done

    return last


def main(stage: str, arguments: list[str]) -> None:
    if stage != "none":
        module, name = STAGES[stage]
        owner = import_module(module)
        *path, last = name.split(".")
        for part in path:
            owner = getattr(owner, part)
        call = getattr(owner, last)
        assert callable(call), f"{module}.{name} is gone: this stage would test nothing"
        setattr(owner, last, dying(call) if stage == "halfway" else die)
    sys.argv = ["drawdown", *arguments]
    from monitor.cli import main as drawdown

    drawdown()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
