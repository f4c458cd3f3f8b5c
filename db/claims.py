"""What versions assert, and what becomes of it when the next version of the article is read.

Every version's claims are rows of their own. A claim that a later version carries on is `carried` and its successor
keeps the time when it was first seen; one that the later version dropped is `withdrawn`. Nothing is deleted. What a
version dropped that lost much of its text stays live until that is judged (`db.losses`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select, update
from sqlalchemy.orm import Session

from db import marks
from db.errors import InputError
from db.models import ArticleRow, ClaimRow, ClaimState, LossRow, VersionRow
from db.records import (
    Claim,
    Evidence,
    Kind,
    Modality,
    Seen,
    Status,
    StatusValue,
    Value,
    Version,
    iso,
    parse_moment,
    value_from_json,
    value_to_json,
)

BATCH = 500
_SETTLED = "settled "  # begins the marks of up to when a subject was looked through
Key = tuple[str, str, Value, Modality, str | None]


def save_claims(
    session: Session, version_id: int, claims: Sequence[Claim], origins: Sequence[str], *, at: datetime
) -> None:
    """Store what was read in a version and mark it read. A version that was read already is left as it is.

    origins: for each claim the root it is counted under. at: the time of reading; it dates withdrawals only, since a
    claim's own time is when the first version that carried it was seen.
    Raises InputError for an unknown version, ValueError where claims and origins differ in number.
    """
    row = session.get(VersionRow, version_id)
    if row is None:
        raise InputError("there is no such version", where=f"version {version_id}")
    if row.read_at is not None:
        return
    previous = _neighbour(session, row)
    before = [*_held(session, previous), *_claims(session, previous)]
    row.read_at = at
    seen: dict[Key, datetime] = {}
    for earlier in before:
        seen[_key(earlier)] = min(earlier.at, seen.get(_key(earlier), earlier.at))
    session.add_all(_rows(row, claims, origins, seen))
    session.flush()
    mine = _claims(session, version_id)
    _succeed(session, before, mine, row.id, at)
    _carry_on(session, row, mine)  # only where a version was read out of its order
    session.flush()


def add_claims(session: Session, version_id: int, claims: Sequence[Claim], origins: Sequence[str]) -> list[Evidence]:
    """Store what another reader found in a version that was read before, and return it. What a later version that was
    read says too is carried by it; what it does not say is withdrawn by it. InputError for an unknown version."""
    row = session.get(VersionRow, version_id)
    if row is None:
        raise InputError("there is no such version", where=f"version {version_id}")
    seen: dict[Key, datetime] = {}
    for known in [*_claims(session, _neighbour(session, row)), *_claims(session, version_id)]:
        seen[_key(known)] = min(known.at, seen.get(_key(known), known.at))
    beside = [item.claim for item in _evidence(session, ClaimRow.version_id == version_id)]
    rows = _rows(row, claims, origins, seen, beside=beside)
    session.add_all(rows)
    session.flush()
    _carry_on(session, row, rows)
    session.flush()
    return evidence_by_ids(session, [made.id for made in rows])


def said_before(session: Session, version: Version, *, reader: str) -> list[Claim]:
    """What a reader said of the version of the article that was read before this one, and that still stands."""
    row = session.get(VersionRow, version.id)
    before = _neighbour(session, row) if row is not None else None
    if before is None:
        return []
    mine = (ClaimRow.version_id == before) & (ClaimRow.reader == reader) & (ClaimRow.state == ClaimState.LIVE)
    return [item.claim for item in _evidence(session, mine)]


def otherwise(session: Session, items: Iterable[Evidence]) -> list[Evidence]:
    """The same claims, each with those of another reader about its subject in the same version that say otherwise."""
    found = list(items)
    versions = sorted({item.version_id for item in found})
    beside: list[Evidence] = []
    for first in range(0, len(versions), BATCH):
        beside += _evidence(session, ClaimRow.version_id.in_(versions[first : first + BATCH]))
    out = []
    for item in found:
        mine = [o.claim for o in beside if o.version_id == item.version_id and _about_the_same(o.claim, item.claim)]
        agreed = any(_says_the_same(claim, item.claim) for claim in mine)
        out.append(item if agreed else replace(item, otherwise=tuple(mine)))
    return out


def _about_the_same(one: Claim, other: Claim) -> bool:
    return (one.kind, one.subject) == (other.kind, other.subject) and one.reader != other.reader


def _says_the_same(one: Claim, other: Claim) -> bool:
    return (one.value, one.modality) == (other.value, other.modality)


def _neighbour(session: Session, row: VersionRow) -> int | None:
    """The id of the version of the article that was read before this one."""
    earlier = select(VersionRow.id).where(VersionRow.article_id == row.article_id, VersionRow.number < row.number)
    return session.scalar(earlier.where(VersionRow.read_at.is_not(None)).order_by(VersionRow.number.desc()).limit(1))


def _claims(session: Session, version_id: int | None) -> Sequence[ClaimRow]:
    return session.scalars(select(ClaimRow).filter_by(version_id=version_id).order_by(ClaimRow.id)).all()


def _held(session: Session, version_id: int | None) -> list[ClaimRow]:
    """The claims of earlier versions that this one dropped without withdrawing them, since it lost much of its text."""
    loss = session.get(LossRow, version_id) if version_id is not None else None
    if loss is None:
        return []
    article = select(VersionRow.article_id).where(VersionRow.id == version_id).scalar_subquery()
    earlier = select(VersionRow.id).where(VersionRow.article_id == article, VersionRow.id <= loss.of_id)
    which = ClaimRow.version_id.in_(earlier) & (ClaimRow.state == ClaimState.LIVE)
    return list(session.scalars(select(ClaimRow).where(which).order_by(ClaimRow.id)))


def release(session: Session, version_id: int, *, at: datetime) -> list[Evidence]:
    """A version lost text because it was edited: what it dropped is withdrawn by it after all, and returned."""
    held = _held(session, version_id)
    for claim in held:
        claim.state, claim.withdrawn_at, claim.withdrawn_by = ClaimState.WITHDRAWN, at, version_id
    session.flush()
    return evidence_by_ids(session, [claim.id for claim in held])


def _carry_on(session: Session, row: VersionRow, mine: Iterable[ClaimRow]) -> None:
    """What becomes of a version's claims by the later versions that were read before."""
    later = select(VersionRow).where(VersionRow.article_id == row.article_id, VersionRow.number > row.number)
    for following in session.scalars(later.where(VersionRow.read_at.is_not(None)).order_by(VersionRow.number)).all():
        _succeed(session, mine, _claims(session, following.id), following.id, following.seen_at)


