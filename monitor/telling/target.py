"""A place where alerts are told, and what it asks for: which of them, how soon, and how many."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field

from db.records import ChangeType

_UTC = ZoneInfo("UTC")


class Severity(StrEnum):
    """How much an alert matters, the least first; docs/alerts.md says what is of which."""

    LOW = "low"
    NORMAL = "normal"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        """The greater, the more it matters."""
        return list(Severity).index(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Quiet:
    """Hours of a day in which only what is urgent is told; they may span midnight."""

    start: time
    end: time

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def _clock(text: str) -> time:
    if not re.fullmatch(r"\d\d:\d\d", text):
        raise ValueError(f"{text!r} is no time of day such as 07:30")
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time of day such as 07:30") from None


def _digest(value: object) -> object:
    if isinstance(value, str):
        return _clock(value)
    if isinstance(value, int) and not isinstance(value, bool) and value in (1, 2, 3, 4, 6, 8, 12, 24):
        return value
    raise ValueError('is a time of day such as "18:00", or every 1, 2, 3, 4, 6, 8, 12 or 24 hours as a number')


def _quiet(value: object) -> object:
    start, dash, end = value.partition("-") if isinstance(value, str) else ("", "", "")
    if not dash:
        raise ValueError('is written "22:00-07:00": from when to when nothing is told that is not urgent')
    hours = Quiet(start=_clock(start.strip()), end=_clock(end.strip()))
    if hours.start == hours.end:
        raise ValueError(f"begins when it ends ({hours}); leave it out to have none, or give an end that is another")
    return hours


def _zone(value: object) -> object:
    try:
        return ZoneInfo(value) if isinstance(value, str) else value
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'{value!r} is no time zone such as "Asia/Damascus" or "UTC"') from None


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One place where alerts are told. url: an Apprise URL (a secret). lang: the alert's language.

    form: "short" where only a line is wanted, as for SMS; services with little room get it anyway.
    least, types, bases, governorates: what it is told of; None is all. digest: at a time of day, or every so many
    hours, all at once. quiet: hours in which only what is urgent is told; zone: whose hours. limit: messages an hour,
    beyond which the others come as one; 0 is none. operations: whether it is told how Drawdown itself fares.
    """

    name: str
    url: str = field(repr=False)
    lang: Literal["en", "ar"] = "en"
    form: Literal["full", "short"] = "full"
    least: Severity = Severity.LOW
    types: tuple[ChangeType, ...] | None = None
    bases: tuple[str, ...] | None = None
    governorates: tuple[str, ...] | None = None
    digest: Annotated[time | int | None, BeforeValidator(_digest)] = None
    quiet: Annotated[Quiet | None, BeforeValidator(_quiet)] = None
    zone: Annotated[ZoneInfo, BeforeValidator(_zone)] = _UTC
    limit: Annotated[int, Field(ge=0, le=10_000)] = 20
    operations: bool = False
