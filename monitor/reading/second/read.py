"""The second reader: a small network that adds what it is nearly sure of, and drops what it doubts."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from db.records import Claim, Figure, Kind, Modality, Role, Status, StatusValue
from monitor.reading.kinds.decide import by_model_alone, by_rule_alone, in_part
from monitor.reading.second.cases import BaseCase, Case, DeadlineCase, FigureCase, View
from monitor.reading.second.claims import base_status, deadline, figure, subject_of
from monitor.reading.second.network import Answer, Network
from monitor.reading.second.shape import UNSEEN, Question
from monitor.topics import Topic

NETWORK_FILE = "network.npz"
NONE = "none"  # the class of a number or date that is no claim
_REASONS = 3
_EVEN = 0.5
_KEPT = 20_000  # answers


@dataclass(frozen=True, kw_only=True, slots=True)
class Least:
    """The least chance at which the second reader claims, 0 to 1. docs/measurements.md has what comes of several.

    alerting: asserted base statuses and figures of troops present. other: all that raises no alert.
    agreed: what the rules plainly read of a base that is left, and the first reader alone is not sure enough to claim.
    doubted, guessed, number, implausible: claims of the first reader with a lower chance are dropped, 0 drops none:
    asserted statuses; those that its models alone say, without a rule; figures of troops present; all others.
    """

    alerting: float = 0.975
    other: float = 0.7
    agreed: float = 0.7
    doubted: float = 0.2
    guessed: float = 0.3
    number: float = 0.5
    implausible: float = 0.05

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be a chance, from 0 to 1")


_GONE = (Status.VACATED, Status.HANDED_OVER)  # the second implies the first: what speaks for one, speaks for the other
_LEAVING = (*_GONE, Status.WITHDRAWING)
_PRESENT = f"{Kind.TROOP_FIGURE.value}/{Role.PRESENT.value}/{Modality.ASSERTED.value}"


class _Opinion:
    """What the network says of what the first reader claims in a text."""

    def __init__(self, view: View, answers: Sequence[tuple[Case, Answer]]) -> None:
        self._view = view
        self._of_base: dict[tuple[str, str], float] = {}  # of each class of a base, anywhere in the text
        self._by_value: dict[object, list[tuple[int, FigureCase | DeadlineCase, Answer]]] = {}
        for case, answer in answers:
            if isinstance(case, BaseCase):
                for name, chance in answer.chances.items():
                    self._of_base[case.base, name] = max(chance, self._of_base.get((case.base, name), 0.0))
            elif isinstance(case, FigureCase):
                quantity = case.number.quantity
                self._add((quantity.low, quantity.high), quantity.number_start, case, answer)
            else:
                self._add(case.deadline.value, case.deadline.number.quantity.number_start, case, answer)

    def _add(self, value: object, start: int, case: FigureCase | DeadlineCase, answer: Answer) -> None:
        self._by_value.setdefault(value, []).append((start, case, answer))

    def _case(self, claim: Claim) -> tuple[FigureCase | DeadlineCase, Answer] | None:
        """The case of a claim's number or date, found by its value in the claim's quote."""
        value = (claim.value.low, claim.value.high) if isinstance(claim.value, Figure) else claim.value
        found = self._by_value.get(value, ())
        at = bisect_left(found, claim.start, key=lambda each: each[0])
        return found[at][1:] if at < len(found) and found[at][0] < claim.end else None

    def put(self, claim: Claim) -> Claim:
        """The claim with the base or country that the network says its number or date is of."""
        found = self._case(claim)
        return replace(claim, subject=subject_of(self._view, found[0], claim.kind, found[1])) if found else claim

    def is_doubted(self, claim: Claim, least: Least) -> bool:
        """Whether the network gives what a claim says too small a chance.

        Where both read that a base is being left, a rule that needed no model has the word on how far that went.
        """
        if isinstance(claim.value, StatusValue):
            asserted, status = claim.modality is Modality.ASSERTED, claim.value.status
            alike = _GONE if asserted and status in _GONE else (status,)
            enough = least.implausible if not asserted else least.guessed if by_model_alone(claim) else least.doubted
            if max(self._chance(claim, alike), self._once(claim, alike)) >= enough:
                return False
            leaving = asserted and status in _LEAVING and by_rule_alone(claim)
            return not (leaving and self._chance(claim, _LEAVING) >= _EVEN)
        found = self._case(claim)
        if found is None:
            return False
        name = _class_of(claim)
        return found[1].chances.get(name, 1.0) < (least.number if name == _PRESENT else least.implausible)

    def confirms(self, claim: Claim, least: float) -> bool:
        """Whether the network saw a claim's base, and gives what the claim says of it at least this chance."""
        return isinstance(claim.value, StatusValue) and self._chance(claim, (claim.value.status,), unseen=0) >= least

    def _chance(self, claim: Claim, statuses: Sequence[Status], unseen: float = 1) -> float:
        """That the claim's base has one of these statuses, in the claim's modality; where the network saw no such,
        unseen."""
        modality = claim.modality.value
        return max(self._of_base.get((claim.subject, f"{status.value}/{modality}"), unseen) for status in statuses)

    def _once(self, claim: Claim, statuses: Sequence[Status]) -> float:
        """That an asserted claim, which a rule read without a date, was so once: the date may be of something else.

        "They left the base that they had built in 2016."
        """
        if claim.modality is not Modality.ASSERTED or claim.date or by_model_alone(claim):
            return 0.0
        once = (self._of_base.get((claim.subject, f"{s.value}/{Modality.HISTORICAL.value}"), 0.0) for s in statuses)
        return max(once)


