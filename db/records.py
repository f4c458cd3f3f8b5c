"""The nouns of Drawdown: frozen, keyword-only records and enums. Standard library only.

One noun, one definition: no dict crosses a module's border. Datetimes are aware and UTC. Days, months, years and
intervals, as claims carry them, are ISO 8601 strings ("2026-02-15", "2026-02", "2025", "2026-02-01/2026-02-15");
`Period` gives the days that such a string covers.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

YEARS = range(1990, 2101)  # of moments; a date outside is a mistake or mischief


class Kind(StrEnum):
    """What a claim is about."""

    BASE_STATUS = "base_status"
    TROOP_FIGURE = "troop_figure"
    BASE_COUNT = "base_count"
    DEADLINE = "deadline"
    CONVOY = "convoy"
    DETAINEES = "detainees"


class Status(StrEnum):
    """A base's status, in the order of a withdrawal."""

    ACTIVE = "active"
    REINFORCED = "reinforced"
    WITHDRAWING = "withdrawing"
    VACATED = "vacated"
    HANDED_OVER = "handed_over"


class Modality(StrEnum):
    """How a claim is meant; only `asserted` can move a known fact."""

    ASSERTED = "asserted"
    PLANNED = "planned"
    POSSIBLE = "possible"
    DENIED = "denied"
    HISTORICAL = "historical"


class Comparator(StrEnum):
    """How a number is said."""

    EXACT = "exact"
    ABOUT = "about"
    LESS_THAN = "less_than"
    MORE_THAN = "more_than"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    RANGE = "range"


class Role(StrEnum):
    """What a number counts; a troop figure and a base count use different ones."""

    PRESENT = "present"
    WITHDRAWN = "withdrawn"
    TO_WITHDRAW = "to_withdraw"
    TARGET = "target"
    TO_ADD = "to_add"
    PART = "part"
    TOTAL = "total"
    REMAINING = "remaining"
    VACATED = "vacated"
    TO_VACATE = "to_vacate"
    HANDED_OVER = "handed_over"
    REOCCUPIED = "reoccupied"


class ChangeType(StrEnum):
    """How a known fact became another."""

    UPDATE = "update"
    REVERSAL = "reversal"
    CONTESTED = "contested"
    CORRECTION = "correction"
    PLAN = "plan"


class Slot(StrEnum):
    """What is known of a subject: how it is, and beside it what is planned."""

    FACT = "fact"
    PLAN = "plan"


_ISO_PART = r"\d{4}(?:-\d{2}(?:-\d{2})?)?"
_ISO_PERIOD = re.compile(rf"^({_ISO_PART})(?:/({_ISO_PART}))?$")


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Period:
    """The days that an ISO date of any precision covers, both ends included."""

    first: date
    last: date

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read "2026-02-15", "2026-02", "2025" or an interval "a/b". Raises ValueError."""
        match = _ISO_PERIOD.match(text)
        if not match:
            raise ValueError(f"not an ISO date, month, year or interval: {text!r}")
        first = _days(match[1])[0]
        last = _days(match[2] or match[1])[1]
        if last < first:
            raise ValueError(f"ends before it begins: {text!r}")
        return cls(first=first, last=last)

    def overlaps(self, other: Period) -> bool:
        """Whether the two share a day."""
        return self.first <= other.last and other.first <= self.last


def _days(text: str) -> tuple[date, date]:
    numbers = [int(part) for part in text.split("-")]
    if len(numbers) == 3:
        day = date(*numbers)
        return day, day
    if len(numbers) == 2:
        year, month = numbers
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    return date(numbers[0], 1, 1), date(numbers[0], 12, 31)


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusValue:
    """What a claim or a known fact says of a base. `to`: the party id that took it over."""

    status: Status
    to: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A number with its bounds, as said: `less_than` has no `low`, `more_than` no `high`; `about` has both equal.

    role: what it counts (troop figures, base counts). direction: "in" or "out" (convoys), else None.
    Raises ValueError where both bounds are missing or low is above high.
    """

    low: int | None
    high: int | None
    comparator: Comparator
    role: Role | None = None
    direction: str | None = None

    def __post_init__(self) -> None:
        if self.low is None and self.high is None:
            raise ValueError("a figure needs a bound")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low {self.low} is above high {self.high}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Deadline:
    """Days by which a withdrawal is to be complete, ISO; either may be None, not both."""

    earliest: str | None
    latest: str | None


