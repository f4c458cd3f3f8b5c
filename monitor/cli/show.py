"""Known facts, changes and evidence as lines and tables for a terminal. Text of strangers is made safe first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from db.records import (
    Absence,
    Change,
    ChangeType,
    Delivery,
    Evidence,
    Kind,
    KnownFact,
    Mute,
    Notice,
    Position,
    Ruling,
    Slot,
    SourceHealth,
    Support,
    Verdict,
)
from monitor.cli.app import table
from monitor.status import StatusReport
from monitor.telling import clean
from monitor.telling.diff import Edit, Op
from monitor.telling.words import Words

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


def change_line(change: Change, words: Words) -> str:
    """A change in one line: time, id, type, subject, old → new."""
    others = _others(change, words)
    sides = f" (others: {words.any_of(others)})" if others else ""
    sure = f" [{change.held.credibility}]" if change.held else ""
    return (
        f"{stamp(change.at)}  #{change.id} {change.type.value}  {words.subject(change.kind, change.subject)}: "
        f"{words.value(change.before)} {words.arrow} {words.value(change.after)}{sure}{sides}{_noted(change, words)}"
    )


def _noted(change: Change, words: Words) -> str:
    """What came and went again soon after a change."""
    return "".join(f"; then {words.value(note.value)} {stamp(note.at)}" for note in change.notes)


def _others(change: Change, words: Words) -> list[str]:
    """What the other sides of a change say."""
    if change.type is ChangeType.PLAN:  # what others plan stands beside it and denies nothing
        return []
    sides = [words.value(side.value) for side in (change.held, *change.rivals) if side]
    return [side for side in dict.fromkeys(sides) if side != words.value(change.after)]


def status_tables(report: StatusReport, words: Words) -> Iterable[Table]:
    """The status report's tables, those that have a row."""
    yield _bases(report, words)
    now_only = [] if report.past else [health(report.sources), notices(report.notices)]
    for listing in (_figures(report, words), _plans(report, words), _changes(report, words), *now_only):
        if listing.row_count:
            yield listing


def _bases(report: StatusReport, words: Words) -> Table:
    out = table("base", "status", "since", "sure", "origins", "contested by", "plan", title="Bases")
    for base_id in report.known_bases():
        fact = report.fact(Kind.BASE_STATUS, base_id)
        plan = report.fact(Kind.BASE_STATUS, base_id, Slot.PLAN)
        planned = words.value(plan.held.value) if plan else ""
        name = words.subject(Kind.BASE_STATUS, base_id)
        cells: list[str | Text] = _fact_cells(fact, words) if fact else ["–"] * 5
        if any(ruling.verdict is Verdict.PIN for ruling in report.rulings_on(Kind.BASE_STATUS, base_id)):
            cells[0] = Text.assemble(cells[0], " (pinned)")
        out.add_row(name, *cells, planned)
    return out


def _fact_cells(fact: KnownFact, words: Words) -> list[str | Text]:
    held = fact.held
    status = getattr(held.value, "status", None)
    rivals = [f"{words.value(rival.value)} ({rival.since})" for rival in fact.rivals] if fact.contested else []
    return [
        Text(words.value(held.value), style=COLOURS.get(status.value, "") if status else ""),
        held.since,
        held.credibility,
        str(held.origins),
        "; ".join(rivals),
    ]


def _figures(report: StatusReport, words: Words) -> Table:
    out = table("figure", "number", "since", "sure", "origins", "contested by", title="Troops present")
    for fact in report.of(Kind.TROOP_FIGURE):
        out.add_row(words.subject(fact.kind, fact.subject), *_fact_cells(fact, words))
    return out


def _plans(report: StatusReport, words: Words) -> Table:
    out = table("plan", "what", "said", "sure", "origins", "by", title="Plans and deadlines")
    for fact in [*report.of(Kind.DEADLINE, Slot.PLAN), *report.of(Kind.TROOP_FIGURE, Slot.PLAN)]:
        for position in (fact.held, *fact.rivals):
            out.add_row(
                words.subject(fact.kind, fact.subject),
                words.value(position.value),
                position.since,
                position.credibility,
                str(position.origins),
                clean.isolated(position.source),
            )
    return out


def _changes(report: StatusReport, words: Words) -> Table:
    return changes_table(report.changes, words, title="Last changes")


