"""Claims of versions: carried on, withdrawn, never deleted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace

import pytest

from db import knowledge, versions
from db.errors import InputError
from db.records import Claim, Comparator, Deadline, Evidence, Figure, Kind, Modality, Role, Saved, Value
from db.session import Store

Clock = Callable[[float], datetime]
Save = Callable[..., Saved]
Read = Callable[..., None]
STATUS = Kind.BASE_STATUS


@pytest.fixture
def read(store: Store, hour: Clock) -> Read:
    def read_version(saved: Saved, *claims: Claim, at: float = 0, origin: str = "agency") -> None:
        with store.writing() as session:
            versions.save_claims(session, saved.version_id, claims, [origin] * len(claims), at=hour(at))

    return read_version


def live(store: Store, subject: str = "tanf", kind: Kind = STATUS) -> list[Evidence]:
    with store.reading() as session:
        return knowledge.evidence(session, kind, subject)


def test_claims_come_back_with_what_is_needed_to_weigh_them(
    store: Store, save: Save, read: Read, make: SimpleNamespace, hour: Clock
) -> None:
    saved = save("They left.", published=hour(-4), reliability="B", lang="ar", title="التنف")
    claim = make.claim(
        "handed_over", to="syrian-government", speaker="القيادة", date="2026-02-11", rule="r1", quote="غادرت"
    )
    read(saved, claim, at=1, origin="afp")
    (piece,) = live(store)
    assert piece == Evidence(
        id=piece.id,
        claim=claim,
        version_id=saved.version_id,
        number=1,
        article_id=saved.article_id,
        url="https://news.example/tanf",
        source="agency",
        outlet="Agency",
        reliability="B",
        lang="ar",
        title="التنف",
        published=hour(-4),
        at=hour(0),
        origin="afp",
        withdrawn_at=None,
    )


def test_every_kind_of_value_comes_back(store: Store, save: Save, read: Read, make: SimpleNamespace) -> None:
    values: dict[Kind, Value] = {
        Kind.TROOP_FIGURE: Figure(low=None, high=1000, comparator=Comparator.LESS_THAN, role=Role.PRESENT),
        Kind.DEADLINE: Deadline(earliest="2026-03-16", latest=None),
        Kind.CONVOY: Figure(low=100, high=100, comparator=Comparator.ABOUT, direction="out"),
        Kind.DETAINEES: Figure(low=5700, high=None, comparator=Comparator.MORE_THAN),
    }
    claims = [
        Claim(kind=k, subject="s", value=v, modality=Modality.PLANNED, quote="", start=0, end=0)
        for k, v in values.items()
    ]
    read(save("They left."), *claims)
    assert [live(store, "s", kind)[0].claim for kind in values] == claims


def test_an_article_without_a_time_is_dated_by_when_it_was_seen(
    store: Store, save: Save, read: Read, make: SimpleNamespace, hour: Clock
) -> None:
    read(save("They left.", at=3), make.claim(), at=9)
    assert (live(store)[0].published, live(store)[0].at) == (hour(3), hour(3))


def test_reading_marks_the_version_and_a_second_reading_changes_nothing(
    store: Store, save: Save, read: Read, make: SimpleNamespace
) -> None:
    saved = save("They left.")
    read(saved, make.claim("vacated"))
    read(saved, make.claim("active"), make.claim("withdrawing"))
    assert [piece.claim.to_json()["value"] for piece in live(store)] == ["vacated"]
    with store.reading() as session:
        assert versions.unread(session) == []


def test_a_claim_that_is_carried_on_keeps_its_first_time(
    store: Store, save: Save, read: Read, make: SimpleNamespace, hour: Clock
) -> None:
    saved = [save(f"They left. {n}", at=n) for n in range(3)]
    for n, one in enumerate(saved):  # another quote and another speaker: still the same claim
        read(one, make.claim("vacated", quote=f"quote {n}", speaker=f"speaker {n}", start=n, end=n + 7), at=n)
    (piece,) = live(store)
    assert (piece.at, piece.number, piece.claim.quote) == (hour(0), 3, "quote 2")
    with store.reading() as session:
        assert knowledge.withdrawn_by(session, saved[1].version_id) == []
        earlier = knowledge.claims_of(session, saved[0].version_id)
        assert [(old.claim.quote, old.withdrawn_at) for old in earlier] == [("quote 0", None)]
        assert knowledge.evidence_by_ids(session, [earlier[0].id, piece.id, 999]) == [earlier[0], piece]


@pytest.mark.parametrize(
    "other",
    [
        {"status": "handed_over"},
        {"status": "vacated", "to": "sdf"},
        {"modality": Modality.PLANNED},
        {"date": "2026-02"},
        {"subject": "qasrak"},
    ],
)
def test_a_claim_that_is_dropped_is_withdrawn(
    store: Store, save: Save, read: Read, make: SimpleNamespace, hour: Clock, other: dict[str, str]
) -> None:
    first, second = save("They left."), save("They did not.", at=1)
    read(first, make.claim("vacated"))
    read(second, make.claim(**other), at=2)
    with store.reading() as session:
        (gone,) = knowledge.withdrawn_by(session, second.version_id)
        assert (gone.claim, gone.withdrawn_at) == (make.claim("vacated"), hour(2))
        assert gone not in knowledge.evidence(session, STATUS, "tanf")
        assert knowledge.claims_of(session, first.version_id) == [gone]
        (successor,) = knowledge.claims_of(session, second.version_id)
        assert successor.at == hour(1)


def test_only_the_article_itself_withdraws(store: Store, save: Save, read: Read, make: SimpleNamespace) -> None:
    read(save("They left."), make.claim("vacated"), origin="one")
    read(save("They stayed.", url="https://news.example/other", at=1), make.claim("active"), origin="two")
    assert [piece.origin for piece in live(store)] == ["one", "two"]


def test_what_came_back_is_new_again(store: Store, save: Save, read: Read, make: SimpleNamespace, hour: Clock) -> None:
    for n, claims in enumerate([[make.claim()], [], [make.claim()]]):
        read(save(f"Text {n}", at=n), *claims, at=n)
    (piece,) = live(store)
    assert (piece.at, piece.number, piece.withdrawn_at) == (hour(2), 3, None)


def test_subjects_are_those_said_and_those_withdrawn(
    store: Store, save: Save, read: Read, make: SimpleNamespace
) -> None:
    first, second = save("A"), save("B", at=1)
    read(first, make.claim(subject="tanf"), make.claim(subject="qasrak"))
    read(second, make.claim(subject="qasrak"), make.claim("active", subject="qasrak"), make.claim(subject="himo"))
    with store.reading() as session:
        assert knowledge.subjects_of(session, first.version_id) == [(STATUS, "qasrak"), (STATUS, "tanf")]
        assert knowledge.subjects_of(session, second.version_id) == [
            (STATUS, "himo"),
            (STATUS, "qasrak"),
            (STATUS, "tanf"),
        ]


def test_a_version_read_out_of_its_order_does_not_speak_for_the_article(
    store: Store, save: Save, read: Read, make: SimpleNamespace
) -> None:
    first, second = save("A"), save("B", at=1)
    read(second, make.claim("vacated"))
    read(first, make.claim("vacated"), make.claim("active"), at=3)
    assert [(piece.number, piece.claim.to_json()["value"]) for piece in live(store)] == [(2, "vacated")]
    with store.reading() as session:
        (gone,) = knowledge.withdrawn_by(session, second.version_id)
        assert gone.claim.to_json()["value"] == "active"


def test_live_claims_are_by_time_then_id(store: Store, save: Save, read: Read, make: SimpleNamespace) -> None:
    for n in (3, 1, 2):
        read(save("A", at=n, url=f"https://news.example/{n}"), make.claim("active"), make.claim("vacated"))
    assert [(piece.at.hour - 6, piece.claim.to_json()["value"]) for piece in live(store)] == [
        (n, status) for n in (1, 2, 3) for status in ("active", "vacated")
    ]


def test_what_cannot_be_is_refused(store: Store, save: Save, make: SimpleNamespace, hour: Clock) -> None:
    saved = save("They left.")
    with pytest.raises(InputError, match="no such version"), store.writing() as session:
        versions.save_claims(session, 99, [], [], at=hour(0))
    with pytest.raises(ValueError, match="argument 2"), store.writing() as session:
        versions.save_claims(session, saved.version_id, [make.claim()], [], at=hour(0))
    with store.reading() as session:
        assert [version.id for version in versions.unread(session)] == [saved.version_id]
