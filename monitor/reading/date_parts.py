"""Days and months of a text: numeric dates, months in three naming traditions, days beside them, and their year."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from db.records import Period
from monitor.reading import date_words as dw
from monitor.reading.tokens import Token


@dataclass(frozen=True, slots=True)
class Found:
    first: int
    last: int
    date: str
    sort: str
    relative: bool = False
    since: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    tokens: Sequence[Token]
    text: str
    today: date | None
    ahead: bool


def phrase(
    tokens: Sequence[Token], at: int, table: dict[tuple[str, ...], object], longest: int
) -> tuple[int, ...] | None:
    """The longest phrase of the table at this token, as its words; the first may carry و, ف, ب or ل."""
    for size in range(min(longest, len(tokens) - at), 0, -1):
        words = tuple(tokens[at + i].norm for i in range(size))
        if words in table:
            return (size, 0)
        if len(words[0]) > 3 and words[0][0] in "وفبل" and (words[0][1:], *words[1:]) in table:
            return (size, 1)
    return None


def keys(tokens: Sequence[Token], at: int, size: int, cut: int) -> tuple[str, ...]:
    words = [tokens[at + i].norm for i in range(size)]
    words[0] = words[0][cut:]
    return tuple(words)


ISO = re.compile(r"^\d{4}$")


def iso_day(context: Context, at: int) -> Found | None:
    """2026-02-23, 23/02/2026, 23.2.2026."""
    tokens = context.tokens
    if tokens[at].sort != "number":
        return None
    if at + 4 < len(tokens) and tokens[at + 1].norm in ("-", "/") and tokens[at + 1].norm == tokens[at + 3].norm:
        parts = [tokens[at + i] for i in (0, 2, 4)]
        if all(part.norm.isdigit() and len(part.norm) <= 4 for part in parts) and all(
            tokens[at + i].glued for i in (1, 2, 3, 4)
        ):
            day = _numeric([int(part.norm) for part in parts], context)
            return Found(at, at + 4, day, "day") if day else None
    norm = tokens[at].norm
    if norm.count(".") == 2:
        day = _numeric([int(part) for part in norm.split(".") if part.isdigit()], context)
        return Found(at, at, day, "day") if day else None
    return None


def _numeric(parts: list[int], context: Context) -> str:
    """ISO day of year-month-day, or day-month-year; month-day where only that can be; "" when it may be either."""
    if len(parts) != 3:
        return ""
    one, two, three = parts
    if one > 31:
        return iso(one, two, three)
    if three < 100:
        three += 2000
    if one > 12:
        return iso(three, two, one)
    if two > 12:
        return iso(three, one, two)
    english = "a" <= (context.text[:400].lower().strip() or " ")[0] <= "z"
    return "" if english and one != two else iso(three, two, one)


def iso(year: int, month: int, day: int | None = None) -> str:
    try:
        if not 1900 <= year <= 2100:
            return ""
        return date(year, month, day).isoformat() if day else f"{date(year, month, 1):%Y-%m}"
    except ValueError:
        return ""


_ABBREVIATED = frozenset({"jan", "feb", "mar", "apr", "jun", "jul", "aug", "sept", "sep", "oct", "nov", "dec"})


def month_name(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """(month, last token) of a month's name at this token, past a second name behind a slash."""
    hit = phrase(tokens, at, dw.MONTH, 2) if at < len(tokens) else None  # type: ignore[arg-type]
    if not hit:
        return None
    month, last = dw.MONTH[keys(tokens, at, hit[0], hit[1])], at + hit[0] - 1
    if (
        last + 1 < len(tokens)
        and tokens[last + 1].norm == "."
        and tokens[last + 1].glued
        and tokens[last].norm in _ABBREVIATED
    ):
        last += 1
    if last + 2 < len(tokens) and tokens[last + 1].norm in ("/", "-", "("):
        other = phrase(tokens, last + 2, dw.MONTH, 2)  # type: ignore[arg-type]
        if other and dw.MONTH[keys(tokens, last + 2, other[0], other[1])] == month:
            last += 1 + other[0]
            if last + 1 < len(tokens) and tokens[last + 1].norm == ")":
                last += 1
    return month, last


def _doubtful(context: Context, at: int) -> bool:
    """Whether a name such as "may" or مارس stands without anything that makes it a month."""
    tokens = context.tokens
    token = tokens[at]
    if token.norm not in dw.DOUBTFUL_MONTHS:
        return not token.norm.isascii() and False
    if token.norm.isascii() and not context.text[token.start].isupper():
        return True
    before = tokens[at - 1].norm if at else ""
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    if before in dw.MONTH_BESIDE or before.isdigit() or before in dw.ORDINALS_AR:
        return False
    return not (after is not None and (after.sort == "number" or after.norm in ("/", ".")))


