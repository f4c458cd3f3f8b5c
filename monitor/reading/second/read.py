"""The second reader: a small network that adds what it is nearly sure of, and drops what it doubts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from db.records import Claim, Figure, Kind, Modality, Role, Status, StatusValue
from monitor.reading.kinds.decide import by_rule_alone
from monitor.reading.second.cases import BaseCase, Case, DeadlineCase, FigureCase, View
from monitor.reading.second.claims import base_status, deadline, figure, subject_of
from monitor.reading.second.network import UNSEEN, Answer, Network, Question
from monitor.topics import Topic

NETWORK_FILE = "network.npz"
NONE = "none"  # the class of a number or date that is no claim
_REASONS = 3
_EVEN = 0.5
_KEPT = 20_000  # answers


@dataclass(frozen=True, kw_only=True, slots=True)
class Least:
    """The least chance at which the second reader claims, 0 to 1. docs/measurements.md has what comes of several.

    alerting: asserted base statuses and figures of troops present. other: all that raises no alert. doubted: an
    alerting claim of the first reader with a lower chance than this is dropped; 0 drops none.
    """

    alerting: float = 0.95
    other: float = 0.7
    doubted: float = 0.2

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be a chance, from 0 to 1")


_GONE = (Status.VACATED, Status.HANDED_OVER)  # the second implies the first: what speaks for one, speaks for the other
_LEAVING = (*_GONE, Status.WITHDRAWING)
Chances = Mapping[tuple[str, Status], float]  # of each asserted status of a base, anywhere in a text


_PRESENT = f"{Kind.TROOP_FIGURE.value}/{Role.PRESENT.value}/{Modality.ASSERTED.value}"


def _is_doubted(claim: Claim, chances: Chances, least: float) -> bool:
    """Whether a claim of the first reader is an asserted status that the network gives too small a chance.

    Where both read that the base is being left, a rule that needed no model has the word on how far that went.
    """
    if claim.modality is not Modality.ASSERTED or not isinstance(claim.value, StatusValue):
        return False

    def chance(statuses: tuple[Status, ...]) -> float:
        return max(chances.get((claim.subject, status), 1.0) for status in statuses)

    status = claim.value.status
    if chance(_GONE if status in _GONE else (status,)) >= least:
        return False
    return not (status in _LEAVING and by_rule_alone(claim) and chance(_LEAVING) >= _EVEN)


class _Numbers:
    """What the network says of the numbers and dates of a text, for claims that the first reader makes of them."""

    def __init__(self, view: View, answers: Sequence[tuple[Case, Answer]]) -> None:
        self._view = view
        self._by_value: dict[object, list[tuple[int, FigureCase | DeadlineCase, Answer]]] = {}
        for case, answer in answers:
            if isinstance(case, FigureCase):
                quantity = case.number.quantity
                self._add((quantity.low, quantity.high), quantity.number_start, case, answer)
            elif isinstance(case, DeadlineCase):
                self._add(case.deadline.value, case.deadline.number.quantity.number_start, case, answer)

    def _add(self, value: object, start: int, case: FigureCase | DeadlineCase, answer: Answer) -> None:
        self._by_value.setdefault(value, []).append((start, case, answer))

    def _of(self, claim: Claim) -> tuple[FigureCase | DeadlineCase, Answer] | None:
        """The case of a claim's number or date, found by its value in the claim's quote."""
        value = (claim.value.low, claim.value.high) if isinstance(claim.value, Figure) else claim.value
        found = self._by_value.get(value, ())
        at = bisect_left(found, claim.start, key=lambda each: each[0])
        return found[at][1:] if at < len(found) and found[at][0] < claim.end else None

    def is_doubted(self, claim: Claim, least: float) -> bool:
        """Whether a claim is a figure of troops present that the network gives too small a chance."""
        present = isinstance(claim.value, Figure) and claim.value.role is Role.PRESENT
        if not (present and claim.kind is Kind.TROOP_FIGURE and claim.modality is Modality.ASSERTED):
            return False
        found = self._of(claim)
        return found is not None and found[1].chances.get(_PRESENT, 1.0) < least

    def put(self, claim: Claim) -> Claim:
        """The claim with the base or country that the network says its number or date is of."""
        found = self._of(claim)
        return replace(claim, subject=subject_of(self._view, found[0], claim.kind, found[1])) if found else claim


class SecondReader:
    """Reads passages of one topic; keeps its last answers, for versions to come."""

    def __init__(self, topic: Topic, *, network: Network | None = None, least: Least | None = None) -> None:
        """network: instead of the topic's own. Without any, nothing is claimed. Raises ConfigError."""
        self._network = network or Network.load(topic.folder / NETWORK_FILE)
        self._least = least or Least()
        self._kept: dict[tuple[object, ...], Answer] = {}

    def weigh(self, view: View, claims: Sequence[Claim]) -> list[Claim]:
        """The first reader's claims without those that are doubted, and what it did not say."""
        answers = list(self._answers(view))
        numbers = _Numbers(view, answers)
        claims = [numbers.put(claim) for claim in claims]
        chances: dict[tuple[str, Status], float] = {}
        for case, answer in answers:
            if isinstance(case, BaseCase):
                for status in Status:
                    chance = answer.chances[f"{status.value}/{Modality.ASSERTED.value}"]
                    chances[case.base, status] = max(chance, chances.get((case.base, status), 0.0))
        least = self._least.doubted
        kept = [c for c in claims if not (_is_doubted(c, chances, least) or numbers.is_doubted(c, least))]
        said = {said_by(claim) for claim in claims}
        added = (claim for case, answer in answers for claim in self._claims(view, case, answer))
        return kept + [claim for claim in added if said_by(claim) not in said]

    def forget(self) -> None:
        """Let go of the answers that are kept between texts."""
        self._kept.clear()

    def _answers(self, view: View) -> Iterator[tuple[Case, Answer]]:
        """Every case with its answer. What stands as it did in an earlier version is not decided again."""
        keys = [self._key(view, case) for case in view.cases]
        new = [case for case, key in zip(view.cases, keys, strict=True) if key not in self._kept]
        decided = dict(zip(map(id, new), self._decide(view, [case.question for case in new]), strict=True))
        for case, key in zip(view.cases, keys, strict=True):
            answer = decided.get(id(case)) or self._kept.pop(key, None)
            if answer is not None:
                self._kept[key] = answer
                yield case, answer
        while len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]

    def _key(self, view: View, case: Case) -> tuple[object, ...]:
        """All that an answer depends on: the two sentences, the day of publication, and the question."""
        q = case.question
        said = [
            None if i is None else view.text.norm[view.spans[i].start : view.spans[i].end] for i in (q.here, q.before)
        ]
        published = view.passage.published
        day = published.date() if published else None
        return (*said, day, view.lexicon.lang, q.sort, q.word, q.carried, tuple(q.marks))

    def _decide(self, view: View, questions: Sequence[Question]) -> list[Answer]:
        """The network's answers. Only sentences that have a question, or stand before one, are looked at."""
        if self._network is None or not questions:
            return []
        wanted = {i for q in questions for i in (q.here, q.before) if i is not None}
        sentences = [view.shown(i) if i in wanted else UNSEEN for i in range(len(view.spans))]
        return self._network.answer(sentences, questions)

    def _claims(self, view: View, case: Case, answer: Answer) -> Iterator[Claim]:
        if isinstance(case, BaseCase):
            for name, chance in answer.chances.items():
                status, _, modality = name.partition("/")
                if chance >= (self._least.alerting if modality == Modality.ASSERTED else self._least.other):
                    rule = _rule(view, case, name, chance, answer)
                    yield base_status(view, case, Status(status), Modality(modality), answer, rule)
            return
        name, chance = max(((n, c) for n, c in answer.chances.items() if n != NONE), key=lambda pair: pair[1])
        if chance < (self._least.alerting if name == _PRESENT else self._least.other):
            return
        rule = _rule(view, case, name, chance, answer)
        if isinstance(case, FigureCase):
            kind, part, modality = name.split("/")
            yield figure(view, case, Kind(kind), part, Modality(modality), answer, rule)
        else:
            yield deadline(view, case, Modality(name), answer, rule)


def _rule(view: View, case: Case, name: str, chance: float, answer: Answer) -> str:
    """What decided a claim: its class and chance, and the words most looked at, with the cue of the topic's data."""
    reasons: list[str] = []
    for _, in_here, word in answer.seen:
        sentence = view.sentence(case.question.here if in_here else case.question.before or 0)
        if word >= len(sentence.words) or not sentence.words[word].text[0].isalnum():
            continue
        cue = next((hit for hit in sentence.hits if hit.first <= word < hit.last), None)
        first, last = (cue.first, cue.last) if cue else (word, word + 1)
        start, end = sentence.span_of(first, last)
        said = f"{cue.cls + ' ' if cue else ''}'{view.text.original[start:end]}'"
        if said not in reasons:
            reasons.append(said)
    return f"{name} {chance:.2f} by {', '.join(reasons[:_REASONS])}"


def said_by(claim: Claim) -> tuple[object, ...]:
    """What a claim says, whoever says it and when: two claims with the same are one."""
    value = claim.value.status if isinstance(claim.value, StatusValue) else claim.value
    return (claim.kind, claim.subject, value, claim.modality)
