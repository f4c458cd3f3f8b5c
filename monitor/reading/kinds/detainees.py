"""Claims of kind `detainees`: how many prisoners were moved out of the country. Never a troop figure."""

from __future__ import annotations

from collections.abc import Iterator

from db.records import Claim, Kind
from monitor.reading.counting import claims_of
from monitor.reading.figures import Passage


def detainees(passage: Passage) -> Iterator[Claim]:
    """All counts of prisoners moved, in order."""
    yield from claims_of(passage, Kind.DETAINEES, passage.cues.topic.whole(Kind.DETAINEES))
