"""A topic's speakers and agencies as knowing needs them: the one place where knowing looks at a topic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from monitor.knowing.origin import Citations, outlet_names
from monitor.knowing.rules import Rules, SpeakerKind
from monitor.reading.speakers import kind_of
from monitor.topics import Topic

# What the ids of a topic's speaker kinds mean here; a kind that is marked official is official whatever its id.
_MEANING = {
    "outlet": SpeakerKind.MEDIA,
    "correspondent": SpeakerKind.OUTLET,
    "organisation": SpeakerKind.ORGANISATION,
    "named-person": SpeakerKind.ORGANISATION,
    "unnamed-official": SpeakerKind.OFFICIAL_UNNAMED,
}


def rules_of(topic: Topic, rules: Rules | None = None) -> Rules:
    """The settings with the topic's subjects, its kinds of speakers and the weights of their words."""

    @lru_cache(maxsize=4096)
    def kind(speaker: str | None) -> str:
        if speaker is None:
            return SpeakerKind.OUTLET
        found = topic.speakers.get(kind_of(speaker, topic))
        if found is not None and found.official:
            return SpeakerKind.OFFICIAL
        return _MEANING.get(found.id if found else "", SpeakerKind.ANONYMOUS)

    @lru_cache(maxsize=4096)
    def weight(speaker: str | None) -> float | None:
        found = topic.speakers.get(kind_of(speaker, topic)) if speaker is not None else None
        return found.weight if found else None

    return replace(
        rules or Rules(),
        speaker_kind=kind,
        speaker_weight=weight,
        knows=topic.knows,
        readers=topic.readers,
        same_site={base.id: base.same_site for base in topic.bases.values() if base.same_site},
    )


def citations_of(topic: Topic, outlets: Mapping[str, str] | None = None, generic: Iterable[str] = ()) -> Citations:
    """The names by which texts cite others: the topic's agencies, and `outlets` (source id → name as printed).

    generic: words of outlets' names that say only what sort of outlet it is, see `outlet_names`.
    """
    names: dict[str, str] = {}
    for agency in topic.agencies.values():
        for spellings in agency.spellings.values():
            names.update(dict.fromkeys(spellings, agency.id))
    at_large = outlet_names(outlets or {}, generic)
    return Citations(names=names, outlets=at_large, speaker_kind=rules_of(topic).speaker_kind)
