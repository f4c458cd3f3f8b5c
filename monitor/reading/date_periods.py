"""Relative days and periods: yesterday, last month, late 2025, two weeks ago, the end of the year."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date, timedelta

from db.records import Period
from monitor.reading import date_words as dw
from monitor.reading.date_parts import (
    ISO,
    Context,
    Found,
    iso,
    keys,
    month_date,
    month_iso,
    month_name,
    phrase,
    year_after,
)
from monitor.reading.number_words import DURATION_UNIT
from monitor.reading.numbers import Quantity, Sort, find_quantities
from monitor.reading.tokens import Token

DAYS = {tuple(name.split()): steps for name, steps in dw.DAYS.items()}


PERIODS = {tuple(name.split()): value for name, value in dw.PERIODS.items()}


EDGES = {tuple(name.split()): value for name, value in dw.EDGES.items()}


BARE = {tuple(name.split()): value for name, value in dw.BARE.items()}


def relative_day(context: Context, at: int) -> Found | None:
    hit = phrase(context.tokens, at, DAYS, 3)  # type: ignore[arg-type]
    if not hit or context.today is None:
        return None
    steps = DAYS[keys(context.tokens, at, *hit)]
    return Found(at, at + hit[0] - 1, (context.today + timedelta(days=steps)).isoformat(), "day", True)


def period(context: Context, at: int) -> Found | None:
    hit = phrase(context.tokens, at, PERIODS, 3)  # type: ignore[arg-type]
    if not hit or context.today is None:
        return None
    unit, steps = PERIODS[keys(context.tokens, at, *hit)]
    return Found(at, at + hit[0] - 1, _shifted(context, unit, steps), "period", True)


def _shifted(context: Context, unit: str, steps: int) -> str:
    today = context.today
    assert today is not None
    if unit == "year":
        return str(today.year + steps)
    if unit == "newyear":
        return f"{today.year + (1 if context.ahead else 0)}-01-01"
    if unit == "month":
        return month_iso(today, steps)
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=steps)
    if unit == "weekend":
        saturday = monday + timedelta(days=5)
        if saturday > today and not context.ahead:
            saturday -= timedelta(weeks=1)
        return f"{saturday}/{saturday + timedelta(days=1)}"
    first, last = monday, monday + timedelta(days=6)
    if steps == 0:
        first, last = (today, last) if context.ahead else (first, today)
    return f"{first}/{last}" if first != last else first.isoformat()


def weekday(context: Context, at: int) -> Found | None:
    tokens = context.tokens
    norm = tokens[at].norm
    if norm not in dw.WEEKDAYS and not norm.isascii():
        norm = norm[1:] if norm[0] in "وفبل" else norm
        if norm.startswith("لا") and "ا" + norm in dw.WEEKDAYS:
            norm = "ا" + norm
    if norm.endswith("'s"):
        norm = norm[:-2]
    day = dw.WEEKDAYS.get(norm)
    if day is None or context.today is None:
        return None
    tail = tokens[at + 1].norm if at + 1 < len(tokens) else ""
    lead = tokens[at - 1].norm if at else ""
    last = at + 1 if tail in dw.PAST_TAILS | dw.NEXT_TAILS else at
    back = (context.today.weekday() - day) % 7
    if tail in dw.NEXT_TAILS or lead == "next":
        resolved = context.today + timedelta(days=(-back) % 7 or 7)
    elif tail in dw.PAST_TAILS or lead == "last":
        resolved = context.today - timedelta(days=back or 7)
    elif context.ahead and lead in ("by", "until", "before", "قبل", "حتي", "بحلول", "till"):
        resolved = context.today + timedelta(days=(-back) % 7 or 7)
    else:
        resolved = context.today - timedelta(days=back)
    return Found(at, last, resolved.isoformat(), "weekday", True)


def season(context: Context, at: int) -> Found | None:
    tokens = context.tokens
    month = dw.SEASONS.get(tokens[at].norm)
    if month is None or context.today is None:
        return None
    year, last = year_after(tokens, at)
    lead = tokens[at - 1].norm if at else ""
    tail = tokens[at + 1].norm if at + 1 < len(tokens) else ""
    if year is None:
        if not (
            lead in ("last", "this", "next", "the", "in", "منذ", "في", "من", "by", "until")
            or tail in dw.PAST_TAILS | dw.NEXT_TAILS
        ):
            return None
        year = _season_year(context, month, lead, tail)
        last = at + 1 if tail in dw.PAST_TAILS | dw.NEXT_TAILS else at
    end = year + 1 if month == 12 else year
    return Found(at, last, f"{year}-{month:02d}/{end}-{(month + 1) % 12 + 1:02d}", "period", True)


def _season_year(context: Context, month: int, lead: str, tail: str) -> int:
    today = context.today
    assert today is not None
    if context.ahead or lead in ("next", "this") or tail in dw.NEXT_TAILS:
        return today.year if month + 2 >= today.month else today.year + 1
    ended = month + 2 < today.month if (lead == "last" or tail in dw.PAST_TAILS) else month <= today.month
    return today.year if ended else today.year - 1


def edge(context: Context, at: int) -> Found | None:
    """ "late 2025", "مطلع العام", "the end of the month", "منتصف نيسان", "year's end"."""
    tokens = context.tokens
    hit = phrase(tokens, at, EDGES, 4)  # type: ignore[arg-type]
    if not hit:
        return _possessive_end(context, at)
    edge = EDGES[keys(tokens, at, *hit)]
    inner_at = at + hit[0]
    if inner_at < len(tokens) and tokens[inner_at].norm in ("شهر", "العام", "عام") and not _bare(tokens, inner_at):
        inner_at += 1
    inner = _inner(context, inner_at)
    if inner is None:
        return None
    text = _apply_edge(edge, inner.date, context)
    return Found(at, inner.last, text, "period", inner.relative) if text else None


def _bare(tokens: Sequence[Token], at: int) -> bool:
    return (
        at < len(tokens)
        and tokens[at].norm in ("العام", "الشهر")
        and not (at + 1 < len(tokens) and tokens[at + 1].sort == "number")
    )


def _inner(context: Context, at: int) -> Found | None:
    if at >= len(context.tokens):
        return None
    for matcher in (period, month_date, season, year):
        hit = matcher(context, at)
        if hit:
            return hit
    token = context.tokens[at]
    if token.sort == "number" and ISO.match(token.norm) and 1990 <= int(token.norm) <= 2060:
        return Found(at, at, token.norm, "year")
    bare = phrase(context.tokens, at, BARE, 2)  # type: ignore[arg-type]
    if bare and context.today is not None:
        unit = BARE[keys(context.tokens, at, *bare)]
        return Found(at, at + bare[0] - 1, _shifted(context, unit, 0), "period", True)
    return None


def _possessive_end(context: Context, at: int) -> Found | None:
    tokens = context.tokens
    if context.today is None or at + 1 >= len(tokens):
        return None
    unit = {"year's": "year", "month's": "month", "year": "year"}.get(tokens[at].norm)
    end = tokens[at + 1].norm
    if tokens[at].norm == "year" and end == "-" and at + 2 < len(tokens) and tokens[at + 2].norm == "end":
        return Found(at, at + 2, f"{context.today.year}-12-31", "period", True)
    if unit and end in ("end", "close", "start"):
        text = _apply_edge("start" if end == "start" else "end", _shifted(context, unit, 0), context)
        return Found(at, at + 1, text, "period", True) if text else None
    return None


def _apply_edge(edge: str, inner: str, context: Context) -> str:
    """Narrow a month, year, week or season to its beginning, middle or end."""
    try:
        days = Period.parse(inner)
    except ValueError:
        return ""
    if len(inner) == 10:
        return inner
    if len(inner) == 4:
        return _edge_of_year(edge, inner, context)
    first, last = days.first, days.last
    if edge.startswith("half") and "/" not in inner:
        return f"{inner}-01/{inner}-15" if edge == "half1" else f"{inner}-16/{last}"
    if edge == "end":
        return last.isoformat()
    if edge == "middle":
        return (first + (last - first) // 2 if "/" in inner else first.replace(day=15)).isoformat()
    third = (last - first) // 3
    if edge in ("start", "early", "half1"):
        stop = first + ((last - first) // 2 if edge == "half1" else third)
        return f"{first}/{stop}"
    if edge in ("late", "half2"):
        begin = last - ((last - first) // 2 if edge == "half2" else third)
        return f"{begin}/{last}"
    return ""


def _edge_of_year(edge: str, year: str, context: Context) -> str:
    spans = {
        "start": "01", "early": "01/03", "middle": "06/07", "late": "10/12", "half1": "01/06", "half2": "07/12",
        "q1": "01/03", "q2": "04/06", "q3": "07/09", "q4": "10/12",
    }  # fmt: skip
    if edge == "end":
        return f"{year}-12-31" if context.ahead else f"{year}-12"
    if edge == "q1end":
        return f"{year}-03-31"
    return "/".join(f"{year}-{month}" for month in spans[edge].split("/"))


def year(context: Context, at: int) -> Found | None:
    token = context.tokens[at]
    if token.sort != "number" or not ISO.match(token.norm) or not 1990 <= int(token.norm) <= 2060:
        return None
    before = context.tokens[at - 1].norm if at else ""
    if before not in dw.YEAR_BEFORE:
        return None
    after = context.tokens[at + 1].norm if at + 1 < len(context.tokens) else ""
    if after in ("جندي", "عسكري", "troops", "soldiers") or (int(token.norm) == 2000 and before in ("of", "from", "by")):
        return None
    return Found(at, at, token.norm, "year")


def ago(context: Context, at: int) -> Found | None:
    """ "two weeks ago", "a year ago", "قبل ثلاثة أيام", "منذ شهرين", "three weeks earlier" is not resolved."""
    tokens = context.tokens
    if context.today is None:
        return None
    if tokens[at].norm in dw.AGO_AR and at + 1 < len(tokens):
        amount = _amount(tokens, at + 1)
        following = tokens[amount[2] + 1 : amount[2] + 2] if amount else []
        named = bool(following) and (following[0].sort == "number" or month_name(tokens, at + 2) is not None)
        if amount and tokens[at].norm != "من" and not named:
            return Found(at, amount[2], _back(context.today, amount[0], amount[1]), "ago", True)
        return None
    amount = _amount(tokens, at) if tokens[at].norm.isascii() else None
    if amount and amount[2] + 1 < len(tokens) and tokens[amount[2] + 1].norm == "ago":
        return Found(at, amount[2] + 1, _back(context.today, amount[0], amount[1]), "ago", True)
    return None


def _amount(tokens: Sequence[Token], at: int) -> tuple[int, str, int] | None:
    """(number, unit, last token) of a duration at this token, within a few tokens."""
    norm = tokens[at].norm
    if norm in DURATION_UNIT and norm in ("سنه", "عام", "شهر", "اسبوع", "يوم"):
        return 1, DURATION_UNIT[norm], at
    if norm in ("a", "an") and at + 1 < len(tokens) and tokens[at + 1].norm in DURATION_UNIT:
        return 1, DURATION_UNIT[tokens[at + 1].norm], at + 1
    if tokens[at].sort == "mark":
        return None
    window = tokens[at : at + 6]
    for quantity in _quantities(window):
        if quantity.first > 1 or quantity.sort is not Sort.DURATION or quantity.high is None:
            continue
        last = quantity.last
        while (
            last + 1 < len(window)
            and last - quantity.last < 3
            and window[last].norm not in DURATION_UNIT
            and not _dual(window[last].norm)
        ):
            last += 1
        return quantity.high, quantity.unit, at + last
    return None


def _dual(norm: str) -> bool:
    return norm.endswith(("ين", "ان")) and len(norm) > 4


def _quantities(window: Sequence[Token]) -> list[Quantity]:
    if not any(token.norm in DURATION_UNIT or _dual(token.norm) for token in window):
        return []
    return find_quantities("", tokens=window)


def _back(today: date, number: int, unit: str) -> str:
    try:
        if unit in ("hour", "minute"):
            return (today - timedelta(days=number // 24)).isoformat()
        if unit == "day":
            return (today - timedelta(days=number)).isoformat()
        if unit == "week":
            return (today - timedelta(weeks=number)).isoformat()
        if unit == "month":
            return month_iso(today, -number)
        return month_iso(today, -12) if number == 1 else (str(today.year - number) if number < 100 else "")
    except (OverflowError, ValueError):
        return ""


def add(today: date, number: int, unit: str) -> date | None:
    """The day `number` units after a day; months keep the day or take the month's last. None when out of range."""
    try:
        if unit in ("hour", "minute"):
            return today + timedelta(hours=number if unit == "hour" else 0)
        if unit in ("day", "week"):
            return today + timedelta(days=number * (7 if unit == "week" else 1))
        months = number * (12 if unit == "year" else 1)
        index = today.year * 12 + today.month - 1 + months
        year, month = index // 12, index % 12 + 1
        return date(year, month, min(today.day, calendar.monthrange(year, month)[1]))
    except (OverflowError, ValueError):
        return None


def ordinal_day(context: Context, at: int) -> Found | None:
    """ "the 15th", "يوم 15": a day of this month, or of the one before or after it."""
    tokens = context.tokens
    token = tokens[at]
    if context.today is None or token.sort != "number" or not token.norm.isdigit() or len(token.norm) > 2:
        return None
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    before = tokens[at - 1].norm if at else ""
    ordinal = after is not None and after.glued and after.norm in ("st", "nd", "rd", "th") and before == "the"
    following = tokens[at + 2].norm if at + 2 < len(tokens) else ""
    if ordinal and following.isalpha() and following not in ("and", "in", "at", "when", "of", "but", "a", "the"):
        return None
    if not ordinal and not (
        before == "يوم" and (after is None or after.sort != "word" or after.norm in ("فبراير", "من", "ان"))
    ):
        return None
    day = int(token.norm)
    steps = 0
    if context.ahead and day < context.today.day:
        steps = 1
    elif not context.ahead and day > context.today.day:
        steps = -1
    month = month_iso(context.today, steps)
    text = iso(int(month[:4]), int(month[5:]), day) if month and 1 <= day <= 31 else ""
    return Found(at, at + 1 if ordinal else at, text, "day", True) if text else None
