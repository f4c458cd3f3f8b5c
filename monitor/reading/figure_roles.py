"""What a number of soldiers says, by rule: its role from the cue that governs it, its modality from tense and mood.

DOMAIN.md, section 2, "Numbers" and "Rules that settle doubts".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from db.records import Comparator, Modality, Period, Role
from monitor.reading.cues import Hit
from monitor.reading.figure_tense import is_done, is_future, is_planned, is_possible
from monitor.reading.figures import HARD, SOFT, Line, Number

_STALE = timedelta(days=45)  # a presence dated longer ago than this is history


@dataclass(frozen=True, slots=True)
class Reading:
    """What a number says, and the cue that decided it."""

    role: Role
    modality: Modality
    rule: str


def by_rule(line: Line, number: Number, numbers: Sequence[Number]) -> Reading | None:
    """What the rules read of a number; None where it is only considered."""
    if number.has("considered") and not number.has("present", "remains", "whole"):
        return None
    role, rule, done = _role(line, number, numbers)
    modality = _modality(line, number, role, done)
    return Reading(role, modality, rule)


def _before(line: Line, number: Number, back: int = 1) -> str:
    at = number.first - back
    return line.words[at].text if at >= number.left else ""


_DOWN_FROM = frozenset({"from", "than", "twice", "double", "quadruple", "triple"})


def _role(line: Line, number: Number, numbers: Sequence[Number]) -> tuple[Role, str, bool | None]:
    """(role, rule, whether it is done; None where tense does not matter)."""
    relation = number.quantity.relation
    before = _before(line, number)
    moves = _nearest(number, ("reduce", "rise"), 9, left_only=True)
    if before in _OUT_OF or (_two_before(line, number) in _OUT_OF_TWO and _follows(line, number)):
        return Role.PRESENT, "out of", _left_behind(line, number)
    if moves is None and relation:
        moves = next((h for h in line.hits if h.cls in ("reduce", "rise")), None)
    if (relation == "from" or before in ("from", "than") or (before == "من" and moves)) and (moves or relation):
        done = is_done(line, moves) if moves else not number.has("planned")
        return Role.PRESENT, f"from, {moves.cls if moves else 'then'}", None if not done else True
    if (
        relation == "to"
        or before in ("to", "at")
        or before in ("الي", "عند", "ل")
        or (number.quantity.start and _prefix_to(line, number))
    ) and (moves or relation):
        done = is_done(line, moves) if moves else not is_planned(line, number)
        return (
            (Role.PRESENT, f"to, {moves.cls if moves else 'then'}, done", False)
            if done
            else (Role.TARGET, f"to, {moves.cls if moves else 'then'}, planned", None)
        )
    if before in ("by", "بمقدار", "بواقع", "ب") and moves:
        done = is_done(line, moves)
        if moves.cls == "rise":
            return Role.TO_ADD, "by, rise", done
        return (Role.WITHDRAWN if done else Role.TO_WITHDRAW), "by, reduce", done
    return _by_governor(line, number, numbers)


_OUT_OF = frozenset({"اصل"})
_OUT_OF_TWO = frozenset(
    {"out of", "of the", "of its", "of their", "of some", "of about", "of roughly", "of approximately", "of those"}
)


def _follows(line: Line, number: Number) -> bool:
    """Whether another number stands shortly before, or the phrase opens the sentence: "of the 2,000, 500 have gone"."""
    return number.core <= 3 or any(0 < number.first - n.last <= 6 for n in line.numbers)


def _two_before(line: Line, number: Number) -> str:
    return " ".join(line.words[i].text for i in range(max(number.core - 2, 0), number.core))


def _left_behind(line: Line, number: Number) -> bool | None:
    """Of "some 300 of the 2,000": whether they have gone, so that the whole is history."""
    near = [n for n in line.numbers if n is not number and n.unit != ""]
    if not near:
        return None
    gone = [h for h in line.hits if h.cls in ("leave", "gone") and is_done(line, h) and not _planned_near(line, h)]
    return True if gone else None


def _planned_near(line: Line, hit: Hit) -> bool:
    return any(h.cls in ("planned", "possible") and h.last <= hit.first and hit.first - h.last <= 4 for h in line.hits)


def _prefix_to(line: Line, number: Number) -> bool:
    return line.words[number.core].text.startswith(("ل", "لل")) and line.passage.lang == "ar"


def _by_governor(line: Line, number: Number, numbers: Sequence[Number]) -> tuple[Role, str, bool | None]:
    """The nearest cue of the number's own part decides."""
    if is_whole(line, number):
        stay = _nearest(number, ("stay",), 6)
        if stay and is_future(line, stay):
            return Role.TARGET, f"whole, {stay.cue.entry}", None
        leave = _nearest(number, ("leave", "gone"), 7)
        if (
            leave
            and _finite(line, leave)
            and is_done(line, leave)
            and not is_planned(line, number)
            and not number.has("remains", "stay", "denied", "considered")
        ):
            return Role.WITHDRAWN, f"whole, {leave.cue.entry}", True
        return Role.PRESENT, "whole", None
    if _part(line, number, numbers) and not site_of(line, number):
        return Role.PART, "part", None
    scored = sorted(
        ((abs(number.gap(hit)) + _cost(hit), hit) for hit in number.hits if hit.cls in _GOVERNORS),
        key=lambda pair: (pair[0] + _across(line, number, pair[1]), -(pair[1].last - pair[1].first)),
    )
    for _, hit in scored:
        reading = _from_cue(line, number, hit)
        if reading:
            return reading
    return Role.PRESENT, "default", None