Value = StatusValue | Figure | Deadline


def value_to_json(value: Value | None) -> dict[str, Any] | None:
    """The value's own keys as in the contract of a claim; a troop figure's role is included."""
    match value:
        case None:
            return None
        case StatusValue(status=status, to=to):
            return {"value": status.value, "to": to}
        case Figure():
            out: dict[str, Any] = {"low": value.low, "high": value.high, "comparator": value.comparator.value}
            if value.role is not None:
                out["role"] = value.role.value
            if value.direction is not None:
                out["direction"] = value.direction
            return out
        case Deadline():
            return {"earliest": value.earliest, "latest": value.latest}


def value_from_json(kind: Kind, data: dict[str, Any]) -> Value:
    """Read what `value_to_json` wrote, or a claim's own JSON. Raises ValueError or KeyError."""
    if kind is Kind.BASE_STATUS:
        return StatusValue(status=Status(data["value"]), to=data.get("to"))
    if kind is Kind.DEADLINE:
        return Deadline(earliest=data.get("earliest"), latest=data.get("latest"))
    role = data.get("role")
    return Figure(
        low=data.get("low"),
        high=data.get("high"),
        comparator=Comparator(data["comparator"]),
        role=Role(role) if role else None,
        direction=data.get("direction"),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """What one version of one article asserts: `text[start:end] == quote` in that version's text.

    date: ISO period when it holds, None when the text gives none. rule: what decided it, for `why` and `extract`.
    reader: who read it: "rules", the built-in reading, or "llm", the language model.
    """

    kind: Kind
    subject: str
    value: Value
    modality: Modality
    quote: str
    start: int
    end: int
    speaker: str | None = None
    date: str | None = None
    rule: str = ""
    reader: str = "rules"

    def to_json(self) -> dict[str, Any]:
        """The contract of a claim, flat."""
        return {
            "kind": self.kind.value,
            "subject": self.subject,
            **(value_to_json(self.value) or {}),
            "modality": self.modality.value,
            "speaker": self.speaker,
            "date": self.date,
            "quote": self.quote,
            "start": self.start,
            "end": self.end,
            "rule": self.rule,
            "reader": self.reader,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Claim:
        """Read the flat form; offsets and rule may be missing. Raises ValueError or KeyError."""
        kind = Kind(data["kind"])
        return cls(
            kind=kind,
            subject=data["subject"],
            value=value_from_json(kind, data),
            modality=Modality(data["modality"]),
            quote=data.get("quote") or "",
            start=data.get("start") or 0,
            end=data.get("end") or 0,
            speaker=data.get("speaker"),
            date=data.get("date"),
            rule=data.get("rule") or "",
            reader=data.get("reader") or "rules",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What one fetch or file says it is: the readable content of an article. `text` is the text of record.

    digest: of all that it was read of, where that is less than was fetched: the same digest is the same page.
    """

    url: str
    title: str
    text: str
    lang: str
    byline: str = ""
    published: datetime | None = None
    digest: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where an article comes from: the source's id, the outlet's name, its reliability (Admiralty, A to F)."""

    source: str
    outlet: str
    reliability: str = "C"
    reprints: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """How a capture came over HTTP.

    url: the address that was asked; another than the capture's where the capture is a part of what came. headers: of
    the request, as it went out. protocol: of the answer, "HTTP/1.1". ip: the address that answered. encoding: the
    Content-Encoding that the body came in, empty for none. via: the addresses that led there by redirects, in order.
    """

    url: str
    headers: tuple[tuple[str, str], ...]
    protocol: str
    ip: str | None = None
    encoding: str = ""
    via: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Capture:
    """One fetch of an article: evidence, never altered. `body`: the raw bytes as received, decompressed.

    exchange: None where nothing was fetched (a file), and of captures of stores before schema 0004.
    """

    url: str
    fetched_at: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    etag: str | None = None
    last_modified: str | None = None
    exchange: Exchange | None = None


class Outcome(StrEnum):
    """What became of one fetched page."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    OFF_TOPIC = "off topic"
    REFUSED = "refused"
    FAILED = "failed"
    GONE = "gone"


@dataclass(frozen=True, kw_only=True, slots=True)
class Saved:
    """What storing a page did: NEW, CHANGED or UNCHANGED, and the version that now holds its text."""

    outcome: Outcome
    article_id: int
    version_id: int
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """A distinct text of an article. `number` counts from 1; `seen_at` is when it was first seen."""

    id: int
    article_id: int
    number: int
    url: str
    source: str
    outlet: str
    reliability: str
    reprints: tuple[str, ...]
    lang: str
    title: str
    byline: str
    published: datetime | None
    seen_at: datetime
    last_seen_at: datetime
    sha256: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """Which version it is, of which article, and when it was first seen: a version without its text.

    holds: the version up to which it withdraws nothing by itself, since it lost text of it; see `db.losses`.
    """

    id: int
    article_id: int
    url: str
    seen_at: datetime
    holds: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CaptureStamp:
    """When a version was fetched, with which HTTP status, and the size and SHA-256 (hex) of what is kept of it."""

    fetched_at: datetime
    status: int
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """How many stored texts and captures were held against their SHA-256, and a line for each that does not hold.

    dropped: captures that are no longer kept, on purpose.
    """

    articles: int = 0
    versions: int = 0
    captures: int = 0
    dropped: int = 0
    faults: tuple[str, ...] = ()

    def __add__(self, other: Checked) -> Checked:
        return Checked(
            articles=self.articles + other.articles,
            versions=self.versions + other.versions,
            captures=self.captures + other.captures,
            dropped=self.dropped + other.dropped,
            faults=self.faults + other.faults,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Backup:
    """What a backup says of itself. size and sha256: of the store in it, unpacked. rows: how many, by table."""

    format: int
    schema: str
    made_at: datetime
    size: int
    sha256: str
    rows: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """A stored claim with what is needed to weigh it.

    at: when its version was first seen (recorded time). published: the article's own time, else `at`.
    origin: the root it is counted under; claims of one origin are one voice.
    withdrawn_at: when a later version of the article no longer carried it, else None. settled: whether it no longer has
    a part in what is known. held_since: where it was asked for, since when a later version lacks it that lost much of
    its text, while that may be a redesign's doing. capture: of its version, absence: of its article, and otherwise:
    what another reader says of its subject in the same version, where they were asked for and there is one. listed:
    of a base that was left, without a day: of how many bases its version says that; 0 for all other claims.
    """

    id: int
    claim: Claim
    version_id: int
    number: int
    article_id: int
    url: str
    source: str
    outlet: str
    reliability: str
    lang: str
    title: str
    published: datetime
    at: datetime
    origin: str
    withdrawn_at: datetime | None = None
    settled: bool = False
    held_since: datetime | None = None
    capture: CaptureStamp | None = None
    absence: Absence | None = None
    otherwise: tuple[Claim, ...] = ()
    listed: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Support:
    """One claim's weight in a known fact: `weight` is 0 to 1; `factors` names each part of it, for `why`."""

    claim_id: int
    origin: str
    weight: float
    factors: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """One side of what is said of a subject: a value, since when, and who carries it.

    since: ISO period from which it holds; confidence: 0 to 1, noisy-OR over origins; credibility: Admiralty pair
    such as "B2"; origins: how many independent ones. support: the claims that carry it, the weightiest first; `more`
    counts those that are left out of a long list.
    """

    value: Value
    since: str
    confidence: float
    credibility: str
    origins: int
    support: tuple[Support, ...] = ()
    more: int = 0
    source: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownFact:
    """What Drawdown holds to be so of one subject, from `recorded_at` until `superseded_at`.

    held: the side shown first. rivals: the other sides, strongest first; `contested` when one is of comparable
    weight about the same time. denials: claims that deny what is held. plan facts have slot PLAN.
    """

    kind: Kind
    subject: str
    slot: Slot
    held: Position
    contested: bool = False
    rivals: tuple[Position, ...] = ()
    recorded_at: datetime = field(default_factory=lambda: datetime(1970, 1, 1, tzinfo=UTC))
    superseded_at: datetime | None = None
    changed_at: datetime | None = None
    id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """That soon after a change its subject went to another value, by which article; see hold-down."""

    at: datetime
    value: Value | None
    article: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A known fact became another: `before` → `after`, because of these claims of this version.

    before: None for a first value. after: None for a correction that leaves nothing known. late: whether it came after
    the version was folded: of what the language model said of it, or of claims that it dropped and that were held until
    it was judged. ruling_id: the person's word that made it.
    """

    kind: Kind
    subject: str
    type: ChangeType
    before: Value | None
    after: Value | None
    at: datetime
    article: str
    version_id: int | None
    claim_ids: tuple[int, ...]
    since: str
    previous: Position | None = None
    held: Position | None = None
    rivals: tuple[Position, ...] = ()
    notes: tuple[Note, ...] = ()
    late: bool = False
    ruling_id: int | None = None
    id: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The line that `changes --json` prints for it."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "subject": self.subject,
            "type": self.type.value,
            "from": value_to_json(self.before),
            "to": value_to_json(self.after),
            "since": self.since,
            "at": iso(self.at),
            "article": self.article,
            "version": self.version_id,
            "claims": list(self.claim_ids),
            "notes": [
                {"at": iso(note.at), "value": value_to_json(note.value), "article": note.article} for note in self.notes
            ],
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class BaselineFact:
    """A fact known before the first pass, as a baseline file gives it."""

    kind: Kind
    subject: str
    value: Value
    since: str
    source: str


class Verdict(StrEnum):
    """A person's word: that a change is right, that it is wrong, or what a base's status is."""

    CONFIRM = "confirm"
    REJECT = "reject"
    PIN = "pin"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """A person's word on a change or a base; it stands above all claims from `at` until it is released.

    value: what is confirmed, rejected or pinned. since: from when, an ISO period; of a rejection up to when claims are
    rejected. origins: whose. source: the address that the person gives. because: why.
    """

    verdict: Verdict
    kind: Kind
    subject: str
    value: Value
    since: str
    who: str
    at: datetime
    change_id: int | None = None
    origins: tuple[str, ...] = ()
    source: str = ""
    because: str = ""
    released_at: datetime | None = None
    released_by: str = ""
    id: int | None = None

    def stands(self, at: datetime) -> bool:
        """Whether it was given, and not yet released, at that time."""
        return self.at <= at and (self.released_at is None or self.released_at > at)

    def as_of(self, at: datetime) -> Ruling:
        """The ruling as it was then: not yet released."""
        return replace(self, released_at=None, released_by="") if self.stands(at) else self

    def to_json(self) -> dict[str, Any]:
        """What `rulings --json` prints for it."""
        return {
            "id": self.id,
            "verdict": self.verdict.value,
            "kind": self.kind.value,
            "subject": self.subject,
            "value": value_to_json(self.value),
            "since": self.since,
            "who": self.who,
            "at": iso(self.at),
            "change": self.change_id,
            "source": self.source or None,
            "because": self.because or None,
            "released_at": iso(self.released_at) if self.released_at else None,
            "released_by": self.released_by or None,
        }


class DeliveryState(StrEnum):
    """Where a delivery stands. held: till its time. withdrawn: a person rejected its change before it was sent."""

    DUE = "due"
    HELD = "held"
    LEASED = "leased"
    SENT = "sent"
    DEAD = "dead"
    WITHDRAWN = "withdrawn"


class HeldBy(StrEnum):
    """What holds a delivery back: a muted base, the target's digest, its quiet hours, its limit of messages an hour."""

    MUTE = "mute"
    DIGEST = "digest"
    QUIET = "quiet"
    LIMIT = "limit"


@dataclass(frozen=True, kw_only=True, slots=True)
class Mute:
    """A base of which nobody is alerted until a moment, by a person's word."""

    base: str
    until: datetime
    who: str
    at: datetime

    def to_json(self) -> dict[str, Any]:
        """What `status --json` prints for it."""
        return {"base": self.base, "until": iso(self.until), "who": self.who, "at": iso(self.at)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One alert for one target: of a change, of the one summary of the first fill, or of a notice.

    next_at: when it is tried again, or till when it is held. held_by: what held it back last. digest: the number that
    the deliveries of one message share. error: why it is held, waits, is dead or was withdrawn.
    """

    id: int
    target: str
    state: DeliveryState
    created_at: datetime
    attempts: int
    change_id: int | None = None
    summary_id: int | None = None
    notice_id: int | None = None
    held_by: HeldBy | None = None
    digest: int | None = None
    next_at: datetime | None = None
    sent_at: datetime | None = None
    error: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What the language model is to be asked about one sentence of a version, which begins at `start` of its text.

    body: what is sent, beside the topic's prompt. copy_of: the origin of the article that the version copies, if any.
    attempts: how often its answer was no answer.
    """

    version_id: int
    start: int
    body: str
    copy_of: str | None = None
    attempts: int = 0
    id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What the language model answered, word for word, and the tokens that it counted for question and answer."""

    text: str
    tokens_in: int = 0
    tokens_out: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelHealth:
    """How the language model fares. `failures` counts requests in a row that failed since `down_since`; `error` says
    how the last one did; before `next_at` it is not asked. counts: of today (UTC) by name, such as "requests".
    waiting: how many questions have no answer yet.
    """

    failures: int = 0
    error: str = ""
    down_since: datetime | None = None
    next_at: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    waiting: int = 0

    def to_json(self) -> dict[str, Any]:
        """What `status --json` prints for it."""
        return {
            "failures": self.failures,
            "error": self.error or None,
            "down_since": iso(self.down_since) if self.down_since else None,
            "next_at": iso(self.next_at) if self.next_at else None,
            "today": dict(self.counts),
            "waiting": self.waiting,
        }


class Trouble(StrEnum):
    """Why a way in or an article could not be had, in classes that ask for different cures.

    unreachable: no name, no connection, or one that broke off. slow: took longer than allowed. busy: 429, 503, or the
    rest that they ask for. server: another 5xx. missing: 404 or 410. forbidden: 401, 403, robots.txt, our own guard.
    unreadable: an answer that is not what was asked for. budget: our own limit for the host was reached.
    """

    UNREACHABLE = "unreachable"
    SLOW = "slow"
    BUSY = "busy"
    SERVER = "server"
    MISSING = "missing"
    FORBIDDEN = "forbidden"
    UNREADABLE = "unreadable"
    BUDGET = "budget"


class NoticeKind(StrEnum):
    """What became of a source, or of Drawdown itself; each is told once, and so is its end."""

    DOWN = "down"
    RECOVERED = "recovered"
    STALE = "stale"
    NEWS_AGAIN = "news_again"
    SHRUNK = "shrunk"
    RESTORED = "restored"
    STORE_FAILING = "store_failing"
    STORE_WELL = "store_well"
    NO_ROOM = "no_room"
    ROOM_AGAIN = "room_again"
    READING_FAILING = "reading_failing"
    READING_WELL = "reading_well"
    UNDELIVERED = "undelivered"
    RESTARTED = "restarted"


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """Something that whoever runs Drawdown should know, in one line of plain text.

    source: of which source; empty where it is of Drawdown itself.
    """

    source: str
    kind: NoticeKind
    at: datetime
    text: str
    id: int | None = field(default=None, compare=False)

    def to_json(self) -> dict[str, Any]:
        """What `status --json` prints for it."""
        return {"source": self.source, "kind": self.kind.value, "at": iso(self.at), "text": self.text}


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceHealth:
    """How a source has fared. `failures` counts passes in a row that failed; `error` says how the last one did.

    news_at: the newest date that its ways in listed, or when it last brought an article. days: the last days of such
    dates, ISO, oldest first. size, usual_size: bytes of an article's text, the median of the newest ones and, while
    they are shrunk, what it was before. down_since, stale_since, shrunk_since: None while it is well. troubles: what
    went wrong in the last days, by class. held: how many claims its articles lack since they lost much of their text;
    they are not withdrawn, since that may be a redesign's doing.
    """

    source: str
    last_attempt_at: datetime | None = None
    last_success_at: datetime | None = None
    last_new_at: datetime | None = None
    failures: int = 0
    error: str = ""
    news_at: datetime | None = None
    days: tuple[str, ...] = ()
    size: int | None = None
    usual_size: int | None = None
    down_since: datetime | None = None
    stale_since: datetime | None = None
    shrunk_since: datetime | None = None
    troubles: Mapping[Trouble, int] = field(default_factory=dict)
    held: int = 0

    @property
    def states(self) -> tuple[str, ...]:
        """What is wrong with it now, in a word each; nothing when it is well."""
        since = {"down": self.down_since, "stale": self.stale_since, "shrunk": self.shrunk_since}
        return tuple(word for word, moment in since.items() if moment)


@dataclass(frozen=True, kw_only=True, slots=True)
class CrawlResult:
    """What one pass over one source did: counts of articles by outcome, and what went wrong.

    refusal: the first article that was refused, and why. gone: stored articles that were not there. ways: how many ways
    in could be read; blind: whether one could not.
    again: how many of those refused and failed are stored articles. days: of the dates that its ways in listed, ISO;
    newest: the newest of these dates.
    """

    source: str
    fetched: int = 0
    unchanged: int = 0
    new: int = 0
    changed: int = 0
    off_topic: int = 0
    refused: int = 0
    failed: int = 0
    gone: int = 0
    errors: tuple[str, ...] = ()
    refusal: str = ""
    ways: int = 0
    blind: bool = False
    again: int = 0
    troubles: Mapping[Trouble, int] = field(default_factory=dict)
    newest: datetime | None = None
    days: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Sized:
    """How long a version's text is, in bytes of UTF-8, and how long the one before it was (None for a first one)."""

    seen_at: datetime
    size: int
    before: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Spent:
    """What a host was asked for in a day, which ends at `ends_at`: requests, and bytes of their answers."""

    host: str
    ends_at: datetime
    requests: int
    bytes: int


class LossVerdict(StrEnum):
    """Why a version lost much of its article's text: it was edited, or a redesign hides the rest."""

    EDITED = "edited"
    REDESIGNED = "redesigned"


@dataclass(frozen=True, kw_only=True, slots=True)
class Loss:
    """The newest version of an article lost much of its text, and nobody knows why yet.

    since: when that was seen, or when it was asked anew. last_seen_at: when that text was last seen. kept: how many
    other articles of the source were seen since with the text that they had before.
    """

    version_id: int
    since: datetime
    last_seen_at: datetime
    kept: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """What a version that lost text had dropped is withdrawn after all, at a time.

    after: the newest version that was folded by then.
    """

    seen: Seen
    at: datetime
    after: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """A stored article as one who may look at it again sees it.

    changed_at: when its newest version was first seen. asked_at: when the site last answered for it; None where it was
    never asked for by its own address, as messages of a preview and files are. dated_at: the newest date that a way in
    showed for it. gone_since: since when the site says that it is not there. removed: whether that is for good.
    lasting: whether a claim of it carries a current known fact. etag, last_modified: validators of its last good fetch.
    look, page: stamps of what its page was read of and of what it said, see `db.versions`.
    """

    url: str
    title: str
    published: datetime | None
    first_seen_at: datetime
    changed_at: datetime
    asked_at: datetime | None
    dated_at: datetime | None = None
    gone_since: datetime | None = None
    removed: bool = False
    lasting: bool = False
    etag: str | None = None
    last_modified: str | None = None
    look: bytes | None = None
    page: bytes | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """An article's page came whole and says what is stored: its validators, and the stamp of what it was read of."""

    url: str
    etag: str | None
    last_modified: str | None
    look: bytes | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Absence:
    """An article was not where it had been: from `since` on, with this HTTP status.

    removed_at: when it counted as removed for good. returned_at: when it was there again.
    """

    status: int
    since: datetime
    removed_at: datetime | None = None
    returned_at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """What `diff --json` and `why --json` print for it."""
        return {
            "status": self.status,
            "since": iso(self.since),
            "removed_at": iso(self.removed_at) if self.removed_at else None,
            "returned_at": iso(self.returned_at) if self.returned_at else None,
        }


def utc(moment: datetime) -> datetime:
    """The same moment in UTC. Raises ValueError for a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime: {moment!r}")
    return moment.astimezone(UTC)


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC to the second, with Z."""
    return utc(moment).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_moment(text: str) -> datetime:
    """Read an ISO 8601 date (midnight UTC) or datetime (naive counts as UTC).

    Raises ValueError for what is none, and for a year outside `YEARS`.
    """
    moment = datetime.fromisoformat(text.strip())
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"beyond the calendar: {text!r}") from error
    if moment.year not in YEARS:
        raise ValueError(f"not in the years {YEARS.start} to {YEARS[-1]}: {text!r}")
    return moment
