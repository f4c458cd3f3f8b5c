"""What the newsroom's sites look like: article pages in several layouts, walls, indexes and feeds, as text.

Pure: the scenario's clock and the number of the fetch are arguments, and the same arguments give the same page.
Everything that surrounds an article turns with the number of the fetch, so no two fetches give the same page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from monitor.demo.scenario import Line, Outlet, Plan

NEWEST = 20  # items that a feed or a section page lists
_OFFSETS = {"ar": timezone(timedelta(hours=3)), "en": timezone(timedelta(0))}  # the clocks that the outlets print


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """An article that is live: the version that its page shows, and the first one, by which indexes know it."""

    first: Line
    line: Line

    @property
    def listed(self) -> Line:
        """The version that a section page speaks of: never the wall that may stand in the article's place."""
        return self.first if self.line.blocked else self.line


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """When a page is asked for: the scenario's clock, and how many fetches the outlet has answered."""

    now: datetime
    fetch: int


class Pages:
    """Renders the pages of one outlet.

    outlet, plan: how the site is built. lang: of its articles. base: the site's address, without a slash at its end.
    """

    def __init__(self, outlet: Outlet, plan: Plan, *, lang: str, base: str) -> None:
        self.outlet = outlet
        self.lang = lang
        self.base = base
        self._plan = plan
        self._words = plan.furniture[lang]
        self._templates = Environment(
            loader=PackageLoader("monitor.demo"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._templates.filters["stamp"] = self._stamp
        self._templates.filters["rfc822"] = lambda moment: format_datetime(self._local(moment))

    def article(self, line: Line, moment: Moment, *, layout: str | None = None) -> str:
        """The page of an article, or the wall or error page that the site shows in its place.

        layout: another one than the outlet's or the page's own rule.
        """
        rule = self._plan.pages.get(line.article)
        chosen = layout or (rule and rule.layout) or self.outlet.layout
        name = f"blocked_{self.outlet.blocked}.html" if line.blocked else f"article_{chosen}.html"
        return self._render(name, moment, line=line, charset=rule.charset if rule else "utf-8")

    def index(self, shown: Sequence[Shown], moment: Moment) -> str:
        """The section page: titles and teasers of the newest articles, as their pages show them now."""
        return self._render("section.html", moment, items=newest(shown))

    def feed(self, shown: Sequence[Shown], moment: Moment) -> str:
        """The RSS or Atom feed. Items stay as they were when first published: an edit does not show here."""
        return self._render(f"{self.outlet.index}.xml", moment, items=newest(shown))

    def plain(self, word: str, moment: Moment) -> str:
        """A page that is no article and nearly empty, headed by that word of the furniture ("about", "gone_title")."""
        return self._render("plain.html", moment, title=self._words[word])

    def _render(self, name: str, moment: Moment, **context: Any) -> str:
        return self._templates.get_template(name).render(
            outlet=self.outlet,
            name=self.outlet.name[self.lang],
            lang=self.lang,
            dir="rtl" if self.lang == "ar" else "ltr",
            base=self.base,
            words=self._words,
            now=moment.now,
            fetch=moment.fetch,
            turn=lambda values, by=0: _turn(values, moment.fetch + by),
            **{"charset": "utf-8", **context},
        )

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(_OFFSETS[self.lang])

    def _stamp(self, moment: datetime) -> str:
        return self._local(moment).isoformat()


def newest(shown: Sequence[Shown]) -> list[Shown]:
    """The articles that went live last, newest first, as many as an index lists."""
    return sorted(shown, key=lambda page: (page.first.at, page.first.article), reverse=True)[:NEWEST]


def _turn(values: Sequence[str], by: int) -> list[str]:
    """The same values, beginning elsewhere."""
    start = by % len(values)
    return [*values[start:], *values[:start]]