def year_after(tokens: Sequence[Token], last: int) -> tuple[int | None, int]:
    """A year after a month or day, also behind a comma or عام."""
    at = last + 1
    if at < len(tokens) and tokens[at].norm in (",", "،", "من"):
        at += 1
    while at < len(tokens) and tokens[at].norm in ("عام", "العام", "سنه", "of"):
        at += 1
    if (
        at < len(tokens)
        and tokens[at].sort == "number"
        and ISO.match(tokens[at].norm)
        and 1990 <= int(tokens[at].norm) <= 2060
    ):
        return int(tokens[at].norm), at
    return None, last


def month_date(context: Context, at: int) -> Found | None:
    """15 February 2026, Feb. 23, 11 فبراير/ شباط الحالي, في الثاني عشر من آذار, شباط الماضي, January 2026."""
    tokens = context.tokens
    day, name_at = _day_before(tokens, at)
    if day is not None:
        until = _day_range(context, name_at)
        if until:
            return (
                replace(until, first=at, date=span_of(until.date[:8] + f"{day:02d}", until.date))
                if until.date
                else None
            )
    named = month_name(tokens, name_at)
    if named is None or _doubtful(context, name_at):
        return None
    month, last = named
    if day is None and tokens[name_at].norm.isascii():
        day, last = _day_after(tokens, last)
    year, last = year_after(tokens, last)
    steer = ""
    if year is None and last + 1 < len(tokens):
        tail = tokens[last + 1].norm
        steer = (
            "past"
            if tail in dw.PAST_TAILS
            else "now"
            if tail in dw.CURRENT_TAILS
            else "next"
            if tail in dw.NEXT_TAILS
            else ""
        )
        last += 1 if steer else 0
    if not steer and name_at and tokens[name_at - 1].norm in ("last", "next", "this"):
        steer = {"last": "past", "next": "next", "this": "now"}[tokens[name_at - 1].norm]
    year = year or _pick_year(context, month, day, steer)
    text = iso(year, month, day) if year else ""
    return Found(at, last, text, "day" if day else "month") if text else None


def _day_range(context: Context, at: int) -> Found | None:
    """The second day of "11 and 15 February", "2-4 March", "between the 3rd and 5 May", with its month."""
    tokens = context.tokens
    if at >= len(tokens) or tokens[at].norm not in ("and", "to", "-", "–", "و", "الي"):
        return None
    index = at + 1
    if index >= len(tokens) or _day_before(tokens, index)[0] is None:
        return None
    hit = month_date(context, index)
    return hit if hit and hit.sort == "day" else None


def _day_before(tokens: Sequence[Token], at: int) -> tuple[int | None, int]:
    """(day, index of the month's name) when a day stands here; the index of the name may be `at` itself."""
    token = tokens[at]
    if token.sort == "number" and token.norm.isdigit() and 1 <= int(token.norm[:4]) <= 31 and len(token.norm) <= 2:
        index = at + 1
        while index < len(tokens) and tokens[index].norm in ("st", "nd", "rd", "th", "of", "من", "شهر"):
            index += 1
        return int(token.norm), index
    hit = phrase(tokens, at, ORDINALS, 2)  # type: ignore[arg-type]
    if hit:
        index = at + hit[0]
        if index < len(tokens) and tokens[index].norm in ("من", "شهر"):
            while index < len(tokens) and tokens[index].norm in ("من", "شهر"):
                index += 1
            return dw.ORDINALS_AR[" ".join(keys(tokens, at, *hit))], index
    return None, at


ORDINALS = {tuple(name.split()): number for name, number in dw.ORDINALS_AR.items()}


def _day_after(tokens: Sequence[Token], last: int) -> tuple[int | None, int]:
    at = last + 1
    if at < len(tokens) and tokens[at].norm == "the":
        at += 1
    if at < len(tokens) and tokens[at].sort == "number" and tokens[at].norm.isdigit() and len(tokens[at].norm) <= 2:
        day = int(tokens[at].norm)
        following = tokens[at + 1] if at + 1 < len(tokens) else None
        if following is not None and following.glued and following.norm in ("st", "nd", "rd", "th"):
            at += 1
        return (day, at) if 1 <= day <= 31 else (None, last)
    return None, last


def _pick_year(context: Context, month: int, day: int | None, steer: str) -> int | None:
    """The year of a month without one: the last such before publication, or with `ahead` the next."""
    today = context.today
    if today is None:
        return None
    if steer == "now":
        return today.year
    here, now = (month, day or 0), (today.month, today.day if day else 0)
    if steer == "past":
        return today.year if here < now else today.year - 1
    if steer == "next" or (context.ahead and not steer):
        later = here > now if steer == "next" else here >= now
        return today.year if later else today.year + 1
    return today.year if here <= now else today.year - 1


def month_iso(today: date, steps: int) -> str:
    index = today.year * 12 + today.month - 1 + steps
    return f"{index // 12:04d}-{index % 12 + 1:02d}" if 1900 <= index // 12 <= 2100 else ""


def span_of(one: str, two: str) -> str:
    """The interval from the first day of one ISO period to the last of another; "" when it ends before it begins."""
    first, last = one.split("/")[0], two.split("/")[-1]
    try:
        Period.parse(f"{first}/{last}")
    except ValueError:
        return ""
    return f"{first}/{last}" if first != last else first
