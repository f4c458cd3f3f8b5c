"""One version taken through knowing, for one subject that it speaks of or fell silent about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from db.records import BaselineFact, Change, Evidence, KnownFact, Ruling
from monitor.knowing.changes import Told, compare
from monitor.knowing.fold import Folded, fold
from monitor.knowing.rules import Rules
from monitor.knowing.weighed import Memo


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What was known before and after a version, and the changes between."""

    before: Folded
    after: Folded
    changes: tuple[Change, ...]


def evidence_before(
    evidence: Sequence[Evidence],
    withdrawn: Sequence[Evidence],
    version: Told,
    *,
    fresh: Collection[int] | None = None,
) -> list[Evidence]:
    """The live claims as they stood before a version: without those new in it, with those that it withdrew.

    fresh: ids of the version's claims that carry no claim of the version before; when None, those are meant whose
    recorded time is the version's own.
    """

    def is_new(item: Evidence) -> bool:
        if item.version_id != version.id:
            return False
        return item.id in fresh if fresh is not None else item.at >= version.seen_at

    stood = [item for item in evidence if not is_new(item)]
    return [*stood, *(replace(item, withdrawn_at=None) for item in withdrawn)]


def step(
    version: Told,
    *,
    evidence: Sequence[Evidence],
    withdrawn: Sequence[Evidence],
    baseline: BaselineFact | None,
    rules: Rules,
    at: datetime,
    fresh: Collection[int] | None = None,
    rulings: Sequence[Ruling] = (),
    before: Folded | None = None,
    memo: Memo | None = None,
    beside: Sequence[KnownFact] = (),
) -> Step:
    """Fold one subject's live claims before and after a version, both as of `at`, and tell what changed.

    evidence: the live claims of one kind and subject, this version's included. withdrawn: those of the same kind
    and subject that this version withdrew. rulings: every person's word on the subject. before: the
    subject folded without this version, where that is known and would be the same as of `at`. memo: see `fold`.
    beside: see `compare`.
    """
    memo = {} if memo is None else memo
    if before is None:
        stood = evidence_before(evidence, withdrawn, version, fresh=fresh)
        before = fold(stood, baseline, rules=rules, at=at, rulings=rulings, memo=memo)
    after = fold(evidence, baseline, rules=rules, at=at, rulings=rulings, memo=memo)
    changes = compare(
        before, after, version=version, evidence=evidence, withdrawn=withdrawn, rules=rules, at=at, beside=beside
    )
    return Step(before=before, after=after, changes=tuple(changes))
