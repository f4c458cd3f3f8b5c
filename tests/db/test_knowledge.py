"""Known facts with their two times, changes and the baseline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from db import knowledge, versions
from db.errors import InputError, StoreError
from db.records import (
    BaselineFact,
    Change,
    ChangeType,
    Comparator,
    Deadline,
    Figure,
    Kind,
    KnownFact,
    Role,
    Saved,
    Slot,
    Status,
    StatusValue,
    value_to_json,
)
from db.session import Store

Clock = Callable[[float], datetime]
STATUS = Kind.BASE_STATUS


def hold(store: Store, fact: KnownFact) -> KnownFact:
    with store.writing() as session:
        return knowledge.save_fact(session, fact)


def held(store: Store, as_of: datetime | None = None) -> list[str]:
    with store.reading() as session:
        facts = knowledge.facts(session, as_of=as_of)
    return [f"{fact.subject} {(value_to_json(fact.held.value) or {})['value']}" for fact in facts]


# -- known facts ------------------------------------------------------------------------------------------------------


def test_a_fact_comes_back_as_it_was_saved(store: Store, make: SimpleNamespace, hour: Clock) -> None:
    fact = make.fact(contested=True, rivals=(make.position("active"), make.position("handed_over", to="sdf")))
    saved = hold(store, fact)
    assert saved == replace(fact, id=saved.id, changed_at=hour(0))
    with store.reading() as session:
        assert knowledge.current(session, STATUS, "tanf", Slot.FACT) == saved
        assert knowledge.facts(session) == [saved]
        assert knowledge.current(session, STATUS, "tanf", Slot.PLAN) is None
        assert knowledge.current(session, STATUS, "qasrak", Slot.FACT) is None


def test_arabic_is_stored_as_itself(store: Store, make: SimpleNamespace) -> None:
    hold(store, make.fact())  # an escape would take three times the room
    with store.reading() as session:
        assert "وكالة" in session.scalars(text("SELECT CAST(held AS TEXT) FROM facts")).one()


def test_facts_of_every_kind_of_value(store: Store, make: SimpleNamespace) -> None:
    figure = Figure(low=900, high=1100, comparator=Comparator.RANGE, role=Role.PRESENT)
    deadline = Deadline(earliest=None, latest="2026-03-15")
    for kind, value in ((Kind.TROOP_FIGURE, figure), (Kind.DEADLINE, deadline)):
        fact = make.fact(kind=kind, held=replace(make.position(), value=value))
        assert hold(store, fact).held.value == value
        with store.reading() as session:
            found = knowledge.current(session, kind, "tanf", Slot.FACT)
        assert found is not None
        assert found.held.value == value


def test_a_new_fact_supersedes_and_nothing_is_overwritten(store: Store, make: SimpleNamespace, hour: Clock) -> None:
    first = hold(store, make.fact("withdrawing", at=0))
    second = hold(store, make.fact("vacated", at=2))
    with store.reading() as session:
        history = knowledge.history(session, STATUS, "tanf")
    assert history == [replace(first, superseded_at=hour(2)), second]
    assert second.changed_at == hour(2)


def test_what_was_known_then(store: Store, make: SimpleNamespace, hour: Clock) -> None:
    hold(store, make.fact("withdrawing", at=0))
    hold(store, make.fact("vacated", at=2))
    hold(store, make.fact("active", at=3, subject="himo"))
    assert held(store, hour(-1)) == []
    assert held(store, hour(0)) == ["tanf withdrawing"]
    assert held(store, hour(1.9)) == ["tanf withdrawing"]
    assert held(store, hour(2)) == ["tanf vacated"]
    assert held(store, hour(9)) == held(store) == ["himo active", "tanf vacated"]


def test_the_same_again_is_nothing_new(store: Store, make: SimpleNamespace, hour: Clock) -> None:
    first = hold(store, make.fact(at=0))
    assert hold(store, make.fact(at=5)) == first
    assert hold(store, make.fact(at=6, changed_at=hour(6))) == first
    with store.reading() as session:
        assert len(knowledge.history(session, STATUS, "tanf")) == 1


def test_more_support_is_a_new_row_of_the_same_change(store: Store, make: SimpleNamespace, hour: Clock) -> None:
    hold(store, make.fact(at=0))
    stronger = hold(store, make.fact(at=5, held=make.position(confidence=0.9, origins=3)))
    assert (stronger.recorded_at, stronger.changed_at) == (hour(5), hour(0))
    said = hold(store, make.fact("active", at=6, changed_at=hour(1)))
    assert said.changed_at == hour(1)


def test_fact_and_plan_stand_side_by_side(store: Store, make: SimpleNamespace) -> None:
    hold(store, make.fact("active"))
    hold(store, make.fact("vacated", slot=Slot.PLAN))
    assert held(store) == ["tanf active", "tanf vacated"]


def test_dropping_keeps_the_history(store: Store, make: SimpleNamespace, hour: Clock) -> None:
    hold(store, make.fact("vacated", at=0))
    with store.writing() as session:
        knowledge.drop_fact(session, STATUS, "tanf", Slot.FACT, hour(4))
        knowledge.drop_fact(session, STATUS, "tanf", Slot.FACT, hour(5))
        knowledge.drop_fact(session, STATUS, "tanf", Slot.PLAN, hour(5))
    assert held(store) == []
    assert held(store, hour(3)) == ["tanf vacated"]
    with store.reading() as session:
        assert [fact.superseded_at for fact in knowledge.history(session, STATUS, "tanf")] == [hour(4)]
    assert hold(store, make.fact("vacated", at=6)).recorded_at == hour(6)


def test_a_clock_put_back_leaves_one_line_of_history(store: Store, make: SimpleNamespace, hour: Clock) -> None:
    hold(store, make.fact("withdrawing", at=5))
    later = hold(store, make.fact("vacated", at=1))
    assert later.recorded_at == hour(5)
    assert held(store) == ["tanf vacated"]
    with store.writing() as session:
        knowledge.drop_fact(session, STATUS, "tanf", Slot.FACT, hour(0))
    with store.reading() as session:
        assert all(f.superseded_at >= f.recorded_at for f in knowledge.history(session, STATUS, "tanf"))  # type: ignore[operator]


def test_the_database_itself_allows_one_current_fact(store: Store, make: SimpleNamespace) -> None:
    hold(store, make.fact())
    columns = "kind, subject, slot, since, held, contested, rivals, recorded_at, changed_at"
    with pytest.raises(StoreError, match="refused"), store.writing() as session:
        session.execute(text(f"INSERT INTO facts ({columns}) SELECT {columns} FROM facts"))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.tuples(st.integers(0, 6), st.sampled_from([*Status, None])), max_size=8), asked=st.integers(0, 7)
)
def test_any_history_answers_what_was_held_then(
    store: Store,
    make: SimpleNamespace,
    hour: Clock,
    steps: list[tuple[int, Status | None]],
    asked: int,
) -> None:
    steps.sort(key=lambda step: step[0])
    with store.writing() as session:
        session.execute(text("DELETE FROM facts"))
        for at, status in steps:
            if status is None:
                knowledge.drop_fact(session, STATUS, "tanf", Slot.FACT, hour(at))
            else:
                knowledge.save_fact(session, make.fact(status, at=at))
    until = [status for at, status in steps if at <= asked]
    expected = [f"tanf {until[-1].value}"] if until and until[-1] else []
    assert held(store, hour(asked)) == expected


# -- folding, changes, baseline ---------------------------------------------------------------------------------------


def test_unfolded_are_those_read_and_not_marked(store: Store, save: Callable[..., Saved], hour: Clock) -> None:
    saved = [save("A"), save("B", at=1), save("C", url="https://news.example/other")]
    with store.writing() as session:
        for one in saved[:2]:
            versions.save_claims(session, one.version_id, [], [], at=hour(1))
        assert [version.text for version in knowledge.unfolded(session)] == ["A", "B"]
        assert [version.text for version in knowledge.unfolded(session, limit=1)] == ["A"]
        knowledge.mark_folded(session, saved[0].version_id, at=hour(2))
        knowledge.mark_folded(session, saved[0].version_id, at=hour(3))
        assert [version.text for version in knowledge.unfolded(session)] == ["B"]
        with pytest.raises(InputError, match="no such version"):
            knowledge.mark_folded(session, 99, at=hour(2))
    with pytest.raises(StoreError, match="refused"), store.writing() as session:  # not before it was read
        knowledge.mark_folded(session, saved[2].version_id, at=hour(2))


def test_a_change_comes_back_as_it_was_saved(store: Store, save: Callable[..., Saved], make: SimpleNamespace) -> None:
    version = save("They left.").version_id
    full = make.change(
        version, previous=make.position("active"), held=make.position(), rivals=(make.position("reinforced"),)
    )
    bare = make.change(None, subject="himo", before=None, after=None, at=1, claim_ids=())
    with store.writing() as session:
        saved = [knowledge.save_change(session, one) for one in (full, bare)]
    with store.reading() as session:
        assert knowledge.changes(session) == saved == [replace(full, id=saved[0].id), replace(bare, id=saved[1].id)]
        assert saved[0].id is not None
        assert knowledge.change(session, saved[0].id) == saved[0]
        assert knowledge.change(session, 99) is None


def test_a_version_records_a_change_once(store: Store, save: Callable[..., Saved], make: SimpleNamespace) -> None:
    version = save("They left.").version_id
    with store.writing() as session:
        first = knowledge.save_change(session, make.change(version))
    with store.writing() as session:
        second = knowledge.save_change(
            session, make.change(version, at=5, after=StatusValue(status=Status.WITHDRAWING))
        )
        other = knowledge.save_change(session, make.change(version, type=ChangeType.CONTESTED))
    assert second == first
    assert other.id != first.id
    columns = "kind, subject, type, after, at, article, version_id, claim_ids, since, rivals"
    with pytest.raises(StoreError, match="refused"), store.writing() as session:
        session.execute(text(f"INSERT INTO changes ({columns}) SELECT {columns} FROM changes"))


def test_changes_since_of_a_subject_and_the_last_ones(store: Store, make: SimpleNamespace, hour: Clock) -> None:
    with store.writing() as session:
        for at, subject in ((3, "tanf"), (1, "himo"), (2, "tanf"), (2, "himo")):
            knowledge.save_change(session, make.change(None, at=at, subject=subject))

    def found(**asked: object) -> list[tuple[int, str]]:
        with store.reading() as session:
            changes: list[Change] = knowledge.changes(session, **asked)  # type: ignore[arg-type]
        return [(change.at.hour - 6, change.subject) for change in changes]

    assert found() == [(1, "himo"), (2, "tanf"), (2, "himo"), (3, "tanf")]
    assert found(since=hour(2)) == [(2, "tanf"), (2, "himo"), (3, "tanf")]
    assert found(subject="himo") == [(1, "himo"), (2, "himo")]
    assert found(limit=2) == [(2, "himo"), (3, "tanf")]
    assert found(limit=0) == []


def test_baseline(store: Store, hour: Clock) -> None:
    tanf = BaselineFact(
        kind=STATUS, subject="tanf", value=StatusValue(status=Status.ACTIVE), since="2025", source="report"
    )
    troops = BaselineFact(
        kind=Kind.TROOP_FIGURE,
        subject="us-troops-syria",
        value=Figure(low=2000, high=2000, comparator=Comparator.ABOUT, role=Role.PRESENT),
        since="2025-12",
        source="report",
    )
    with store.writing() as session:
        knowledge.save_baseline(session, [tanf, troops], at=hour(0))
        knowledge.save_baseline(session, [tanf], at=hour(1))
        assert knowledge.baselines(session) == [tanf, troops]
        later = replace(tanf, value=StatusValue(status=Status.HANDED_OVER, to="syrian-government"), since="2026")
        knowledge.save_baseline(session, [later], at=hour(2))
    with store.reading() as session:
        assert knowledge.baseline(session, STATUS, "tanf") == later
        assert knowledge.baseline(session, STATUS, "himo") is None
        assert knowledge.baselines(session) == [later, troops]
