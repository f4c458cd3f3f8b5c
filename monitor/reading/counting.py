"""What the kinds share that only count: bases, vehicles, prisoners. Each is a small linear model over the features of a
number; without its model a kind claims nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from db.records import Claim, Figure, Kind, Modality, Role
from monitor.reading.dates import date_for
from monitor.reading.figure_features import features
from monitor.reading.figure_roles import by_rule, clause_of, quote_of, site_of
from monitor.reading.figures import Line, Number, Passage

NONE = "none"
_LARGEST = 20_000


def counts(passage: Passage) -> Iterator[tuple[Line, Number]]:
    """Every count of a passage that a kind might claim."""
    for line in passage.lines:
        for number in line.numbers:
            quantity = number.quantity
            size = quantity.high if quantity.high is not None else quantity.low
            if size is not None and size <= _LARGEST:
                yield line, number


def number_features(line: Line, number: Number) -> list[str]:
    """The features of a number for these kinds."""
    after = line.words[number.last].text if number.last < len(line.words) else ""
    near = [hit.cls for hit in number.hits if 0 <= number.gap(hit) <= 2 and hit.cls in ("thing", "captive", "people")]
    names = [f"counted={after}", *(f"counted is {cls}" for cls in near)]
    for where, first in [
        *(("site", first) for _, first, _ in line.sites),
        *(("away", h.first) for h in line.hits if h.cls == "away"),
    ]:
        names.append(f"{where} {'<' if first < number.first else '>'} via {_way(line, first)}")
    reading = by_rule(line, number, line.numbers)  # the same cues govern bases and men
    if reading is not None:
        names += [f"rule={reading.role.value}|{reading.modality.value}", f"ruled={reading.modality.value}|{after}"]
        names += [f"rule={reading.role.value}|{after}", f"why={reading.rule}"]
    return features(line, number, names)


_WAYS = frozenset(
    ["to", "into", "toward", "towards", "from", "out", "at", "in", "إلى", "الي", "نحو", "من", "عبر", "في", "باتجاه"]
)


def _way(line: Line, first: int) -> str:
    """The preposition of way or place that leads to a place, over a word or two for base."""
    for index in range(first - 1, max(first - 4, -1), -1):
        if line.words[index].text in _WAYS:
            return line.words[index].text
    return ""


@lru_cache(maxsize=1)  # the kinds ask one after another
def _counted(passage: Passage) -> Sequence[tuple[Line, Number, list[str]]]:
    return [(line, number, number_features(line, number)) for line, number in counts(passage)]


def claims_of(passage: Passage, kind: Kind, subject: str, *, sited: bool = False) -> Iterator[Claim]:
    """The claims of one counting kind. A class of its model is "part/modality": a role, a direction, or "-".

    subject: of a claim that names no base; sited: whether a base close to the number is its subject.
    """
    model = passage.cues.models.get(kind)
    if model is None:
        return
    for line, number, names in _counted(passage):
        chances = model.probabilities(names)
        best = max((name for name in chances if name != NONE), key=lambda name: chances[name])
        if chances[best] < passage.cues.least_count:
            continue
        part, _, modality = best.partition("/")
        start, end = quote_of(line, number)
        quantity = number.quantity
        yield Claim(
            kind=kind,
            subject=(site_of(line, number) if sited else "") or subject,
            value=Figure(
                low=quantity.low,
                high=quantity.high,
                comparator=quantity.comparator,
                role=Role(part) if kind is Kind.BASE_COUNT else None,
                direction=part if part in ("in", "out") else None,
            ),
            modality=Modality(modality),
            quote=passage.text.original[start:end],
            start=start,
            end=end,
            speaker=passage.speakers.of(start, end, line.bounds),
            date=date_for(passage.dates, start, end, clause=clause_of(line, number), sentence=line.bounds),
            rule=f"{kind.value}: {best} {chances[best]:.2f} by {', '.join(model.reasons(names, best))}",
        )
