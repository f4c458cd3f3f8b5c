"""A claim made ready for folding: weighed, and placed in time. A claim that cannot be placed is set aside by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from math import prod

from db.records import BaselineFact, Deadline, Evidence, Modality, Period, StatusValue, Value
from monitor.knowing.rules import Rules, SpeakerKind

_DAY = timedelta(days=1)
_AHEAD = frozenset({Modality.PLANNED, Modality.POSSIBLE})  # what may speak of days to come
RULES = "rules"  # the reader of claims that the built-in reading makes
BASELINE = "baseline"
PERSON = "person"  # the origin of what a person confirmed, see `rulings`


@dataclass(frozen=True, kw_only=True, slots=True)
class SetAside:
    """A claim that counts for nothing, and why."""

    claim_id: int
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Weighed:
    """A claim with its weight and its valid time. claim_id is None for the baseline and for a person's word.

    first, last: the days that it may be about, `last` never after publication. dated: whether the text said so; an
    undated claim is about the day of its article. published: when its article came out. old: its article was old
    when it was seen. key: orders claims by what they are, never by when they came in. reader: who read it, in which
    version.
    """

    claim_id: int | None
    value: Value
    modality: Modality
    origin: str
    source: str
    reliability: str
    speaker: str | None
    speaker_kind: str
    weight: float
    factors: tuple[tuple[str, float], ...]
    first: date
    last: date
    dated: bool
    published: datetime
    old: bool
    article: str
    date_text: str
    key: tuple[str, ...]
    reader: str = RULES
    version_id: int | None = None

    @property
    def precise(self) -> bool:
        """Whether it is about one day."""
        return self.first == self.last

    @property
    def period(self) -> Period:
        """The days that it may be about."""
        return Period(first=self.first, last=self.last)


Memo = dict[int, Weighed | SetAside]


def weigh_all(
    evidence: Iterable[Evidence], rules: Rules, memo: Memo | None = None
) -> tuple[list[Weighed], list[SetAside]]:
    """Every claim weighed and placed, by key; those with impossible dates apart. The order of input is no matter.

    memo: what was weighed before, by the claim's id, under the same rules; it is added to.
    """
    good: list[Weighed] = []
    bad: list[SetAside] = []
    memo = {} if memo is None else memo
    for item in evidence:
        one = memo.get(item.id)
        if one is None:
            one = memo[item.id] = _weigh(item, rules)
        if isinstance(one, Weighed):
            good.append(one)
        else:
            bad.append(one)
    good = _agreed(good, rules)
    good = _as_their_roots(sorted(good, key=lambda c: c.key), rules)
    return good, sorted(bad, key=lambda s: s.claim_id)


def weight(evidence: Evidence, rules: Rules) -> tuple[float, tuple[tuple[str, float], ...]]:
    """A claim's weight, 0 to 1, and its factors by name: source reliability × kind of speaker × modality, × reader
    where the built-in reading did not say it, and less for a leaving in a long list without a day."""
    kind = rules.speaker_kind(evidence.claim.speaker)
    letter = evidence.reliability if evidence.reliability in rules.reliability else "F"
    word = rules.speaker_weight(evidence.claim.speaker) if rules.speaker_weight else None
    if word is None:
        word = rules.speakers.get(kind, rules.speakers[SpeakerKind.ANONYMOUS])
    factors: tuple[tuple[str, float], ...] = (
        (f"reliability {letter}", rules.reliability[letter]),
        (f"speaker {kind}", word),
        (f"modality {evidence.claim.modality}", rules.modalities.get(evidence.claim.modality, 0.0)),
    )
    if evidence.claim.reader != RULES:
        factors += ((f"reader {evidence.claim.reader}", rules.readers.get(evidence.claim.reader, 0.0)),)
    if evidence.listed >= rules.list_of and kind != SpeakerKind.OFFICIAL:
        factors += ((f"listed {evidence.listed}", rules.listed),)
    return round(prod(value for _, value in factors), 4), factors


def _weigh(item: Evidence, rules: Rules) -> Weighed | SetAside:
    claim = item.claim
    # An article cannot have been published after it was seen: a wrong clock or time zone on its page.
    published = item.published.astimezone(UTC)
    published = min(published, item.at.astimezone(UTC)) if published > item.at + _DAY else published
    day = published.date()
    period = Period(first=day, last=day)
    if claim.date is not None:
        # A running story keeps the day it began, while its later entries are seen, and dated, days after.
        seen = max(day, item.at.astimezone(UTC).date())
        try:
            period = _period(claim.date, day, seen, rules, done=claim.modality not in _AHEAD)
        except ValueError as error:
            return SetAside(claim_id=item.id, reason=str(error))
    reason = "" if claim.modality is Modality.HISTORICAL else _bad_deadline(claim.value, day)
    if reason:
        return SetAside(claim_id=item.id, reason=reason)
    amount, factors = weight(item, rules)
    return Weighed(
        claim_id=item.id,
        value=claim.value,
        modality=claim.modality,
        origin=item.origin,
        source=item.source or item.outlet,
        reliability=item.reliability if item.reliability in rules.reliability else "F",
        speaker=claim.speaker,
        speaker_kind=rules.speaker_kind(claim.speaker),
        weight=amount,
        factors=factors,
        first=period.first,
        last=period.last,
        dated=claim.date is not None,
        published=published,
        old=item.at - published > timedelta(days=rules.news_days),
        article=item.url,
        date_text=claim.date or day.isoformat(),
        key=(
            published.isoformat(),
            item.url,
            f"{claim.start:09d}",
            repr(claim.value),
            claim.modality,
            f"{item.id:012d}",
        ),
        reader=claim.reader,
        version_id=item.version_id,
    )


def _agreed(claims: list[Weighed], rules: Rules) -> list[Weighed]:
    """What both readers say of one version weighs more, as the built-in reading's claim; no more than 1."""
    others = {_said(claim) for claim in claims if claim.reader != RULES}
    if not others:
        return claims
    more = rules.readers.get("both", 1.0)
    return [
        replace(claim, weight=min(1.0, round(claim.weight * more, 4)), factors=(*claim.factors, ("both readers", more)))
        if claim.reader == RULES and _said(claim) in others
        else claim
        for claim in claims
    ]


