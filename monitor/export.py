"""What is kept, for other programs: tables as CSV or JSON Lines, bases as GeoJSON, changes as an Atom feed.

Every column is explained in docs/export.md. Cells of CSV that a spreadsheet would run as a formula are made text.
"""

from __future__ import annotations

import csv
import json
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TextIO
from xml.etree import ElementTree

from db.records import Change, Deadline, Evidence, Figure, Kind, KnownFact, Position, Slot, StatusValue, Value, iso
from monitor.telling import clean
from monitor.telling.words import Words
from monitor.topics import Topic

Row = Mapping[str, Any]
ATOM = "http://www.w3.org/2005/Atom"
_VALUE = ("value", "to", "low", "high", "comparator", "role", "direction", "earliest", "latest")
_SIDE = (*_VALUE, "since", "credibility", "confidence", "origins", "source")
FACTS = ("kind", "subject", "slot", *_SIDE, "contested", "rank", "recorded_at", "superseded_at")
CHANGES = (
    *("id", "at", "type", "kind", "subject", *(f"from_{name}" for name in _VALUE), *(f"to_{name}" for name in _VALUE)),
    *("since", "credibility", "article", "version", "claims", "urn"),
)
CLAIMS = (
    *("id", "kind", "subject", *_VALUE, "modality", "speaker", "date", "quote", "start", "end", "rule", "reader"),
    *("origin", "article", "version", "outlet", "reliability", "lang", "published", "recorded_at", "withdrawn_at"),
)
FEED = 200  # changes at most in a feed: its readers fetch all of it again and again
BOM = "\ufeff"  # by which Excel knows UTF-8
# What makes a spreadsheet take a cell for a formula (OWASP, CSV injection).
_SKIPPED = re.compile("^[\\s\u200b-\u200f\u2060\ufeff\ufffd]+")  # what may stand unseen in front of one
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def fact_rows(facts: Iterable[KnownFact]) -> Iterator[Row]:
    """A row for each side of each known fact and plan: the one shown first has rank 0."""
    for fact in facts:
        for rank, side in enumerate((fact.held, *fact.rivals)):
            yield {
                "kind": fact.kind.value,
                "subject": fact.subject,
                "slot": fact.slot.value,
                **_side(side),
                "contested": fact.contested,
                "rank": rank,
                "recorded_at": iso(fact.recorded_at),
                "superseded_at": iso(fact.superseded_at) if fact.superseded_at else None,
            }


def change_rows(changes: Iterable[Change]) -> Iterator[Row]:
    """A row for each change."""
    for change in changes:
        yield {
            "id": change.id,
            "at": iso(change.at),
            "type": change.type.value,
            "kind": change.kind.value,
            "subject": change.subject,
            **{f"from_{name}": cell for name, cell in _value(change.before).items()},
            **{f"to_{name}": cell for name, cell in _value(change.after).items()},
            "since": change.since or None,
            "credibility": change.held.credibility if change.held else None,
            "article": change.article,
            "version": change.version_id,
            "claims": " ".join(str(number) for number in change.claim_ids),
            "urn": urn(change),
        }


def claim_rows(evidence: Iterable[Evidence]) -> Iterator[Row]:
    """A row for each claim of each version."""
    for item in evidence:
        claim = item.claim
        yield {
            "id": item.id,
            "kind": claim.kind.value,
            "subject": claim.subject,
            **_value(claim.value),
            "modality": claim.modality.value,
            "speaker": claim.speaker,
            "date": claim.date,
            "quote": claim.quote,
            "start": claim.start,
            "end": claim.end,
            "rule": claim.rule,
            "reader": claim.reader,
            "origin": item.origin,
            "article": item.url,
            "version": item.number,
            "outlet": item.outlet,
            "reliability": item.reliability,
            "lang": item.lang,
            "published": iso(item.published),
            "recorded_at": iso(item.at),
            "withdrawn_at": iso(item.withdrawn_at) if item.withdrawn_at else None,
        }


def _value(value: Value | None) -> dict[str, Any]:
    cells: dict[str, Any] = dict.fromkeys(_VALUE)
    match value:
        case StatusValue():
            cells |= {"value": value.status.value, "to": value.to}
        case Figure():
            role = value.role.value if value.role else None
            cells |= {"low": value.low, "high": value.high, "comparator": value.comparator.value}
            cells |= {"role": role, "direction": value.direction}
        case Deadline():
            cells |= {"earliest": value.earliest, "latest": value.latest}
    return cells