def _succeed(session: Session, old: Iterable[ClaimRow], new: Iterable[ClaimRow], by: int, at: datetime) -> None:
    """What a version's claims, `new`, make of the live ones before it; those that it holds stay as they are."""
    carried = {_key(claim) for claim in new}
    loss = session.get(LossRow, by)
    held = loss.of_id if loss is not None and loss.folded_after is None else 0
    for claim in old:
        if claim.state is not ClaimState.LIVE:
            continue
        if _key(claim) in carried:
            claim.state = ClaimState.CARRIED
        elif claim.version_id > held:
            claim.state, claim.withdrawn_at, claim.withdrawn_by = ClaimState.WITHDRAWN, at, by


def _rows(
    version: VersionRow,
    claims: Sequence[Claim],
    origins: Sequence[str],
    seen: Mapping[Key, datetime],
    *,
    beside: Iterable[Claim] = (),
) -> list[ClaimRow]:
    """A version's claims to be stored. seen: when those were first seen that were before. beside: what is stored of it
    already, which with these makes a list of bases that were left."""
    listed = len({claim.subject for claim in (*beside, *claims) if _is_left(claim)})
    return [
        _row(version, claim, origin, seen.get(_key_of(claim), version.seen_at), listed if _is_left(claim) else 0)
        for claim, origin in zip(claims, origins, strict=True)
    ]


def _row(version: VersionRow, claim: Claim, origin: str, at: datetime, listed: int) -> ClaimRow:
    return ClaimRow(
        version_id=version.id,
        kind=claim.kind.value,
        subject=claim.subject,
        value=value_to_json(claim.value),
        modality=claim.modality,
        quote=claim.quote,
        start=claim.start,
        end=claim.end,
        speaker=claim.speaker,
        date=claim.date,
        rule=claim.rule,
        reader=claim.reader,
        origin=origin,
        at=at,
        state=ClaimState.LIVE,
        listed=listed,
    )


