"""What stands around a claim in its text and bears on it, after all claims were read: whose country, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from db.records import Claim, Figure, Kind, Modality, Period, Role, Status, StatusValue
from monitor.reading.dates import DateMention
from monitor.reading.figures import Line
from monitor.reading.kinds.deadline import DUE
from monitor.reading.second.cases import View
from monitor.reading.speech_words import SEEING, without_pronoun

_LONG_AGO = timedelta(days=30)
_NEAR = 4  # words before a date among which stands a verb that it goes with
_DAY = len("2026-02-23")


def in_their_setting(view: View, claims: list[Claim]) -> list[Claim]:
    """A text's claims without those of another country, each with the time that the words around it give."""
    return [_begun(claim, view) for claim in _as_seen(view, _lapsed(view, _of_here(view, claims)))]


def _of_here(view: View, claims: list[Claim]) -> list[Claim]:
    """Without numbers of troops present where the text has so far spoken of another country alone: they are there.

    Where no country is named the text is about the topic's (DOMAIN.md, section 2).
    """
    counts = [claim for claim in claims if _counts_all_present(claim, view)]
    if not counts or not any(hit.cls == "abroad" for hit in view.lines[0].hits):
        return claims
    home = next((line for line in view.lines if line.sites or any(hit.cls == "home" for hit in line.hits)), None)
    until = home.bounds[0] if home is not None else len(view.text.original)
    return [claim for claim in claims if claim not in counts or claim.end > until]


def _counts_all_present(claim: Claim, view: View) -> bool:
    present = isinstance(claim.value, Figure) and claim.value.role is Role.PRESENT
    return present and claim.kind is Kind.TROOP_FIGURE and claim.subject not in view.passage.cues.topic.bases


def _lapsed(view: View, claims: list[Claim]) -> list[Claim]:
    """Figures beside a plan whose day had passed long before publication are dated by that day, and history.

    "The drawdown, to be complete by late 2024, would take the force from 1,000 to fewer than 200." A day without its
    year ("by early May") is one to come.
    """
    if view.passage.published is None:
        return claims
    over = view.passage.published.date() - _LONG_AGO
    out = list(claims)
    for line in view.lines:
        inside = [i for i, claim in enumerate(claims) if _starts_in(line, claim.start)]
        if not any(isinstance(claims[i].value, Figure) and claims[i].modality is Modality.PLANNED for i in inside):
            continue
        due = [date for date in _dates_in(line, view.passage.dates_ahead) if _is_due(line, date)]
        when = next((date.date for date in due if Period.parse(date.date).last < over), None)
        for i in inside if when else ():
            if claims[i].date is None and claims[i].kind is Kind.TROOP_FIGURE:
                asserted = claims[i].modality is Modality.ASSERTED
                modality = Modality.HISTORICAL if asserted else claims[i].modality
                out[i] = replace(claims[i], date=when, modality=modality)
    return out


def _is_due(line: Line, date: DateMention) -> bool:
    """Whether a sentence says by when, with this date: "by late 2024"."""
    index = line.index(date.start)
    return index > 0 and line.words[index - 1].text in DUE


def _as_seen(view: View, claims: list[Claim]) -> list[Claim]:
    """A presence without a day was so when it was seen, where the sentence ends with that day and has no other.

    "…, with a limited presence at A, B and C, as our reporter saw on Monday." What was only said on Monday is not.
    """
    out = list(claims)
    for line in view.lines:
        dates = _dates_in(line, view.passage.dates)
        if len(dates) != 1 or not _was_seen(line, dates[0]):
            continue
        for i, claim in enumerate(claims):
            present = claim.value == StatusValue(status=Status.ACTIVE) and claim.modality is Modality.ASSERTED
            if present and claim.date is None and _starts_in(line, claim.start):
                out[i] = replace(claim, date=dates[0].date)
    return out


def _was_seen(line: Line, date: DateMention) -> bool:
    """Whether a sentence ends with a verb of seeing and this date."""
    at, behind = line.index(date.start), line.passage.text.original[date.end : line.bounds[1]]
    return not any(map(str.isalnum, behind)) and any(
        word.text in SEEING or without_pronoun(word.text) in SEEING for word in line.words[max(at - _NEAR, 0) : at]
    )


def _begun(claim: Claim, view: View) -> Claim:
    """A leaving "since Monday" was on Monday; one "since May" may have gone on since, as all that goes on has."""
    gone = isinstance(claim.value, StatusValue) and claim.value.status in (Status.VACATED, Status.HANDED_OVER)
    if not gone or claim.date is None or claim.modality is not Modality.ASSERTED:
        return claim
    first = claim.date.partition("/")[0]
    since = any(date.since and date.date == claim.date for date in view.passage.dates)
    return replace(claim, date=first) if since and len(first) == _DAY else claim


def _dates_in(line: Line, dates: list[DateMention]) -> list[DateMention]:
    return [date for date in dates if _starts_in(line, date.start)]


def _starts_in(line: Line, offset: int) -> bool:
    return line.bounds[0] <= offset < line.bounds[1]
