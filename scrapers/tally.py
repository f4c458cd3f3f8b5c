"""What one pass over a source did, counted while it runs."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from db.errors import StoreError
from db.records import CrawlResult, Outcome, Sighting, Trouble
from scrapers.plain import printable

log = logging.getLogger(__name__)

_MOST_ERRORS = 20
_GOOD = (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.OFF_TOPIC)
_DOWN = {Trouble.UNREACHABLE, Trouble.SLOW, Trouble.BUSY, Trouble.SERVER, Trouble.BUDGET}

_LONGEST_URL = 350  # characters that are told of an address, so that the reason behind it is told too


def _cut(url: str) -> str:
    return url if len(url) <= _LONGEST_URL else f"{url[: _LONGEST_URL - 1]}…"


class Tally:
    """Counts articles by what became of them, and keeps a line for each thing that went wrong.

    again: addresses of the stored articles that are asked for again. answers: the HTTP status that the site gave for
    an article. listed: addresses that the ways in list, with the newest date shown. ways, blind: ways in that could be
    read, and whether one could not. sightings: articles whose page came whole and says what is stored. store_error: the
    store's fault that ended the pass, if one did. stopped: whether it was cut short on purpose.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.fetched = 0
        self.outcomes: Counter[Outcome] = Counter()
        self.troubles: Counter[Trouble] = Counter()
        self.errors: list[str] = []
        self.again: set[str] = set()
        self.answers: dict[str, int] = {}
        self.listed: dict[str, datetime | None] = {}
        self.sightings: list[Sighting] = []
        self.ways = 0
        self.blind = False
        self.store_error: StoreError | None = None
        self.stopped = False
        self._refusals: list[str] = []
        self._again_bad = 0

    def count(self, outcome: Outcome) -> None:
        """One more article came to this."""
        self.outcomes[outcome] += 1

    def note_listed(self, entries: Iterable[tuple[str, datetime | None]]) -> None:
        """A way in lists these addresses, each with its date if it shows one."""
        for url, dated in entries:
            before = self.listed.get(url)
            self.listed[url] = max(before, dated) if before and dated else before or dated

    def refuse(self, url: str, reason: str, trouble: Trouble = Trouble.UNREADABLE) -> None:
        """One article was not asked for, or is none; it becomes no version."""
        self._bad(Outcome.REFUSED, url, trouble)
        url, reason = _cut(printable(url)), printable(reason)
        self._refusals.append(f"{url}: {reason}")
        log.warning("%s: %s refused: %s", self.source, url, reason)

    def fail(self, url: str, reason: str, trouble: Trouble = Trouble.UNREADABLE) -> None:
        """One article could not be had; the next pass may bring it."""
        self._bad(Outcome.FAILED, url, trouble)
        self._say(url, reason)

    def fault(self, url: str, reason: str, trouble: Trouble = Trouble.UNREADABLE) -> None:
        """A way in failed, or the pass itself."""
        self.blind = True
        self.troubles[trouble] += 1
        self._say(url, reason)

    def _bad(self, outcome: Outcome, url: str, trouble: Trouble) -> None:
        self.count(outcome)
        self.troubles[trouble] += 1
        self._again_bad += url in self.again

    def _say(self, url: str, reason: str) -> None:
        url, reason = _cut(printable(url)), printable(reason)
        log.warning("%s: %s failed: %s", self.source, url, reason)
        self.errors.append(f"{url}: {reason}")

    @property
    def idle(self) -> bool:
        """Whether nothing at all has come of the pass."""
        return not self.outcomes and not self.errors

    @property
    def host_is_down(self) -> bool:
        """Whether no way in could be read, for a reason that holds for articles too."""
        return not self.ways and bool(_DOWN & set(self.troubles))

    @property
    def unlisted(self) -> set[str]:
        """Articles asked for again of which it is sure that no way in lists them any more."""
        return set() if self.blind or self.stopped else self.again - set(self.listed)

    def dated(self, latest: datetime) -> dict[str, datetime]:
        """Listed addresses with the newest date shown; dates after `latest` are mistakes."""
        return {url: date for url, date in self.listed.items() if date is not None and date <= latest}

    def result(self, at: datetime) -> CrawlResult:
        """The pass as a record. Refusals are errors only where nothing good came at all: then they are the cause.

        at: when it ended; dates that a way in shows for later are no news.
        """
        good = sum(self.outcomes[outcome] for outcome in _GOOD)
        errors = self.errors if good else [*self.errors, *self._refusals]
        dates = self.dated(at).values()
        return CrawlResult(
            source=self.source,
            fetched=self.fetched,
            unchanged=self.outcomes[Outcome.UNCHANGED],
            new=self.outcomes[Outcome.NEW],
            changed=self.outcomes[Outcome.CHANGED],
            off_topic=self.outcomes[Outcome.OFF_TOPIC],
            refused=self.outcomes[Outcome.REFUSED],
            failed=self.outcomes[Outcome.FAILED],
            gone=self.outcomes[Outcome.GONE],
            errors=tuple(errors[:_MOST_ERRORS]),
            refusal=next(iter(self._refusals), ""),
            ways=self.ways,
            blind=self.blind,
            again=self._again_bad,
            troubles=dict(self.troubles),
            newest=max(dates, default=None),
            days=tuple(sorted({f"{date:%Y-%m-%d}" for date in dates})),
        )
