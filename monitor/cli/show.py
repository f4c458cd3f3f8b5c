"""Known facts, changes and evidence as lines and tables for a terminal. Text of strangers is made safe first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from rich.table import Table
from rich.text import Text

from db.records import (
    Absence,
    Change,
    ChangeType,
    Delivery,
    Kind,
    ModelHealth,
    Mute,
    Ruling,
    SourceHealth,
    Verdict,
)
from monitor.cli.app import table
from monitor.cli.lines import Line
from monitor.telling import clean
from monitor.telling.diff import Edit, Op
from monitor.telling.words import Words
from scrapers.sources import Source

TYPES = {
    ChangeType.REVERSAL: "bold yellow",
    ChangeType.CONTESTED: "bold red",
    ChangeType.CORRECTION: "bold magenta",
    ChangeType.PLAN: "cyan",
}
COLOURS = {
    "active": "green",
    "reinforced": "bold green",
    "withdrawing": "yellow",
    "vacated": "red",
    "handed_over": "magenta",
}


def stamp(moment: datetime | None) -> str:
    """A time to the minute, UTC; a dash for none."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "–"


def ltr(text: str, words: Words) -> str:
    """A date, range or address within a sentence: its parts stay in order also where the sentence runs to the left."""
    return f"{clean.LRI}{text}{clean.PDI}" if words.rtl and text else text


def change_line(change: Change, words: Words) -> str:
    """A change in one line: time, id, type, subject, old → new."""
    return f"{stamp(change.at)}  #{change.id} {change_text(change, words).plain}"


def change_text(change: Change, words: Words, ruling: Ruling | None = None) -> Text:
    """What a change is: type, subject, old → new, how sure, what others say, and a person's word that stands on it."""
    before = f"{words.value(change.before)} {words.arrow} " if change.before else ""
    others = _others(change, words)
    notes = [
        *([words.say("terminal", "others_say", others=words.any_of(others))] if others else []),
        *(words.say("terminal", "then", value=words.value(n.value), time=_time(n.at, words)) for n in change.notes),
        *([words.say("terminal", _RULED[ruling.verdict])] if ruling else []),
    ]
    return Text.assemble(
        (words.say("type", change.type.value), TYPES.get(change.type, "")),
        f"  {words.subject(change.kind, change.subject)}: {before}{words.value(change.after)}",
        f" [{change.held.credibility}]" if change.held else "",
        f" ({words.pause.join(notes)})" if notes else "",
    )


def _time(moment: datetime | None, words: Words) -> str:
    return ltr(stamp(moment), words)


def _others(change: Change, words: Words) -> list[str]:
    """What the other sides of a change say."""
    if change.type is ChangeType.PLAN:  # what others plan stands beside it and denies nothing
        return []
    sides = [words.value(side.value) for side in (change.held, *change.rivals) if side]
    return [side for side in dict.fromkeys(sides) if side != words.value(change.after)]


def change_lines(changes: Sequence[Change], words: Words, ruled: Mapping[int, Ruling] | None = None) -> Iterable[Line]:
    """Changes, oldest first, each with its article. ruled: a person's word that stands on one, by the change's id."""
    for change in changes:
        ruling = ruled.get(change.id) if ruled and change.id is not None else None
        number = f"#{change.id}"
        yield Line(Text.assemble((f"{number:<5}", "bold"), stamp(change.at)))
        yield Line(change_text(change, words, ruling), 5)
        yield Line(Text(clean.line(change.article), style="dim"), 5, whole=True)


_RULED = {Verdict.CONFIRM: "confirmed", Verdict.REJECT: "rejected"}


def sources_table(sources: Sequence[Source], known: Mapping[str, SourceHealth], words: Words) -> Table:
    """The sources that are crawled and how they fare. known: how each fared, by id."""
    names = ("source", "about", "state", "last_success", "last_new", "note")
    out = table(*(words.say("terminal", name) for name in names), rtl=words.rtl)
    for source in sources:
        fared = known.get(source.id)
        kind = words.phrases["kind"].get(source.kind.replace(" ", "_"), source.kind)
        every = words.say("terminal", "every", minutes=f"{source.every:g}")
        out.add_row(
            Text.assemble((source.id, "bold"), f"\n{words.name(source.name)}"),
            words.comma.join([kind, source.lang, source.reliability]) + f"\n{every}",
            _state(fared, words),
            stamp(fared.last_success_at if fared else None),
            stamp(fared.last_new_at if fared else None),
            words.pause.join(_faring(fared, words)) if fared else "",
        )
    return out


def _state(source: SourceHealth | None, words: Words) -> Text:
    """What is wrong with a source, in a word each."""
    if source is None or source.last_attempt_at is None:
        return Text("–")
    if not source.states:
        return Text(words.say("terminal", "well"), style="green")
    return Text(words.comma.join(words.say("terminal", state) for state in source.states), style="red")


def _faring(source: SourceHealth, words: Words) -> Iterable[str]:
    """How long its articles are, and what went wrong in the last week, by class, the most frequent first."""
    if source.size:
        yield words.say("terminal", "bytes_an_article", size=words.number(source.size))
    if source.failures:
        yield words.say("terminal", "in_a_row", number=words.number(source.failures))
    counted = sorted(source.troubles.items(), key=lambda pair: -pair[1])
    troubles = words.comma.join(f"{words.number(n)} {words.say('trouble', trouble.value)}" for trouble, n in counted)
    if troubles:
        yield words.say("terminal", "this_week", troubles=troubles)
    if source.error:
        yield clean.isolated(source.error) if words.rtl else clean.line(source.error)