def _is_left(claim: Claim) -> bool:
    """Whether it says, without a day, that a base was left."""
    gone = isinstance(claim.value, StatusValue) and claim.value.status in (Status.VACATED, Status.HANDED_OVER)
    return gone and claim.modality is Modality.ASSERTED and claim.date is None


def _key(row: ClaimRow) -> Key:
    return row.kind, row.subject, value_from_json(Kind(row.kind), row.value), Modality(row.modality), row.date


def _key_of(claim: Claim) -> Key:
    return claim.kind.value, claim.subject, claim.value, claim.modality, claim.date


def subjects_of(session: Session, version_id: int) -> list[tuple[Kind, str]]:
    """What reading a version may have moved: the subjects of its claims and of those that it withdrew, sorted."""
    query = (
        select(ClaimRow.kind, ClaimRow.subject)
        .where((ClaimRow.version_id == version_id) | (ClaimRow.withdrawn_by == version_id))
        .distinct()
        .order_by(ClaimRow.kind, ClaimRow.subject)
    )
    return [(Kind(kind), subject) for kind, subject in session.execute(query)]


def evidence(session: Session, kind: Kind, subject: str) -> list[Evidence]:
    """The live claims about a subject that are not settled, by (at, id). Live: of an article's newest read version."""
    place = (ClaimRow.kind == kind.value) & (ClaimRow.subject == subject)
    return _evidence(session, place & (ClaimRow.state == ClaimState.LIVE) & ClaimRow.settled.is_(False))


def settled_until(session: Session, kind: Kind, subject: str) -> datetime | None:
    """The time up to which the claims of a subject were looked through for those that settle, or None."""
    mark = marks.get(session, _settled(kind, subject))
    return parse_moment(mark) if mark else None


def settle(session: Session, kind: Kind, subject: str, ids: Iterable[int], *, until: datetime) -> None:
    """These claims of a subject have no part any more in what is known of it; they stay on record."""
    _mark_settled(session, ids)
    marks.put(session, _settled(kind, subject), iso(until))


def settle_anew(session: Session, ids: Iterable[int], until: Mapping[tuple[Kind, str], datetime]) -> None:
    """These claims alone are settled, of all; until: up to when each subject was looked through."""
    session.execute(update(ClaimRow).where(ClaimRow.settled.is_(True)).values(settled=False))
    marks.drop(session, _SETTLED)
    _mark_settled(session, ids)
    for (kind, subject), moment in until.items():
        marks.put(session, _settled(kind, subject), iso(moment))


def _mark_settled(session: Session, ids: Iterable[int]) -> None:
    wanted = sorted(ids)
    for first in range(0, len(wanted), BATCH):
        batch = wanted[first : first + BATCH]
        session.execute(update(ClaimRow).where(ClaimRow.id.in_(batch)).values(settled=True))


def _settled(kind: Kind, subject: str) -> str:
    return f"{_SETTLED}{kind.value} {subject}"


def claims_of(session: Session, version_id: int) -> list[Evidence]:
    """All claims of one version, in any state, by (at, id)."""
    return _evidence(session, ClaimRow.version_id == version_id)


def said(session: Session, kind: Kind, subject: str, *, as_of: datetime | None = None) -> list[Evidence]:
    """All that was ever claimed about a subject, in any state, by (at, id); or until `as_of`, as it stood then."""
    place = (ClaimRow.kind == kind.value) & (ClaimRow.subject == subject)
    if as_of is not None:
        place &= VersionRow.seen_at <= as_of
    return [_then(item, as_of) for item in _evidence(session, place)]


def withdrawn_by(session: Session, version_id: int) -> list[Evidence]:
    """The earlier claims that this version of their article no longer carried, by (at, id)."""
    return _evidence(session, ClaimRow.withdrawn_by == version_id)


