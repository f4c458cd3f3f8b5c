"""A base's status, folded: claims in the order of the days they are about become episodes, each of one status.

The order of a withdrawal breaks ties of a day: began, left and handed over on one day are steps of one story. What
is compatible joins, what is later and further opens an episode, what contradicts stands against the episode.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from db.records import Modality, Status, StatusValue
from monitor.knowing.credibility import confidence
from monitor.knowing.position import comparable
from monitor.knowing.rules import Rules, SpeakerKind
from monitor.knowing.weighed import BASELINE, Weighed

ORDER = {status: place for place, status in enumerate(Status)}
PRESENT = frozenset({Status.ACTIVE, Status.REINFORCED})
GONE = frozenset({Status.VACATED, Status.HANDED_OVER})


def status_of(claim: Weighed) -> Status:
    """The status that a claim of kind base_status asserts or denies."""
    return value_of(claim).status


def value_of(claim: Weighed) -> StatusValue:
    """The value of a claim of kind base_status; only who was handed a base is a receiver. Raises TypeError."""
    value = claim.value
    if not isinstance(value, StatusValue):
        raise TypeError(f"not a status: {value!r}")
    return value if value.status is Status.HANDED_OVER or value.to is None else replace(value, to=None)


def same_status(one: StatusValue, other: StatusValue) -> bool:
    """Whether two values say the same: an unknown receiver is any receiver."""
    return one.status is other.status and (one.to == other.to or one.to is None or other.to is None)


@dataclass(kw_only=True, slots=True)
class Episode:
    """A status for a time. opposing: claims that speak against it, each with the value that it speaks for.

    beside: what is compatible with it and adds nothing. start: the first day that it may have begun; for a presence,
    since when it is reported. last: the last day that it is told of. origins: who carries it. published: when it
    was first told.
    """

    value: StatusValue
    supports: list[Weighed]
    opposing: list[tuple[StatusValue, Weighed]] = field(default_factory=list)
    beside: list[Weighed] = field(default_factory=list)
    refuted: list[Episode] = field(default_factory=list)
    start: date = field(init=False, default=date.max)
    last: date = field(init=False, default=date.min)
    published: datetime = field(init=False, default=datetime.max.replace(tzinfo=UTC))
    origins: set[str] = field(init=False, default_factory=set)
    _weighed: tuple[tuple[int, int], float, tuple[float, ...]] | None = field(init=False, default=None, repr=False)

    def __post_init__(self) -> None:
        supports, self.supports = self.supports, []
        for claim in supports:
            self.support(claim)

    def support(self, claim: Weighed) -> None:
        """Take in one more claim that carries it."""
        self.supports.append(claim)
        self.start, self.last = min(self.start, _day(claim)), max(self.last, _day(claim))
        self.published = min(self.published, claim.published)
        self.origins.add(claim.origin)

    def sides(self) -> dict[StatusValue, list[Weighed]]:
        """What is said against it, by the value spoken for."""
        out: dict[StatusValue, list[Weighed]] = {}
        for value, claim in self.opposing:
            out.setdefault(value, []).append(claim)
        return out

    def contested(self, rules: Rules) -> bool:
        """Whether a side of comparable weight speaks against it."""
        own, sides = self._confidences()
        return any(comparable(own, side, rules.comparable) for side in sides)

    def overruled(self, rules: Rules) -> bool:
        """Whether what speaks against it outweighs it beyond comparison."""
        own, sides = self._confidences()
        other = max(sides, default=0.0)
        return other > own and not comparable(own, other, rules.comparable)

    def _confidences(self) -> tuple[float, tuple[float, ...]]:
        """The confidence of what carries it, and of each side against it; kept until a claim is added."""
        if not self.opposing:
            return 0.0, ()
        counts = len(self.supports), len(self.opposing)
        if self._weighed is None or self._weighed[0] != counts:
            sides = tuple(confidence(claims) for claims in self.sides().values())
            self._weighed = counts, confidence(self.supports), sides
        return self._weighed[1:]


def _day(claim: Weighed) -> date:
    """The day a claim stands at: leaving is done by the end of its period, presence is sure only from its start."""
    return claim.first if status_of(claim) in PRESENT else claim.last


def episodes(claims: Iterable[Weighed], baseline: Weighed | None, rules: Rules) -> list[Episode]:
    """The episodes of one base, oldest first; empty when nothing is known. Only asserted and denied claims count."""
    moving = [c for c in claims if c.modality in (Modality.ASSERTED, Modality.DENIED)]
    days = _days_given(moving)
    moving = [_placed(claim, days) for claim in moving]
    if baseline is not None:
        start = _day(baseline)
        moving = [baseline, *(claim for claim in moving if _day(claim) >= start)]
    line = _Timeline(rules)
    for claim in sorted(moving, key=_when):
        line.take(claim)
    line.settle(None)
    return line.episodes


def _when(claim: Weighed) -> tuple[date, bool, bool, int, tuple[str, ...]]:
    denied = claim.modality is Modality.DENIED
    return (_day(claim), claim.origin != BASELINE, denied, ORDER[status_of(claim)], claim.key)


def _days_given(claims: Sequence[Weighed]) -> dict[Status, set[tuple[date, StatusValue]]]:
    """The days that are given for each status, with the value that each is given for."""
    out: dict[Status, set[tuple[date, StatusValue]]] = {}
    for claim in claims:
        if claim.precise and claim.dated and claim.modality is Modality.ASSERTED:
            out.setdefault(status_of(claim), set()).add((claim.first, value_of(claim)))
    return out


def _placed(claim: Weighed, given: dict[Status, set[tuple[date, StatusValue]]]) -> Weighed:
    """A coarse date gives way: where a day within it is given for the same status, it is about that day."""
    if claim.precise or not claim.dated or claim.modality is Modality.DENIED:
        return claim
    value = value_of(claim)
    near = given.get(value.status, set())
    finer = [day for day, other in near if claim.first <= day <= claim.last and same_status(other, value)]
    return replace(claim, first=min(finer), last=min(finer), date_text=min(finer).isoformat()) if finer else claim


class _Timeline:
    """Takes claims day by day. One method for each meeting of what is held with what is said."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.episodes: list[Episode] = []
        self.weak: list[Weighed] = []

    def take(self, claim: Weighed) -> None:
        """Give one claim its place."""
        self.settle(_day(claim))
        now = self.episodes[-1] if self.episodes else None
        if claim.modality is Modality.DENIED:
            if now is not None:
                self._denial(now, claim)
        elif now is None:
            self._open(claim)
        elif same_status(now.value, value_of(claim)):
            self._again(now, claim)
        elif status_of(claim) in PRESENT:
            self._present(now, claim)
        elif status_of(claim) is Status.WITHDRAWING:
            self._withdrawing(now, claim)
        else:
            self._gone(now, claim)

    def settle(self, until: date | None) -> None:
        """Let an episode that was outweighed fall, once its day is over; it stays visible as refuted."""
        while len(self.episodes) > 1 and self.episodes[-1].overruled(self.rules):
            last = self.episodes[-1]
            if until is not None and until <= last.last:
                return
            self.episodes.pop()
            held = self.episodes[-1]
            held.refuted.append(last)
            for value, claim in last.opposing:
                if same_status(value, held.value) and claim.modality is not Modality.DENIED:
                    held.support(claim)

    def _open(self, claim: Weighed, opposing: Sequence[tuple[StatusValue, Weighed]] = ()) -> None:
        near = timedelta(days=self.rules.weak_days)
        same = [c for c in self.weak if same_status(value_of(c), value_of(claim)) and _day(claim) - _day(c) <= near]
        together = [*same, claim]
        if claim.origin != BASELINE and confidence(together) < self.rules.threshold:
            self.weak.append(claim)
            return
        value = next((value_of(c) for c in together if value_of(c).to), value_of(claim))
        self.episodes.append(Episode(value=value, supports=together, opposing=list(opposing)))

    def _again(self, now: Episode, claim: Weighed) -> None:
        status = status_of(claim)
        if status is Status.REINFORCED and _day(claim) - now.last > self._lapse():
            self._open(claim)
            return
        if now.opposing and claim.dated and claim.first > max(c.last for _, c in now.opposing):
            self._open(claim)  # said again of a later day than the doubt was about
            return
        now.support(claim)
        if now.value.to is None and value_of(claim).to:
            now.value = value_of(claim)

    def _present(self, now: Episode, claim: Weighed) -> None:
        reinforced = status_of(claim) is Status.REINFORCED
        held = now.value.status
        if held in PRESENT:
            if reinforced:
                self._open(claim)
            else:
                now.beside.append(claim)
        elif held is Status.WITHDRAWING:
            if reinforced and claim.first > now.start:
                self._open(claim)
            else:
                now.beside.append(claim)
        else:
            self._present_after_gone(now, claim, event=reinforced or claim.dated)

    def _present_after_gone(self, now: Episode, claim: Weighed, *, event: bool) -> None:
        if event and claim.first > now.start:
            self._open(claim)  # they are back
        elif claim.origin in now.origins:
            now.beside.append(claim)  # one voice does not contradict itself: it told an earlier state
        elif claim.dated and claim.precise:
            now.opposing.append((value_of(claim), claim))
        elif not claim.dated and claim.published > now.published:
            weaker = round(claim.weight * self.rules.undated, 4)
            factors = (*claim.factors, ("no date of its own", self.rules.undated))
            now.opposing.append((value_of(claim), replace(claim, weight=weaker, factors=factors)))
        else:
            now.beside.append(claim)

    def _withdrawing(self, now: Episode, claim: Weighed) -> None:
        if now.value.status in PRESENT:
            self._open(claim)
            return
        doubtful = now.contested(self.rules) and claim.origin not in now.origins
        if doubtful and claim.dated and claim.first > now.start:
            self._open(claim)
        else:
            now.beside.append(claim)  # the rest leaves after the leaving: nothing new

    def _gone(self, now: Episode, claim: Weighed) -> None:
        held = now.value.status
        if held in GONE:
            self._further(now, claim)
        elif self._retold(now, claim):
            now.beside.append(claim)
        else:
            around = [*now.supports, *now.beside]
            still = [c for c in around if self._still_there(c, claim)]
            self._open(claim, [(value_of(c), c) for c in still])

    def _further(self, now: Episode, claim: Weighed) -> None:
        """Vacated meets handed over, or one receiver another."""
        unnamed = now.value.status is Status.VACATED and value_of(claim).to is None
        if status_of(claim) is Status.VACATED or unnamed:  # handed over, to nobody knows whom: they are gone, as known
            now.beside.append(claim)
        elif now.value.status is Status.VACATED or (claim.dated and claim.first > now.start):
            self._open(claim)
        elif claim.origin not in now.origins:
            now.opposing.append((value_of(claim), claim))
        else:
            now.beside.append(claim)

    def _still_there(self, there: Weighed, gone: Weighed) -> bool:
        dated = there.dated and there.precise and there.first == gone.first
        return status_of(there) in PRESENT and gone.precise and dated and there.origin not in (gone.origin, BASELINE)

    def _retold(self, now: Episode, claim: Weighed) -> bool:
        """Whether an undated "they left" is the old leaving retold, soon after a return."""
        if claim.dated or claim.speaker_kind == SpeakerKind.OFFICIAL:
            return False
        back = any(status_of(c) in PRESENT for c in now.supports) and any(e.value.status in GONE for e in self.episodes)
        return back and _day(claim) - now.start <= timedelta(days=self.rules.background_days)

    def _denial(self, now: Episode, claim: Weighed) -> None:
        held, denied = now.value.status, status_of(claim)
        if claim.last < now.start or any(c.speaker == claim.speaker and c.origin == claim.origin for c in now.supports):
            return
        if denied in PRESENT:
            against = held is denied or (denied is Status.ACTIVE and held in PRESENT)
            instead = StatusValue(status=Status.ACTIVE if denied is Status.REINFORCED else Status.VACATED)
        else:
            against = held not in PRESENT and ORDER[held] >= ORDER[denied]
            instead = self._before(ORDER[denied])
        if against:
            now.opposing.append((instead, claim))

    def _before(self, place: int) -> StatusValue:
        """What was held before a step that is denied: the last episode of an earlier place in the order."""
        earlier = [e.value for e in self.episodes[:-1] if ORDER[e.value.status] < place]
        return earlier[-1] if earlier else StatusValue(status=Status.ACTIVE)

    def _lapse(self) -> timedelta:
        return timedelta(days=self.rules.lapse_days)