def absence_line(absence: Absence, words: Words) -> str:
    """That an article was not where it had been, in one line."""
    answer = ltr(f"HTTP {absence.status}", words)
    line = words.say("terminal", "gone", time=_time(absence.since, words), answer=answer)
    if absence.removed_at:
        line = words.say("terminal", "removed", gone=line, time=_time(absence.removed_at, words))
    if absence.returned_at:
        line += words.pause + words.say("terminal", "returned", time=_time(absence.returned_at, words))
    return line


def deliveries_table(deliveries: Sequence[Delivery], words: Words, *, wide: bool) -> Table:
    """Deliveries in this order. wide: whether there is room for when each was made."""
    names = ["id", "change", "target", "state", "attempts", *(["created"] if wide else []), "sent_or_next", "why"]
    out = table(*(words.say("terminal", name) for name in names), rtl=words.rtl)
    for delivery in deliveries:
        out.add_row(
            str(delivery.id),
            _told(delivery, words),
            delivery.target,
            words.say("delivery", delivery.state.value),
            str(delivery.attempts),
            *([stamp(delivery.created_at)] if wide else []),
            stamp(delivery.sent_at or delivery.next_at),
            _because(delivery, words),
        )
    return out


def _told(delivery: Delivery, words: Words) -> str:
    """What a delivery tells: a change, a notice, or the summary of the first fill."""
    if delivery.summary_id:
        return words.say("terminal", "summary")
    if delivery.change_id:
        return f"#{delivery.change_id}"
    return words.say("terminal", "notice_number", id=delivery.notice_id)


def _because(delivery: Delivery, words: Words) -> str:
    if delivery.held_by and words.rtl:
        return words.say("held_by", delivery.held_by.value)
    if delivery.error:
        return clean.line(delivery.error)
    return words.say("terminal", "in_digest", id=delivery.digest) if delivery.digest else ""


def rulings_table(rulings: Iterable[Ruling], words: Words) -> Table:
    """Every person's word, in this order."""
    names = ("id", "at", "who_said", "word", "subject", "value", "since", "because", "released_at")
    out = table(*(words.say("terminal", name) for name in names), rtl=words.rtl)
    for ruling in rulings:
        by = clean.isolated(ruling.released_by)
        out.add_row(
            str(ruling.id),
            stamp(ruling.at),
            clean.isolated(ruling.who),
            words.say("verdict", ruling.verdict.value) + (f" #{ruling.change_id}" if ruling.change_id else ""),
            words.subject(ruling.kind, ruling.subject),
            words.value(ruling.value),
            ruling.since,
            clean.line(ruling.because or ruling.source),
            f"{stamp(ruling.released_at)} {by}" if ruling.released_at else "",
        )
    return out


def model_line(fares: ModelHealth, words: Words) -> str:
    """How the language model fares today, in one line."""
    counts = words.comma.join(f"{words.number(count)} {what}" for what, count in fares.counts.items() if count)
    line = words.say("terminal", "model", counts=counts or words.say("terminal", "model_idle"), waiting=fares.waiting)
    if not fares.failures:
        return line
    error = clean.isolated(fares.error)
    return line + words.pause + words.say("terminal", "model_fails", count=fares.failures, error=error)


def mute_line(mute: Mute, words: Words) -> str:
    """A muted base in one line."""
    until, who = _time(mute.until, words), clean.isolated(mute.who)
    return words.say("terminal", "muted", base=words.subject(Kind.BASE_STATUS, mute.base), until=until, who=who)


def ruling_line(ruling: Ruling, words: Words) -> str:
    """A person's word in one line."""
    value = f"{words.subject(ruling.kind, ruling.subject)} {words.value(ruling.value)}"
    line = words.say(
        "terminal",
        "ruling_of" if ruling.change_id else "ruling",
        id=ruling.id,
        time=_time(ruling.at, words),
        who=clean.isolated(ruling.who),
        verdict=words.say("verdict", ruling.verdict.value),
        change=ruling.change_id,
        value=value,
    )
    why = f": {clean.isolated(ruling.because or ruling.source)}" if ruling.because or ruling.source else ""
    if ruling.released_at:
        why += words.pause + words.say("terminal", "released", time=_time(ruling.released_at, words))
    return line + why


def diff_text(edits: Sequence[Edit]) -> Text:
    """A word diff for a terminal: dropped words in red and brackets, added ones in green and braces."""
    out = Text()
    for edit in edits:
        text = "\n".join(clean.line(part) if part.strip() else part for part in edit.text.split("\n"))
        if edit.text[:1].isspace() and not text[:1].isspace():
            text = " " + text
        if edit.text[-1:].isspace() and not text[-1:].isspace():
            text += " "
        match edit.op:
            case Op.KEPT:
                out.append(text)
            case Op.DROPPED:
                out.append(f"[-{text}-]", style="red strike")
            case Op.ADDED:
                out.append(f"{{+{text}+}}", style="green")
    return out
