"""Captures: the fetch that brought a version, kept as evidence. Stored with a version, never altered.

What is stored is one line of JSON (URL, headers, validators; escaped, so that any header can be held) and then the raw
body, as one link of the article's chain: what two fetches share, headers included, costs nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256

from sqlalchemy.orm import Session

from db import chain
from db.errors import StoreError
from db.models import CaptureRow
from db.records import Capture, CaptureStamp, Evidence


def add(session: Session, article_id: int, number: int, capture: Capture) -> None:
    """Store the capture of an article's version `number`, which is its newest."""
    said = {
        "url": capture.url,
        "headers": capture.headers,
        "etag": capture.etag,
        "last_modified": capture.last_modified,
    }
    data = json.dumps(said, separators=(",", ":")).encode() + b"\n" + capture.body
    last = session.get(CaptureRow, (article_id, number - 1))
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
    """The capture of an article's version. StoreError where it is missing or damaged."""
    row = session.get(CaptureRow, (article_id, number))
    if row is None:
        raise StoreError("there is no such capture", where=f"article {article_id}, captures {number}")
    line, _, body = chain.read(session, CaptureRow, article_id, number).partition(b"\n")
    said = json.loads(line)
    return Capture(
        url=said["url"],
        fetched_at=row.fetched_at,
        status=row.status,
        headers=tuple((name, value) for name, value in said["headers"]),
        body=body,
        etag=said["etag"],
        last_modified=said["last_modified"],
    )


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
