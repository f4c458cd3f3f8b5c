"""Proof of a change: one folder with all that is behind it, to be read and checked without Drawdown.

The texts are byte for byte what the quotes' offsets count in, the captures are WARC, SHA256SUMS covers every file.
"""

from __future__ import annotations

import itertools
import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from db import knowledge, rulings, versions
from db.errors import InputError, StoreError
from db.records import (
    Capture,
    Change,
    ChangeType,
    Evidence,
    Modality,
    Position,
    Ruling,
    Version,
    iso,
)
from monitor import warc
from monitor.telling import clean
from monitor.telling.alert import carrier, old_and_new
from monitor.telling.diff import Edit, diff_words, shortened
from monitor.telling.forms import render
from monitor.telling.words import Words

SUMS, ARCHIVE, DATA, PAGE = "SHA256SUMS", "captures.warc.gz", "evidence.json", "index.html"
CONTEXT = 160  # characters of the text that are shown on each side of a quote


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """A change and all that is behind it.

    carried: the claims that it rests on. against: those of the sides that say otherwise, and live denials. before:
    those of what was known before, which a correction may have lost. versions: of all these claims, and the one that
    brought the change; captures: of the versions, by id.
    """

    change: Change
    carried: tuple[Evidence, ...]
    against: tuple[Evidence, ...]
    before: tuple[Evidence, ...]
    versions: tuple[Version, ...]
    captures: Mapping[int, Capture]
    rulings: tuple[Ruling, ...]


def gather(session: Session, number: int) -> Proof:
    """What is stored behind a change.

    Raises InputError where there is no such change, StoreError where a text or a capture of it is damaged or gone.
    """
    change = knowledge.change(session, number)
    if change is None:
        raise InputError("no change has this number; `drawdown changes` lists them", where=f"#{number}")
    live = knowledge.evidence(session, change.kind, change.subject)
    denials = [item.id for item in live if item.claim.modality is Modality.DENIED]
    groups = _apart(
        _support([change.held]), [*_support(change.rivals), *denials], _support([change.previous]), change.claim_ids
    )
    held, against, before, named = (knowledge.evidence_by_ids(session, group) for group in groups)
    carried = [*held, *named]
    wanted = {item.version_id for item in (*carried, *against, *before)} | {change.version_id}
    found = tuple(versions.version(session, key) for key in sorted(key for key in wanted if key is not None))
    _hold_quotes((*carried, *against, *before), {version.id: version for version in found})
    return Proof(
        change=change,
        carried=tuple(carried),
        against=tuple(against),
        before=tuple(before),
        versions=found,
        captures={version.id: versions.capture_of(session, version.id) for version in found},
        rulings=tuple(rulings.of_change(session, number)),
    )


def _support(sides: Iterable[Position | None]) -> list[int]:
    return [support.claim_id for side in sides if side is not None for support in side.support]


def _apart(*groups: Sequence[int]) -> list[list[int]]:
    """The groups without what an earlier one has."""
    seen: set[int] = set()
    out = []
    for group in groups:
        out.append([key for key in dict.fromkeys(group) if key not in seen])
        seen.update(group)
    return out


def _hold_quotes(items: Iterable[Evidence], texts: Mapping[int, Version]) -> None:
    """A quote that is not where it is said to be proves nothing."""
    for item in items:
        claim = item.claim
        if texts[item.version_id].text[claim.start : claim.end] != claim.quote:
            raise StoreError(
                "its quote does not stand in its text at its offsets; restore a backup", where=f"claim {item.id}"
            )


