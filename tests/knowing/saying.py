"""Short ways to say what articles claim, for tests: one object is one base or figure, told of day by day."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from db.records import (
    BaselineFact,
    Change,
    Claim,
    Comparator,
    Deadline,
    Evidence,
    Figure,
    Kind,
    KnownFact,
    Modality,
    Role,
    Status,
    StatusValue,
    Value,
    Version,
    parse_moment,
)
from monitor.knowing.fold import Folded, fold
from monitor.knowing.rules import Rules
from monitor.knowing.step import Step, step

SPEAKERS = {
    "the ministry": "official",
    "an official": "official_unnamed",
    "a monitor": "organisation",
    "press": "media",
}
RULES = Rules(speaker_kind=lambda speaker: "outlet" if speaker is None else SPEAKERS.get(speaker, "anonymous"))


def status(text: str) -> StatusValue:
    """ "handed_over to army" and the like."""
    value, _, to = text.partition(" to ")
    return StatusValue(status=Status(value), to=to or None)


def figure(text: str, role: Role = Role.PRESENT) -> Figure:
    """ "about 1000", "less_than 1000", "500-1400", "900"."""
    how, _, number = text.rpartition(" ")
    if "-" in number:
        low, high = number.split("-")
        return Figure(low=int(low), high=int(high), comparator=Comparator.RANGE, role=role)
    comparator = Comparator(how or "exact")
    low = None if comparator in (Comparator.LESS_THAN, Comparator.AT_MOST) else int(number)
    high = None if comparator in (Comparator.MORE_THAN, Comparator.AT_LEAST) else int(number)
    return Figure(low=low, high=high, comparator=comparator, role=role)


def by(latest: str | None, earliest: str | None = None) -> Deadline:
    """A deadline."""
    return Deadline(earliest=earliest, latest=latest)


@dataclass
class World:
    """One subject and what was said of it, article by article, taken through `step`."""

    kind: Kind = Kind.BASE_STATUS
    subject: str = "fort"
    rules: Rules = RULES
    baseline: BaselineFact | None = None
    evidence: list[Evidence] = field(default_factory=list)
    history: list[Step] = field(default_factory=list)
    beside: list[KnownFact] = field(default_factory=list)
    versions: int = 0

    @classmethod
    def figures(cls, **fields: Any) -> World:
        """A world of one troop figure."""
        return cls(kind=Kind.TROOP_FIGURE, subject="us-troops-there", **fields)

    @classmethod
    def deadlines(cls, **fields: Any) -> World:
        """A world of one deadline."""
        return cls(kind=Kind.DEADLINE, subject="us-withdrawal-there", **fields)

    def knew(self, value: Value, since: str) -> World:
        """Begin with a baseline."""
        self.baseline = BaselineFact(
            kind=self.kind, subject=self.subject, value=value, since=since, source="our own list"
        )
        return self

    def article(
        self, at: str, *claims: Claim, outlet: str = "gazette", url: str = "", published: str = "", **fields: Any
    ) -> list[Change]:
        """An article, or its next version where the URL was seen; returns the changes that it raised."""
        self.versions += 1
        moment = parse_moment(at)
        url = url or f"https://{outlet}.example/{self.versions}"
        version = self.version(moment, url, outlet, parse_moment(published or at))
        mine = [self._evidence(claim, version, number, fields) for number, claim in enumerate(claims)]
        before = [item for item in self.evidence if item.url == url]
        said = {_key(item): item.at for item in before}
        mine = [replace(item, at=said.get(_key(item), item.at)) for item in mine]
        kept = {_key(item) for item in mine}
        withdrawn = [replace(item, withdrawn_at=moment) for item in before if _key(item) not in kept]
        self.evidence = [item for item in self.evidence if item.url != url] + mine
        taken = step(
            version,
            evidence=self.evidence,
            withdrawn=withdrawn,
            baseline=self.baseline,
            rules=self.rules,
            at=moment,
            fresh=[item.id for item in mine if _key(item) not in said],
            beside=self.beside,
        )
        self.history.append(taken)
        return list(taken.changes)

    def says(self, text: str, date: str | None = None, *, modality: str = "asserted", by: str | None = None) -> Claim:
        """A claim of this world's kind; a figure's text may begin with "target"."""
        value: Value
        if self.kind is Kind.TROOP_FIGURE:
            target = text.startswith("target ")
            value = figure(text.removeprefix("target "), Role.TARGET if target else Role.PRESENT)
        else:
            value = status(text)
        return self.claim(value, date, modality=modality, by=by)

    def claim(
        self, value: Value, date: str | None = None, *, modality: str = "planned", by: str | None = None
    ) -> Claim:
        """A claim of a given value."""
        return Claim(
            kind=self.kind,
            subject=self.subject,
            value=value,
            modality=Modality(modality),
            quote="so it is",
            start=0,
            end=8,
            speaker=by,
            date=date,
        )

    @staticmethod
    def version(at: datetime, url: str, outlet: str, published: datetime | None, number: int = 1) -> Version:
        """A version of an article, its text of no matter."""
        return Version(
            id=int(at.timestamp()),
            article_id=1,
            number=number,
            url=url,
            source=outlet,
            outlet=outlet,
            reliability="C",
            reprints=(),
            lang="en",
            title="",
            byline="",
            published=published,
            seen_at=at,
            last_seen_at=at,
            sha256="",
            text="",
        )

    def _evidence(self, claim: Claim, version: Version, number: int, fields: dict[str, Any]) -> Evidence:
        item = Evidence(
            id=self.versions * 100 + number,
            claim=replace(claim, start=number * 10, end=number * 10 + 8),
            version_id=version.id,
            number=version.number,
            article_id=version.article_id,
            url=version.url,
            source=version.source,
            outlet=version.outlet,
            reliability="C",
            lang="en",
            title="",
            published=version.published or version.seen_at,
            at=version.seen_at,
            origin=version.source,
        )
        return replace(item, **fields)

    @property
    def now(self) -> Folded:
        """What is known after the last article."""
        return self.history[-1].after

    @property
    def fact(self) -> KnownFact:
        """The known fact after the last article."""
        assert self.now.fact is not None
        return self.now.fact

    def folded(self, at: datetime = datetime(2026, 6, 1, tzinfo=UTC)) -> Folded:
        """Everything folded at once."""
        return fold(self.evidence, self.baseline, rules=self.rules, at=at)


def _key(item: Evidence) -> tuple[object, ...]:
    claim = item.claim
    return (claim.kind, claim.subject, claim.value, claim.modality, claim.date)