def _side(side: Position) -> dict[str, Any]:
    return {
        **_value(side.value),
        "since": side.since,
        "credibility": side.credibility,
        "confidence": round(side.confidence, 3),
        "origins": side.origins,
        "source": side.source or None,
    }


def write_csv(rows: Iterable[Row], columns: Sequence[str], out: TextIO) -> None:
    """A header and a line a row (RFC 4180)."""
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)


def _cell(value: object) -> object:
    """A cell as text: nothing for None; a stranger's text that would run gets an apostrophe in front, and what a
    terminal would obey becomes a sign."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return value
    text = clean.pictured(value)
    return f"'{text}" if text.startswith(_RUNS) or _SKIPPED.sub("", text[:100]).startswith(_RUNS) else text


def write_jsonl(rows: Iterable[Row], out: TextIO) -> None:
    """A JSON object a line, Arabic as it is."""
    for row in rows:
        out.write(clean.escaped(json.dumps(row, ensure_ascii=False)) + "\n")


def write_json(data: Any, out: TextIO) -> None:
    """One JSON document, Arabic as it is."""
    out.write(clean.escaped(json.dumps(data, ensure_ascii=False, indent=2)) + "\n")


def geojson(facts: Iterable[KnownFact], topic: Topic) -> dict[str, Any]:
    """A point for each base of the topic (RFC 7946), with what is known of it; null where its place is not known."""
    known = {fact.subject: fact for fact in facts if fact.kind is Kind.BASE_STATUS and fact.slot is Slot.FACT}
    features = []
    for base in topic.bases.values():
        fact = known.get(base.id)
        placed = base.lat is not None and base.lon is not None
        features.append(
            {
                "type": "Feature",
                "id": base.id,
                "geometry": {"type": "Point", "coordinates": [base.lon, base.lat]} if placed else None,
                "properties": {
                    "name_en": base.name["en"],
                    "name_ar": base.name["ar"],
                    "governorate": base.governorate["en"],
                    "governorate_ar": base.governorate["ar"],
                    "precision": base.precision,
                    "status": _value(fact.held.value)["value"] if fact else None,
                    "to": _value(fact.held.value)["to"] if fact else None,
                    "since": fact.held.since if fact else None,
                    "credibility": fact.held.credibility if fact else None,
                    "confidence": round(fact.held.confidence, 3) if fact else None,
                    "origins": fact.held.origins if fact else 0,
                    "contested": fact.contested if fact else False,
                },
            }
        )
    return {"type": "FeatureCollection", "features": features}


def urn(change: Change) -> str:
    """What names a change in every feed: made of what it says, so that it stays the same in a store made anew."""
    said = change.to_json()
    what = [said[name] for name in ("kind", "subject", "type", "from", "to", "at", "article")]
    return uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(what, sort_keys=True)).urn


def atom(changes: Sequence[Change], quotes: Mapping[int, Evidence], topic: Topic, *, lang: str, at: datetime) -> str:
    """Changes as a feed (RFC 4287), newest first. quotes: claims by id. at: when it is written, if it is empty."""
    words = Words.of(lang, topic)
    feed = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": lang})
    _add(feed, "id", uuid.uuid5(uuid.NAMESPACE_URL, f"drawdown/{topic.id}/changes").urn)
    _add(feed, "title", words.name(topic.name))
    _add(feed, "updated", iso(max((change.at for change in changes), default=at)))
    _add(_add(feed, "author"), "name", "Drawdown")
    for change in reversed(changes):
        entry = _add(feed, "entry")
        step = f"{words.value(change.before)} {words.arrow} " if change.before is not None else ""
        pair = f" ({change.held.credibility})" if change.held else ""
        title = f"{words.subject(change.kind, change.subject)}: {step}{words.value(change.after)}{pair}"
        _add(entry, "id", urn(change))
        _add(entry, "title", clean.line(title))
        _add(entry, "updated", iso(change.at))
        _add(entry, "category").set("term", change.type.value)
        if address := clean.link(change.article):
            link = _add(entry, "link")
            link.set("rel", "alternate")
            link.set("href", address)
        told = [quotes[number] for number in change.claim_ids if number in quotes]
        lines = [f"“{clean.line(item.claim.quote)}” {clean.line(item.outlet)}, {iso(item.published)}" for item in told]
        # Not a summary: an entry without an address to link to must have content.
        _add(entry, "content", "\n".join(dict.fromkeys(lines)) or words.say("type", change.type.value))
    ElementTree.indent(feed)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(feed, encoding="unicode") + "\n"


def _add(parent: ElementTree.Element, name: str, text: str | None = None) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, name)
    child.text = text
    return child
