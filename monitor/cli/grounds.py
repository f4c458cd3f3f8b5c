"""From a known fact or change down to each claim: quote, article, version, origin, weight, rule; what is against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from rich.text import Text

from db.records import Evidence, Kind, KnownFact, Position, Slot, Support
from monitor.cli.lines import Line
from monitor.cli.show import absence_line, ltr, stamp
from monitor.reading.protocol import LLM
from monitor.telling import clean
from monitor.telling.alert import carrier
from monitor.telling.words import Words

_DETAILS = {"speaker": "speaker_kind", "modality": "modality"}  # the phrases that say what a factor is of


def fact_lines(fact: KnownFact, evidence: Mapping[int, Evidence], words: Words) -> Iterable[Line]:
    """A known fact with its sides, what is held first."""
    contested = f" ({words.say('terminal', 'contested')})" if fact.contested else ""
    subject = words.subject(fact.kind, fact.subject)
    yield Line(Text(f"{subject}: {words.value(fact.held.value)}{contested}", style="bold"))
    held = "plan" if fact.slot is Slot.PLAN else "held"
    yield from position_lines(held, fact.held, evidence, words)
    for rival in fact.rivals:
        yield from position_lines("against", rival, evidence, words)


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


def position_lines(label: str, position: Position, evidence: Mapping[int, Evidence], words: Words) -> Iterable[Line]:
    """One side and the claims that carry it. label: a phrase, such as "held" or "against"."""
    value, since = words.value(position.value), ltr(position.since, words)
    said = words.say("terminal", label)
    yield Line(Text(words.say("terminal", "position", label=said, value=value, since=since)))
    pair, percent = position.credibility, words.percent(position.confidence)
    how = words.say("terminal", "confidence", pair=pair, origins=words.origins(position.origins), percent=percent)
    yield Line(Text(_joined([how, _own(carrier(position, evidence, words))], words)), 2)
    for support in position.support:
        found = evidence.get(support.claim_id)
        number = words.say("terminal", "claim", id=support.claim_id)
        yield from _claim_lines(support, found, words) if found else [Line(Text(number), 2)]
    if position.more:
        yield Line(Text(words.say("terminal", "more", count=position.more)), 2)


def _claim_lines(support: Support, evidence: Evidence, words: Words) -> Iterable[Line]:
    claim = evidence.claim
    yield Line(Text(f"“{clean.isolated(claim.quote, evidence.lang)}”", style="bold"), 2)
    date = ltr(claim.date, words) if claim.date else ""
    about = [
        f"{_own(words.outlet(evidence))} ({evidence.reliability})",
        words.say("terminal", "published", time=_time(evidence.published, words)),
        words.say("terminal", "said_by", speaker=_own(claim.speaker)) if claim.speaker else "",
        words.say("modality", claim.modality.value),
        words.say("terminal", "holds", date=date or words.say("terminal", "at_publication")),
    ]
    yield Line(Text(_joined(about, words)), 4)
    yield Line(Text(clean.line(evidence.url), style="dim"), 4, whole=True)
    said = [
        words.say("terminal", "version", number=evidence.number, start=claim.start, end=claim.end),
        absence_line(evidence.absence, words) if evidence.absence else "",
    ]
    yield Line(Text(_joined(said, words)), 4)
    if evidence.capture:
        kept = evidence.capture
        at, answer, size = _time(kept.fetched_at, words), ltr(f"HTTP {kept.status}", words), words.number(kept.size)
        yield Line(Text(words.say("terminal", "captured", time=at, answer=answer, size=size)), 4)
        yield Line(Text(f"SHA-256 {kept.sha256}", style="dim"), 4, whole=True)
    factors = " × ".join(f"{_factor(name, words)} {value:g}" for name, value in support.factors)
    given = factors or words.say("terminal", "given")
    yield Line(Text(words.say("terminal", "weight", weight=f"{support.weight:.2f}", factors=given)), 4)
    yield Line(Text(_joined(_reading(support, evidence, words), words)), 4)
    for other in evidence.otherwise:
        name = "otherwise_llm" if other.reader == LLM else "otherwise_rules"
        value = _joined((words.value(other.value), words.say("modality", other.modality.value)), words)
        yield Line(Text(words.say("terminal", name, said=value, quote=clean.isolated(other.quote, evidence.lang))), 4)


def _factor(name: str, words: Words) -> str:
    """A weight's factor in words; as it is kept where there are none for it."""
    known = words.phrases["factor"]
    if whole := known.get(name.replace(" ", "_")):
        return whole
    kind, _, detail = name.partition(" ")
    if kind not in known:
        return clean.line(name)
    return words.say("factor", kind, detail=words.phrases.get(_DETAILS.get(kind, ""), {}).get(detail, detail))


def _reading(support: Support, evidence: Evidence, words: Words) -> Iterable[str]:
    yield words.say("terminal", "origin", origin=_own(support.origin))
    yield words.say("terminal", "claim", id=evidence.id)
    yield words.say("terminal", "rule", rule=_own(evidence.claim.rule) if evidence.claim.rule else "–")
    if evidence.withdrawn_at:
        yield words.say("terminal", "withdrawn", time=_time(evidence.withdrawn_at, words))
    if evidence.held_since:
        yield words.say("terminal", "claim_held", time=_time(evidence.held_since, words))


def set_aside_lines(reasons: Mapping[int, str], evidence: Mapping[int, Evidence], words: Words) -> Iterable[Line]:
    """The claims about a subject that count for nothing, each with the reason."""
    yield Line(Text(words.say("terminal", "aside"), style="bold"))
    for claim_id, reason in reasons.items():
        found = evidence.get(claim_id)
        if found:
            yield Line(Text(f"“{clean.isolated(found.claim.quote, found.lang)}”"), 2)
            yield Line(Text(clean.line(found.url), style="dim"), 4, whole=True)
        else:
            yield Line(Text(words.say("terminal", "claim", id=claim_id)), 2)
        yield Line(Text(clean.line(reason)), 4)


def _own(text: str) -> str:
    """A stranger's word, in its own direction; nothing where there is none."""
    return clean.isolated(text) if text else ""


def _joined(parts: Iterable[str], words: Words) -> str:
    return words.comma.join(part for part in parts if part)


def _time(moment: datetime, words: Words) -> str:
    return ltr(stamp(moment), words)
