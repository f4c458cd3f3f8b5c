"""Articles that lose much of their text: an editor's doing, or a redesign's that hides it from the extraction? Pure.

Of one article alone nobody can tell. So what it no longer says is held until the article has been looked at again, and
so many others of its source that a redesign would show in them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from db.records import Loss, LossVerdict, SourceHealth
from scrapers.faring import FORGOTTEN, LEAST_SHRUNK, RECENT, SHRUNK

NEW = 0.1  # share of words that a text may have beyond those of a longer one and still be called a part of it


def lost(before: str, after: str) -> bool:
    """Whether a text is hardly more than a part of an earlier one, and much shorter: one that was rewritten is none."""
    if len(after) > SHRUNK * len(before):
        return False
    words = after.split()
    return (Counter(words) - Counter(before.split())).total() <= NEW * len(words)


def judge(losses: Sequence[Loss], health: SourceHealth, at: datetime) -> dict[int, LossVerdict]:
    """The verdicts that a pass which ended at `at` allows, by version; of others a later pass must tell.

    losses: of the source's articles, those that wait. health: after the pass.
    """
    if health.shrunk_since is not None:
        return {loss.version_id: LossVerdict.REDESIGNED for loss in losses}
    edited = (loss for loss in losses if _edited(loss, sum(abs(o.since - loss.since) <= RECENT for o in losses), at))
    return {loss.version_id: LossVerdict.EDITED for loss in edited}


def _edited(loss: Loss, lost: int, at: datetime) -> bool:
    """Whether an article was seen again without its text, and enough others with theirs. lost: how many lost it then.

    A redesign is noticed within a day; after that, those that kept their text need only not be fewer.
    """
    if loss.last_seen_at <= loss.since:
        return False
    if at - loss.since > RECENT:
        return lost == 1 or loss.kept >= lost
    return loss.kept >= LEAST_SHRUNK * lost


def came_back(before: SourceHealth, after: SourceHealth, at: datetime) -> bool:
    """Whether a source was shrunk and has its text again, rather than that the less counts as usual now."""
    since = before.shrunk_since
    return since is not None and after.shrunk_since is None and at - since <= FORGOTTEN
