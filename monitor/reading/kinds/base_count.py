"""Claims of kind `base_count`: how many bases there are, remain, were left, or are to be."""

from __future__ import annotations

from collections.abc import Iterator

from db.records import Claim, Kind
from monitor.reading.counting import claims_of
from monitor.reading.figures import Passage


def base_counts(passage: Passage) -> Iterator[Claim]:
    """All counts of bases, in order."""
    yield from claims_of(passage, Kind.BASE_COUNT, passage.cues.topic.whole(Kind.BASE_COUNT))
