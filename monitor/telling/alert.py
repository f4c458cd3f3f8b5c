"""What an alert says, in the order of the domain: change, place, date, doubt, quote, source, before, others, ids.

`compose` is pure: the same change and evidence give the same alert. Four forms are made at once, since each target
reads another: plain text, HTML, Slack's mrkdwn, and a short one for targets with little room.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from db.errors import DeliveryError
from db.records import Change, ChangeType, Evidence, KnownFact, Position, Slot, iso
from monitor.telling import clean
from monitor.telling.diff import Edit, around, diff_words
from monitor.telling.forms import render
from monitor.telling.words import Words
from monitor.topics import Topic

QUOTES = 3  # how many origins are quoted; `why` shows the others
QUOTE_ROOM = 600  # characters of one quote
OUTLETS = 4  # how many are named behind one side
ENTRY_ROOM = 160  # characters of a quote in a digest


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """One message in the forms that targets read.

    ref: names the message for ever, the same at every attempt (a mail's Message-ID is made of it). slack: mrkdwn
    with everything escaped. short: one line, for SMS and the like; brief: a shorter one yet, without quote and link.
    terse: whether the target wants the short form, whatever room it has.
    """

    subject: str
    text: str
    html: str
    slack: str
    short: str
    ref: str
    lang: str = "en"
    brief: str = ""
    terse: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Edited:
    """The text that a version replaced, and its own: what is needed to show what an edit changed."""

    older: str
    newer: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Quote:
    text: str
    lang: str
    direction: str
    speaker: str
    outlet: str
    title: str
    time: str
    url: str
    address: str
    gone: str  # the label of a quote that counts no longer, else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Side:
    """One value of a subject: since when, how sure, from whom, with a quote where one is stored."""

    value: str
    since: str
    sure: str
    whom: str
    quote: _Quote | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Said:
    """An alert's contents in words, without any form's markup; every text is one safe line."""

    headline: str
    subject: str
    type: str
    old: str
    new: str
    pair: str
    place: str
    since: str
    sure: str
    quotes: tuple[_Quote, ...]
    edits: tuple[Edit, ...]
    edits_lang: str
    before: _Side | None
    rivals: tuple[_Side, ...]
    id: str
    why: str
    evidence: str
    diff: str
    because: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One alert as a digest lists it; every text is one safe line. note: what else is said, where there is no quote."""

    headline: str
    since: str = ""
    quote: str = ""
    lang: str = ""
    outlet: str = ""
    time: str = ""
    url: str = ""
    address: str = ""
    id: str = ""
    note: str = ""


def compose(
    change: Change,
    evidence: Sequence[Evidence],
    topic: Topic,
    *,
    lang: str = "en",
    edited: Edited | None = None,
    because: str = "",
) -> Alert:
    """Say a change in the reader's language.

    evidence: the claims that it names, and, where at hand, those behind what was known before and behind the rivals
    (they are told apart by id). edited: the article's text before and after, when an edit brought the change.
    because: why a person took back what was told before.
    Raises DeliveryError, never to be retried, where date, source or quote is missing.
    """
    words = Words.of(lang, topic)
    said = replace(_say(change, evidence, words, edited), because=clean.cut(clean.line(because), QUOTE_ROOM))
    return Alert(
        subject=said.headline,
        text=render("alert.txt.j2", words, said=said),
        html=render("alert.html.j2", words, said=said),
        slack=render("alert.slack.j2", words, said=said),
        short=render("alert.short.j2", words, said=said),
        brief=render("alert.brief.j2", words, said=said),
        ref=ref(f"change-{change.id}", repr(sorted(change.to_json().items()))),
        lang=lang,
    )


def compose_summary(facts: Sequence[KnownFact], topic: Topic, *, lang: str = "en", at: datetime) -> Alert:
    """Say what is known at the start, in one message: bases with their status, figures, plans."""
    words = Words.of(lang, topic)
    rows = {slot: [_row(fact, words) for fact in _ordered(facts, topic) if fact.slot is slot] for slot in Slot}
    subject = words.say("summary", "subject", topic=words.name(topic.name))
    lead = words.say("summary", "lead", time=words.moment(at))
    parts = {"subject": subject, "lead": lead, "facts": rows[Slot.FACT], "plans": rows[Slot.PLAN]}
    return Alert(
        subject=subject,
        text=render("summary.txt.j2", words, **parts),
        html=render("summary.html.j2", words, **parts),
        slack=render("summary.slack.j2", words, **parts),
        short=subject,
        ref=ref("summary", iso(at)),
        lang=lang,
    )


def compose_test(topic: Topic, *, lang: str = "en", at: datetime) -> Alert:
    """A message that says that it is a test."""
    words = Words.of(lang, topic)
    subject = words.say("test", "subject", topic=words.name(topic.name))
    lead = words.say("test", "lead", time=words.moment(at))
    html = render("test.html.j2", words, subject=subject, lead=lead)
    return Alert(
        subject=subject,
        text=f"{lead}\n",
        html=html,
        slack=f"*{clean.slack(subject)}*\n{clean.slack(lead)}",
        short=f"{subject}. {lead}",
        ref=ref("test", at.isoformat()),
        lang=lang,
    )


def entry(change: Change, evidence: Sequence[Evidence], topic: Topic, *, lang: str = "en", because: str = "") -> Entry:
    """A change as a digest lists it. Raises DeliveryError as `compose` does."""
    words = Words.of(lang, topic)
    said = _say(change, evidence, words, None)
    quote = said.quotes[0]
    return Entry(
        headline=said.headline,
        since=words.say("label", "since_day", day=said.since),
        quote=clean.cut(quote.text, ENTRY_ROOM),
        lang=quote.lang,
        outlet=quote.outlet,
        time=quote.time,
        url=quote.url,
        address=quote.address,
        id=said.id,
        note=clean.cut(clean.line(because), ENTRY_ROOM),
    )


def claim_ids(change: Change) -> list[int]:
    """The claims that an alert can quote: its own, those behind what was known before, those of its rivals."""
    sides = [side for side in (change.previous, *change.rivals) if side is not None]
    return sorted({*change.claim_ids, *(support.claim_id for side in sides for support in side.support)})


def _say(change: Change, evidence: Sequence[Evidence], words: Words, edited: Edited | None) -> _Said:
    by_id = {item.id: item for item in evidence}
    shown = _shown(change, by_id)
    edits, edits_lang = next(((edits, item.lang) for item in shown if (edits := _edits(item, edited))), ([], ""))
    old, new = old_and_new(change, words)
    pair = change.held.credibility if change.held else ""
    subject = words.subject(change.kind, change.subject)
    return _Said(
        headline=_headline(change, subject, old, new, pair, words),
        subject=subject,
        type=words.say("type", change.type.value),
        old=old,
        new=new,
        pair=clean.line(pair),
        place=words.place(change.subject),
        since=_since(change, words),
        sure=words.sure(pair, change.held.origins, change.held.confidence) if change.held else "",
        quotes=tuple(_quote(item, words, rejected=_is_rejected(item, change)) for item in shown),
        edits=tuple(edits),
        edits_lang=edits_lang,
        before=_side(change.previous, by_id, words) if change.previous else None,
        rivals=tuple(_side(rival, by_id, words) for rival in change.rivals),
        id=words.say("label", "change", id=change.id),
        why=f"drawdown why {change.id}",
        evidence=f"drawdown evidence {change.id}",
        diff=f"drawdown diff {next((item for item in shown if item.url == change.article), shown[0]).article_id}",
    )


def _shown(change: Change, by_id: dict[int, Evidence]) -> list[Evidence]:
    """The evidence to quote: the weightiest claim of each origin first. Raises DeliveryError without any."""
    named = [by_id[key] for key in change.claim_ids if key in by_id]
    quoted = [item for item in named if clean.line(item.claim.quote)]
    told = [item for item in quoted if clean.line(item.outlet) and clean.address(item.url)]
    if not told:
        missing = "a source and its address" if quoted else "a quote"
        raise _unfit(change, f"has no claim with {missing}")
    return weightiest(change, told)[:QUOTES]


def weightiest(change: Change, told: Iterable[Evidence]) -> list[Evidence]:
    """One claim of each origin, the weightiest first; of the same weight the newest."""
    weight = {support.claim_id: support.weight for support in (change.held.support if change.held else ())}
    ordered = sorted(told, key=lambda item: (-weight.get(item.id, 0.0), -item.published.timestamp(), item.id))
    first_of = {item.origin: item for item in reversed(ordered)}
    return [item for item in ordered if first_of[item.origin] is item]


def _is_rejected(item: Evidence, change: Change) -> bool:
    """Whether a claim is quoted since a person rejected it: such a correction is of no version."""
    carried = {support.claim_id for support in (change.held.support if change.held else ())}
    return change.type is ChangeType.CORRECTION and change.version_id is None and item.id not in carried


def _since(change: Change, words: Words) -> str:
    try:
        return words.period(change.since)
    except ValueError as error:
        raise _unfit(change, f"has no date: {error}") from error


def _unfit(change: Change, what: str) -> DeliveryError:
    return DeliveryError(
        f"{what}; an alert without date, source or quote is never sent (`drawdown why {change.id}`)",
        where=f"change {change.id} of {change.subject}",
    )


def old_and_new(change: Change, words: Words) -> tuple[str, str]:
    """From what to what, in words; of a contested fact all its sides are the new."""
    old = words.value(change.before) if change.before is not None else ""
    if change.type is not ChangeType.CONTESTED:
        return old, words.value(change.after)
    held = [change.held.value] if change.held else [change.before or change.after]
    values = [*held, *(rival.value for rival in change.rivals), change.after]
    sides = list(dict.fromkeys(words.value(value) for value in values if value is not None))
    return old, words.any_of(sides)


def _headline(change: Change, subject: str, old: str, new: str, pair: str, words: Words) -> str:
    step = f"{old} {words.arrow} {new}" if old else new
    line = words.say("subject_line", change.type.value, subject=subject, change=step, sides=new)
    return clean.line(f"{line} ({pair})" if pair else line)


def _quote(item: Evidence, words: Words, *, rejected: bool = False) -> _Quote:
    return _Quote(
        text=clean.cut(clean.line(item.claim.quote), QUOTE_ROOM),
        lang=item.lang if item.lang.isalpha() else "",
        direction=clean.direction(item.lang),
        speaker=clean.cut(clean.line(item.claim.speaker or ""), 120),
        outlet=clean.cut(words.outlet(item), 120),
        title=clean.cut(clean.line(item.title), 200),
        time=words.moment(item.published),
        url=clean.link(item.url),
        address=clean.address(item.url),
        gone="gone" if item.withdrawn_at is not None else "rejected" if rejected else "",
    )


def _side(side: Position, by_id: dict[int, Evidence], words: Words) -> _Side:
    items = [by_id[support.claim_id] for support in side.support if support.claim_id in by_id]
    outlets = list(dict.fromkeys(clean.cut(words.outlet(item), 120) for item in items if item.outlet))
    whom = clean.cut(clean.line(carrier(side, by_id, words)), 200) or _named(outlets, words)
    sure = words.say("sure", "short", pair=clean.line(side.credibility), origins=words.origins(side.origins))
    try:
        since = words.say("label", "since_day", day=words.period(side.since))
    except ValueError:
        since = ""
    return _Side(
        value=words.value(side.value),
        since=since,
        sure=sure if side.origins else "",
        whom=words.say("label", "from_whom", whom=whom) if whom else "",
        quote=_quote(items[0], words) if items and clean.address(items[0].url) else None,
    )


def carrier(side: Position, evidence: Mapping[int, Evidence], words: Words) -> str:
    """Who carries a side first, by name: a source's outlet, where one of its claims is at hand; else as it is kept."""
    items = (evidence[support.claim_id] for support in side.support if support.claim_id in evidence)
    return next((words.outlet(item) for item in items if item.source == side.source), side.source)


def _named(outlets: Sequence[str], words: Words) -> str:
    return words.both(outlets) if len(outlets) <= OUTLETS else words.all_of([*outlets[:OUTLETS], "…"])


def _edits(item: Evidence, edited: Edited | None) -> list[Edit]:
    """What the edit changed around the quote. A quote that the new text lost is looked for in the older one."""
    if edited is None:
        return []
    quote = item.claim.quote
    edits = diff_words(edited.older, edited.newer)
    at = edited.newer.find(quote)
    if at < 0:
        lost = edited.older.find(quote)
        if lost < 0:
            return []
        at, quote = _moved(edits, lost), ""
    return around(edits, at, at + len(quote))


def _moved(edits: Iterable[Edit], offset: int) -> int:
    """Where a place in the older text stands in the newer one."""
    old = new = 0
    for op, text in edits:
        if op != "added":
            if old + len(text) > offset:
                return new + (offset - old if op == "kept" else 0)
            old += len(text)
        if op != "dropped":
            new += len(text)
    return new


def _ordered(facts: Sequence[KnownFact], topic: Topic) -> list[KnownFact]:
    place = {base: number for number, base in enumerate(topic.bases)}
    return sorted(facts, key=lambda fact: (fact.kind.value, place.get(fact.subject, -1), fact.subject))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    subject: str
    place: str
    value: str
    since: str
    pair: str
    others: str


def _row(fact: KnownFact, words: Words) -> _Row:
    others = words.any_of(list(dict.fromkeys(words.value(rival.value) for rival in fact.rivals)))
    return _Row(
        subject=words.subject(fact.kind, fact.subject),
        place=words.place(fact.subject),
        value=words.value(fact.held.value),
        since=words.period(fact.held.since) if fact.held.since else "",
        pair=clean.line(fact.held.credibility),
        others=words.say("label", "contested_with", others=others) if fact.contested and others else "",
    )


def ref(name: str, contents: str) -> str:
    """Two stores number their changes alike; the digest keeps their messages apart."""
    return f"{name}-{hashlib.sha256(contents.encode()).hexdigest()[:16]}"
