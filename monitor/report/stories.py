"""The latest changes: old → new, with quotes, what an edit changed, and who says otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from db.records import Change, Evidence, iso
from monitor.report.known import TOLD, Known
from monitor.report.scale import Stops
from monitor.telling import clean
from monitor.telling.alert import QUOTE_ROOM, Edited, old_and_new, weightiest
from monitor.telling.diff import Op, as_html, diff_words, shortened
from monitor.telling.words import Words

QUOTES = 2
NOTHING = Markup("")
LONGEST_EDIT = 1200  # characters of an edit that are shown


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """A quote and who said it, each a safe line."""

    text: str
    lang: str
    direction: str
    speaker: str
    outlet: str
    time: str
    url: str
    gone: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """A change in words. quotes and edit are empty for one that is only listed. at: ISO, for machines."""

    id: int | None
    type: str
    kind: str
    subject: str
    old: str
    new: str
    place: str
    since: str
    sure: str
    time: str
    at: str
    start: int
    quotes: tuple[Quote, ...] = ()
    edit: Markup = NOTHING
    edit_direction: str = "auto"
    others: tuple[str, ...] = ()


def stories(known: Known, words: Words, stops: Stops) -> tuple[list[Story], list[Story]]:
    """The last changes in full, and those before them in a line each; the newest first."""
    newest = known.changes[::-1]
    full = [_story(change, known, words, stops, full=True) for change in newest[:TOLD]]
    return full, [_story(change, known, words, stops, full=False) for change in newest[TOLD:]]


def _story(change: Change, known: Known, words: Words, stops: Stops, *, full: bool) -> Story:
    old, new = old_and_new(change, words)
    items = _quotable(change, known) if full else []
    edited = known.edits.get(change.id or 0) if full else None
    held = change.held
    return Story(
        id=change.id,
        type=words.say("type", change.type.value),
        kind=change.type.value,
        subject=words.subject(change.kind, change.subject),
        old="" if change.type == "contested" else old,
        new=new,
        place=words.place(change.subject),
        since=_since(change, words),
        sure=words.sure(held.credibility, held.origins, held.confidence) if held else "",
        time=words.moment(change.at),
        at=iso(change.at),
        start=stops.since(change.at),
        quotes=tuple(_quote(item, words) for item in items[:QUOTES]),
        edit=_edit(edited) if edited else NOTHING,
        edit_direction=clean.direction(items[0].lang) if items else "auto",
        others=tuple(dict.fromkeys(words.value(rival.value) for rival in change.rivals)) if full else (),
    )


def _since(change: Change, words: Words) -> str:
    try:
        return words.period(change.since)
    except ValueError:
        return ""


def _quotable(change: Change, known: Known) -> list[Evidence]:
    named = (known.evidence[key] for key in change.claim_ids if key in known.evidence)
    return weightiest(change, (item for item in named if clean.line(item.claim.quote)))


def _quote(item: Evidence, words: Words) -> Quote:
    return Quote(
        text=clean.cut(clean.line(item.claim.quote), QUOTE_ROOM),
        lang=item.lang if item.lang.isalpha() else "",
        direction=clean.direction(item.lang),
        speaker=clean.cut(clean.line(item.claim.speaker or ""), 120),
        outlet=f"{clean.cut(words.outlet(item), 120)} ({clean.line(item.reliability)})",
        time=words.moment(item.published),
        url=clean.link(item.url),
        gone=item.withdrawn_at is not None,
    )


def _edit(edited: Edited) -> Markup:
    """What an edit changed, without the long stretches that it kept; nothing where it is a rewrite."""
    edits = shortened(diff_words(edited.older, edited.newer))
    changed = sum(len(edit.text) for edit in edits if edit.op is not Op.KEPT)
    return as_html(edits, styled=False) if 0 < changed <= LONGEST_EDIT else NOTHING
