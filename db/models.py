"""The rows of the store. Nothing outside `db` sees them: every query returns records.

Closed lists of words are VARCHAR with a CHECK, not enum types, so that both databases hold the same and a list can
grow without ALTER TYPE. A claim's kind has no CHECK: a new kind is one file of the reader, not a migration.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from db.records import ChangeType, DeliveryState, HeldBy, LossVerdict, Modality, NoticeKind, Slot, Trouble, Verdict

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC. Naive ones are refused with ValueError, so that no local time slips in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC for both databases; SQLite has no time zones, so there the zone is left off."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime: {value!r}")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware and UTC, whatever the session's time zone is."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def one_of(words: type[StrEnum], name: str) -> Enum:
    """A column type for a closed list: VARCHAR(20) with a CHECK named `name`."""
    return Enum(
        words,
        native_enum=False,
        create_constraint=True,
        length=20,
        name=name,
        values_callable=lambda members: [member.value for member in members],
    )


class ClaimState(StrEnum):
    """Where a stored claim stands: in its article's newest read version, in a later one as well, or dropped by it."""

    LIVE = "live"
    CARRIED = "carried"
    WITHDRAWN = "withdrawn"


class Row(DeclarativeBase):
    """Base of all rows: one naming convention, so that migrations can name every constraint."""

    metadata = MetaData(naming_convention=NAMING)


class ArticleRow(Row):
    """One canonical URL, and what was last said of it."""

    __tablename__ = "articles"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(Text, unique=True)
    source: Mapped[str] = mapped_column(Text)
    outlet: Mapped[str] = mapped_column(Text)
    reliability: Mapped[str] = mapped_column(String(1))
    reprints: Mapped[list[str]] = mapped_column(Json)
    lang: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    byline: Mapped[str] = mapped_column(Text)
    published: Mapped[datetime | None] = mapped_column(Moment)
    etag: Mapped[str | None] = mapped_column(Text)
    last_modified: Mapped[str | None] = mapped_column(Text)
    first_seen_at: Mapped[datetime] = mapped_column(Moment)
    last_seen_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    dated_at: Mapped[datetime | None] = mapped_column(Moment)
    look: Mapped[bytes | None] = mapped_column(LargeBinary)
    page: Mapped[bytes | None] = mapped_column(LargeBinary)

    __table_args__ = (
        CheckConstraint("reliability IN ('A', 'B', 'C', 'D', 'E', 'F')", name="reliability"),
        Index("ix_articles_source_changed_at", "source", "changed_at"),
    )


class AbsenceRow(Row):
    """An article that was not where it had been; at most one that is not over, by article. See `db.records.Absence`."""

    __tablename__ = "absences"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    status: Mapped[int]
    since: Mapped[datetime] = mapped_column(Moment)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    returned_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        Index(
            "uq_absences_current",
            "article_id",
            unique=True,
            sqlite_where=text("returned_at IS NULL"),
            postgresql_where=text("returned_at IS NULL"),
        ),
    )


class AddressRow(Row):
    """An address that was fetched and is no article's own: it leads to an article, or to none on the topic (None).

    hash: see `db.addresses`; the address itself is not kept.
    """

    __tablename__ = "addresses"

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"), index=True)
    at: Mapped[datetime] = mapped_column(Moment)


class WholeRow(Row):
    """The newest text (`part` versions) and the newest capture (`part` captures) of an article, each whole.

    In a table of its own, rewritten in place: whole ones among the rows of `versions` would leave a page nearly empty
    each when they give way to differences.
    """

    __tablename__ = "wholes"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True)
    part: Mapped[str] = mapped_column(String(20), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (CheckConstraint("part IN ('versions', 'captures')", name="part"),)


class CaptureRow(Row):
    """The fetch that brought a version: `number` is that version's. Headers and raw body are in `data`, see
    `db.captures` and `db.chain`; None for the newest, which is in `wholes`, and for one that was dropped."""

    __tablename__ = "captures"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fetched_at: Mapped[datetime] = mapped_column(Moment)
    status: Mapped[int]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int]
    delta: Mapped[bool]
    data: Mapped[bytes | None] = mapped_column(LargeBinary)
    dropped_at: Mapped[datetime | None] = mapped_column(Moment)


class VersionRow(Row):
    """A distinct text of an article. `data` is the text in UTF-8, see `db.chain`; None for the newest, which is in
    `wholes`. Language and published time are those said with this text, since its claims were read by them."""

    __tablename__ = "versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    number: Mapped[int]
    lang: Mapped[str] = mapped_column(Text)
    published: Mapped[datetime | None] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    last_seen_at: Mapped[datetime] = mapped_column(Moment)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int]
    delta: Mapped[bool]
    data: Mapped[bytes | None] = mapped_column(LargeBinary)
    read_at: Mapped[datetime | None] = mapped_column(Moment)
    folded_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        UniqueConstraint("article_id", "number"),
        CheckConstraint("folded_at IS NULL OR read_at IS NOT NULL", name="read_before_folded"),
        Index(
            "ix_versions_unread", "id", sqlite_where=text("read_at IS NULL"), postgresql_where=text("read_at IS NULL")
        ),
        Index(
            "ix_versions_unfolded",
            "id",
            sqlite_where=text("folded_at IS NULL"),
            postgresql_where=text("folded_at IS NULL"),
        ),
    )


