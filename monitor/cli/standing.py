"""What is known, as `status` tells it: bases by state, figures with their course, plans by speaker, changes, health."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from db.records import (
    Change,
    Comparator,
    Evidence,
    Figure,
    Kind,
    KnownFact,
    Notice,
    Slot,
    SourceHealth,
    Status,
    StatusValue,
    Verdict,
)
from monitor.cli import show
from monitor.cli.app import table
from monitor.knowing.intervals import interval
from monitor.knowing.rules import Rules
from monitor.status import StatusReport
from monitor.telling import clean
from monitor.telling.catalogue import SOURCE
from monitor.telling.words import Words

WIDE = 110  # columns from which a note has a column of its own
_BARS = "▁▂▃▄▅▆▇█"
_BARS_SHOWN = 12
_ORDER = (Status.REINFORCED, Status.ACTIVE, Status.WITHDRAWING, Status.VACATED, Status.HANDED_OVER)


def parts(report: StatusReport, words: Words, *, width: int, rules: Rules) -> Iterable[RenderableType]:
    """The report's tables, those that have a row, and how the sources are.

    width: columns of the terminal. rules: how much "about" covers.
    """
    found = [
        _bases(report, words, width),
        _figures(report, words, width, rules),
        _plans(report, words),
        _changes(report.changes, words),
        *([] if report.past else [_unwell(report.sources, words), _notices(report.notices, words)]),
    ]
    yield from (listing for listing in found if listing.row_count)
    if report.sources and not report.past:
        yield _well(report.sources, words)


def _bases(report: StatusReport, words: Words, width: int) -> Table:
    """Bases by state, in the order of a withdrawal; the state stands before its first base."""
    wide = width >= WIDE
    columns = ["status", "base", "since", "sure", "latest", *(["note"] if wide else [])]
    out = table(*_names(columns, words), title=words.say("terminal", "bases"), rtl=words.rtl)
    known = [(base, report.fact(Kind.BASE_STATUS, base)) for base in report.known_bases()]
    last: Status | str | None = ""
    for base, fact in sorted(known, key=lambda pair: _place(pair[1])):
        status = _status(fact)
        name, note = words.subject(Kind.BASE_STATUS, base), words.pause.join(_notes(report, base, fact, words))
        below = Text(f"\n{note}", style="dim") if note and not wide else Text()
        cells = [
            _state(fact, words) if status != last else "",
            Text.assemble(name, below),
            *_how(report, fact, words, wide=wide),
        ]
        out.add_row(*cells, *([note] if wide else []))
        last = status
    return out


def _place(fact: KnownFact | None) -> int:
    status = _status(fact)
    return _ORDER.index(status) if status else len(_ORDER)


def _status(fact: KnownFact | None) -> Status | None:
    return fact.held.value.status if fact and isinstance(fact.held.value, StatusValue) else None


def _state(fact: KnownFact | None, words: Words) -> Text:
    status = _status(fact)
    if status is None:
        return Text(words.say("terminal", "unknown"), style="dim")
    return Text(words.say("status", status.value), style=show.COLOURS[status.value])


def _notes(report: StatusReport, base: str, fact: KnownFact | None, words: Words) -> Iterable[str]:
    """Who took a base over, what is planned for it, what others say, and whether a person holds it so."""
    if fact and isinstance(fact.held.value, StatusValue) and fact.held.value.to:
        yield words.say("terminal", "to", party=words.party(fact.held.value.to))
    plan = report.fact(Kind.BASE_STATUS, base, Slot.PLAN)
    if plan:
        yield words.say("terminal", "planned", value=words.value(plan.held.value))
    yield from _contests(fact, words)
    if any(ruling.verdict is Verdict.PIN for ruling in report.rulings_on(Kind.BASE_STATUS, base)):
        yield words.say("terminal", "pinned")


def _contests(fact: KnownFact | None, words: Words) -> Iterable[str]:
    for rival in fact.rivals if fact and fact.contested else ():
        since = show.ltr(rival.since, words)
        yield words.say("terminal", "contested_by", value=words.value(rival.value), since=since)


def _how(report: StatusReport, fact: KnownFact | None, words: Words, *, wide: bool) -> list[str]:
    """Since when, how sure, and where the latest quote stands."""
    if fact is None:
        return ["–", "–", "–"]
    latest = report.latest(fact.held)
    return [
        fact.held.since.replace("/", "/\n"),
        f"{fact.held.credibility} ({fact.held.origins})",
        _outlet(latest, words, wide=wide) if latest else clean.line(fact.held.source),
    ]


def _outlet(item: Evidence, words: Words, *, wide: bool) -> str:
    gap = " " if wide else "\n"
    return f"{item.published:%Y-%m-%d}{gap}{clean.cut(words.outlet(item), 40)}"


def _figures(report: StatusReport, words: Words, width: int, rules: Rules) -> Table:
    columns = ("figure", "number", "since", "sure", "latest", "history")
    out = table(*_names(columns, words), title=words.say("terminal", "troops"), rtl=words.rtl)
    for fact in report.of(Kind.TROOP_FIGURE):
        course = report.courses.get(fact.subject, ())
        contests = "".join(f"\n{note}" for note in _contests(fact, words))
        number = Text.assemble(_number(fact, words, rules), Text(contests, style="dim"))
        history = _sparkline(course, words) if len(course) > 1 else ""
        out.add_row(
            words.subject(fact.kind, fact.subject), number, *_how(report, fact, words, wide=width >= WIDE), history
        )
    return out


def _number(fact: KnownFact, words: Words, rules: Rules) -> str:
    """A figure in words, and what "about" covers."""
    said = words.value(fact.held.value)
    if not isinstance(fact.held.value, Figure) or fact.held.value.comparator is not Comparator.ABOUT:
        return said
    low, high = (words.number(round(bound)) for bound in interval(fact.held.value, rules))
    return f"{said} ({words.say('number', 'range', low=low, high=high)})"


def _sparkline(course: Sequence[Figure], words: Words) -> str:
    """One bar a figure that was held, as high as its share of the highest, between the first and the last number."""
    sizes = [_size(figure) for figure in course[-_BARS_SHOWN:]]
    highest = max(*sizes, 1)
    bars = "".join(_BARS[round((len(_BARS) - 1) * size / highest)] for size in sizes)
    first, last = (words.number(round(size)) for size in (sizes[0], sizes[-1]))
    return f"{first} {bars} {last}"


def _size(figure: Figure) -> float:
    """A number to draw an interval by: its middle, or the bound that was said."""
    bounds = [bound for bound in (figure.low, figure.high) if bound is not None]
    return sum(bounds) / len(bounds) if bounds else 0.0


def _plans(report: StatusReport, words: Words) -> Table:
    columns = ("who", "what", "said", "sure")
    out = table(*_names(columns, words), title=words.say("terminal", "plans"), rtl=words.rtl)
    rows = []
    for fact in [*report.of(Kind.DEADLINE, Slot.PLAN), *report.of(Kind.TROOP_FIGURE, Slot.PLAN)]:
        for position in (fact.held, *fact.rivals):
            latest = report.latest(position)
            outlet = words.outlet(latest) if latest else clean.line(position.source)
            speaker = clean.line(latest.claim.speaker or "") if latest else ""
            who = Text.assemble(speaker or outlet, Text(f"\n{outlet}" if speaker and outlet else "", style="dim"))
            what = f"{words.subject(fact.kind, fact.subject)}: {words.value(position.value)}"
            rows.append((who, what, position.since.replace("/", "/\n"), f"{position.credibility} ({position.origins})"))
    for row in sorted(rows, key=lambda row: row[0].plain):
        out.add_row(*row)
    return out


def _changes(found: Sequence[Change], words: Words) -> Table:
    """The last changes, oldest first."""
    columns = ("#", *_names(("at", "what"), words))
    out = table(*columns, title=words.say("terminal", "last_changes"), rtl=words.rtl)
    for change in found:
        out.add_row(str(change.id), show.stamp(change.at), show.change_text(change, words))
    return out


def _unwell(sources: Sequence[SourceHealth], words: Words) -> Table:
    """The sources that are not well."""
    columns = ("source", "state", "last_success", "last_new", "why")
    out = table(*_names(columns, words), title=words.say("terminal", "sources"), rtl=words.rtl)
    for source in sources:
        if source.states:
            states = Text(words.comma.join(words.say("terminal", state) for state in source.states), style="red")
            times = (source.last_success_at, source.last_new_at)
            error = clean.cut(clean.line(source.error), 160)
            out.add_row(source.source, states, *(show.stamp(time) for time in times), error)
    return out


def _well(sources: Sequence[SourceHealth], words: Words) -> Text:
    """How many sources are well, how many nobody has looked at, and how many claims are held since pages lost text."""
    waiting = sum(source.last_attempt_at is None for source in sources)
    counts = {
        "sources_well": sum(not source.states for source in sources) - waiting,
        "not_yet": waiting,
        "claims_held": sum(source.held for source in sources),
    }
    return Text(words.comma.join(words.say("terminal", name, count=count) for name, count in counts.items() if count))


def _notices(found: Sequence[Notice], words: Words) -> Table:
    """What became of sources, oldest first."""
    columns = ("at", "source", "notice")
    out = table(*_names(columns, words), title=words.say("terminal", "notices"), rtl=words.rtl)
    for notice in found:
        out.add_row(show.stamp(notice.at), notice.source, _notice(notice, words))
    return out


def _notice(notice: Notice, words: Words) -> Text:
    """What became of it; in another language than the text's own, the headline before it."""
    text = clean.cut(clean.line(notice.text), 240)
    if words.lang == SOURCE:
        return Text(text)
    what = words.say("operations", notice.kind.value, source=clean.isolated(notice.source))
    return Text.assemble(what, (f"\n{clean.isolated(text, SOURCE)}", "dim"))


def _names(columns: Iterable[str], words: Words) -> list[str]:
    return [words.say("terminal", column) for column in columns]
