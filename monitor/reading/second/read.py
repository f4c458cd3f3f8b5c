"""The second reader: a small network that adds what it is nearly sure of, and drops what it doubts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from db.records import Claim, Kind, Modality, Status, StatusValue
from monitor.reading.second.cases import BaseCase, Case, FigureCase, View
from monitor.reading.second.claims import base_status, deadline, figure
from monitor.reading.second.network import UNSEEN, Answer, Network, Question
from monitor.topics import Topic

NETWORK_FILE = "network.npz"
NONE = "none"  # the class of a number or date that is no claim
_REASONS = 3
_KEPT = 20_000  # answers


@dataclass(frozen=True, kw_only=True, slots=True)
class Least:
    """The least chance at which the second reader claims, 0 to 1. docs/measurements.md has what comes of several.

    alerting: asserted base statuses and figures of troops present. other: all that raises no alert. doubted: an
    asserted base status of the first reader with a lower chance than this is dropped; 0 drops none.
    """

    alerting: float = 0.95
    other: float = 0.8
    doubted: float = 0.05

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be a chance, from 0 to 1")


def _chance(claim: Claim, chances: Mapping[tuple[str, str], float]) -> float:
    """The chance that an asserted base status has anywhere in the text; of all else 1: it is not weighed."""
    if claim.modality is not Modality.ASSERTED or not isinstance(claim.value, StatusValue):
        return 1.0
    return chances.get((claim.subject, f"{claim.value.status.value}/{claim.modality.value}"), 1.0)


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
        chances: dict[tuple[str, str], float] = {}
        for case, answer in answers:
            if isinstance(case, BaseCase):
                for name, chance in answer.chances.items():
                    chances[case.base, name] = max(chance, chances.get((case.base, name), 0.0))
        kept = [claim for claim in claims if _chance(claim, chances) >= self._least.doubted]
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
        alerting = name == f"{Kind.TROOP_FIGURE.value}/present/{Modality.ASSERTED.value}"
        if chance < (self._least.alerting if alerting else self._least.other):
            return
        rule = _rule(view, case, name, chance, answer)
        if isinstance(case, FigureCase):
            kind, part, modality = name.split("/")
            yield figure(view, case, Kind(kind), part, Modality(modality), rule)
        else:
            yield deadline(view, case, Modality(name), rule)


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
