"""Claims of kind `deadline`: by when a withdrawal, or the leaving of one base, is to be complete.

A candidate is a duration counted from publication ("within two weeks", خلال شهرين) or a date to come ("by 15 April",
قبل نهاية آذار) in a sentence about leaving. The topic's small linear model over composed features decides which are
deadlines and how they are meant; without a model a rule on the words around does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from db.records import Claim, Comparator, Deadline, Kind, Modality, Period
from monitor.reading.date_periods import add
from monitor.reading.dates import DateMention
from monitor.reading.figure_features import features
from monitor.reading.figure_roles import site_of
from monitor.reading.figures import HARD, SOFT, Line, Number, Passage
from monitor.reading.number_words import DURATION_UNIT
from monitor.reading.numbers import Quantity, Sort
from monitor.reading.tokens import index_at

NONE = "none"
_LEAVING = ("leave", "gone", "finish", "reduce", "move")
_ABOUT = (*_LEAVING, "stay", "planned", "away")
_LONGEST = timedelta(days=400)  # what is further away, or further back than _PAST, is no deadline of a withdrawal
_PAST = timedelta(days=120)
_BEFORE = frozenset({"before", "قبل", "وقبل"})
DUE = frozenset({"by", "until", "till", "before", "بحلول", "قبل", "حتي", "بنهايه"})  # a date behind them is the latest
_BY = DUE | {"within", "inside", "in", "over", "during", "خلال", "غضون", "ضمن", "مهله", "حلول", "نهايه"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A duration or date in its sentence, and the days that it gives when it is a deadline."""

    line: Line
    number: Number
    value: Deadline
    last: date


def deadlines(passage: Passage) -> Iterator[Claim]:
    """All deadlines of a passage, in order; none where the publication time is missing."""
    for candidate in candidates(passage):
        modality, rule = _decide(candidate)
        if modality is None:
            continue
        line, number = candidate.line, candidate.number
        start, end = quote_of(line, number)
        yield Claim(
            kind=Kind.DEADLINE,
            subject=site_of(line, number) or passage.cues.topic.whole(Kind.DEADLINE),
            value=candidate.value,
            modality=modality,
            quote=passage.text.original[start:end],
            start=start,
            end=end,
            speaker=passage.speakers.of(start, end, line.bounds),
            rule=f"deadline: {rule}",
        )


def candidates(passage: Passage) -> Iterator[Candidate]:
    """Every duration and date of a sentence about leaving, with the days that it would mean."""
    if passage.published is None:
        return
    today = passage.published.date()
    before = False
    for line in passage.lines:
        spans = _spans(line, today)
        here = bool(spans) and (bool(line.sites) or any(hit.cls in _ABOUT for hit in line.hits))
        if here or (spans and before):
            numbers = [Number(quantity, *_words(line, quantity)) for quantity, _, _ in spans]
            line.part(numbers)
            for number, (_, value, last) in zip(numbers, spans, strict=True):
                if number.first < number.last and today - _PAST <= last <= today + _LONGEST:
                    yield Candidate(line, number, value, last)
        before = here


def distance(candidate: Candidate) -> str:
    """How far ahead of publication it lies: "past", "now", "week", "months" or "year"."""
    published = candidate.line.passage.published
    ahead = (candidate.last - published.date()).days if published else 0
    if ahead <= 0:
        return "now" if ahead == 0 else "past"
    return "week" if ahead <= 8 else "months" if ahead <= 100 else "year"


def _words(line: Line, quantity: Quantity) -> tuple[int, int, int]:
    first, core = line.index(quantity.start), line.index(quantity.number_start)
    return min(first, core), core, line.index(quantity.end - 1) + 1


def _spans(line: Line, today: date) -> list[tuple[Quantity, Deadline, date]]:
    found = [span for quantity in line.quantities if (span := _duration(quantity, today))]
    taken = [(quantity.start, quantity.end) for quantity, _, _ in found]
    for quantity in _single_units(line):
        span = _duration(quantity, today)
        if span and not any(start < quantity.end and quantity.start < end for start, end in taken):
            found.append(span)
    for mention in line.passage.dates_ahead:
        if line.bounds[0] <= mention.start and mention.end <= line.bounds[1]:
            span = _date(line, _nearer(line, mention, today))
            if span:
                found.append(span)
    return sorted(found, key=lambda span: span[0].start)


_LEADS = frozenset(
    {"خلال", "غضون", "ضمن", "مده", "لمده", "مهله", "بعد", "يمضي", "الي", "بغضون", "وخلال", "بخلال", "هي"}
)


def _single_units(line: Line) -> Iterator[Quantity]:
    """ "a month", "another week", and خلال شهر, which say their number by having none."""
    tokens = line.passage.tokens
    for at in range(index_at(tokens, line.bounds[0]), len(tokens)):
        token = tokens[at]
        if token.start >= line.bounds[1]:
            break
        unit = DURATION_UNIT.get(token.norm)
        if unit is None:
            continue
        before = tokens[at - 1].norm if at else ""
        english = before in ("a", "one", "another") and token.norm in ("week", "month", "day", "year")
        arabic = before in _LEADS and token.norm in ("اسبوع", "شهر", "عام", "يوم", "سنه")
        if english or arabic:
            start = tokens[at - 1].start if english else token.start
            yield Quantity(
                start=start,
                end=token.end,
                number_start=start,
                number_end=token.end,
                first=at,
                last=at,
                low=12 if unit == "year" else 1,
                high=12 if unit == "year" else 1,
                comparator=Comparator.EXACT,
                sort=Sort.DURATION,
                unit="month" if unit == "year" else unit,
            )


