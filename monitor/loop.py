"""Scrapy's reactor on asyncio's loop, for one coroutine from beginning to end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from scrapers.crawl import install_reactor

T = TypeVar("T")


def run_in_reactor(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `main()` inside the reactor and return its result; its exception is raised here.

    The reactor runs once a process. Signals are left to `main`: Twisted's own handlers would cut crawls short.
    """
    install_reactor()
    from twisted.internet import reactor  # only after install_reactor

    running: Any = reactor  # a module that is an object: its methods are not seen by type checkers
    outcome: asyncio.Future[T] | None = None

    def start() -> None:
        nonlocal outcome
        outcome = asyncio.ensure_future(main())
        outcome.add_done_callback(lambda _: running.stop())

    running.callWhenRunning(start)
    running.run(installSignalHandlers=False)
    if outcome is None:
        raise RuntimeError("the reactor stopped before it began")
    return outcome.result()
