"""Positions and their support as JSON, as the rows of facts and changes hold them."""

from __future__ import annotations

from typing import Any

from db.records import Kind, Position, Support, value_from_json, value_to_json


def to_json(position: Position) -> dict[str, Any]:
    """A position with every claim's weight and factors; `from_json` reads it back equal."""
    return {
        "value": value_to_json(position.value),
        "since": position.since,
        "confidence": position.confidence,
        "credibility": position.credibility,
        "origins": position.origins,
        "support": [
            {
                "claim": piece.claim_id,
                "origin": piece.origin,
                "weight": piece.weight,
                "factors": [list(factor) for factor in piece.factors],
            }
            for piece in position.support
        ],
        "more": position.more,
        "source": position.source,
    }


def from_json(kind: Kind, data: dict[str, Any]) -> Position:
    """Read what `to_json` wrote of a subject of this kind."""
    return Position(
        value=value_from_json(kind, data["value"]),
        since=data["since"],
        confidence=data["confidence"],
        credibility=data["credibility"],
        origins=data["origins"],
        support=tuple(
            Support(
                claim_id=piece["claim"],
                origin=piece["origin"],
                weight=piece["weight"],
                factors=tuple((name, number) for name, number in piece["factors"]),
            )
            for piece in data["support"]
        ),
        more=data.get("more", 0),  # not in what earlier versions wrote
        source=data["source"],
    )