_RULED = {Verdict.CONFIRM: "confirmed", Verdict.REJECT: "rejected"}


def changes_table(
    changes: Sequence[Change],
    words: Words,
    *,
    title: str | None = None,
    ruled: Mapping[int, Ruling] | None = None,
) -> Table:
    """Changes, oldest first. A title is given where they are part of a report: then without their articles.

    ruled: the person's word that stands on a change, by the change's id.
    """
    columns = ("id", "at (UTC)", "type", "subject", "from", "to")
    out = table(*columns, title=title) if title else table(*columns, "article")
    for change in changes:
        before = words.value(change.before) if change.before else "–"
        after = words.any_of([words.value(change.after), *_others(change, words)]) + _noted(change, words)
        ruling = ruled.get(change.id) if ruled and change.id is not None else None
        word = f" ({_RULED[ruling.verdict]})" if ruling else ""
        cells = [stamp(change.at), change.type.value + word, words.subject(change.kind, change.subject), before, after]
        out.add_row(str(change.id), *cells, *([] if title else [clean.line(change.article)]))
    return out


def health(sources: Sequence[SourceHealth]) -> Table:
    """How the sources have fared."""
    out = table("source", "state", "last pass", "last success", "last new", "failed in a row", "why", title="Sources")
    for source in sources:
        times = (source.last_attempt_at, source.last_success_at, source.last_new_at)
        error = clean.cut(clean.line(source.error), 160)
        out.add_row(source.source, state(source), *(stamp(time) for time in times), str(source.failures), error)
    return out


def state(source: SourceHealth | None) -> Text:
    """What is wrong with a source, in a word each."""
    if source is None or source.last_attempt_at is None:
        return Text("–")
    return Text(", ".join(source.states), style="red") if source.states else Text("well", style="green")