def _said(claim: Weighed) -> tuple[object, ...]:
    value = claim.value.status if isinstance(claim.value, StatusValue) else claim.value
    return claim.version_id, value, claim.modality


def _period(text: str, day: date, seen: date, rules: Rules, *, done: bool) -> Period:
    """The days a dated claim may be about: what is told as done was done by its publication, or by when it was seen.

    Raises ValueError for a date that no claim can have.
    """
    period = Period.parse(text)
    if period.first < rules.first_day:
        raise ValueError(f"date {text} is before {rules.first_day}")
    if not done:
        return period
    if period.first > seen + _DAY:
        raise ValueError(f"date {text} is after it was published, {day}, and seen, {seen}")
    end = day if period.first <= day else seen
    return Period(first=period.first, last=max(period.first, min(period.last, end)))


def _bad_deadline(value: Value, day: date) -> str:
    if not isinstance(value, Deadline):
        return ""
    try:
        ends = [Period.parse(text) for text in (value.earliest, value.latest) if text]
    except ValueError as error:
        return str(error)
    if not ends:
        return "a deadline without a day"
    if len(ends) == 2 and ends[1].last < ends[0].first:
        return f"deadline ends before it begins: {value.earliest}/{value.latest}"
    if ends[-1].last < day:
        return f"deadline {value.latest or value.earliest} had passed when it was published, {day}"
    return ""


def _as_their_roots(claims: list[Weighed], rules: Rules) -> list[Weighed]:
    """Reprints say what their root said, when it said it, and weigh what it weighs, whoever prints them.

    The root is the first to say it; where the root's own article is not among the claims, the first reprint stands
    for it.
    """
    span = timedelta(days=rules.reprint_days)
    out: list[Weighed] = []
    firsts: dict[tuple[str, str, str, str], Weighed] = {}
    for claim in claims:
        place = (claim.origin, repr(claim.value), claim.modality, claim.date_text if claim.dated else "")
        root = firsts.get(place)
        if root is not None and claim.source != claim.origin and claim.published - root.published <= span:
            claim = replace(
                claim,
                first=root.first,
                last=root.last,
                published=root.published,
                date_text=root.date_text,
                source=root.source,
                weight=root.weight,
                factors=root.factors,
                reliability=root.reliability,
            )
        else:
            firsts[place] = claim
        out.append(claim)
    return out


def weigh_baseline(fact: BaselineFact, rules: Rules) -> Weighed:
    """The baseline as a claim that nobody made. Raises ValueError for a `since` that is no ISO period."""
    period = Period.parse(fact.since)
    return Weighed(
        claim_id=None,
        value=fact.value,
        modality=Modality.ASSERTED,
        origin=BASELINE,
        source=fact.source,
        reliability="F",
        speaker=None,
        speaker_kind=SpeakerKind.OUTLET,
        weight=rules.baseline_weight,
        factors=((BASELINE, rules.baseline_weight),),
        first=period.first,
        last=period.last,
        dated=True,
        published=datetime.combine(period.last, datetime.min.time(), UTC),
        old=False,
        article="",
        date_text=fact.since,
        key=("",),
    )


def since(claims: Sequence[Weighed]) -> str:
    """From when several claims of one value together say that it holds: an ISO period.

    A coarse date gives way to a finer one within it; of those left the earliest counts. What an old article says
    moves nothing where a newer one speaks. The baseline's own date stands.
    """
    return dating(claims)[-1].date_text


def dating(claims: Sequence[Weighed]) -> list[Weighed]:
    """The claim by which `since` goes, last, after those that are finer than the coarse ones before it."""
    fresh = [c for c in claims if not c.old] or list(claims)
    distinct = {(c.first, c.last, c.date_text, c.dated): c for c in sorted(fresh, key=lambda c: c.key, reverse=True)}
    out: list[Weighed] = []
    for claim in sorted(distinct.values(), key=lambda c: (c.first, c.last, c.key)):
        finer = next((other for other in distinct.values() if _finer(other, claim)), claim)
        out.append(finer)
        if finer is claim:
            break
    return out


def _finer(one: Weighed, other: Weighed) -> bool:
    return one.dated and one.last - one.first < other.last - other.first and one.period.overlaps(other.period)
