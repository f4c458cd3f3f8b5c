"""The scenario as data: what each outlet published and when, and how its site is built. Pure; reads files once."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from itertools import groupby
from typing import Any

from db.errors import InputError
from db.records import parse_moment

BLOCKED = "blocked page"  # the `edit` of a version that shows no article


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One version of one article, as the scenario tells it.

    at: when the site began to show this text; published: what the page says of itself, unchanged by edits.
    path: the address on the outlet's own site; url: the scenario's address. edit: what kind of edit made this
    version, None for the first.
    """

    article: str
    version: int
    outlet_id: str
    outlet: str
    lang: str
    path: str
    url: str
    at: datetime
    published: datetime
    title: str
    byline: str
    paragraphs: tuple[str, ...]
    reliability: str
    edit: str | None = None

    @property
    def blocked(self) -> bool:
        """Whether the site shows a consent wall or an error page in the article's place."""
        return self.edit == BLOCKED


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A moment of the scenario and the versions that go live at it."""

    at: datetime
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PageRule:
    """What one page does differently from its outlet: layout, bytes' charset, the header's claim, its validator."""

    layout: str | None = None
    charset: str = "utf-8"
    header: str = "utf-8"
    etag: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlet:
    """One outlet and how its site is built; the words are explained in data/outlets.toml."""

    id: str
    name: Mapping[str, str]
    kind: str
    layout: str
    index: str
    etag: bool
    dates: str
    blocked: str = "missing"
    reprints: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How the newsroom is built: its outlets, the pages with rules of their own, and the furniture by language."""

    outlets: tuple[Outlet, ...]
    pages: Mapping[str, PageRule] = field(default_factory=dict)
    furniture: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def load_lines() -> list[Line]:
    """The bundled scenario, in the order of its file (by time). Raises InputError naming the line that is broken."""
    lines = []
    text = (files(__package__) / "data" / "articles.jsonl").read_text(encoding="utf-8")
    for number, raw in enumerate(text.splitlines(), start=1):
        try:
            lines.append(_line(json.loads(raw)))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"cannot be read: {error!r}", where=f"articles.jsonl:{number}") from error
    return lines


def load_plan() -> Plan:
    """The bundled outlets, page rules and furniture."""
    data = tomllib.loads((files(__package__) / "data" / "outlets.toml").read_text(encoding="utf-8"))
    return Plan(
        outlets=tuple(Outlet(**{**table, "reprints": tuple(table.get("reprints", ()))}) for table in data["outlet"]),
        pages={article: PageRule(**table) for article, table in data["page"].items()},
        furniture=data["furniture"],
    )


def steps_of(lines: Iterable[Line]) -> Sequence[Step]:
    """The lines grouped by the moment at which they go live, in time's order."""
    ordered = sorted(lines, key=lambda line: (line.at, line.article, line.version))
    return [Step(at=at, lines=tuple(group)) for at, group in groupby(ordered, key=lambda line: line.at)]


def _line(data: Mapping[str, Any]) -> Line:
    return Line(
        article=data["article"],
        version=data["version"],
        outlet_id=data["outlet_id"],
        outlet=data["outlet"],
        lang=data["lang"],
        path=data["url_path"],
        url=data["url"],
        at=parse_moment(data["at"]),
        published=parse_moment(data["published"]),
        title=data["title"],
        byline=data["byline"],
        paragraphs=tuple(data["paragraphs"]),
        reliability=data["reliability"],
        edit=data["edit"],
    )
