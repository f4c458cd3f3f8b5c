"""How an article's texts (and captures) are kept small: the newest whole, an older one as its difference.

Each is one zstd frame. The newest of an article stands alone, in `wholes`; when a newer one comes, the one before is
compressed again with the newer as its dictionary, so that what they share costs nothing and a one-sentence edit of a
long article takes under 200 bytes. Every WHOLE_EVERY-th stays whole, which bounds the work of reading an old one.
Each is checked against its SHA-256 when it is read, and before the whole one is given up for a difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256

import zstandard
from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from db.errors import StoreError
from db.models import CaptureRow, VersionRow, WholeRow

WHOLE_EVERY = 64
LEVEL = 7  # at 9 a page takes half as long again, from 10 on three to ten times, for less than 1 % of room
MAX_WINDOW = 1 << 27  # 128 MiB: more than two bodies of the largest page that is fetched

Link = type[VersionRow] | type[CaptureRow]
Found = Row[int, bool, bytes | None, bytes]  # number, whether a difference, frame, SHA-256

_ALTERED = "stored data does not match its SHA-256; restore a backup"


def pack(data: bytes, newer: bytes = b"") -> bytes:
    """One zstd frame; with `newer`, readable only together with it."""
    total = len(data) + len(newer)
    window = min(27, max(10, total.bit_length()))  # the whole of `newer` must stay within reach
    settings = zstandard.ZstdCompressionParameters.from_level(
        LEVEL, source_size=max(1, total), window_log=window, write_checksum=False
    )
    if not newer:
        return zstandard.ZstdCompressor(compression_params=settings).compress(data)
    return zstandard.ZstdCompressor(dict_data=_dictionary(newer), compression_params=settings).compress(data)


def unpack(frame: bytes, newer: bytes = b"") -> bytes:
    """What `pack` was given. Raises zstandard.ZstdError for a damaged frame."""
    if not newer:
        return zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW).decompress(frame)
    return zstandard.ZstdDecompressor(dict_data=_dictionary(newer), max_window_size=MAX_WINDOW).decompress(frame)


def _dictionary(data: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(data, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def begin(session: Session, table: Link, article_id: int, data: bytes) -> None:
    """Make `data` the first of an article that has none. The caller adds the row itself, as for `append`."""
    session.add(WholeRow(article_id=article_id, part=table.__tablename__, data=pack(data)))


def append(session: Session, table: Link, article_id: int, data: bytes, last: VersionRow | CaptureRow | None) -> None:
    """Make `data` the newest of an article, in place of `last`, which becomes its difference from it.

    The caller adds the row itself, with `delta` False and no data. StoreError where `last` is damaged.
    """
    whole = session.get(WholeRow, (article_id, table.__tablename__))
    if whole is None:
        begin(session, table, article_id, data)
        return
    if last is not None:
        before = _checked(table, article_id, last.number, whole.data, b"", last.sha256)
        last.data = whole.data
        if last.number % WHOLE_EVERY and data:
            frame = pack(before, data)
            if len(frame) < len(whole.data) and unpack(frame, data) == before:
                last.data, last.delta = frame, True
    whole.data = pack(data)


def walk(session: Session, table: Link, article_id: int) -> Iterator[tuple[int, bytes]]:
    """(number, data) of all of an article's links, newest first, each checked. StoreError where one is damaged."""
    rows = session.execute(_links(table, article_id)).all()
    return _unfold(session, table, article_id, rows)


def read(session: Session, table: Link, article_id: int, number: int) -> bytes:
    """One link's data, from the nearest whole one at or above it. StoreError where it is damaged or missing."""
    rows = []
    links = _links(table, article_id).where(table.number >= number)
    with session.execute(links.execution_options(yield_per=WHOLE_EVERY)) as found:
        for row in found:
            rows.append(row)
            if not row.delta:
                break
    unfolded = dict(_unfold(session, table, article_id, rows))
    if number not in unfolded:
        raise StoreError("there is no such stored data", where=_where(table, article_id, number))
    return unfolded[number]


def check(session: Session, table: Link, article_id: int) -> Iterator[StoreError | None]:
    """For each of an article's links, newest first: None where it holds, else what is wrong with it.

    Each is judged by its own SHA-256, so that one damaged link does not stand for those before it; only where it
    cannot be unfolded at all is nothing known of those that are kept as differences from it.
    """
    newer: bytes | None = b""
    for row in reversed(session.execute(_links(table, article_id)).all()):
        where = _where(table, article_id, row.number)
        if row.delta and newer is None:
            yield StoreError("cannot be read: it is kept as the difference from a damaged one", where=where)
            continue
        try:
            newer = _unpacked(_frame(session, table, article_id, row), (newer or b"") if row.delta else b"", where)
        except StoreError as error:
            newer = None
            yield error
            continue
        yield None if sha256(newer).digest() == row.sha256 else StoreError(_ALTERED, where=where)


def _links(table: Link, article_id: int) -> Select[int, bool, bytes | None, bytes]:
    columns = (table.number, table.delta, table.data, table.sha256)
    links = select(*columns).where(table.article_id == article_id).order_by(table.number)
    return links.where(CaptureRow.dropped_at.is_(None)) if table is CaptureRow else links


def _unfold(session: Session, table: Link, article_id: int, rows: Sequence[Found]) -> Iterator[tuple[int, bytes]]:
    newer = b""
    for row in reversed(rows):
        frame = _frame(session, table, article_id, row)
        newer = _checked(table, article_id, row.number, frame, newer if row.delta else b"", row.sha256)
        yield row.number, newer


def _frame(session: Session, table: Link, article_id: int, row: Found) -> bytes:
    frame: bytes | None = row.data
    if frame is None:
        frame = session.scalar(select(WholeRow.data).filter_by(article_id=article_id, part=table.__tablename__))
    return frame or b""


def _checked(table: Link, article_id: int, number: int, frame: bytes, newer: bytes, digest: bytes) -> bytes:
    where = _where(table, article_id, number)
    data = _unpacked(frame, newer, where)
    if sha256(data).digest() != digest:
        raise StoreError(_ALTERED, where=where)
    return data


def _unpacked(frame: bytes, newer: bytes, where: str) -> bytes:
    try:
        return unpack(frame, newer)
    except (zstandard.ZstdError, MemoryError) as error:  # a damaged head may announce any size
        raise StoreError(f"stored data is damaged ({error}); restore a backup", where=where) from error


def _where(table: Link, article_id: int, number: int) -> str:
    return f"article {article_id}, {table.__tablename__} {number}"