def _nearer(line: Line, mention: DateMention, today: date) -> DateMention:
    """A day without a year that has just gone by was meant, not the one a year ahead."""
    for past in line.passage.dates:
        if past.start == mention.start and past.date != mention.date:
            gone = today - Period.parse(past.date).last
            if (
                timedelta(0)
                <= gone
                <= timedelta(days=60)
                < Period.parse(mention.date).first - today - timedelta(days=200)
            ):
                return past
    return mention


def _duration(quantity: Quantity, today: date) -> tuple[Quantity, Deadline, date] | None:
    if quantity.sort is not Sort.DURATION or quantity.unit in ("minute", "year"):
        return None
    most = quantity.high if quantity.high is not None else quantity.low
    if most is None or not 0 < most <= 400 or quantity.comparator is Comparator.MORE_THAN:
        return None
    last = add(today, most, quantity.unit)
    first = (
        add(today, quantity.low, quantity.unit) if quantity.comparator is Comparator.RANGE and quantity.low else None
    )
    if last is None:
        return None
    return quantity, Deadline(earliest=first.isoformat() if first else None, latest=last.isoformat()), last


def _date(line: Line, mention: DateMention) -> tuple[Quantity, Deadline, date] | None:
    if mention.sort == "ago":
        return None
    days = Period.parse(mention.date)
    lead = line.passage.text.original[max(0, mention.start - 24) : mention.start].split()
    latest, earliest, last = mention.date, None, days.last
    if "/" in mention.date:
        earliest, latest = days.first.isoformat(), days.last.isoformat()
    words = [_fold(word) for word in lead[-3:]]
    while words and words[-1] in ("حلول", "شهر", "the", "نهايه", "مطلع"):
        words.pop()
    if words and words[-1] in _BEFORE and len(mention.date) < 10:
        last = days.first - timedelta(days=1)
        earliest, latest = None, last.isoformat()
    quantity = Quantity(
        start=mention.start,
        end=mention.end,
        number_start=mention.start,
        number_end=mention.end,
        first=mention.first,
        last=mention.last,
        low=0,
        high=0,
        comparator=Comparator.EXACT,
        sort=Sort.YEAR,
        unit=mention.sort,
    )
    return quantity, Deadline(earliest=earliest, latest=latest), last


def _fold(word: str) -> str:
    return word.lower().strip("\"'“”«»(")


def _decide(candidate: Candidate) -> tuple[Modality | None, str]:
    cues = candidate.line.passage.cues
    model = cues.models.get(Kind.DEADLINE)
    if model is None:
        return _by_rule(candidate)
    names = features(candidate.line, candidate.number, ruled(candidate))
    chances = model.probabilities(names)
    best = max((name for name in chances if name != NONE), key=lambda name: chances[name])
    if chances[best] < cues.least_deadline:
        return None, ""
    return Modality(best), f"{best} {chances[best]:.2f} by {', '.join(model.reasons(names, best))}"


def _by_rule(candidate: Candidate) -> tuple[Modality | None, str]:
    """Without a model: a preposition of deadlines before it, leaving in its part, and nothing past."""
    line, number = candidate.line, candidate.number
    today = line.passage.published
    lead = [line.words[i].text for i in range(max(0, number.first - 3), number.first)]
    if today is None or candidate.last <= today.date() or not _BY & set(lead) or not number.has(*_LEAVING):
        return None, ""
    if number.has("denied", "false"):
        return Modality.DENIED, "denied"
    return Modality.PLANNED, f"{' '.join(lead)} …"


def ruled(candidate: Candidate) -> list[str]:
    """What stands out about a candidate, as features of the model."""
    line, number = candidate.line, candidate.number
    lead = [line.words[i].text for i in range(max(0, number.first - 3), number.first)]
    far = distance(candidate)
    kind = "duration" if number.quantity.sort is Sort.DURATION else "date"
    by = next((word for word in reversed(lead) if word in _BY), "-")
    guess, _ = _by_rule(candidate)
    leaving = any(hit.cls in _LEAVING for hit in line.hits)
    return [
        f"is={kind}",
        f"is={kind}|{number.quantity.unit}",
        f"ahead={far}",
        f"ahead={far}|{kind}",
        f"by={by}",
        f"by={by}|{kind}|{far}",
        f"guess={guess}",
        f"{far}|{kind}|{number.has('finish')}|{number.has('leave', 'gone')}|{number.has('planned')}",
        f"{far}|{kind}|{leaving}|{any(hit.cls == 'planned' for hit in line.hits)}",
        f"{far}|site={bool(line.sites)}|{number.has(*_LEAVING)}",
        f"in={lead[-1] if lead else ''}|{far}",
        f"leaves={number.has('leave', 'gone', 'finish')}|{by}|{far}",
        f"line leaves={leaving}",
        *(f"lead={word}|{kind}" for word in lead),
        *(
            f"own={hit.cls}|{far}"
            for hit in number.hits
            if hit.cls in ("leave", "finish", "gone", "reduce", "planned", "denied")
        ),
    ]


def quote_of(line: Line, number: Number) -> tuple[int, int]:
    """The number's part of the sentence, its marks left out."""
    first, last = max(number.left, number.first - 16), min(number.right, number.last + 12)
    while first < number.first and line.words[first].text in HARD | SOFT:
        first += 1
    while last > number.last and line.words[last - 1].text in HARD | SOFT:
        last -= 1
    start, end = line.quote(first, last)
    return min(start, number.quantity.start), max(end, number.quantity.end)
