"""Dates of a text, Arabic and English, resolved from the article's publication and never from a clock.

A mention carries an ISO period as claims do: a day, a month, a year, or an interval "a/b". What cannot be resolved
(no publication time, a weekday that contradicts its date) gives no mention. Words are in `date_words`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from db.records import Period
from monitor.reading import date_words as dw
from monitor.reading.date_parts import (
    ORDINALS,
    Context,
    Found,
    iso_day,
    month_date,
    span_of,
)
from monitor.reading.date_periods import (
    BARE,
    DAYS,
    EDGES,
    PERIODS,
    ago,
    edge,
    ordinal_day,
    period,
    relative_day,
    season,
    weekday,
    year,
)
from monitor.reading.number_words import EN_TENS, EN_UNITS
from monitor.reading.tokens import Token, tokenize


@dataclass(frozen=True, kw_only=True, slots=True)
class DateMention:
    """`text[start:end]` says `date` (ISO day, month, year or interval). first, last: its tokens.

    sort: how it was said: "day", "weekday", "month", "year", "period", "interval", "ago".
    relative: resolved from publication. since: an interval that begins there and goes on up to publication.
    """

    start: int
    end: int
    date: str
    first: int
    last: int
    sort: str
    relative: bool = False
    since: bool = False


def find_dates(
    text: str,
    published: datetime | date | None,
    *,
    ahead: bool = False,
    tokens: Sequence[Token] | None = None,
    within: Sequence[DateMention] | None = None,
) -> list[DateMention]:
    """All dates in order, without overlap. ahead: read what has no year or week as to come ("by Friday", "in May").

    within: the dates of the same tokens as read before, so that nothing else is looked at again.
    """
    today = published.date() if isinstance(published, datetime) else published
    context = Context(tokenize(text) if tokens is None else tokens, text, today, ahead)
    found: list[Found] = []
    looked = None if within is None else {at for mention in within for at in range(mention.first, mention.last + 1)}
    index = 0
    while index < len(context.tokens):
        hit = _at(context, index) if looked is None or index in looked else None
        if hit is None:
            index += 1
            continue
        found.append(hit)
        index = hit.last + 1
    merged = _intervals(context, _with_weekdays(context, found))
    return [
        DateMention(
            start=context.tokens[hit.first].start,
            end=context.tokens[hit.last].end,
            date=hit.date,
            first=hit.first,
            last=hit.last,
            sort=hit.sort,
            relative=hit.relative,
            since=hit.since,
        )
        for hit in merged
        if hit.date
    ]


def date_for(
    mentions: Sequence[DateMention], start: int, end: int, *, clause: tuple[int, int], sentence: tuple[int, int]
) -> str | None:
    """The date of a claim at [start, end): the nearest in its clause, else the one that leads its sentence."""
    inside = [m for m in mentions if clause[0] <= m.start and m.end <= clause[1]]
    if inside:
        return min(inside, key=lambda m: max(start - m.end, m.start - end, 0)).date
    leading = [m for m in mentions if sentence[0] <= m.start and m.end <= start]
    if leading and leading[0].start - sentence[0] <= 40:
        return leading[0].date
    return None


# --- What stands at one token ---------------------------------------------------------------------------------------


def _at(context: Context, at: int) -> Found | None:
    if not _opens(context.tokens[at].norm, context.tokens[at].sort):
        return None
    for matcher in _MATCHERS:
        hit = matcher(context, at)
        if hit:
            return hit
    return None


# --- Relative days and periods --------------------------------------------------------------------------------------


_AMOUNT_WORDS = frozenset(
    {"a", "an", "one", "سنه", "عام", "شهر", "اسبوع", "نحو", "حوالي", "about", "some", "قرابه", "اكثر", "nearly"}
)


_MATCHERS: tuple[Callable[[Context, int], Found | None], ...] = (
    iso_day,
    edge,
    ago,
    month_date,
    relative_day,
    period,
    season,
    weekday,
    ordinal_day,
    year,
)


def _first_words() -> frozenset[str]:
    """Every word that a date can begin with, so that all others are passed over at once."""
    tables = (dw.MONTH, ORDINALS, DAYS, PERIODS, EDGES, BARE)
    words = {key[0] for table in tables for key in table}
    words |= set(dw.WEEKDAYS) | {f"{day}'s" for day in dw.WEEKDAYS} | set(dw.SEASONS) | set(dw.AGO_AR)
    words |= {"year", "year's", "month's", "a", "an", "one", *EN_UNITS, *EN_TENS}
    return frozenset(words)


_FIRST = _first_words()


@lru_cache(maxsize=65_536)
def _opens(norm: str, sort: str) -> bool:
    if sort == "number":
        return True
    if sort == "mark":
        return False
    return norm in _FIRST or (norm[:1] in _CLITICS and (norm[1:] in _FIRST or "ا" + norm[1:] in _FIRST))


_CLITICS = ("و", "ف", "ب", "ل")


# --- Putting neighbours together ------------------------------------------------------------------------------------


def _with_weekdays(context: Context, found: Sequence[Found]) -> list[Found]:
    """A weekday beside a date ("Saturday, 21 February", "أمس الخميس") is one mention; a contradiction is none."""
    out: list[Found] = []
    for hit in found:
        before = out[-1] if out else None
        if before and hit.first - before.last <= 2 and _only_marks(context.tokens, before.last + 1, hit.first):
            weekday, other = (before, hit) if before.sort == "weekday" else (hit, before)
            if weekday.sort == "weekday" and other.sort in ("day", "period") and other.date:
                out[-1] = Found(before.first, hit.last, _agreed(weekday, other), "day", other.relative)
                continue
        out.append(hit)
    return out


def _only_marks(tokens: Sequence[Token], begin: int, end: int) -> bool:
    return all(token.norm in (",", "،", "(") for token in tokens[begin:end])


def _agreed(weekday: Found, other: Found) -> str:
    """The one day that both name; "" when they contradict each other."""
    day = date.fromisoformat(weekday.date)
    if other.sort == "period":
        try:
            days = Period.parse(other.date)
        except ValueError:
            return ""
        inside = [days.first + timedelta(days=step) for step in range(min((days.last - days.first).days + 1, 7))]
        return next((d.isoformat() for d in inside if d.weekday() == day.weekday()), "")
    return other.date if date.fromisoformat(other.date).weekday() == day.weekday() else ""


_TO = frozenset({"to", "until", "till", "through", "and", "الي", "حتي", "وحتي", "-", "–"})
_OPEN = frozenset({"from", "between", "since", "منذ", "من", "بين"})


def _intervals(context: Context, found: Sequence[Found]) -> list[Found]:
    """ "between 15 and 20 February", "since 2025 until this February", and "since X" up to publication."""
    out: list[Found] = []
    for hit in found:
        before = out[-1] if out else None
        lead = _lead(context.tokens, before.first) if before else ""
        if (
            before
            and lead in _OPEN
            and 1 <= hit.first - before.last - 1 <= 2
            and _links(context.tokens, before.last + 1, hit.first)
        ):
            joined = span_of(before.date, hit.date) or span_of(hit.date[:4] + before.date[4:], hit.date)
            if joined:
                out[-1] = Found(before.first, hit.last, joined, "interval", before.relative or hit.relative)
                continue
        out.append(hit)
    return [hit if hit.sort == "interval" else _since(context, hit) for hit in out]


def _lead(tokens: Sequence[Token], at: int) -> str:
    for back in (1, 2):
        if at - back >= 0:
            norm = tokens[at - back].norm
            norm = norm[1:] if norm[:1] == "و" and norm[1:] in _OPEN else norm
            if norm in _OPEN:
                return norm
            if norm not in ("عام", "العام", "شهر", "the", "يوم"):
                return ""
    return ""


def _links(tokens: Sequence[Token], begin: int, end: int) -> bool:
    return any(token.norm in _TO for token in tokens[begin:end])


def _since(context: Context, hit: Found) -> Found:
    """ "since April" is April up to publication, at the precision that April was given."""
    lead = _lead(context.tokens, hit.first)
    if lead not in ("since", "منذ") or context.today is None or not hit.date:
        return hit
    begin = hit.date.split("/")[0]
    until = context.today.isoformat()[: len(begin)]
    joined = span_of(begin, until)
    return replace(hit, date=joined, since=True) if joined else hit