def evidence_by_ids(session: Session, ids: Iterable[int]) -> list[Evidence]:
    """The claims with these ids, in any state, by (at, id); unknown ids are passed over."""
    wanted = sorted(set(ids))
    found: list[Evidence] = []
    for first in range(0, len(wanted), BATCH):
        found += _evidence(session, ClaimRow.id.in_(wanted[first : first + BATCH]))
    return sorted(found, key=lambda piece: (piece.at, piece.id))


def by_version(session: Session, *, as_of: datetime | None = None) -> Iterator[tuple[Seen, list[Evidence]]]:
    """Every folded version with all its claims, in the order in which they were folded; or those until `as_of`."""
    which: ColumnElement[bool] = VersionRow.folded_at.is_not(None)
    if as_of is not None:
        which = which & (VersionRow.seen_at <= as_of)
    versions = (
        select(VersionRow.id, VersionRow.article_id, ArticleRow.url, VersionRow.seen_at, LossRow.of_id)
        .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
        .outerjoin(LossRow, LossRow.version_id == VersionRow.id)
        .where(which)
        .order_by(VersionRow.id)
    )
    claims = _with_article(which).order_by(ClaimRow.version_id, ClaimRow.id)
    streamed = (_then(_record(row), as_of) for row in session.execute(claims.execution_options(yield_per=BATCH)))
    groups = groupby(streamed, key=lambda item: item.version_id)
    version_id, mine = next(groups, (None, None))
    for row in session.execute(versions.execution_options(yield_per=BATCH)):
        seen = Seen(id=row.id, article_id=row.article_id, url=row.url, seen_at=row.seen_at, holds=row.of_id)
        if mine is None or seen.id != version_id:
            yield seen, []
            continue
        yield seen, list(mine)
        version_id, mine = next(groups, (None, None))


def _then(item: Evidence, as_of: datetime | None) -> Evidence:
    """A claim as it stood then: what withdrew it later was not known."""
    later = as_of is not None and item.withdrawn_at is not None and item.withdrawn_at > as_of
    return replace(item, withdrawn_at=None) if later else item


def _evidence(session: Session, which: ColumnElement[bool]) -> list[Evidence]:
    query = _with_article(which).order_by(ClaimRow.at, ClaimRow.id)
    return [_record(row) for row in session.execute(query)]


_COLUMNS = (
    *(ClaimRow.id, ClaimRow.kind, ClaimRow.subject, ClaimRow.value, ClaimRow.modality, ClaimRow.quote, ClaimRow.start),
    *(ClaimRow.end, ClaimRow.speaker, ClaimRow.date, ClaimRow.rule, ClaimRow.version_id, ClaimRow.origin, ClaimRow.at),
    *(
        ClaimRow.withdrawn_at,
        ClaimRow.settled,
        ClaimRow.reader,
        ClaimRow.listed,
        VersionRow.number,
        VersionRow.published,
        VersionRow.lang,
    ),
    *(ArticleRow.id.label("article_id"), ArticleRow.url, ArticleRow.source, ArticleRow.outlet, ArticleRow.title),
    ArticleRow.reliability,
)


def _with_article(which: ColumnElement[bool]) -> Select[Any]:
    """What `_record` takes, column by column: rows of whole tables take thrice as long to make."""
    return (
        select(*_COLUMNS)
        .join(VersionRow, VersionRow.id == ClaimRow.version_id)
        .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
        .where(which)
    )


def _record(row: Row[Any]) -> Evidence:
    kind = Kind(row.kind)
    claim = Claim(
        kind=kind,
        subject=row.subject,
        value=value_from_json(kind, row.value),
        modality=row.modality,
        quote=row.quote,
        start=row.start,
        end=row.end,
        speaker=row.speaker,
        date=row.date,
        rule=row.rule,
        reader=row.reader,
    )
    return Evidence(
        id=row.id,
        claim=claim,
        version_id=row.version_id,
        number=row.number,
        article_id=row.article_id,
        url=row.url,
        source=row.source,
        outlet=row.outlet,
        reliability=row.reliability,
        lang=row.lang,
        title=row.title,
        published=row.published or row.at,
        at=row.at,
        origin=row.origin,
        withdrawn_at=row.withdrawn_at,
        settled=row.settled,
        listed=row.listed,
    )