class ClaimRow(Row):
    """What one version asserts. `at`: when the first version that carried it was seen. `settled`: not folded again.

    `listed`: of how many bases its version says that they were left, without a day; 0 for all other claims.
    """

    __tablename__ = "claims"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(Text)
    value: Mapped[dict[str, Any]] = mapped_column(Json)
    modality: Mapped[Modality] = mapped_column(one_of(Modality, "modality"))
    quote: Mapped[str] = mapped_column(Text)
    start: Mapped[int]
    end: Mapped[int]
    speaker: Mapped[str | None] = mapped_column(Text)
    date: Mapped[str | None] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[ClaimState] = mapped_column(one_of(ClaimState, "state"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("versions.id"), index=True)
    settled: Mapped[bool] = mapped_column(default=False, server_default=false())
    reader: Mapped[str] = mapped_column(String(20), default="rules", server_default="rules")
    listed: Mapped[int] = mapped_column(default=0, server_default="0")

    __table_args__ = (
        CheckConstraint("(state = 'withdrawn') = (withdrawn_by IS NOT NULL)", name="withdrawn"),
        Index("ix_claims_kind_subject_state_settled", "kind", "subject", "state", "settled"),
    )


class LossRow(Row):
    """A version that lost much of the text of an earlier one, `of_id`. Until its `verdict` is that it was edited, what
    versions up to that one said and it does not stays live. folded_after: the newest version that was folded when the
    claims it dropped were withdrawn; None until then. See `db.losses`."""

    __tablename__ = "losses"

    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True, autoincrement=False)
    of_id: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    since: Mapped[datetime] = mapped_column(Moment)
    verdict: Mapped[LossVerdict | None] = mapped_column(one_of(LossVerdict, "verdict"))
    judged_at: Mapped[datetime | None] = mapped_column(Moment)
    folded_after: Mapped[int | None]

    __table_args__ = (CheckConstraint("(verdict IS NULL) = (judged_at IS NULL)", name="judged"),)


class FactRow(Row):
    """A known fact: held from `recorded_at` until `superseded_at`; `since` is the valid time of what is held."""

    __tablename__ = "facts"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(Text)
    slot: Mapped[Slot] = mapped_column(one_of(Slot, "slot"))
    since: Mapped[str] = mapped_column(Text)
    held: Mapped[dict[str, Any]] = mapped_column(Json)
    contested: Mapped[bool]
    rivals: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    superseded_at: Mapped[datetime | None] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (
        CheckConstraint("superseded_at IS NULL OR superseded_at >= recorded_at", name="superseded_after_recorded"),
        Index(
            "uq_facts_current",
            "kind",
            "subject",
            "slot",
            unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
        Index("ix_facts_recorded_at", "recorded_at"),
        Index("ix_facts_kind_subject", "kind", "subject"),
    )


class ChangeRow(Row):
    """A known fact became another. One version records one change of a type about a subject, however often it runs, and
    one more when the language model's claims of it come late.

    held_until: set while it is held back, since its subject flaps. notes: what came and went again soon after it.
    ruling_id: the ruling that made it; no foreign key, since rulings name changes.
    """

    __tablename__ = "changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(Text)
    type: Mapped[ChangeType] = mapped_column(one_of(ChangeType, "type"))
    before: Mapped[dict[str, Any] | None] = mapped_column(Json)
    after: Mapped[dict[str, Any] | None] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(Moment)
    article: Mapped[str] = mapped_column(Text)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))
    claim_ids: Mapped[list[int]] = mapped_column(Json)
    since: Mapped[str] = mapped_column(Text)
    previous: Mapped[dict[str, Any] | None] = mapped_column(Json)
    held: Mapped[dict[str, Any] | None] = mapped_column(Json)
    rivals: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    held_until: Mapped[datetime | None] = mapped_column(Moment)
    notes: Mapped[list[dict[str, Any]]] = mapped_column(Json, server_default="[]")
    late: Mapped[bool] = mapped_column(default=False, server_default=false())
    ruling_id: Mapped[int | None]

    __table_args__ = (
        UniqueConstraint("version_id", "kind", "subject", "type", "late"),
        Index("ix_changes_at", "at"),
        Index("ix_changes_subject", "subject"),
    )


