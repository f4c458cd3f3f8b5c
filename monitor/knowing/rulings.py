"""A person's word in the folding: it stands above all claims until it is released, and is shown as such.

Confirmed: one more voice, of full weight, for that value at that time; what comes later moves the fact on, as ever.
Rejected: the claims behind a change, of those voices and about that time, count for nothing.
Pinned: what is held of a base, whatever is claimed. Claims published since then that say otherwise make it contested.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from db.records import (
    Figure,
    Kind,
    KnownFact,
    Modality,
    Period,
    Position,
    Ruling,
    Slot,
    StatusValue,
    Value,
    Verdict,
    iso,
)
from monitor.knowing.intervals import interval, overlap
from monitor.knowing.position import comparable
from monitor.knowing.rules import Rules, SpeakerKind
from monitor.knowing.statuses import same_status
from monitor.knowing.weighed import PERSON, SetAside, Weighed

SURE = "A1"  # the Admiralty pair of a person's word


def without_rejected(
    claims: Iterable[Weighed], rulings: Sequence[Ruling], rules: Rules
) -> tuple[list[Weighed], list[SetAside]]:
    """The claims that count, and those that a standing rejection sets aside, with its words."""
    rejections = [ruling for ruling in rulings if ruling.verdict is Verdict.REJECT]
    kept: list[Weighed] = []
    aside: list[SetAside] = []
    for claim in claims:
        by = next((ruling for ruling in rejections if _is_rejected(claim, ruling, rules)), None)
        if by is None or claim.claim_id is None:
            kept.append(claim)
        else:
            reason = f"rejected by {by.who}, {iso(by.at)}: {by.because}"
            aside.append(SetAside(claim_id=claim.claim_id, reason=reason))
    return kept, aside


def _is_rejected(claim: Weighed, ruling: Ruling, rules: Rules) -> bool:
    """Whether a claim says what was rejected: the same voices, the same value, about no later day than the ruling's."""
    if claim.origin not in ruling.origins or claim.modality is Modality.DENIED:
        return False
    return _same(claim.value, ruling.value, rules) and claim.first <= Period.parse(ruling.since).last


def _same(one: Value, other: Value, rules: Rules) -> bool:
    """Whether two values say the same; figures, whether both can be true."""
    match one, other:
        case StatusValue(), StatusValue():
            return same_status(one, other)
        case Figure(), Figure():
            return one.role is other.role and overlap(interval(one, rules), interval(other, rules))
    return one == other


def confirmed(rulings: Iterable[Ruling], day: date) -> list[Weighed]:
    """The voices of those who confirmed a change. day: the last day that a claim may be about."""
    return [_voice(ruling, day) for ruling in rulings if ruling.verdict is Verdict.CONFIRM]


def _voice(ruling: Ruling, day: date) -> Weighed:
    period = Period.parse(ruling.since)
    first = min(period.first, day)
    return Weighed(
        claim_id=None,
        value=ruling.value,
        modality=Modality.ASSERTED,
        origin=PERSON,
        source=f"confirmed by {ruling.who}",
        reliability=SURE[0],
        speaker=ruling.who,
        speaker_kind=SpeakerKind.OFFICIAL,
        weight=1.0,
        factors=((PERSON, 1.0),),
        first=first,
        last=max(first, min(period.last, day)),
        dated=True,
        published=ruling.at,
        old=False,
        article=ruling.source,
        date_text=ruling.since,
        key=(ruling.at.astimezone(UTC).isoformat(), "", f"{ruling.id or 0:09d}"),
    )


def pinned(
    fact: KnownFact | None, claims: Iterable[Weighed], rulings: Sequence[Ruling], *, rules: Rules, at: datetime
) -> KnownFact | None:
    """The fact as the last standing pin has it; what the claims have it to be stands against it."""
    pins = [ruling for ruling in rulings if ruling.verdict is Verdict.PIN]
    if not pins:
        return fact
    pin = pins[-1]
    sides = (fact.held, *fact.rivals) if fact is not None else ()
    same = next((side for side in sides if _same(side.value, pin.value, rules)), None)
    others = tuple(side for side in sides if not _same(side.value, pin.value, rules))
    since = {claim.claim_id for claim in claims if claim.published > pin.at}
    doubts = [side for side in others if since & {support.claim_id for support in side.support}]
    contested = any(comparable(1.0, side.confidence, rules.comparable) for side in doubts)
    held = Position(
        value=pin.value,
        since=pin.since,
        confidence=1.0,
        credibility=f"{SURE[0]}4" if contested else SURE,
        origins=(same.origins if same else 0) + 1,
        support=same.support if same else (),
        source=f"pinned by {pin.who}" + (f", {pin.source}" if pin.source else ""),
    )
    return KnownFact(
        kind=Kind.BASE_STATUS,
        subject=pin.subject,
        slot=Slot.FACT,
        held=held,
        contested=contested,
        rivals=(*doubts, *(side for side in others if side not in doubts)),
        recorded_at=at,
    )
