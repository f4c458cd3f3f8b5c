"""How a source fares: what a pass makes of its health, and what is worth a notice. Pure.

A source is down after so many failed passes in a row; stale when one that has news daily has none for two days; shrunk
when its articles lose a good part of their text at once, as they do when a redesign hides it from the extraction. Each
is told once, and so is its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from statistics import median

from db.records import CrawlResult, Notice, NoticeKind, Sized, SourceHealth, Trouble, iso

LEAST_AGAIN = 3  # stored articles alone that must fail for the source to fail
SILENT = timedelta(hours=48)  # of an outlet that has news daily
DAILY = (7, 7)  # so many days with news, within so many days: one may be missing
KEPT_DAYS = 14
SHRUNK = 0.6  # of its length that an edited text has at most
LEAST_SHRUNK = 3  # such edits within RECENT, and at least half of all: an editor who cuts is no redesign
RECENT = timedelta(hours=24)
FORGOTTEN = timedelta(days=14)  # after which the shrunk length counts as the usual one
NEWEST = 10  # versions that the length of an article is told by
ERROR_LENGTH = 500


def fare(
    before: SourceHealth, result: CrawlResult, sizes: Sequence[Sized], *, at: datetime, down_after: int
) -> tuple[SourceHealth, list[Notice]]:
    """The source's health after a pass that ended at `at`, and the notices that this calls for.

    sizes: the newest version of each of the source's last articles, in any order.
    """
    health = _counted(before, result, at)
    notices: list[Notice] = []
    for step in (_down, _stale, _shrunk):
        health, told = step(health, sizes, at, down_after)
        notices += told
    return health, notices


def failed(result: CrawlResult) -> bool | None:
    """Whether the pass failed: no way in could be read, or it brought no good article and something went wrong.

    None where a few stored articles could not be had again, though the ways in could be read: that says neither. Our
    own budget is no fault of the source's.
    """
    held_back = set(result.troubles) == {Trouble.BUDGET}
    if result.blind and not result.ways and not held_back:
        return True
    if result.new + result.changed + result.unchanged + result.off_topic:
        return False
    bad = result.failed + result.refused
    if held_back or (result.ways and 0 < bad == result.again < LEAST_AGAIN):
        return None
    return bool(result.errors or bad)


def _counted(health: SourceHealth, result: CrawlResult, at: datetime) -> SourceHealth:
    news_at, days = health.news_at, health.days
    verdict = failed(result)
    if result.newest is not None:
        news_at = _later(news_at, result.newest)
    if result.new or result.changed or result.off_topic:  # the latter are not asked for twice, so they are new too
        news_at = _later(news_at, at)
        days = (*days, f"{at:%Y-%m-%d}")
    return replace(
        health,
        last_attempt_at=_later(health.last_attempt_at, at),
        last_success_at=_later(health.last_success_at, at) if verdict is False else health.last_success_at,
        last_new_at=_later(health.last_new_at, at) if result.new or result.changed else health.last_new_at,
        failures=0 if verdict is False else health.failures + (verdict is True),
        error=_error(result),
        news_at=news_at,
        days=tuple(sorted({*days, *result.days}))[-KEPT_DAYS:],
        troubles=result.troubles,
    )


def _down(
    health: SourceHealth, sizes: Sequence[Sized], at: datetime, down_after: int
) -> tuple[SourceHealth, list[Notice]]:
    if health.down_since is None and health.failures >= down_after:
        since = health.last_success_at
        last = f"last success {iso(since)}" if since else "it never succeeded"
        text = f"is down: {health.failures} passes in a row failed, {last}; {health.error}"
        return replace(health, down_since=at), [_notice(health, NoticeKind.DOWN, at, text)]
    if health.down_since is not None and not health.failures:
        text = f"has recovered; it was down since {iso(health.down_since)}"
        return replace(health, down_since=None), [_notice(health, NoticeKind.RECOVERED, at, text)]
    return health, []


def _stale(
    health: SourceHealth, sizes: Sequence[Sized], at: datetime, down_after: int
) -> tuple[SourceHealth, list[Notice]]:
    silent = health.news_at is not None and at - health.news_at > SILENT
    if health.news_at is not None and silent and health.stale_since is None and not health.failures:
        if not publishes_daily(health.days):
            return health, []
        text = f"is stale: it has news daily, and nothing new since {iso(health.news_at)}"
        return replace(health, stale_since=at), [_notice(health, NoticeKind.STALE, at, text)]
    if health.stale_since is not None and not silent:
        text = f"has news again; it was stale since {iso(health.stale_since)}"
        return replace(health, stale_since=None), [_notice(health, NoticeKind.NEWS_AGAIN, at, text)]
    return health, []


def publishes_daily(days: Sequence[str]) -> bool:
    """Whether an outlet usually has news daily, by the last days (ISO, oldest first) on which it had some."""
    number, within = DAILY
    if len(days) < number:
        return False
    return date.fromisoformat(days[-1]) - date.fromisoformat(days[-number]) <= timedelta(days=within)


def _shrunk(
    health: SourceHealth, sizes: Sequence[Sized], at: datetime, down_after: int
) -> tuple[SourceHealth, list[Notice]]:
    newest = sorted(sizes, key=lambda one: one.seen_at)[-NEWEST:]
    health = replace(health, size=round(median(one.size for one in newest)) if newest else health.size)
    since = health.shrunk_since
    edits = [one for one in sizes if one.before and one.seen_at > max(since or at - RECENT, at - RECENT)]
    if since is None:
        if _most([one for one in edits if one.size <= SHRUNK * (one.before or 0)], edits):
            usual = round(median(one.before or one.size for one in sizes))
            text = f"has lost text: articles have {health.size} bytes, usually {usual}; its pages may have changed"
            return replace(health, shrunk_since=at, usual_size=usual), [_notice(health, NoticeKind.SHRUNK, at, text)]
        return health, []
    if _most([one for one in edits if one.before and one.size * SHRUNK >= one.before], edits):
        text = f"has its text again; it was shrunk since {iso(since)}"
    elif at - since > FORGOTTEN:
        text = f"has had less text since {iso(since)}; that counts as usual now"
    else:
        return health, []
    return replace(health, shrunk_since=None, usual_size=None), [_notice(health, NoticeKind.RESTORED, at, text)]


def _most(those: Sequence[Sized], edits: Sequence[Sized]) -> bool:
    return len(those) >= LEAST_SHRUNK and 2 * len(those) >= len(edits)


def _notice(health: SourceHealth, kind: NoticeKind, at: datetime, text: str) -> Notice:
    return Notice(source=health.source, kind=kind, at=at, text=text)


def _error(result: CrawlResult) -> str:
    if result.errors:
        return "; ".join(result.errors).replace("\0", "")[:ERROR_LENGTH]
    parts = [(result.failed, "failed"), (result.refused, "refused")]
    counted = ", ".join(f"{number} {what}" for number, what in parts if number)
    return f"{counted}, the first: {result.refusal}"[:ERROR_LENGTH] if result.refusal else counted


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)
