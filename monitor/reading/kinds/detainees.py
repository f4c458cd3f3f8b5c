"""Claims of kind `detainees`: how many prisoners were moved out of the country. Never a troop figure."""

from __future__ import annotations

from collections.abc import Iterator

from db.records import Claim, Kind
from monitor.reading.counting import claims_of
from monitor.reading.examples import Example
from monitor.reading.figures import Passage

SUBJECT = "isis-detainees"
EXAMPLES = (
    Example(
        "en",
        "2026-02-23",
        "US forces transferred more than 5,700 ISIS detainees from Syria to Iraq.",
        ({"subject": SUBJECT, "low": 5700, "high": None, "modality": "asserted"},),
    ),
    Example("en", "2026-02-23", "About 900 US soldiers guard the prisons."),
    Example(
        "ar",
        "2026-02-23",
        "نقل الجيش الأمريكي ما يزيد على 4200 معتقل من تنظيم داعش من سوريا إلى العراق.",
        ({"low": 4200, "high": None, "modality": "asserted"},),
    ),
    Example("ar", "2026-02-23", "غادر نحو 900 جندي أمريكي البلاد."),
)


def detainees(passage: Passage) -> Iterator[Claim]:
    """All counts of prisoners moved, in order."""
    yield from claims_of(passage, Kind.DETAINEES, SUBJECT)
