"""Claims of kind `convoy`: how many vehicles went into a base or the country, or out of it."""

from __future__ import annotations

from collections.abc import Iterator

from db.records import Claim, Kind
from monitor.reading.counting import claims_of
from monitor.reading.figures import Passage


def convoys(passage: Passage) -> Iterator[Claim]:
    """All convoys that are counted, in order."""
    yield from claims_of(passage, Kind.CONVOY, passage.cues.topic.whole(Kind.CONVOY), sited=True)
