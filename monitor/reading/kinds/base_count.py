"""Claims of kind `base_count`: how many bases there are, remain, were left, or are to be."""

from __future__ import annotations

from collections.abc import Iterator

from db.records import Claim, Kind
from monitor.reading.counting import claims_of
from monitor.reading.examples import Example
from monitor.reading.figures import Passage

SUBJECT = "us-bases-"
EXAMPLES = (
    Example(
        "en",
        "2026-02-17",
        "US forces have vacated 28 bases and points in Syria since 2025, the centre said.",
        ({"subject": f"{SUBJECT}syria", "role": "vacated", "low": 28, "modality": "asserted"},),
    ),
    Example("en", "2026-02-17", "Russia keeps two bases on the coast and 2,000 men."),
    Example(
        "ar",
        "2026-02-17",
        "انسحبت القوات الأمريكية من 28 قاعدة في سوريا منذ عام 2025.",
        ({"role": "vacated", "low": 28, "modality": "asserted"},),
    ),
    Example("ar", "2026-02-17", "دخلت 28 شاحنة إلى القاعدة."),
)


def base_counts(passage: Passage) -> Iterator[Claim]:
    """All counts of bases, in order."""
    yield from claims_of(passage, Kind.BASE_COUNT, f"{SUBJECT}{passage.cues.topic.id}")
