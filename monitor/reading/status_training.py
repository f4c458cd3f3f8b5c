"""Training of the models that decide base statuses (`kinds/decide.py`) from labelled passages.

A passage's scenes are paired with its labelled claims: a claim belongs to the scene of its base that its quote
overlaps most. One model gives a scene's status, asserted or not, or none; the other the modality of what it claims.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from db.records import Modality, Status, parse_moment
from monitor.reading.kinds.base_status import Scene
from monitor.reading.kinds.decide import CLASSES, MODALITY_FILE, NONE, STATUS_FILE, class_of
from monitor.reading.kinds.features import LEXICAL, features
from monitor.reading.linear import Example, Fit, Linear, fit
from monitor.reading.read import Reader
from monitor.topics import Topic

FIT = Fit(epochs=14, rate=0.03, pull=1e-3, min_count=6, keep_above=0.22, words=0.6, lexical=LEXICAL)
_SHARED = 0.3  # a quote that covers more than this of another scene makes that scene no example of "none"


def examples_of(passages: Iterable[Mapping[str, Any]], reader: Reader) -> tuple[list[Example], list[Example]]:
    """The examples of labelled passages for the status model and for the modality model, in order."""
    statuses: list[Example] = []
    modalities: list[Example] = []
    for passage in passages:
        published = parse_moment(passage["published"]) if passage.get("published") else None
        scenes = reader.scenes(passage["text"], passage["lang"], published)
        labels, unsure = _labels(passage, scenes)
        for index, scene in enumerate(scenes):
            names = tuple(features(scene, passage["lang"]))
            found = labels.get(index, {})
            for status, modality in found.items():
                statuses.append(Example(names, class_of(status, modality), 1 / len(found)))
                modalities.append(Example(names, modality.value))
            if not found and index not in unsure:
                statuses.append(Example(names, NONE))
    return statuses, modalities


def _labels(passage: Mapping[str, Any], scenes: Sequence[Scene]) -> tuple[dict[int, dict[Status, Modality]], set[int]]:
    """What each scene claims, and the scenes that had better not be learnt from."""
    labels: dict[int, dict[Status, Modality]] = {}
    unsure: set[int] = set()
    for claim in passage["claims"]:
        if claim["kind"] != "base_status":
            continue
        overlaps = _overlaps(claim, scenes)
        if not overlaps:
            continue
        best = max(overlaps, key=lambda pair: (pair[0], -pair[1]))[1]
        unsure.update(index for share, index in overlaps if share > _SHARED)
        if not claim.get("optional"):
            labels.setdefault(best, {})[Status(claim["value"])] = Modality(claim["modality"])
    return labels, unsure


def _overlaps(claim: Mapping[str, Any], scenes: Sequence[Scene]) -> list[tuple[float, int]]:
    """(share of the shorter that a claim's quote and a scene's clause have in common, the scene's index)."""
    out = []
    for index, scene in enumerate(scenes):
        if scene.base != claim["subject"]:
            continue
        start, end = scene.span
        overlap = min(end, claim["end"]) - max(start, claim["start"])
        if overlap > 0:
            out.append((overlap / min(end - start, claim["end"] - claim["start"]), index))
    return out


def train(passages: Iterable[Mapping[str, Any]], reader: Reader, how: Fit = FIT) -> tuple[Linear, Linear]:
    """The status model and the modality model of these passages."""
    statuses, modalities = examples_of(passages, reader)
    return (
        fit(statuses, CLASSES, how),
        fit(modalities, [modality.value for modality in Modality], how),
    )


def models(topic: Topic, passages: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Linear, dict[str, Any]]]:
    """Each model with its file's name and the facts of its training."""
    facts = {"fit": {"epochs": FIT.epochs, "rate": FIT.rate, "pull": FIT.pull, "words": FIT.words, "seed": FIT.seed}}
    for model, name in zip(train(passages, Reader(topic)), (STATUS_FILE, MODALITY_FILE), strict=True):
        yield name, model, facts
