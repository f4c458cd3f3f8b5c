"""What the second reader's cases claim: each class of the network as a claim with its quote, speaker and date."""

from __future__ import annotations

from db.records import US_TROOPS, Claim, Figure, Kind, Modality, Role, Status, StatusValue
from monitor.reading.clauses import Sentence
from monitor.reading.dates import date_for
from monitor.reading.figure_roles import clause_of, quote_of, site_of
from monitor.reading.kinds import base_count, convoy, detainees
from monitor.reading.kinds import deadline as deadlines
from monitor.reading.second.cases import BaseCase, DeadlineCase, FigureCase, View
from monitor.reading.second.network import Answer

_SITED = (Kind.TROOP_FIGURE, Kind.CONVOY)  # a base close to the number is their subject
_SUBJECTS = {
    Kind.TROOP_FIGURE: f"{US_TROOPS}{{topic}}",
    Kind.BASE_COUNT: f"{base_count.SUBJECT}{{topic}}",
    Kind.CONVOY: f"{convoy.SUBJECT}{{topic}}",
    Kind.DETAINEES: detainees.SUBJECT,
}


def base_status(view: View, case: BaseCase, status: Status, modality: Modality, answer: Answer, rule: str) -> Claim:
    """The claim of a case: its quote is the clause of the base, with that of the word that decided most."""
    here = case.question.here
    sentence = view.sentence(here)
    first, last = _quoted(view, case, answer)
    start, end = sentence.span_of(first, last)
    return Claim(
        kind=Kind.BASE_STATUS,
        subject=case.base,
        value=StatusValue(status=status, to=_receiver(view, case, answer) if status is Status.HANDED_OVER else None),
        modality=modality,
        quote=view.text.original[start:end],
        start=start,
        end=end,
        speaker=view.passage.speakers.of(start, end, sentence.span_of(0, len(sentence.words))),
        date=_date(view, case, modality, start, end),
        rule=rule,
    )


def _quoted(view: View, case: BaseCase, answer: Answer) -> tuple[int, int]:
    """The words `[first, last)` of the quote; the whole sentence where the base is named in an earlier one."""
    sentence = view.sentence(case.question.here)
    clause = view.clause(case)
    if clause is None:
        return 0, len(sentence.words)
    cues = {hit.first for hit in sentence.hits}
    seen = [word for _, here, word in answer.seen if here and word in cues]
    also = [c for c in sentence.clauses if seen and c.first <= seen[0] < c.last]
    return min(c.first for c in (clause, *also)), max(c.last for c in (clause, *also))


def _date(view: View, case: BaseCase, modality: Modality, start: int, end: int) -> str | None:
    """The date of the base's clause, else of a clause without bases before it, else of the sentence's opening."""
    ahead = modality in (Modality.PLANNED, Modality.POSSIBLE)
    dates = view.passage.dates_ahead if ahead else view.passage.dates
    sentence, clause = view.sentence(case.question.here), view.clause(case)
    bounds = sentence.span_of(0, len(sentence.words))
    if clause is None:
        return date_for(dates, start, end, clause=bounds, sentence=bounds)
    own = sentence.span_of(clause.first, clause.last)
    when = date_for(dates, start, end, clause=own, sentence=bounds)
    index = sentence.clauses.index(clause)
    if when is None and index and not sentence.clauses[index - 1].groups:
        before = sentence.clauses[index - 1]
        span = sentence.span_of(before.first, before.last)
        when = date_for(dates, start, end, clause=span, sentence=span)
    return when


def _receiver(view: View, case: BaseCase, answer: Answer) -> str | None:
    """Who took a base over: the party named nearest to it in its clause, else in its sentence, else in the one before.

    Among those of another sentence the one that decided most.
    """
    question = case.question
    clause = view.clause(case)
    sentence = view.sentence(question.here)
    nearest = _nearest_party(sentence, clause.first, clause.last, question.word) if clause else None
    nearest = nearest or _nearest_party(sentence, 0, len(sentence.words), question.word)
    if nearest is None and question.before is not None:
        before = view.sentence(question.before)
        seen = [word for _, here, word in answer.seen if not here]
        nearest = _nearest_party(before, 0, len(before.words), seen[0] if seen else len(before.words))
    return nearest


def _nearest_party(sentence: Sentence, first: int, last: int, at: int) -> str | None:
    parties = [hit for hit in sentence.hits if hit.cls.startswith("party.") and first <= hit.first < last]
    return min(parties, key=lambda hit: abs(hit.first - at)).cls.removeprefix("party.") if parties else None


def figure(view: View, case: FigureCase, kind: Kind, part: str, modality: Modality, rule: str) -> Claim:
    """The claim of a case. part: a role, a direction, or "-" for neither."""
    number, quantity = case.number, case.number.quantity
    line, passage = view.lines[case.question.here], view.passage
    start, end = quote_of(line, number)
    return Claim(
        kind=kind,
        subject=(site_of(line, number) if kind in _SITED else "")
        or _SUBJECTS[kind].format(topic=passage.cues.topic.id),
        value=Figure(
            low=quantity.low,
            high=quantity.high,
            comparator=quantity.comparator,
            role=Role(part) if kind in (Kind.TROOP_FIGURE, Kind.BASE_COUNT) else None,
            direction=part if part in ("in", "out") else None,
        ),
        modality=modality,
        quote=view.text.original[start:end],
        start=start,
        end=end,
        speaker=passage.speakers.of(start, end, line.bounds),
        date=date_for(passage.dates, start, end, clause=clause_of(line, number), sentence=line.bounds),
        rule=rule,
    )


def deadline(view: View, case: DeadlineCase, modality: Modality, rule: str) -> Claim:
    """The claim of a case."""
    line, number = case.deadline.line, case.deadline.number
    start, end = deadlines.quote_of(line, number)
    return Claim(
        kind=Kind.DEADLINE,
        subject=site_of(line, number) or f"{deadlines.SUBJECT}{view.passage.cues.topic.id}",
        value=case.deadline.value,
        modality=modality,
        quote=view.text.original[start:end],
        start=start,
        end=end,
        speaker=view.passage.speakers.of(start, end, line.bounds),
        rule=rule,
    )