def _tells(word: str) -> bool:
    """Whether a verb of moving has a teller for subject: نقلت الصحيفة."""
    return word.startswith(("الصحيف", "وكال", "صحيف", "قنا", "الوكال", "شبك", "مصادر", "موقع", "عن"))


def _moves_in(line: Line, hit: Hit) -> bool:
    """Whether they moved to a base or the country, rather than away from one."""
    for index in range(hit.last, min(hit.last + 9, len(line.words))):
        text = line.words[index].text
        if text in ("من", "from", "out"):
            return False
        if text in ("الي", "ع", "to", "into") or any(h.cls == "into" and h.first == index for h in line.hits):
            inside = range(index, index + 4)
            return any(first in inside for _, first, _ in line.sites) or any(
                h.cls == "home" and h.first in inside for h in line.hits
            )
    return False


def _finite(line: Line, hit: Hit) -> bool:
    """Whether a verb tells an event: in the past, or a noun behind "after"."""
    if hit.cls == "gone" or hit.form in ("past", "ed"):
        return True
    lead = {line.words[i].text for i in range(max(hit.first - 2, 0), hit.first)}
    return hit.form == "noun" and bool(lead & {"after", "following", "since", "بعد", "عقب", "مع", "إثر"})


_GOVERNORS = frozenset({"move", "leave", "add", "stay", "more", "remains", "gone", "target", "present"})


def _across(line: Line, number: Number, hit: Hit) -> float:
    """What a comma or a joint between the number and a cue adds to their distance."""
    between = range(hit.last, number.first) if hit.last <= number.first else range(number.last, hit.first)
    cost = 0.0
    for index in between:
        text = line.words[index].text
        if text in SOFT:
            cost += 4.0
        elif text in ("and", "while", "but", "after", "before", "فيما", "بينما", "بعد", "قبل", "لكن"):
            cost += 2.0
    if (
        line.passage.lang == "ar"
        and hit.first >= number.last
        and hit.form in ("past", "impf")
        and hit.clitics[:1] in ("و", "ف")
    ):
        cost += 3.0
    return cost


_COSTS = {"present": 2.5, "remains": 0.5, "more": 0.0, "target": -0.5, "gone": 0.5}


def _cost(hit: Hit) -> float:
    return _COSTS.get(hit.cls, 0.0)


