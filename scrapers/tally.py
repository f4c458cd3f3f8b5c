"""What one pass over a source did, counted while it runs."""

from __future__ import annotations

import logging
from collections import Counter

from db.errors import StoreError
from db.records import CrawlResult, Outcome
from scrapers.plain import printable

log = logging.getLogger(__name__)

_MOST_ERRORS = 20
_GOOD = (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.OFF_TOPIC)


class Tally:
    """Counts articles by what became of them, and keeps a line for each thing that went wrong.

    store_error: the store's fault that ended the pass, if one did. stopped: whether it was cut short on purpose.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.fetched = 0
        self.outcomes: Counter[Outcome] = Counter()
        self.errors: list[str] = []
        self.store_error: StoreError | None = None
        self.stopped = False
        self._refusals: list[str] = []

    def count(self, outcome: Outcome) -> None:
        """One more article came to this."""
        self.outcomes[outcome] += 1

    def refuse(self, url: str, reason: str) -> None:
        """One article was not asked for, or is none; it becomes no version."""
        self.count(Outcome.REFUSED)
        url, reason = printable(url), printable(reason)
        self._refusals.append(f"{url}: {reason}")
        log.warning("%s: %s refused: %s", self.source, url, reason)

    def fail(self, url: str, reason: str) -> None:
        """One article could not be had; the next pass may bring it."""
        self.count(Outcome.FAILED)
        self.fault(url, reason)

    def fault(self, url: str, reason: str) -> None:
        """A way in, or an article, failed."""
        url, reason = printable(url), printable(reason)
        log.warning("%s: %s failed: %s", self.source, url, reason)
        self.errors.append(f"{url}: {reason}")

    @property
    def idle(self) -> bool:
        """Whether nothing at all has come of the pass."""
        return not self.outcomes and not self.errors

    def result(self) -> CrawlResult:
        """The pass as a record. Refusals are errors only where nothing good came at all: then they are the cause."""
        good = sum(self.outcomes[outcome] for outcome in _GOOD)
        errors = self.errors if good else [*self.errors, *self._refusals]
        return CrawlResult(
            source=self.source,
            fetched=self.fetched,
            unchanged=self.outcomes[Outcome.UNCHANGED],
            new=self.outcomes[Outcome.NEW],
            changed=self.outcomes[Outcome.CHANGED],
            off_topic=self.outcomes[Outcome.OFF_TOPIC],
            refused=self.outcomes[Outcome.REFUSED],
            failed=self.outcomes[Outcome.FAILED],
            errors=tuple(errors[:_MOST_ERRORS]),
        )
