"""Everything folded again, version by version, in memory: what would be known, and what would have been raised."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from db.records import (
    BaselineFact,
    Change,
    ChangeType,
    Evidence,
    Kind,
    KnownFact,
    Modality,
    Release,
    Ruling,
    Status,
    StatusValue,
    Value,
)
from monitor.knowing.changes import Told
from monitor.knowing.flapping import meet, still_so
from monitor.knowing.fold import Folded, fold
from monitor.knowing.rules import Rules
from monitor.knowing.settling import settling
from monitor.knowing.step import step
from monitor.knowing.weighed import Memo

Place = tuple[Kind, str]
Key = tuple[Kind, str, Value, Modality, str | None]


def key_of(item: Evidence) -> Key:
    """What makes two claims of one article's versions the same claim."""
    claim = item.claim
    return (claim.kind, claim.subject, claim.value, claim.modality, claim.date)


class Refold:
    """Holds the live claims of every article as versions are taken, in the order in which they were folded.

    folded: what is known of each subject. settled: ids of the claims that have no part in it any more; settled_until:
    up to when each subject was looked through for them.
    """

    def __init__(
        self,
        rules: Rules,
        *,
        baseline: Mapping[Place, BaselineFact] | None = None,
        rulings: Mapping[Place, Sequence[Ruling]] | None = None,
    ) -> None:
        """baseline, rulings: of each kind and subject that has any."""
        self.folded: dict[Place, Folded] = {}
        self._rules = rules
        self._baseline = baseline or {}
        self._rulings = rulings or {}
        self._memo: Memo = {}
        self._last: dict[Place, Change] = {}
        self._held: dict[Place, tuple[Change, datetime]] = {}
        self.settled: set[int] = set()
        self.settled_until: dict[Place, datetime] = {}
        self._of_article: dict[int, list[Evidence]] = {}
        self._of_place: defaultdict[Place, dict[int, Evidence]] = defaultdict(dict)

    def take(
        self,
        version: Told,
        article_id: int,
        claims: Sequence[Evidence],
        *,
        quiet: bool = False,
        holds: int | None = None,
    ) -> list[Change]:
        """Take the next version with all its claims; returns the changes that it raises. quiet: it is background.
        holds: the version up to which it withdraws nothing."""
        before = self._of_article.get(article_id, [])
        seen = {key_of(item): item.at for item in before}
        now = [replace(item, at=min(item.at, seen.get(key_of(item), item.at)), withdrawn_at=None) for item in claims]
        kept = {key_of(item) for item in now}
        dropped = [item for item in before if key_of(item) not in kept]
        held = [item for item in dropped if item.version_id <= (holds or 0)]
        withdrawn = [replace(i, withdrawn_at=version.seen_at) for i in dropped if i.version_id > (holds or 0)]
        stays = {item.id for item in held}
        for item in before:
            if item.id not in stays:
                self._of_place[_place(item)].pop(item.id, None)
        for item in now:
            self._of_place[_place(item)][item.id] = item
        self._of_article[article_id] = [*held, *now]
        places = {_place(item) for item in (*now, *withdrawn)}
        return self._fold(version, places, withdrawn, at=version.seen_at, quiet=quiet)

    def release(self, release: Release, *, quiet: bool = False) -> list[Change]:
        """Withdraw what a version that was taken before held; returns the changes that this raises."""
        mine = self._of_article.get(release.seen.article_id, [])
        held = [item for item in mine if item.version_id < release.seen.id]
        for item in held:
            self._of_place[_place(item)].pop(item.id, None)
        self._of_article[release.seen.article_id] = [item for item in mine if item.version_id >= release.seen.id]
        withdrawn = [replace(item, withdrawn_at=release.at) for item in held]
        places = {_place(item) for item in withdrawn}
        return self._fold(release.seen, places, withdrawn, at=release.at, quiet=quiet, fresh=())

    def _fold(
        self,
        version: Told,
        places: Collection[Place],
        withdrawn: Sequence[Evidence],
        *,
        at: datetime,
        quiet: bool,
        fresh: Collection[int] | None = None,
    ) -> list[Change]:
        raised = self._settle(at)
        for place in sorted(places):
            self._settle_old(place, at)
            taken = step(
                version,
                evidence=list(self._of_place[place].values()),
                withdrawn=[i for i in withdrawn if _place(i) == place and i.id not in self.settled],
                baseline=self._baseline.get(place),
                rules=self._rules,
                at=at,
                fresh=fresh,
                rulings=self._rulings.get(place, ()),
                before=self._before(place),
                memo=self._memo,
                beside=self._beside(place),
            )
            self.folded[place] = taken.after
            found = () if quiet else taken.changes
            raised += [told for change in found if (told := self._raise(place, change)) is not None]
        return raised

    def _beside(self, place: Place) -> list[KnownFact]:
        """What is held of the bases that are spoken of as one with a base."""
        kind, subject = place
        others = self._rules.same_site.get(subject, ()) if kind is Kind.BASE_STATUS else ()
        folded = (self.folded.get((kind, other)) for other in others)
        return [each.fact for each in folded if each is not None and each.fact is not None]

    def _settle_old(self, place: Place, at: datetime) -> None:
        """Take the claims out that have no part any more in what is known."""
        mine = self._of_place[place]
        old = settling(
            list(mine.values()),
            self._baseline.get(place),
            rules=self._rules,
            at=at,
            until=self.settled_until.get(place),
            rulings=self._rulings.get(place, ()),
        )
        if old is None:
            return
        self.settled_until[place] = old.until
        self.settled |= old.ids
        for claim_id in old.ids:
            del mine[claim_id]
            self._memo.pop(claim_id, None)
        if old.ids:
            self.folded.pop(place, None)  # a side may be shown by fewer claims now

    def _before(self, place: Place) -> Folded | None:
        """What was last folded of a subject, where time alone cannot have changed it: no ruling, nothing lapses."""
        folded = self.folded.get(place)
        if folded is None or place in self._rulings:
            return None
        value = folded.fact.held.value if folded.fact else None
        return None if isinstance(value, StatusValue) and value.status is Status.REINFORCED else folded

    def _settle(self, at: datetime) -> list[Change]:
        """The changes whose hold-down is over and that are still so."""
        settled = []
        for place, (change, until) in list(self._held.items()):
            if until <= at:
                del self._held[place]
                if still_so(change, self.folded[place].fact):
                    self._last[place] = change
                    settled.append(change)
        return settled

    def _raise(self, place: Place, change: Change) -> Change | None:
        if change.type is ChangeType.PLAN:
            return change
        held = self._held.pop(place, None)
        met = meet(change, self._last.get(place), held[0] if held else None, self._rules)
        if met.held is not None:
            self._held[place] = met.held
        if met.told is not None:
            self._last[place] = met.told
        return met.told

    def held(self) -> list[Change]:
        """The changes that are held back at the end."""
        return [change for change, _ in self._held.values()]

    def finish(self, at: datetime) -> dict[Place, Folded]:
        """What is known at the end. What only the baseline tells of is folded as of `at`, and a subject that a person
        ruled on as of the last ruling, where that came after its last version."""
        for place, fact in self._baseline.items():
            if place not in self.folded:
                self.folded[place] = fold([], fact, rules=self._rules, at=at)
        for place, rulings in self._rulings.items():
            last = max(ruling.released_at or ruling.at for ruling in rulings)
            folded = self.folded.get(place)
            held = folded.fact or folded.plan if folded else None
            at = max(last, held.recorded_at) if held else last
            self.folded[place] = fold(
                list(self._of_place[place].values()),
                self._baseline.get(place),
                rules=self._rules,
                at=at,
                rulings=rulings,
            )
        return self.folded


def _place(item: Evidence) -> Place:
    return item.claim.kind, item.claim.subject
