"""Claims of kind `convoy`: how many vehicles went into a base or the country, or out of it."""

from __future__ import annotations

from collections.abc import Iterator

from db.records import Claim, Kind
from monitor.reading.counting import claims_of
from monitor.reading.examples import Example
from monitor.reading.figures import Passage

SUBJECT = "us-presence-"
EXAMPLES = (
    Example(
        "en",
        "2026-02-23",
        "A US convoy of 60 trucks entered the Qasrak base from Iraq.",
        ({"subject": "qasrak", "direction": "in", "low": 60, "modality": "asserted"},),
    ),
    Example("en", "2026-02-23", "About 60 US soldiers are in the base."),
    Example(
        "ar",
        "2026-02-23",
        "دخلت نحو 60 شاحنة أمريكية إلى قاعدة قسرك قادمة من العراق.",
        ({"subject": "qasrak", "direction": "in", "low": 60, "modality": "asserted"},),
    ),
    Example("ar", "2026-02-23", "لا يزال 60 جندياً في القاعدة."),
)


def convoys(passage: Passage) -> Iterator[Claim]:
    """All convoys that are counted, in order."""
    yield from claims_of(passage, Kind.CONVOY, f"{SUBJECT}{passage.cues.topic.id}", sited=True)