def troubles(source: SourceHealth) -> str:
    """What went wrong in the last week, by class, the most frequent first."""
    counted = sorted(source.troubles.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{count} {trouble.value}" for trouble, count in counted)


def notices(found: Sequence[Notice]) -> Table:
    """What became of sources, oldest first."""
    out = table("at (UTC)", "source", "notice", title="Notices")
    for notice in found:
        out.add_row(stamp(notice.at), notice.source or "drawdown", clean.cut(clean.line(notice.text), 240))
    return out


def absence_line(absence: Absence) -> str:
    """That an article was not where it had been, in one line."""
    line = f"gone since {stamp(absence.since)} (HTTP {absence.status})"
    if absence.removed_at:
        line = f"removed: {line}, listed no more, settled {stamp(absence.removed_at)}"
    return line + (f"; there again {stamp(absence.returned_at)}" if absence.returned_at else "")


def deliveries_table(deliveries: Sequence[Delivery]) -> Table:
    """Deliveries, newest first."""
    out = table("id", "change", "target", "state", "attempts", "created", "sent", "next", "why")
    for delivery in deliveries:
        what = f"#{delivery.change_id}" if delivery.change_id else f"notice {delivery.notice_id}"
        what = "summary" if delivery.summary_id else what
        out.add_row(
            str(delivery.id),
            what,
            delivery.target,
            delivery.state.value,
            str(delivery.attempts),
            stamp(delivery.created_at),
            stamp(delivery.sent_at),
            stamp(delivery.next_at),
            clean.line(delivery.error or (f"in digest {delivery.digest}" if delivery.digest else "")),
        )
    return out


def mute_line(mute: Mute) -> str:
    """A muted base in one line."""
    return f"Muted: {mute.base} until {stamp(mute.until)}, by {clean.isolated(mute.who)}"


def fact_tree(fact: KnownFact, evidence: dict[int, Evidence], words: Words) -> Tree:
    """From a known fact down to each claim: quote, article, version, origin, weight, rule; then what is against it."""
    subject = words.subject(fact.kind, fact.subject)
    contested = " — contested" if fact.contested else ""
    tree = Tree(Text(f"{subject}: {words.value(fact.held.value)}{contested}", style="bold"))
    _position_branch(
        tree.add(_position_line("plan" if fact.slot is Slot.PLAN else "held", fact.held, words)), fact.held, evidence
    )
    for rival in fact.rivals:
        _position_branch(tree.add(_position_line("against", rival, words)), rival, evidence)
    return tree


def last_of_each(history: Sequence[KnownFact]) -> list[KnownFact]:
    """The history without the steps in which only the evidence grew: of those in a row that say the same, the last."""
    kept: list[KnownFact] = []
    place: dict[tuple[Kind, Slot], int] = {}  # where in `kept` the last one of each kind and slot stands
    for fact in history:
        track = (fact.kind, fact.slot)
        if track in place and _saying(kept[place[track]]) == _saying(fact):
            kept[place[track]] = fact
        else:
            place[track] = len(kept)
            kept.append(fact)
    return kept


def _saying(fact: KnownFact) -> tuple[object, ...]:
    return fact.held.value, fact.held.since, fact.contested, tuple(rival.value for rival in fact.rivals)


def position_tree(label: str, position: Position, evidence: dict[int, Evidence], words: Words) -> Tree:
    """One side alone, for the `why` of a change."""
    tree = Tree(_position_line(label, position, words))
    _position_branch(tree, position, evidence)
    return tree


def _position_line(label: str, position: Position, words: Words) -> Text:
    line = (
        f"{label}: {words.value(position.value)} since {position.since}; {position.credibility}, "
        f"{words.origins(position.origins)}, confidence {position.confidence:.2f}"
    )
    return Text(line + (f"; {clean.isolated(position.source)}" if position.source else ""))


def _position_branch(branch: Tree, position: Position, evidence: dict[int, Evidence]) -> None:
    for support in position.support:
        found = evidence.get(support.claim_id)
        branch.add(Text("\n".join(_claim_lines(support, found)) if found else f"claim {support.claim_id}"))
    if position.more:
        branch.add(Text(f"… and {position.more} claims of no more weight"))


def _claim_lines(support: Support, evidence: Evidence) -> Iterable[str]:
    claim = evidence.claim
    factors = " × ".join(f"{name} {value:g}" for name, value in support.factors)
    yield f"“{clean.isolated(claim.quote)}”"
    speaker = f", said by {clean.isolated(claim.speaker)}" if claim.speaker else ""
    yield (
        f"  {clean.isolated(evidence.outlet)} ({evidence.reliability}), published {stamp(evidence.published)}"
        f"{speaker}, {claim.modality.value}, holds {claim.date or 'at publication'}"
    )
    yield f"  {clean.line(evidence.url)} version {evidence.number}, characters {claim.start}–{claim.end}"
    if evidence.capture:
        kept = evidence.capture
        yield f"  captured {stamp(kept.fetched_at)}, HTTP {kept.status}, {kept.size} bytes, SHA-256 {kept.sha256}"
    if evidence.absence:
        yield f"  {absence_line(evidence.absence)}"
    yield f"  weight {support.weight:.2f} = {factors or 'given'}; origin {clean.isolated(support.origin)}"
    withdrawn = f"; withdrawn {stamp(evidence.withdrawn_at)}" if evidence.withdrawn_at else ""
    yield f"  claim {evidence.id}, rule {clean.line(claim.rule) or '–'}{withdrawn}"


def set_aside_tree(reasons: Mapping[int, str], evidence: dict[int, Evidence]) -> Tree:
    """The claims about a subject that count for nothing, each with the reason."""
    tree = Tree(Text("set aside", style="bold"))
    for claim_id, reason in reasons.items():
        found = evidence.get(claim_id)
        quote = f"“{clean.isolated(found.claim.quote)}” {clean.line(found.url)}" if found else f"claim {claim_id}"
        tree.add(Text(f"{quote}\n  {clean.line(reason)}"))
    return tree


def ruling_line(ruling: Ruling, words: Words) -> str:
    """A person's word in one line."""
    on = f" of change #{ruling.change_id}" if ruling.change_id else ""
    why = f": {clean.line(ruling.because or ruling.source)}" if ruling.because or ruling.source else ""
    released = f"; released {stamp(ruling.released_at)}" if ruling.released_at else ""
    value = f"{words.subject(ruling.kind, ruling.subject)} {words.value(ruling.value)}"
    given = f"ruling {ruling.id}, {stamp(ruling.at)}, {clean.isolated(ruling.who)}"
    return f"{given}: {ruling.verdict}{on}, {value}{why}{released}"


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
