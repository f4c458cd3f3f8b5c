"""A replay in memory: JSON lines with labelled claims go through knowing as a store would hand them to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from db.records import BaselineFact, Change, Claim, Evidence, Kind, KnownFact, Version, parse_moment
from monitor.knowing.fold import Folded
from monitor.knowing.origin import Citations, Copies, origin_of
from monitor.knowing.refold import Place, Refold
from monitor.knowing.rules import Rules

Line = Mapping[str, Any]
GENERIC = ("وكالة", "للأنباء", "صحيفة", "news", "agency")


def load(path: Path) -> list[dict[str, Any]]:
    """The lines of a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def version_of(line: Line, number: int, article_id: int) -> Version:
    """The version that a line describes."""
    at = parse_moment(line["at"])
    text = "\n".join(line["paragraphs"]) if "paragraphs" in line else line.get("text", "")
    published = line.get("published")
    return Version(
        id=number,
        article_id=article_id,
        number=line.get("version", 1),
        url=line["url"],
        source=line.get("outlet_id", ""),
        outlet=line.get("outlet", ""),
        reliability=line.get("reliability", "C"),
        reprints=(),
        lang=line.get("lang", "en"),
        title=line.get("title", ""),
        byline=line.get("byline", ""),
        published=parse_moment(published) if published else None,
        seen_at=at,
        last_seen_at=at,
        sha256=sha256(text.encode()).hexdigest(),
        text=text,
    )


def claims_of(line: Line, version: Version) -> list[Claim]:
    """The labelled claims of a line, with offsets into the version's text."""
    whole = f"{version.title}\n{version.text}"
    out = []
    for data in line["claims"]:
        quote = data.get("quote") or ""
        start = max(whole.find(quote), 0)
        out.append(replace(Claim.from_json(data), start=start, end=start + len(quote)))
    return out


@dataclass
class Replay:
    """Holds what a store would hold, and takes lines one by one."""

    rules: Rules
    citations: Citations
    baseline: dict[Place, BaselineFact] = field(default_factory=dict)
    quiet_before: datetime | None = None
    live: dict[str, list[Evidence]] = field(default_factory=dict)
    articles: dict[str, int] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    copies: Copies = field(default_factory=Copies)
    ids: int = 0
    versions: int = 0
    refold: Refold = field(init=False)

    def __post_init__(self) -> None:
        self.refold = Refold(self.rules, baseline=self.baseline)

    def take(self, line: Line) -> list[Change]:
        """One version through knowing."""
        self.versions += 1
        article_id = self.articles.setdefault(line["url"], len(self.articles) + 1)
        version = version_of(line, self.versions, article_id)
        self.live[version.url] = self._evidence(version, claims_of(line, version))
        raised = self.refold.take(version, version.article_id, self.live[version.url])
        if self.quiet_before is None or version.seen_at >= self.quiet_before:
            for change in raised:
                self.changes.append(replace(change, id=len(self.changes) + 1))
        return raised

    def take_all(self, lines: Iterable[Line]) -> list[Change]:
        """Every line in order, blocked pages left out as a quality gate would."""
        for line in lines:
            if line.get("edit") != "blocked page":
                self.take(line)
        return self.changes

    def fact(self, kind: Kind, subject: str) -> KnownFact | None:
        """What is held of a subject."""
        return self.refold.folded.get((kind, subject), Folded()).fact

    def plan(self, kind: Kind, subject: str) -> KnownFact | None:
        """What is planned for a subject."""
        return self.refold.folded.get((kind, subject), Folded()).plan

    def _evidence(self, version: Version, claims: list[Claim]) -> list[Evidence]:
        copied = self.copies.take(version, self.citations)
        out = []
        for claim in claims:
            self.ids += 1
            out.append(
                Evidence(
                    id=self.ids,
                    claim=claim,
                    version_id=version.id,
                    number=version.number,
                    article_id=version.article_id,
                    url=version.url,
                    source=version.source,
                    outlet=version.outlet,
                    reliability=version.reliability,
                    lang=version.lang,
                    title=version.title,
                    published=version.published or version.seen_at,
                    at=version.seen_at,
                    origin=origin_of(claim, version, self.citations, copy_of=copied),
                )
            )
        return out


MakeReplay = Callable[..., Replay]
