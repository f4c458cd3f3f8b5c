"""Captures: the fetch that brought a version, kept as evidence. Stored with a version, never altered.

What is stored is one line of JSON (URL, headers, request; escaped, so that any header can be held) and then the raw
body, as one link of the article's chain: what two fetches share, headers included, costs nothing.

A capture may be dropped when it is old and its version carried no claim: then its row stays, with time, status, size
and SHA-256, and says when.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from db import chain
from db.errors import StoreError
from db.models import CaptureRow, ChangeRow, ClaimRow, VersionRow, WholeRow
from db.records import Capture, CaptureStamp, Evidence, Exchange, iso


def add(session: Session, article_id: int, number: int, capture: Capture) -> None:
    """Store the capture of an article's version `number`, which is its newest."""
    said: dict[str, Any] = {
        "url": capture.url,
        "headers": capture.headers,
        "etag": capture.etag,
        "last_modified": capture.last_modified,
    }
    if capture.exchange is not None:
        said["exchange"] = asdict(capture.exchange)
    data = json.dumps(said, separators=(",", ":")).encode() + b"\n" + capture.body
    if number == 1:
        chain.begin(session, CaptureRow, article_id, data)
    else:
        kept = select(CaptureRow).where(CaptureRow.article_id == article_id, CaptureRow.dropped_at.is_(None))
        last = session.scalar(kept.order_by(CaptureRow.number.desc()).limit(1))
        chain.append(session, CaptureRow, article_id, data, last)
    session.add(
        CaptureRow(
            article_id=article_id,
            number=number,
            fetched_at=capture.fetched_at,
            status=capture.status,
            sha256=sha256(data).digest(),
            size=len(data),
            delta=False,
        )
    )


def get(session: Session, article_id: int, number: int) -> Capture:
    """The capture of an article's version. StoreError where it is missing, dropped or damaged."""
    row = session.get(CaptureRow, (article_id, number))
    where = f"article {article_id}, captures {number}"
    if row is None:
        raise StoreError("there is no such capture", where=where)
    if row.dropped_at is not None:
        raise StoreError(f"the capture was dropped {iso(row.dropped_at)}: old, and without a claim", where=where)
    line, _, body = chain.read(session, CaptureRow, article_id, number).partition(b"\n")
    said = json.loads(line)
    return Capture(
        url=said["url"],
        fetched_at=row.fetched_at,
        status=row.status,
        headers=_headers(said["headers"]),
        body=body,
        etag=said["etag"],
        last_modified=said["last_modified"],
        exchange=_exchange(said.get("exchange")),
    )


def _exchange(said: dict[str, Any] | None) -> Exchange | None:
    if said is None:
        return None
    return Exchange(**said | {"headers": _headers(said["headers"]), "via": tuple(said["via"])})


def _headers(said: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in said)


def stamped(session: Session, evidence: Iterable[Evidence]) -> list[Evidence]:
    """The claims with the stamps of the captures that brought their versions, where there are such."""
    out = []
    for item in evidence:
        row = session.get(CaptureRow, (item.article_id, item.number))
        if row is None:
            out.append(item)
            continue
        stamp = CaptureStamp(fetched_at=row.fetched_at, status=row.status, size=row.size, sha256=row.sha256.hex())
        out.append(replace(item, capture=stamp))
    return out


def drop_idle(session: Session, article_id: int, *, before: datetime, at: datetime) -> int:
    """Drop an article's captures from before a time whose versions made nothing known; how many were dropped.

    Such a version is folded, carries no claim, withdrew none, and raised no change. StoreError where a capture of the
    article is damaged: then nothing is dropped.
    """
    numbers = session.scalars(_idle(before).where(CaptureRow.article_id == article_id)).all()
    if numbers:
        _drop(session, article_id, set(numbers), at)
    return len(numbers)


def idle(session: Session, *, before: datetime) -> list[int]:
    """The articles that have captures for `drop_idle`."""
    articles = _idle(before).with_only_columns(CaptureRow.article_id).distinct()
    return list(session.scalars(articles.order_by(CaptureRow.article_id)))


def _idle(before: datetime) -> Select[int]:
    used = (ClaimRow.version_id, ClaimRow.withdrawn_by, ChangeRow.version_id)
    return (
        select(CaptureRow.number)
        .join(VersionRow, (VersionRow.article_id == CaptureRow.article_id) & (VersionRow.number == CaptureRow.number))
        .where(CaptureRow.dropped_at.is_(None), CaptureRow.fetched_at < before, VersionRow.folded_at.is_not(None))
        .where(*(~exists().where(column == VersionRow.id) for column in used))
    )


def _drop(session: Session, article_id: int, numbers: Collection[int], at: datetime) -> None:
    """Take links out of the chain, and chain those that stay anew."""
    links = dict(chain.walk(session, CaptureRow, article_id))
    session.delete(session.get_one(WholeRow, (article_id, CaptureRow.__tablename__)))
    session.flush()
    last = None
    for number in sorted(links):
        row = session.get_one(CaptureRow, (article_id, number))
        if number in numbers:
            row.dropped_at = at
        else:
            chain.append(session, CaptureRow, article_id, links[number], last)
            last = row
        row.data, row.delta = None, False
        session.flush()