def _left_in_part(view: View, claims: Sequence[Claim]) -> set[tuple[object, ...]]:
    """What a sentence cannot say in which a rule read that some men or vehicles left a base: that it is empty.

    By the sentence's place in `view.lines` and `said_by`.
    """
    starts = [line.bounds[0] for line in view.lines]
    gone = StatusValue(status=Status.VACATED)
    return {
        (bisect_right(starts, claim.start) - 1, *said_by(replace(claim, value=gone)))
        for claim in claims
        if in_part(claim)
    }


def _class_of(claim: Claim) -> str:
    """The network's class of a number or a date."""
    if not isinstance(claim.value, Figure):
        return claim.modality.value
    part = claim.value.role.value if claim.value.role else claim.value.direction or "-"
    return f"{claim.kind.value}/{part}/{claim.modality.value}"


class SecondReader:
    """Reads passages of one topic; keeps its last answers, for versions to come."""

    def __init__(self, topic: Topic, *, network: Network | None = None, least: Least | None = None) -> None:
        """network: instead of the topic's own. Without any, nothing is claimed. Raises ConfigError."""
        self._network = network or Network.load(topic.folder / NETWORK_FILE)
        self._least = least or Least()
        self._kept: dict[tuple[object, ...], Answer] = {}

    def weigh(self, view: View, claims: Sequence[Claim], nearly: Sequence[Claim] = ()) -> list[Claim]:
        """The first reader's claims without those that are doubted, and what it did not say.

        nearly: what it nearly claimed, for this reader to confirm.
        """
        answers = list(self._answers(view))
        opinion = _Opinion(view, answers)
        claims = [opinion.put(claim) for claim in claims]
        kept = [claim for claim in claims if not opinion.is_doubted(claim, self._least)]
        said = {said_by(claim) for claim in claims}
        part = _left_in_part(view, claims)
        added = [
            claim
            for case, answer in answers
            for claim in self._claims(view, case, answer)
            if said_by(claim) not in said and (case.question.here, *said_by(claim)) not in part
        ]
        said |= {said_by(claim) for claim in added}
        agreed = (claim for claim in nearly if opinion.confirms(claim, self._least.agreed))
        return kept + added + [claim for claim in agreed if said_by(claim) not in said]

    def undecided(self, view: View, claims: Sequence[Claim]) -> set[int]:
        """The sentences in which a chance is neither small nor sure, or only one of the two readers claims something.

        claims: the first reader's. Cases that are carried over from an earlier sentence are passed over.
        """
        answers = list(self._answers(view))
        opinion = _Opinion(view, answers)
        claims = [opinion.put(claim) for claim in claims]
        said = {said_by(claim) for claim in claims}
        starts = [line.bounds[0] for line in view.lines]
        doubted = (claim for claim in claims if opinion.is_doubted(claim, self._least))
        found = {bisect_right(starts, claim.start) - 1 for claim in doubted}
        for case, answer in answers:
            if not case.question.carried and (
                any(self._is_open(name, chance) for name, chance in answer.chances.items())
                or any(said_by(claim) not in said for claim in self._claims(view, case, answer))
            ):
                found.add(case.question.here)
        return found

    def _is_open(self, name: str, chance: float) -> bool:
        """Whether a chance lies between what drops a claim of this class and what makes one."""
        least = self._least
        if name == NONE:
            return False
        if name == _PRESENT:
            return least.number <= chance < least.alerting
        if name.endswith(f"/{Modality.ASSERTED}") and name.count("/") == 1:
            return least.doubted <= chance < least.alerting
        return least.implausible <= chance < least.other

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
            if max(answer.chances.values()) < min(self._least.alerting, self._least.other):
                return
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