class RulingRow(Row):
    """A person's word on a change or a base, with who and when; released, it stays as a record."""

    __tablename__ = "rulings"

    id: Mapped[int] = mapped_column(primary_key=True)
    verdict: Mapped[Verdict] = mapped_column(one_of(Verdict, "verdict"))
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(Text)
    value: Mapped[dict[str, Any]] = mapped_column(Json)
    since: Mapped[str] = mapped_column(Text)
    who: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    change_id: Mapped[int | None] = mapped_column(ForeignKey("changes.id"), index=True)
    origins: Mapped[list[str]] = mapped_column(Json)
    source: Mapped[str] = mapped_column(Text)
    because: Mapped[str] = mapped_column(Text)
    released_at: Mapped[datetime | None] = mapped_column(Moment)
    released_by: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_rulings_kind_subject", "kind", "subject"),)


class SetAsideRow(Row):
    """A live claim that counts for nothing, and why: an impossible date, or a person's word."""

    __tablename__ = "set_aside"

    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_set_aside_kind_subject", "kind", "subject"),)


class BaselineRow(Row):
    """What was known before the first pass."""

    __tablename__ = "baselines"

    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(Json)
    since: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)


class SummaryRow(Row):
    """What the first pass found, told as one. `body` is JSON that `monitor.telling` writes and reads."""

    __tablename__ = "summaries"

    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)


class DeliveryRow(Row):
    """One alert for one target: of a change, of a summary or of a notice."""

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int | None] = mapped_column(ForeignKey("changes.id"))
    summary_id: Mapped[int | None] = mapped_column(ForeignKey("summaries.id"))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notices.id"))
    target: Mapped[str] = mapped_column(Text)
    state: Mapped[DeliveryState] = mapped_column(one_of(DeliveryState, "state"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    attempts: Mapped[int]
    next_at: Mapped[datetime | None] = mapped_column(Moment)
    leased_until: Mapped[datetime | None] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    held_by: Mapped[HeldBy | None] = mapped_column(one_of(HeldBy, "held_by"))
    digest: Mapped[int | None]
    error: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("change_id", "target"),
        UniqueConstraint("summary_id", "target"),
        UniqueConstraint("notice_id", "target"),
        CheckConstraint(
            "CASE WHEN change_id IS NULL THEN 0 ELSE 1 END + CASE WHEN summary_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN notice_id IS NULL THEN 0 ELSE 1 END = 1",
            name="one_subject",
        ),
        Index("ix_deliveries_state_target", "state", "target"),
    )


class MuteRow(Row):
    """A base of which nobody is alerted until a moment."""

    __tablename__ = "mutes"

    base: Mapped[str] = mapped_column(Text, primary_key=True)
    until: Mapped[datetime] = mapped_column(Moment)
    who: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)


class HealthRow(Row):
    """How a source has fared."""

    __tablename__ = "source_health"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    last_attempt_at: Mapped[datetime | None] = mapped_column(Moment)
    last_success_at: Mapped[datetime | None] = mapped_column(Moment)
    last_new_at: Mapped[datetime | None] = mapped_column(Moment)
    failures: Mapped[int]
    error: Mapped[str] = mapped_column(Text)
    news_at: Mapped[datetime | None] = mapped_column(Moment)
    days: Mapped[list[str]] = mapped_column(Json, server_default="[]")
    size: Mapped[int | None]
    usual_size: Mapped[int | None]
    down_since: Mapped[datetime | None] = mapped_column(Moment)
    stale_since: Mapped[datetime | None] = mapped_column(Moment)
    shrunk_since: Mapped[datetime | None] = mapped_column(Moment)


class TroubleRow(Row):
    """How often something of a class went wrong at a source on a day (ISO, UTC)."""

    __tablename__ = "troubles"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    trouble: Mapped[Trouble] = mapped_column(one_of(Trouble, "trouble"), primary_key=True)
    count: Mapped[int]


class BudgetRow(Row):
    """What a host was asked for in the day that ends at `ends_at`."""

    __tablename__ = "budgets"

    host: Mapped[str] = mapped_column(Text, primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    requests: Mapped[int]
    bytes: Mapped[int] = mapped_column(BigInteger)


class NoticeRow(Row):
    """Something that whoever runs Drawdown should know of a source, or of Drawdown itself (source: empty)."""

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    kind: Mapped[NoticeKind] = mapped_column(one_of(NoticeKind, "kind"))
    at: Mapped[datetime] = mapped_column(Moment)
    text: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_notices_at", "at"),)


class QuestionRow(Row):
    """What the language model is to be asked about a sentence of a version, until its answer is folded in."""

    __tablename__ = "questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), index=True)
    start: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    copy_of: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0)


class AnswerRow(Row):
    """What the language model answered. key: a hash of all that it was asked by: prompt, question and model."""

    __tablename__ = "answers"

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    tokens_in: Mapped[int]
    tokens_out: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)


class ModelCountRow(Row):
    """How often something happened with the language model on a day (ISO, UTC), see `db.questions`."""

    __tablename__ = "model_counts"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    what: Mapped[str] = mapped_column(String(40), primary_key=True)
    count: Mapped[int]


class MarkRow(Row):
    """One small fact about the store itself: heartbeat, first fill, topic."""

    __tablename__ = "marks"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text)
