"""Who is told of what, and when: settings of targets as pure decisions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from db.records import ChangeType, HeldBy, Kind, Mute, Status, StatusValue
from monitor.telling.policy import hold, next_digest, over_limit, quiet_until, severity, wants
from monitor.telling.target import Severity, Target
from monitor.topics import Topic


def target(**settings: Any) -> Target:
    return TypeAdapter(Target).validate_python({"name": "desk", "url": "json://127.0.0.1", **settings})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, Severity.URGENT),
        ({"type": ChangeType.REVERSAL, "after": StatusValue(status=Status.ACTIVE)}, Severity.URGENT),
        ({"after": StatusValue(status=Status.WITHDRAWING)}, Severity.NORMAL),
        ({"type": ChangeType.CONTESTED}, Severity.NORMAL),
        ({"type": ChangeType.CORRECTION, "before": StatusValue(status=Status.VACATED)}, Severity.URGENT),
        ({"type": ChangeType.CORRECTION, "before": StatusValue(status=Status.REINFORCED)}, Severity.NORMAL),
        ({"kind": Kind.TROOP_FIGURE, "subject": "us-troops-syria"}, Severity.NORMAL),
        ({"type": ChangeType.PLAN}, Severity.LOW),
    ],
)
def test_severity(make: Any, more: dict[str, Any], expected: Severity) -> None:
    assert severity(make.change(**more)) is expected


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, True),
        ({"least": "urgent"}, True),
        ({"types": ["plan"]}, False),
        ({"types": ["plan", "update"]}, True),
        ({"types": []}, False),
        ({"bases": ["tanf"]}, False),
        ({"bases": ["tanf"], "governorates": ["Hasakah"]}, True),
        ({"governorates": ["الحسكة"]}, True),
        ({"governorates": ["Aleppo"]}, False),
    ],
)
def test_who_is_told(make: Any, topic: Topic, settings: dict[str, Any], told: bool) -> None:
    assert wants(target(**settings), make.change(), topic) is told
    assert not wants(target(least="urgent"), make.change(type=ChangeType.CONTESTED), topic)


def test_quiet_hours_are_of_the_targets_zone_and_span_midnight() -> None:
    night = target(quiet="22:00-06:30", zone="Asia/Damascus")  # three hours before UTC, all year
    assert quiet_until(night, at("2026-02-23T18:59")) is None
    assert quiet_until(night, at("2026-02-23T19:00")) == at("2026-02-24T03:30")
    assert quiet_until(night, at("2026-02-24T03:29")) == at("2026-02-24T03:30")
    assert quiet_until(night, at("2026-02-24T03:30")) is None
    noon = target(quiet="12:00-13:00")
    assert quiet_until(noon, at("2026-02-23T12:30")) == at("2026-02-23T13:00")
    assert quiet_until(noon, at("2026-02-23T13:30")) is None


def test_quiet_hours_follow_the_clock_of_summer_time() -> None:
    berlin = target(quiet="22:00-06:00", zone="Europe/Berlin")
    assert quiet_until(berlin, at("2026-03-28T22:00")) == at("2026-03-29T04:00")  # the night that loses an hour
    assert quiet_until(berlin, at("2026-10-24T22:00")) == at("2026-10-25T05:00")  # the one that gains it


def test_quiet_hours_hold_what_is_not_urgent() -> None:
    night = target(quiet="22:00-06:00")
    now = at("2026-02-23T23:00")
    held = hold(night, Severity.NORMAL, created=now, now=now, mute=None)
    assert held is not None
    assert (held.until, held.by) == (at("2026-02-24T06:00"), HeldBy.QUIET)
    assert hold(night, Severity.URGENT, created=now, now=now, mute=None) is None


@pytest.mark.parametrize(
    ("digest", "zone", "came", "told"),
    [
        ("18:00", "UTC", "2026-02-23T14:05", "2026-02-23T18:00"),
        ("18:00", "UTC", "2026-02-23T18:00", "2026-02-23T18:00"),
        ("18:00", "Asia/Damascus", "2026-02-23T15:01", "2026-02-24T15:00"),
        (6, "UTC", "2026-02-23T14:05", "2026-02-23T18:00"),
        (6, "Asia/Damascus", "2026-02-23T14:05", "2026-02-23T15:00"),
        (24, "UTC", "2026-02-23T14:05", "2026-02-24T00:00"),
    ],
)
def test_when_a_digest_is_told(digest: Any, zone: str, came: str, told: str) -> None:
    asks = target(digest=digest, zone=zone)
    assert next_digest(asks, at(came)) == at(told)
    held = hold(asks, Severity.URGENT, created=at(came), now=at(told) - timedelta(minutes=1), mute=None)
    assert held is not None
    assert (held.by, held.until) == (HeldBy.DIGEST, at(told))
    assert hold(asks, Severity.URGENT, created=at(came), now=at(told), mute=None) is None


def test_a_mute_holds_also_what_is_urgent_until_it_ends() -> None:
    now = at("2026-02-23T23:00")
    mute = Mute(base="qasrak", until=at("2026-03-01"), who="Mona", at=now)
    held = hold(target(), Severity.URGENT, created=now, now=now, mute=mute)
    assert held is not None
    assert (held.by, held.until, held.why) == (HeldBy.MUTE, mute.until, "qasrak is muted by Mona")
    assert hold(target(), Severity.URGENT, created=now, now=mute.until, mute=mute) is None


def test_the_limit_lets_the_next_message_out_when_an_hour_is_over() -> None:
    now = at("2026-02-23T12:00")
    sent = [now - timedelta(minutes=minutes) for minutes in (70, 50, 30, 10)]
    assert over_limit(target(limit=4), sent, now) is None
    held = over_limit(target(limit=3), sent, now)
    assert held is not None
    assert held.until == now + timedelta(minutes=10)
    assert over_limit(target(limit=0), sent * 100, now) is None


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"quiet": "22:00-22:00"}, "quiet"),
        ({"quiet": "22-7"}, "quiet"),
        ({"quiet": "25:00-07:00"}, "quiet"),
        ({"quiet": 7}, "quiet"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"digest": "18h"}, "digest"),
        ({"digest": 5}, "digest"),
        ({"digest": True}, "digest"),
        ({"limit": -1}, "limit"),
        ({"types": ["rumour"]}, "types"),
        ({"least": "loud"}, "least"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_key(settings: dict[str, Any], key: str) -> None:
    with pytest.raises(ValidationError) as caught:
        target(**settings)
    assert {error["loc"][0] for error in caught.value.errors()} == {key}
