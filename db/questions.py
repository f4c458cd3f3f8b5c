"""What the language model is asked, what it answered, and how it fares.

A question stands from the transaction that stores its version's claims until the one that folds its answer in. An
answer stays: the same question of the same model is never asked twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from db import marks
from db.models import AnswerRow, ModelCountRow, QuestionRow
from db.records import Answer, ModelHealth, Question, iso, parse_moment

BATCH = 500
HEALTH = "language model"  # mark: how it fares, as JSON
REQUESTS, TOKENS_IN, TOKENS_OUT = "requests", "tokens in", "tokens out"


def ask(session: Session, questions: Iterable[Question]) -> None:
    """Put questions where they wait for an answer."""
    session.add_all(
        QuestionRow(version_id=q.version_id, start=q.start, body=q.body, copy_of=q.copy_of) for q in questions
    )
    session.flush()


def waiting(session: Session, *, limit: int = BATCH) -> list[Question]:
    """The questions of the oldest versions that wait, all of each version, in the order they came."""
    oldest = select(QuestionRow.version_id).distinct().order_by(QuestionRow.version_id).limit(limit)
    rows = session.scalars(select(QuestionRow).where(QuestionRow.version_id.in_(oldest)).order_by(QuestionRow.id))
    return [
        Question(
            id=row.id,
            version_id=row.version_id,
            start=row.start,
            body=row.body,
            copy_of=row.copy_of,
            attempts=row.attempts,
        )
        for row in rows
    ]


def tried(session: Session, question_id: int) -> None:
    """A question was answered with what is no answer."""
    counted = update(QuestionRow).where(QuestionRow.id == question_id).values(attempts=QuestionRow.attempts + 1)
    session.execute(counted)


def close(session: Session, version_id: int) -> None:
    """The answers about a version are folded in."""
    session.execute(delete(QuestionRow).where(QuestionRow.version_id == version_id))


def save_answer(session: Session, key: bytes, answer: Answer, *, at: datetime) -> None:
    """Keep an answer; the first to a key stays."""
    if session.get(AnswerRow, key) is None:
        counted = {"tokens_in": answer.tokens_in, "tokens_out": answer.tokens_out}
        session.add(AnswerRow(key=key, text=answer.text, at=at, **counted))
        session.flush()


def answers(session: Session, keys: Sequence[bytes]) -> dict[bytes, Answer]:
    """Those answers that are kept, by key."""
    found: dict[bytes, Answer] = {}
    for first in range(0, len(keys), BATCH):
        rows = session.scalars(select(AnswerRow).where(AnswerRow.key.in_(keys[first : first + BATCH])))
        found |= {r.key: Answer(text=r.text, tokens_in=r.tokens_in, tokens_out=r.tokens_out) for r in rows}
    return found


def count(session: Session, counts: Mapping[str, int], *, at: datetime) -> None:
    """Add to what is counted of a day."""
    for what, more in counts.items():
        row = session.get(ModelCountRow, (_day(at), what))
        if row is None:
            session.add(ModelCountRow(day=_day(at), what=what, count=more))
        else:
            row.count += more
    session.flush()


def health(session: Session, *, at: datetime) -> ModelHealth:
    """How it fares, with what was counted on that day."""
    mark = marks.get(session, HEALTH)
    said = json.loads(mark) if mark else {}
    rows = session.scalars(select(ModelCountRow).filter_by(day=_day(at)).order_by(ModelCountRow.what))
    return ModelHealth(
        failures=said.get("failures", 0),
        error=said.get("error", ""),
        down_since=parse_moment(said["down_since"]) if said.get("down_since") else None,
        next_at=parse_moment(said["next_at"]) if said.get("next_at") else None,
        counts={row.what: row.count for row in rows},
        waiting=session.scalar(select(func.count()).select_from(QuestionRow)) or 0,
    )


def save_health(session: Session, fares: ModelHealth) -> None:
    """Keep how it fares; counts are kept by `count`."""
    said = replace(fares, counts={}, waiting=0)
    marks.put(
        session,
        HEALTH,
        json.dumps(
            {
                "failures": said.failures,
                "error": said.error,
                "down_since": iso(said.down_since) if said.down_since else None,
                "next_at": iso(said.next_at) if said.next_at else None,
            }
        ),
    )


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
