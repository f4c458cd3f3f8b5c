"""Which of the entries that a way in lists are worth a request, as far as the topic goes. Nothing here fetches."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from scrapers.spiders.feeds import Entry

TELLING = 15  # words of a summary that make it tell whether the article is on the topic; a headline alone does not


def by_topic(
    entries: Sequence[Entry], about: Callable[[str], bool] | None, *, passed: Collection[str] = ()
) -> tuple[list[Entry], list[Entry]]:
    """The entries that are on the topic by what is said of them; and those of which too little is said.

    The text of the latter decides, once: `passed` are the addresses whose text has. about: None takes everything.
    """
    if about is None:
        return list(entries), []
    sure = {entry.url: entry for entry in entries if about(entry.said)}
    unsure = [e for e in entries if e.url not in sure and e.url not in passed and len(e.summary.split()) < TELLING]
    return list(sure.values()), unsure
