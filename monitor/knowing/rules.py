"""The settings of knowing, with defaults. Weights are a topic's data; nothing here names a place or an outlet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from db.records import Kind, Modality


class SpeakerKind(StrEnum):
    """Who speaks in a claim, as far as it bears on weight; a topic's data says which words mean which."""

    OFFICIAL = "official"  # a named body or its spokesman: the forces that leave, or the party that takes over
    ORGANISATION = "organisation"  # a named organisation or person that is neither
    OFFICIAL_UNNAMED = "official_unnamed"  # "a US official", "three officials"
    MEDIA = "media"  # another outlet or "the press": hearsay, whose origin is elsewhere
    OUTLET = "outlet"  # nobody is named: the outlet's own word, or its correspondent's
    ANONYMOUS = "anonymous"  # "a Kurdish source", "witnesses"


def _plain_speaker(speaker: str | None) -> str:
    return SpeakerKind.OUTLET if speaker is None else SpeakerKind.ANONYMOUS


def _frozen(table: dict[str, float]) -> Mapping[str, float]:
    return MappingProxyType(table)


_NAMED = frozenset({SpeakerKind.OFFICIAL, SpeakerKind.ORGANISATION})
_TARGETS = _NAMED | {SpeakerKind.OFFICIAL_UNNAMED, SpeakerKind.MEDIA}


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What decides in `fold` and `compare`. Weights and ratios are 0 to 1; spans are days.

    speaker_kind: the kind of a speaker as the text says it, None for none. speaker_weight: what a speaker's word is
    worth, where a topic says it more finely than `speakers` does by kind; None there or here falls back to the kind.
    knows: whether the topic has a subject (None: any); claims about others, such as a base that left it, are set aside.
    readers: what a claim of the language model alone is worth beside one of the built-in reading (`llm`), and what is
    made of one that both say of the same version (`both`, 1 or more; no weight passes 1); a topic's data.
    reliability, speakers, modalities: the three factors of a claim's weight; a kind not listed counts as anonymous,
    a letter not listed as F.
    threshold: the confidence at which a value is taken; by default any one asserted claim of an outlet rated A to C.
    comparable: two sides contradict when the weaker weighs at least this share of the stronger.
    undated: what a plain "they are there", without a date, is worth against a leaving that was reported before it.
    listed: what "they left" is worth, where a version says so without a day of many bases at once, `list_of` or more:
    such a list retells, and is often careless; not where an official says it.
    same_site: bases that are spoken of as one, by base: what is held of one is no news of the other; a topic's data.
    about: "about 1,000" covers this share to either side. below: a plan of "fewer than 1,000" means no less than this
    share below.
    plan_speakers: by claim kind, whose word alone is an announcement; anybody else's needs two origins. A target is
    a decision, which officials tell before they are named; a deadline is also a guess, so it needs a name.
    news_days: a first value, or a plan, older than this is background. stale_days: how long a superseded value may
    still be copied as background. recent_days: for how long an undated figure contradicts what officials said rather
    than overtaking it. background_days: for how long after a return an undated "they left" is the old
    leaving retold. lapse_days: after it a reinforcement is plain presence. date_slack_days: same value, same event,
    though two say different days. reprint_days: for how long a reprint trails its root. weak_days: how near to each
    other claims below the threshold add up. settle_days: once in so many days claims older than that are settled, where
    they carry nothing any more, see `settling`; settle_beyond: where there are more than so many. hold_minutes: how
    soon after a change one that only takes it back is held.
    """

    speaker_kind: Callable[[str | None], str] = _plain_speaker
    speaker_weight: Callable[[str | None], float | None] | None = None
    knows: Callable[[str], bool] | None = None
    reliability: Mapping[str, float] = field(
        default_factory=lambda: _frozen({"A": 0.95, "B": 0.8, "C": 0.6, "D": 0.3, "E": 0.15, "F": 0.2})
    )
    speakers: Mapping[str, float] = field(
        default_factory=lambda: _frozen(
            {
                SpeakerKind.OFFICIAL: 0.9,
                SpeakerKind.ORGANISATION: 0.75,
                SpeakerKind.OFFICIAL_UNNAMED: 0.7,
                SpeakerKind.OUTLET: 0.7,
                SpeakerKind.MEDIA: 0.65,
                SpeakerKind.ANONYMOUS: 0.5,
            }
        )
    )
    modalities: Mapping[str, float] = field(
        default_factory=lambda: _frozen({Modality.ASSERTED: 1.0, Modality.DENIED: 1.0, Modality.PLANNED: 0.5})
    )
    readers: Mapping[str, float] = field(default_factory=lambda: _frozen({"llm": 0.7, "both": 1.15}))
    baseline_weight: float = 0.8
    threshold: float = 0.28
    comparable: float = 0.5
    undated: float = 0.7
    listed: float = 0.5
    list_of: int = 4
    same_site: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    about: float = 0.1
    below: float = 0.25
    plan_speakers: Mapping[Kind, frozenset[SpeakerKind]] = field(
        default_factory=lambda: MappingProxyType({Kind.DEADLINE: _NAMED, Kind.TROOP_FIGURE: _TARGETS})
    )
    news_days: int = 30
    stale_days: int = 400
    background_days: int = 30
    lapse_days: int = 180
    date_slack_days: int = 30
    reprint_days: int = 7
    recent_days: int = 3
    weak_days: int = 14
    settle_days: int = 15
    settle_beyond: int = 100
    hold_minutes: int = 60
    first_day: date = date(2011, 1, 1)

    def __post_init__(self) -> None:
        shares = (
            self.baseline_weight,
            self.threshold,
            self.comparable,
            self.undated,
            self.listed,
            self.about,
            self.below,
        )
        weights = (*self.reliability.values(), *self.speakers.values(), *self.modalities.values())
        if not all(0 <= share <= 1 for share in (*shares, *weights)):
            raise ValueError("weights, thresholds and ratios are from 0 to 1")
        spans = (self.news_days, self.stale_days, self.background_days, self.lapse_days, self.date_slack_days)
        if min(*spans, self.reprint_days, self.recent_days, self.weak_days, self.hold_minutes) < 0:
            raise ValueError("a span of time is not negative")
        if self.settle_days < 1 or self.list_of < 1:
            raise ValueError("settle_days and list_of are at least 1")
