"""What the second reader's cases claim: each class of the network as a claim with its quote, speaker and date."""

from __future__ import annotations

from collections.abc import Sequence

from db.records import Claim, Figure, Kind, Modality, Role, Status, StatusValue
from monitor.reading.clauses import Sentence
from monitor.reading.cues import Word
from monitor.reading.dates import DateMention
from monitor.reading.figure_roles import quote_of
from monitor.reading.figures import HARD, SOFT
from monitor.reading.kinds import deadline as deadlines
from monitor.reading.second.cases import BaseCase, DeadlineCase, FigureCase, View
from monitor.reading.second.network import Answer

SITED = (Kind.TROOP_FIGURE, Kind.CONVOY, Kind.DEADLINE)  # kinds whose subject may be a base


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
        date=date_of(view, case, modality, answer),
        rule=rule,
    )


def _quoted(view: View, case: BaseCase, answer: Answer) -> tuple[int, int]:
    """The words `[first, last)` of the quote; the whole sentence where the base is named in an earlier one."""
    sentence = view.sentence(case.question.here)
    clause = view.clause(case)
    if clause is None:
        return _without_marks(sentence.words, 0, len(sentence.words))
    cues = {hit.first for hit in sentence.hits}
    seen = [word for _, here, word in answer.seen if here and word in cues]
    also = [c for c in sentence.clauses if seen and c.first <= seen[0] < c.last]
    first, last = min(c.first for c in (clause, *also)), max(c.last for c in (clause, *also))
    return _without_marks(sentence.words, first, last)


def _without_marks(words: Sequence[Word], first: int, last: int) -> tuple[int, int]:
    """The words `[first, last)` without the punctuation at their ends."""
    inner = [index for index in range(first, last) if words[index].text not in HARD | SOFT]
    return (inner[0], inner[-1] + 1) if inner else (first, last)


def date_of(view: View, case: BaseCase | FigureCase, modality: Modality, answer: Answer) -> str | None:
    """The date that a case most likely has. What is planned or possible is read as to come where it may be either."""
    chances: dict[int, float] = {}
    dates = view.dates(case)
    for name, date in dates.items():
        chances[date.start] = chances.get(date.start, 0.0) + answer.dates[name]
    best = max(chances, key=lambda start: chances[start], default=None)
    if best is None or chances[best] < answer.dates["none"]:
        return None
    return as_meant(view, next(date for date in dates.values() if date.start == best), modality)


def as_meant(view: View, date: DateMention, modality: Modality) -> str:
    """A date as a claim of this modality has it: a plan's "on Friday" is the next, a fact's the last."""
    if modality in (Modality.PLANNED, Modality.POSSIBLE):
        return next((ahead.date for ahead in view.passage.dates_ahead if ahead.start == date.start), date.date)
    return date.date


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


def figure(view: View, case: FigureCase, kind: Kind, part: str, modality: Modality, answer: Answer, rule: str) -> Claim:
    """The claim of a case. part: a role, a direction, or "-" for neither."""
    number, quantity = case.number, case.number.quantity
    line, passage = view.lines[case.question.here], view.passage
    start, end = quote_of(line, number)
    return Claim(
        kind=kind,
        subject=subject_of(view, case, kind, answer),
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
        date=date_of(view, case, modality, answer),
        rule=rule,
    )


def deadline(view: View, case: DeadlineCase, modality: Modality, answer: Answer, rule: str) -> Claim:
    """The claim of a case."""
    line, number = case.deadline.line, case.deadline.number
    start, end = deadlines.quote_of(line, number)
    return Claim(
        kind=Kind.DEADLINE,
        subject=subject_of(view, case, Kind.DEADLINE, answer),
        value=case.deadline.value,
        modality=modality,
        quote=view.text.original[start:end],
        start=start,
        end=end,
        speaker=view.passage.speakers.of(start, end, line.bounds),
        rule=rule,
    )


def subject_of(view: View, case: FigureCase | DeadlineCase, kind: Kind, answer: Answer) -> str:
    """What a number or date is most likely of: a base, where the kind may be of one, or the country."""
    chances = {"": answer.places["country"]}
    for place, base in case.places.items() if kind in SITED else ():
        chances[base] = chances.get(base, 0.0) + answer.places[place]
    return max(chances, key=lambda base: chances[base]) or view.passage.cues.topic.whole(kind)
