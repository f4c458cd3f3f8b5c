"""Claims of kind `troop_figure`: how many of our soldiers are there, left, are to leave, to stay or to come.

The rules of `figure_ours` and `figure_roles` read every number of a sentence; the topic's small linear model over
composed features (`figure_features`) weighs their reading against the words around. Without a model the rules decide.
"""

from __future__ import annotations

from collections.abc import Iterator

from db.records import Claim, Figure, Kind, Modality, Role
from monitor.reading.dates import date_for
from monitor.reading.figure_features import features
from monitor.reading.figure_ours import LARGEST, is_elsewhere, is_foreign, is_never, is_ours
from monitor.reading.figure_roles import Reading, by_rule, clause_of, is_whole, quote_of, site_of
from monitor.reading.figures import Line, Number, Passage

NONE = "none"
_SMALLEST = 10  # smaller counts of soldiers are incidents, not a force; zero is told


_SURE = ("from, reduce", "from, rise", "to, reduce", "to, rise")  # then and now: the grammar leaves no doubt


def troop_figures(passage: Passage) -> Iterator[Claim]:
    """All troop figures of a passage, in order."""
    for line, number, about in candidates(passage):
        reading = _decide(line, number, about)
        if reading is not None:
            yield _claim(line, number, reading)


def candidates(passage: Passage) -> Iterator[tuple[Line, Number, bool]]:
    """Every number that could be one, with its sentence and whether the sentence before spoke of a force."""
    about = False
    for line in passage.lines:
        for number in line.numbers:
            quantity = number.quantity
            size = quantity.high if quantity.high is not None else quantity.low
            if size is not None and size <= LARGEST and not 0 < size < _SMALLEST and not is_never(line, number):
                yield line, number, about
        about = line.has_numbers and any(hit.cls == "force" for hit in line.hits)


def _decide(line: Line, number: Number, about: bool) -> Reading | None:
    model = line.passage.cues.models.get(Kind.TROOP_FIGURE)
    if model is None:
        return by_rule(line, number, line.numbers) if is_ours(line, number, about) else None
    sure = by_rule(line, number, line.numbers)
    if sure is None or (number.quantity.relation and sure.rule.startswith(_SURE) and is_ours(line, number, about)):
        return sure
    names = features(line, number, ruled(line, number, about))
    chances = model.probabilities(names)
    best = max((name for name in chances if name != NONE), key=lambda name: chances[name])
    role, _, modality = best.partition("/")
    least = line.passage.cues.least_asserted if modality == Modality.ASSERTED else line.passage.cues.least_other
    if chances[best] < least:
        return None
    reasons = ", ".join(model.reasons(names, best))
    return Reading(Role(role), Modality(modality), f"{best} {chances[best]:.2f} by {reasons}")


def ruled(line: Line, number: Number, about: bool) -> list[str]:
    """What the rules say of a number, as features of the model."""
    ours = is_ours(line, number, about)
    names = [f"ours={ours}"]
    if is_foreign(line, number):
        names.append("foreign")
    if is_elsewhere(line, number):
        names.append("elsewhere")
    if is_whole(line, number):
        names.append("whole")
    reading = by_rule(line, number, line.numbers)
    if reading is None:
        return [*names, "rule=none"]
    both = f"{reading.role.value}|{reading.modality.value}"
    return [
        *names,
        f"rule={reading.role.value}",
        f"rule={both}",
        f"rule={ours}|{both}",
        f"ruled={reading.modality.value}",
        f"why={reading.rule}",
    ]


def _claim(line: Line, number: Number, reading: Reading) -> Claim:
    quantity = number.quantity
    start, end = quote_of(line, number)
    return Claim(
        kind=Kind.TROOP_FIGURE,
        subject=site_of(line, number) or line.passage.cues.topic.whole(Kind.TROOP_FIGURE),
        value=Figure(low=quantity.low, high=quantity.high, comparator=quantity.comparator, role=reading.role),
        modality=reading.modality,
        quote=line.passage.text.original[start:end],
        start=start,
        end=end,
        speaker=line.passage.speakers.of(start, end, line.bounds),
        date=date_for(line.passage.dates, start, end, clause=clause_of(line, number), sentence=line.bounds),
        rule=f"troop_figure: {reading.rule}",
    )