def _from_cue(line: Line, number: Number, hit: Hit) -> tuple[Role, str, bool | None] | None:
    gap = number.gap(hit)
    name = f"{hit.cls}:{hit.cue.entry}"
    if hit.cls == "more":
        if not -2 <= gap <= 3 or number.has("leave", "gone"):
            return None
        verb = _nearest(number, ("add", "move"), 9)
        done = is_done(line, verb) if verb else not (is_planned(line, number) or number.has("possible"))
        return Role.TO_ADD, name, done
    if abs(gap) > 9:
        return None
    if hit.cls == "gone" and (gap < 0 or (line.words[hit.last : hit.last + 1] and line.words[hit.last].text == "of")):
        return None
    if hit.cls == "move":
        if line.words[hit.last : hit.last + 1] and _tells(line.words[hit.last].text):
            return None
        done = is_done(line, hit)
        if _moves_in(line, hit):
            return Role.TO_ADD, name, done
        return (Role.WITHDRAWN if done else Role.TO_WITHDRAW), name, done
    if hit.cls == "leave" or hit.cls == "gone":
        done = is_done(line, hit)
        if hit.form == "noun":
            done = done and not is_planned(line, number)
        return (Role.WITHDRAWN if done else Role.TO_WITHDRAW), name, done
    if hit.cls == "add" and hit.form == "impf" and hit.cue.entry.startswith("نشر") and not is_planned(line, number):
        return Role.PRESENT, name, None
    if hit.cls == "add":
        return Role.TO_ADD, name, is_done(line, hit)
    if hit.cls == "stay":
        if is_future(line, hit) or (hit.form in ("noun", "ing") and is_planned(line, number)):
            return Role.TARGET, name, None
        return Role.PRESENT, name, None
    if hit.cls == "target":
        return (Role.TARGET, name, None) if is_planned(line, number) or number.has("possible") else None
    if hit.cls == "present" and gap > 0 and hit.form == "ed" and hit.cue.entry == "deploy":
        return Role.PRESENT, name, None
    return Role.PRESENT, name, None


def is_whole(line: Line, number: Number) -> bool:
    """ "all 2,000", "the remaining thousand", "every one of the 1,000", "its forces, about 1,000", "الجنود الألف"."""
    for hit in number.hits:
        if hit.cls == "whole" and -2 <= number.gap(hit) <= 0:
            return True
    if _before(line, number) in _APPOSED:
        return True
    if line.passage.lang == "en":
        return (
            _before(line, number) in ("the", "its", "their", "his", "those")
            and not number.has("historical")
            and number.unit == "people"
            and not number.has("more")
        )
    word = line.words[number.core].text
    return (
        word.startswith(("ال", "لل", "بال"))
        and not number.quantity.relation
        and number.quantity.words
        and number.unit == "people"
        and number.quantity.comparator is Comparator.EXACT
    )


_APPOSED = frozenset(
    [
        "وهم",
        "وهي",
        "وعددها",
        "وعددهم",
        "وعدده",
        "وقوامها",
        "وقوامه",
        "البالغ",
        "البالغه",
        "وتعدادها",
        "وتعدادهم",
        "قوامها",
        "عددها",
        "عددهم",
        "عديدها",
        "numbering",
    ]
)


def _part(line: Line, number: Number, numbers: Sequence[Number]) -> bool:
    for hit in number.hits:
        if hit.cls == "part" and -2 <= number.gap(hit) <= 2:
            return len(numbers) > 1 or hit.last <= number.first
    return False


def _nearest(number: Number, classes: tuple[str, ...], reach: int, *, left_only: bool = False) -> Hit | None:
    found = [
        h
        for h in number.hits
        if h.cls in classes and abs(number.gap(h)) <= reach and not (left_only and number.gap(h) > 0)
    ]
    return min(found, key=lambda h: abs(number.gap(h)), default=None)


def _modality(line: Line, number: Number, role: Role, done: bool | None) -> Modality:
    if _denied(line, number):
        return Modality.DENIED
    if role in (Role.TARGET, Role.TO_WITHDRAW, Role.TO_ADD) and not done:
        once = [h for h in number.hits if h.cls == "historical" and h.last <= number.first]
        if any(line.words[h.first].text in _ONCE_AR | {"had", "originally"} for h in once):
            return Modality.HISTORICAL
        if is_possible(line, number):
            return Modality.POSSIBLE
        return Modality.PLANNED
    if role is Role.PRESENT:
        if is_possible(line, number) and number.has("present", "remains", "stay") and not number.has("now"):
            hit = _nearest(number, ("possible",), 5)
            if hit and number.gap(hit) < 0 and hit.cue.entry not in ("ربما", "قد"):
                return Modality.POSSIBLE
        if done is True:
            return Modality.HISTORICAL
        if done is False:
            return Modality.ASSERTED
        if _historical(line, number):
            return Modality.HISTORICAL
    if role in (Role.WITHDRAWN, Role.PART, Role.TO_ADD) and _old(line, number, days=730):
        return Modality.HISTORICAL
    return Modality.ASSERTED


