"""The form of an answer: what the model may say, as a JSON schema and as records."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, ValidationError

from db.records import Claim, Comparator, Deadline, Figure, Kind, Modality, Role, Status, StatusValue, Value

_Words = Annotated[str, Field(max_length=2000)]
_TROOPS = frozenset({Role.PRESENT, Role.WITHDRAWN, Role.TO_WITHDRAW, Role.TARGET, Role.TO_ADD, Role.PART})
_BASES = frozenset(
    {Role.TOTAL, Role.REMAINING, Role.VACATED, Role.TO_VACATE, Role.TARGET, Role.HANDED_OVER, Role.REOCCUPIED}
)
_ROLES = {Kind.TROOP_FIGURE: _TROOPS, Kind.BASE_COUNT: _BASES}
_DIRECTIONS = {Kind.CONVOY: ("in", "out", None)}
_OPEN = {  # which bounds a comparator leaves open: (low, high)
    Comparator.LESS_THAN: (True, False),
    Comparator.AT_MOST: (True, False),
    Comparator.MORE_THAN: (False, True),
    Comparator.AT_LEAST: (False, True),
}


class Said(BaseModel):
    """One claim as the model gives it. start, end: of the quote in the sentence; where they are given they must fit."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    subject: _Words
    quote: _Words
    modality: Modality
    value: Status | None = None
    to: _Words | None = None
    role: Role | None = None
    low: StrictInt | None = None
    high: StrictInt | None = None
    comparator: Comparator | None = None
    direction: Literal["in", "out"] | None = None
    earliest: _Words | None = None
    latest: _Words | None = None
    date: _Words | None = None
    start: StrictInt | None = None
    end: StrictInt | None = None

    def meant(self) -> Value:
        """Its value. Raises ValueError where it is not one that its kind can have."""
        if self.kind is Kind.BASE_STATUS:
            if self.value is None:
                raise ValueError("a status without a value")
            if self.to is not None and self.value is not Status.HANDED_OVER:
                raise ValueError("a receiver of what is not handed over")
            return StatusValue(status=self.value, to=self.to)
        if self.kind is Kind.DEADLINE:
            if self.earliest is None and self.latest is None:
                raise ValueError("a deadline without a day")
            return Deadline(earliest=self.earliest, latest=self.latest)
        if self.comparator is None or self.role not in _ROLES.get(self.kind, (None,)):
            raise ValueError("a number without its role or comparator")
        if self.direction not in _DIRECTIONS.get(self.kind, (None,)):
            raise ValueError("a direction of what does not move")
        bounds = (self.low is None, self.high is None)
        if bounds != _OPEN.get(self.comparator, (False, False)):
            raise ValueError("bounds that do not fit the comparator")
        return Figure(
            low=self.low, high=self.high, comparator=self.comparator, role=self.role, direction=self.direction
        )


class _Answer(BaseModel):
    model_config = ConfigDict(title="answer")

    claims: list[Said]


SCHEMA: dict[str, Any] = _Answer.model_json_schema()


def parse(text: str) -> list[Said | None]:
    """The claims of an answer, None for each that breaks the schema. What stands around the JSON is passed over.

    Raises ValueError for what is no answer at all.
    """
    first, last = text.find("{"), text.rfind("}")
    try:
        data = json.loads(text[first : last + 1])
    except (ValueError, RecursionError) as error:
        raise ValueError("the answer is not JSON") from error
    claims = data.get("claims") if isinstance(data, dict) else None
    if not isinstance(claims, list):
        raise ValueError("the answer has no list of claims")
    return [_said(claim) for claim in claims]


def _said(data: object) -> Said | None:
    try:
        return Said.model_validate(data)
    except ValidationError:
        return None


def rendered(claims: Sequence[Claim]) -> str:
    """An answer that says these claims: what a reader that needs no checking would have said."""
    keys = set(Said.model_fields) - {"start", "end"}
    return json.dumps(
        {"claims": [{k: v for k, v in claim.to_json().items() if k in keys} for claim in claims]}, ensure_ascii=False
    )
