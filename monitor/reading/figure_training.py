"""Training of the models that decide numbers and deadlines (`kinds/`) from labelled passages.

Every number of a passage is an example of the labelled figure whose bounds it has (the one whose quote holds it
first) or of none; every duration and date is one of the deadline whose latest day it gives, or of none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from db.records import Kind, parse_moment
from monitor.reading import counting
from monitor.reading.figure_features import LEXICAL, features
from monitor.reading.figures import MODEL_FILES, FigureCues, Number, Passage
from monitor.reading.kinds import deadline
from monitor.reading.kinds.troop_figure import NONE, candidates, ruled
from monitor.reading.linear import Example, Fit, Linear, fit
from monitor.reading.text import Text
from monitor.topics import Topic

FIT = Fit(epochs=20, rate=0.08, pull=1e-2, words=1.0, lexical=LEXICAL)
_RARE = 8  # a role with its modality that is labelled less often is not learnt


def examples_of(passages: Iterable[Mapping[str, Any]], cues: FigureCues) -> list[Example]:
    """The examples of labelled passages, in order; optional labels give none."""
    out: list[Example] = []
    for row, passage in _prepared(passages, cues):
        claims = [claim for claim in row["claims"] if claim["kind"] == "troop_figure"]
        used: set[int] = set()
        for line, number, about in candidates(passage):
            found = _label(row["text"], claims, used, number)
            if found is not None and claims[found].get("optional"):
                continue
            label = NONE if found is None else f"{claims[found]['role']}/{claims[found]['modality']}"
            out.append(Example(tuple(features(line, number, ruled(line, number, about))), label))
    return out


def deadline_examples(passages: Iterable[Mapping[str, Any]], cues: FigureCues) -> list[Example]:
    """The same for deadlines: a class is the modality."""
    out: list[Example] = []
    for row, passage in _prepared(passages, cues):
        claims = [claim for claim in row["claims"] if claim["kind"] == "deadline" and claim.get("latest")]
        used: set[int] = set()
        for candidate in deadline.candidates(passage):
            latest = candidate.value.latest or ""
            same = (i for i, c in enumerate(claims) if i not in used and _near(c["latest"], latest))
            found = next(same, None)
            if found is not None:
                used.add(found)
                if claims[found].get("optional"):
                    continue
            label = NONE if found is None else str(claims[found]["modality"])
            names = features(candidate.line, candidate.number, deadline.ruled(candidate))
            out.append(Example(tuple(names), label))
    return out


def count_examples(passages: Iterable[Mapping[str, Any]], cues: FigureCues, kind: Kind) -> list[Example]:
    """The same for a kind that only counts: a class is "role or direction/modality"."""
    out: list[Example] = []
    for row, passage in _prepared(passages, cues):
        claims = [claim for claim in row["claims"] if claim["kind"] == kind]
        used: set[int] = set()
        for line, number in counting.counts(passage):
            found = _label(row["text"], claims, used, number)
            label = NONE
            if found is not None:
                claim = claims[found]
                if claim.get("optional"):
                    continue
                label = f"{claim.get('role') or claim.get('direction') or '-'}/{claim['modality']}"
            out.append(Example(tuple(counting.number_features(line, number)), label))
    return out


def _near(one: str, two: str) -> bool:
    """Whether two ISO dates are within four days; a month or year covers its days."""
    size = min(len(one), len(two))
    if size < 10:
        return one[:size] == two[:size]
    return abs((date.fromisoformat(one) - date.fromisoformat(two)).days) <= 4


def _prepared(passages: Iterable[Mapping[str, Any]], cues: FigureCues) -> Iterator[tuple[Mapping[str, Any], Passage]]:
    for row in passages:
        published = parse_moment(row["published"]) if row.get("published") else None
        yield row, Passage(Text(row["text"]), row["lang"], cues, published)


def _label(text: str, claims: Sequence[Mapping[str, Any]], used: set[int], number: Number) -> int | None:
    """The index of the labelled figure that a number is, taken out of those left."""
    quantity = number.quantity
    best: tuple[bool, int] | None = None
    for index, claim in enumerate(claims):
        if index in used or (claim["low"], claim["high"]) != (quantity.low, quantity.high):
            continue
        start = text.find(claim["quote"])
        holds = start <= quantity.number_start < start + len(claim["quote"])
        if best is None or holds > best[0]:
            best = (holds, index)
    if best is None:
        return None
    used.add(best[1])
    return best[1]


def train(examples: Sequence[Example], how: Fit = FIT) -> Linear:
    """The model of these examples."""
    counts = Counter(example.label for example in examples)
    known = sorted(label for label, count in counts.items() if count >= _RARE)
    return fit([example for example in examples if example.label in known], known, how)


def models(topic: Topic, passages: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Linear, dict[str, Any]]]:
    """Each model with its file's name and the facts of its training."""
    cues = FigureCues(topic, models={})
    fit_facts = {"epochs": FIT.epochs, "rate": FIT.rate, "pull": FIT.pull, "words": FIT.words, "seed": FIT.seed}
    for kind, examples in (
        (Kind.TROOP_FIGURE, examples_of(passages, cues)),
        (Kind.DEADLINE, deadline_examples(passages, cues)),
        (Kind.BASE_COUNT, count_examples(passages, cues, Kind.BASE_COUNT)),
        (Kind.CONVOY, count_examples(passages, cues, Kind.CONVOY)),
        (Kind.DETAINEES, count_examples(passages, cues, Kind.DETAINEES)),
    ):
        labelled = sum(example.label != NONE for example in examples)
        yield MODEL_FILES[kind], train(examples), {"examples": len(examples), "labelled": labelled, "fit": fit_facts}