def _denied(line: Line, number: Number) -> bool:
    before = _before(line, number)
    if any(h.cls == "false" and h.first >= number.left and h.last <= number.right + 12 for h in line.hits):
        return True
    if is_whole(line, number):
        return False
    if before in ("not", "ليس", "ليست", "لا", "وليس") and number.quantity.comparator in (
        Comparator.EXACT,
        Comparator.ABOUT,
    ):
        return True
    for hit in line.hits:
        if hit.cls == "denied" and number.left <= hit.first and hit.last <= number.first:
            return not number.has("remains")
    return False


def _historical(line: Line, number: Number) -> bool:
    """A presence that is over: "was", "down from", or a date well before publication."""
    if _old(line, number, days=_STALE.days):
        return True
    if number.has("now"):
        return False
    for hit in number.hits:
        if hit.cls != "historical":
            continue
        gap = number.gap(hit)
        word = line.words[hit.first].text
        reach = 2 if hit.last - hit.first == 1 and word in _WEAK_PAST else 8
        if word in _ONCE_AR:
            reach = 8
        if -reach <= gap < 0 or (0 < gap <= reach and word not in _ONCE_AR):
            return True
    return bool(
        line.passage.lang == "en"
        and any(
            line.words[i].text == "had" and line.words[i + 1].text.endswith("ed")
            for i in range(number.left, number.first - 1)
        )
    )


_ONCE_AR = frozenset(["كان", "كانت", "كانوا", "وكان", "وكانت"])
_WEAK_PAST = frozenset(
    ["was", "were", "had", "until", "before", "earlier", "long", "below", "كان", "كانت", "كانوا", "كنا", "ظل", "ظلت"]
)


_AHEAD = frozenset(["by", "before", "until", "till", "through", "قبل", "بحلول", "حتى", "متم", "نهاية", "بنهاية"])


def _old(line: Line, number: Number, *, days: int) -> bool:
    published = line.passage.published
    if published is None:
        return False
    begin, end = clause_of(line, number)
    for mention in line.passage.dates:
        if begin <= mention.start and mention.end <= end and mention.date:
            lead = line.passage.text.original[max(0, mention.start - 12) : mention.start].lower().split()
            if lead and lead[-1] in _AHEAD:
                continue
            last = Period.parse(mention.date).last
            if last < published.date() - timedelta(days=days):
                return True
    return False


def clause_of(line: Line, number: Number) -> tuple[int, int]:
    """Original offsets of the number's own part of the sentence."""
    if number.right <= number.left:
        return line.bounds
    return line.quote(number.left, number.right)


def site_of(line: Line, number: Number) -> str:
    """The one base that the number's part names close to it; "" for none or several."""
    country = [abs(number.gap(h)) for h in number.hits if h.cls == "home"]
    found: dict[str, int] = {}
    for base, first, last in line.sites:
        if number.left <= first and last <= number.right:
            gap = number.first - last if last <= number.first else first - number.last
            found[base] = min(gap, found.get(base, gap))
    if not found or (len(found) > 1 and sorted(found.values())[1] - min(found.values()) < 4):
        return ""
    base, gap = min(found.items(), key=lambda item: item[1])
    if country and min(country) < gap and line.passage.lang == "en":
        return ""
    return base if gap <= 14 else ""


def quote_of(line: Line, number: Number) -> tuple[int, int]:
    """From the cue before the number to the noun and place after it, without the marks at its ends."""
    first, last = number.left, number.right
    first = max(first, number.first - 12)
    last = min(last, number.last + 14)
    while first < number.first and (line.words[first].text in HARD | SOFT):
        first += 1
    while last > number.last and line.words[last - 1].text in HARD | SOFT:
        last -= 1
    start, end = line.quote(first, last)
    return min(start, number.quantity.start), max(end, number.quantity.end)