def write(proof: Proof, folder: Path, words: Words, *, at: datetime) -> list[str]:
    """Write the folder, whole or not at all; the names of its files.

    Raises InputError where there is something of that name.
    """
    if folder.exists() or folder.is_symlink():
        raise InputError("is there already; nothing is overwritten, give another --out", where=str(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        part.chmod(0o755)
        names = _fill(proof, part, words, at)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return names


def _fill(proof: Proof, folder: Path, words: Words, at: datetime) -> list[str]:
    (folder / "texts").mkdir()
    for version in proof.versions:
        (folder / _text_name(version)).write_bytes(version.text.encode())
    with (folder / ARCHIVE).open("wb") as out:
        captures = [proof.captures[version.id] for version in proof.versions]
        warc.write(out, captures, filename=ARCHIVE, software=f"Drawdown/{installed('drawdown')}", at=at)
    (folder / DATA).write_text(json.dumps(_data(proof), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    (folder / PAGE).write_text(_page(proof, words, at) + "\n", encoding="utf-8")
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    sums = (f"{sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
    (folder / SUMS).write_text("".join(sums), encoding="utf-8")
    return [*names, SUMS]


def _text_name(version: Version) -> str:
    return f"texts/article-{version.article_id}-version-{version.number}.txt"


def _data(proof: Proof) -> dict[str, Any]:
    """The same for programs: the change, each version with its files and hashes, each quote with its offsets."""
    groups = {"carried": proof.carried, "against": proof.against, "before": proof.before}
    return {
        "change": proof.change.to_json(),
        "rulings": [ruling.to_json() for ruling in proof.rulings],
        "versions": [_version_data(version, proof.captures[version.id]) for version in proof.versions],
        "quotes": [
            {"side": side, "id": item.id, **item.claim.to_json()}
            | {"version": item.version_id, "outlet": item.outlet, "reliability": item.reliability}
            | {"published": iso(item.published), "recorded": iso(item.at)}
            | {"withdrawn": iso(item.withdrawn_at) if item.withdrawn_at else None}
            for side, items in groups.items()
            for item in items
        ],
    }


def _version_data(version: Version, capture: Capture) -> dict[str, Any]:
    return {
        "id": version.id,
        "article": version.url,
        "number": version.number,
        "title": version.title,
        "outlet": version.outlet,
        "seen": iso(version.seen_at),
        "text": {"file": _text_name(version), "sha256": version.sha256, "characters": len(version.text)},
        "capture": {
            "file": ARCHIVE,
            "record": warc.record_id(capture),
            "fetched": iso(capture.fetched_at),
            "status": capture.status if capture.exchange else None,
            "ip": capture.exchange.ip if capture.exchange else None,
            "sha256": sha256(capture.body).hexdigest(),
            "bytes": len(capture.body),
        },
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class _Quote:
    """A quote in its text, and who said it; every text is one safe line."""

    front: str
    text: str
    back: str
    lang: str
    direction: str
    says: str
    speaker: str
    outlet: str
    published: str
    url: str
    address: str
    version: int
    file: str
    start: int
    end: int
    withdrawn: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Source:
    """A version in words: where and when it was fetched, and what its files hash to."""

    title: str
    direction: str
    url: str
    address: str
    number: int
    seen: str
    file: str
    sha256: str
    fetched: str
    how: str
    record: str
    body_sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Edited:
    """What an edit changed, from one version's number to another's."""

    article: int
    old: int
    new: int
    direction: str
    steps: tuple[Edit, ...]


def _page(proof: Proof, words: Words, at: datetime) -> str:
    change, by_id = proof.change, {version.id: version for version in proof.versions}
    old, new = old_and_new(change, words)
    said_by = {item.id: item for item in (*proof.carried, *proof.against, *proof.before)}
    said = {
        name: [_quote(item, by_id[item.version_id], words) for item in items]
        for name, items in (("carried", proof.carried), ("against", proof.against), ("before", proof.before))
    }
    return render(
        "evidence.html.j2",
        words,
        change=change,
        subject=words.subject(change.kind, change.subject),
        old="" if change.type is ChangeType.CONTESTED else old,
        new=new,
        type=words.say("type", change.type.value),
        place=words.place(change.subject),
        since=words.period(change.since) if change.since else "",
        sure=words.sure(change.held.credibility, change.held.origins, change.held.confidence) if change.held else "",
        recorded=words.moment(change.at),
        said=said,
        sides=[_side(side, said_by, words) for side in change.rivals],
        known=_side(change.previous, said_by, words) if change.previous else "",
        more=change.held.more if change.held else 0,
        rulings=[_ruling(ruling, words) for ruling in proof.rulings],
        edits=_edits(proof.versions),
        sources=[_source(version, proof.captures[version.id], words) for version in proof.versions],
        files={"sums": SUMS, "archive": ARCHIVE, "data": DATA},
        written=words.moment(at),
    )


def _quote(item: Evidence, version: Version, words: Words) -> _Quote:
    claim, text = item.claim, version.text
    front, back = text[: claim.start], text[claim.end :]
    value = words.value(claim.value)
    return _Quote(
        front=("…" if len(front) > CONTEXT else "") + clean.line(_from_a_word(front)) + _gap(front[-1:]),
        text=clean.line(claim.quote),
        back=_gap(back[:1]) + clean.line(_to_a_word(back)) + ("…" if len(back) > CONTEXT else ""),
        lang=item.lang if item.lang.isalpha() else "",
        direction=clean.direction(item.lang),
        says=value
        if claim.modality is Modality.ASSERTED
        else f"{words.say('modality', claim.modality.value)}: {value}",
        speaker=clean.isolated(claim.speaker) if claim.speaker else "",
        outlet=f"{clean.isolated(words.outlet(item))} ({item.reliability})",
        published=words.moment(item.published),
        url=clean.link(item.url),
        address=clean.line(item.url),
        version=item.number,
        file=_text_name(version),
        start=claim.start,
        end=claim.end,
        withdrawn=words.moment(item.withdrawn_at) if item.withdrawn_at else "",
    )


def _from_a_word(front: str) -> str:
    """The end of what stands before a quote, not from the middle of a word."""
    end = front[-CONTEXT:]
    return end.partition(" ")[2] or end if len(front) > CONTEXT else end


def _to_a_word(back: str) -> str:
    begin = back[:CONTEXT]
    return begin.rpartition(" ")[0] or begin if len(back) > CONTEXT else begin


def _gap(char: str) -> str:
    return " " if char.isspace() else ""


def _side(side: Position, by_id: Mapping[int, Evidence], words: Words) -> str:
    since = words.say("label", "since_day", day=words.period(side.since))
    sure = words.say("sure", "short", pair=side.credibility, origins=words.origins(side.origins))
    who = clean.line(carrier(side, by_id, words))
    whom = [words.say("label", "from_whom", whom=clean.isolated(who))] if who else []
    return words.pause.join([words.all_of([words.value(side.value), since]), sure, *whom])


def _ruling(ruling: Ruling, words: Words) -> str:
    why = f": {clean.line(ruling.because or ruling.source)}" if ruling.because or ruling.source else ""
    said = words.all_of([words.moment(ruling.at), clean.isolated(ruling.who)])
    line = f"{said}: {words.say('verdict', ruling.verdict.value)}{why}"
    if ruling.released_at:
        line += words.pause + words.say("terminal", "released", time=words.moment(ruling.released_at))
    return line


def _edits(found: Sequence[Version]) -> list[_Edited]:
    """What changed from one version to the next of an article, where both are behind the change."""
    ordered = sorted(found, key=lambda version: (version.article_id, version.number))
    return [
        _Edited(
            article=new.article_id,
            old=old.number,
            new=new.number,
            direction=clean.direction(new.lang),
            steps=tuple(shortened(diff_words(old.text, new.text))),
        )
        for old, new in itertools.pairwise(ordered)
        if old.article_id == new.article_id
    ]


def _source(version: Version, capture: Capture, words: Words) -> _Source:
    exchange = capture.exchange
    ip = words.say("evidence", "from_ip", ip=exchange.ip) if exchange and exchange.ip else ""
    parts = [f"HTTP {capture.status}", ip] if exchange else [words.say("evidence", "from_file")]
    size = words.say("evidence", "bytes", size=words.number(len(capture.body)))
    return _Source(
        title=clean.line(version.title),
        direction=clean.direction(version.lang),
        url=clean.link(version.url),
        address=clean.line(version.url),
        number=version.number,
        seen=words.moment(version.seen_at),
        file=_text_name(version),
        sha256=version.sha256,
        fetched=words.moment(capture.fetched_at),
        how=words.all_of([*filter(None, parts), size]),
        record=warc.record_id(capture),
        body_sha256=sha256(capture.body).hexdigest(),
    )
