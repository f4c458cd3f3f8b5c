"""What the reports print with `--json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from db.records import (
    CaptureStamp,
    Change,
    Delivery,
    Evidence,
    KnownFact,
    Position,
    Ruling,
    SourceHealth,
    iso,
    value_to_json,
)
from monitor.status import health_json
from scrapers.sources import Source


def fact_json(fact: KnownFact, evidence: Mapping[int, Evidence]) -> dict[str, Any]:
    """A known fact with every claim on each side of it."""
    return {
        "kind": fact.kind.value,
        "subject": fact.subject,
        "slot": fact.slot.value,
        "contested": fact.contested,
        "recorded_at": iso(fact.recorded_at),
        "superseded_at": iso(fact.superseded_at) if fact.superseded_at else None,
        "held": _side_json(fact.held, evidence),
        "rivals": [_side_json(rival, evidence) for rival in fact.rivals],
    }


def ruled_json(change: Change, ruling: Ruling | None) -> dict[str, Any]:
    """A change, and the person's word that stands on it."""
    return {**change.to_json(), "ruling": ruling.to_json() if ruling else None}


def change_json(change: Change, evidence: Mapping[int, Evidence]) -> dict[str, Any]:
    """A change with every claim on each side of it."""
    return {
        **change.to_json(),
        "held": _side_json(change.held, evidence) if change.held else None,
        "rivals": [_side_json(rival, evidence) for rival in change.rivals],
        "previous": _side_json(change.previous, evidence) if change.previous else None,
    }


def _side_json(side: Position, evidence: Mapping[int, Evidence]) -> dict[str, Any]:
    return {
        **(value_to_json(side.value) or {}),
        "since": side.since,
        "credibility": side.credibility,
        "confidence": side.confidence,
        "origins": side.origins,
        "source": side.source,
        "more": side.more,
        "support": [
            {
                "claim": support.claim_id,
                "origin": support.origin,
                "weight": support.weight,
                "factors": dict(support.factors),
                **(_evidence_json(evidence[support.claim_id]) if support.claim_id in evidence else {}),
            }
            for support in side.support
        ],
    }


def _evidence_json(item: Evidence) -> dict[str, Any]:
    return {
        **item.claim.to_json(),
        "article": item.url,
        "version": item.number,
        "outlet": item.outlet,
        "reliability": item.reliability,
        "published": iso(item.published),
        "recorded": iso(item.at),
        "withdrawn": iso(item.withdrawn_at) if item.withdrawn_at else None,
        "held_since": iso(item.held_since) if item.held_since else None,
        "capture": _capture_json(item.capture) if item.capture else None,
        "absence": item.absence.to_json() if item.absence else None,
        "otherwise": [claim.to_json() for claim in item.otherwise],
    }


def _capture_json(stamp: CaptureStamp) -> dict[str, Any]:
    return {"at": iso(stamp.fetched_at), "status": stamp.status, "size": stamp.size, "sha256": stamp.sha256}


def source_json(source: Source, fared: SourceHealth | None) -> dict[str, Any]:
    """A source and how it has fared."""
    return {
        "id": source.id,
        "name": dict(source.name),
        "lang": source.lang,
        "kind": source.kind,
        "reliability": source.reliability,
        "every": source.every,
        "last_attempt_at": iso(fared.last_attempt_at) if fared and fared.last_attempt_at else None,
        "last_success_at": iso(fared.last_success_at) if fared and fared.last_success_at else None,
        "last_new_at": iso(fared.last_new_at) if fared and fared.last_new_at else None,
        **health_json(fared or SourceHealth(source=source.id)),
    }


def delivery_json(delivery: Delivery) -> dict[str, Any]:
    """One alert for one target, and where it stands."""
    return {
        "id": delivery.id,
        "change": delivery.change_id,
        "summary": delivery.summary_id,
        "notice": delivery.notice_id,
        "target": delivery.target,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "created_at": iso(delivery.created_at),
        "next_at": iso(delivery.next_at) if delivery.next_at else None,
        "held_by": delivery.held_by.value if delivery.held_by else None,
        "digest": delivery.digest,
        "sent_at": iso(delivery.sent_at) if delivery.sent_at else None,
        "error": delivery.error or None,
    }
