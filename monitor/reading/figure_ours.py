"""Whether a number counts our soldiers at all: not prisoners, casualties, another army's, or those in another country.

DOMAIN.md, section 2, "Subjects that are not ours"; every name comes from the topic's `figures_<lang>.toml`.
"""

from __future__ import annotations

from db.records import Comparator
from monitor.reading.cues import Hit
from monitor.reading.figures import HARD, SOFT, Line, Number

LARGEST = 5_500  # no more of our soldiers were ever there; larger numbers are something else


def is_ours(line: Line, number: Number, about: bool) -> bool:
    """Whether the rules take a number for a count of our soldiers here. about: the sentence before spoke of a force."""
    quantity = number.quantity
    size = quantity.high if quantity.high is not None else quantity.low
    if size is None or size > LARGEST or not number.unit:
        return False
    if number.unit == "bare" and not _about_force(line, number, size, about):
        return False
    if line.words[-1].text == "?" or line.passage.text.norm[line.span.end - 1] == "?":
        return False
    if size < 10 and size != 0:
        return False
    if size == 0 and not number.has("force", "people"):
        return False
    if _claimed_by(line, number, "captive", 1 if number.unit == "people" else 5) or _claimed_by(
        line, number, "hurt", 4
    ):
        return False
    return not is_foreign(line, number) and not is_elsewhere(line, number)


def is_never(line: Line, number: Number) -> bool:
    """What no context can make a figure: prisoners, casualties, another army's men, those "in" another country."""
    reach = 1 if number.unit == "people" else 5
    if _claimed_by(line, number, "captive", reach) or _claimed_by(line, number, "hurt", 4):
        return True
    phrase_end = (number.noun.last if number.noun else number.last) + 1
    for hit in line.hits:
        named = hit.cls == "other" or (hit.cls.startswith("party.") and not _plain_army(hit))
        inside = number.last <= hit.first < phrase_end and _touches(line, number.last, hit.first)
        if named and inside and not _fresh(line, number.last, hit.first):
            return True
        near = 0 <= hit.first - phrase_end <= 3 and _touches(line, number.last, hit.first)
        if hit.cls == "away" and near and not _brought_home(line, number, hit) and _says_in(line, hit):
            return True
    return _led_by_away(line, number)


def _brought_home(line: Line, number: Number, away: Hit) -> bool:
    """Whether a word of the theatre stands between a number and the name of another country."""
    return any(number.last <= hit.first < away.first and hit.cls in ("home", "into") for hit in line.hits)


def _says_in(line: Line, hit: Hit) -> bool:
    lead = line.words[hit.first - 1].text if hit.first else ""
    return (
        line.words[hit.first].text in ("in", "at", "في")
        or lead in ("in", "at", "في", "inside", "داخل")
        or hit.clitics.startswith("ب")
    )


def _led_by_away(line: Line, number: Number) -> bool:
    """ "يوجد في العراق نحو 2500": the country stands between verb and number."""
    for hit in line.hits:
        if hit.cls == "away" and 0 <= number.first - hit.last <= 1 and _says_in(line, hit):
            return not any(h.cls == "home" and abs(number.gap(h)) <= 4 for h in line.hits)
    return False


def _about_force(line: Line, number: Number, size: int, about: bool) -> bool:
    """A bare number counts soldiers when its part, or at least its sentence, speaks of a force."""
    if number.quantity.sort.value == "year":
        return False
    if size < 10 and size != 0:
        return False
    if _counted(line, number) == "thing":
        return False
    near = [hit for hit in number.hits if hit.cls in ("force", "people")]
    if near:
        return True
    counted = [n for n in line.numbers if n is not number and n.unit == "people"]
    if counted or any(hit.cls in ("force", "people") for hit in line.hits):
        return True
    return about and any(hit.cls in ("stay", "leave", "reduce", "remains", "gone") for hit in number.hits)


def _counted(line: Line, number: Number) -> str:
    """The noun that a bare number leans on: the last one before it that can be counted, else the first behind it."""
    before = [h for h in line.hits if h.cls in ("thing", "force", "people", "captive") and h.last <= number.first]
    previous = [n for n in line.numbers if n.last <= number.first]
    after = line.words[number.last].text if number.last < len(line.words) else ""
    if previous and previous[-1].unit == "people" and (after in ("at", "in", "في", "من") or after[:1] == "ب"):
        return "force"
    if number.quantity.comparator is Comparator.EXACT and number.quantity.low is not None and number.quantity.low < 100:
        around = [line.words[i].text for i in (number.first - 1, number.last) if 0 <= i < len(line.words)]
        if around == [",", ","]:
            return "thing"
    durations = [
        line.index(q.number_start)
        for q in line.quantities
        if q.sort.value != "count" and q.end <= number.quantity.start
    ]
    if before:
        last = max(before, key=lambda h: (h.last, h.cls != "thing"))
        if durations and durations[-1] >= last.last:
            return "thing"
        return "thing" if last.cls in ("thing", "captive") else "force"
    if durations and number.first - durations[-1] < 8:
        return "thing"
    behind = [h for h in line.hits if h.cls in ("thing", "force", "people", "captive") and h.first >= number.last]
    first = min(behind, key=lambda h: (h.first, h.cls == "thing"), default=None)
    return "thing" if first and first.cls in ("thing", "captive") and first.first - number.last < 3 else "force"


def _claimed_by(line: Line, number: Number, cls: str, reach: int) -> bool:
    """Whether a cue of this class stands close to the number, with none of our people closer."""
    for hit in line.hits:
        if hit.cls != cls or (hit.first < number.last and hit.last > number.first):
            continue
        gap = number.gap(hit)
        words = line.words[hit.last : number.first] if gap < 0 else line.words[number.last : hit.first]
        if any(word.text in HARD or word.text in SOFT for word in words):
            continue
        if abs(gap) <= reach + (2 if gap > 0 else 0):
            return True
    return False


def is_foreign(line: Line, number: Number) -> bool:
    """Whether the people counted are another army's: a name of one in the noun phrase, or the only agent there is."""
    phrase_end = (number.noun.last if number.noun else number.last) + 2
    for hit in line.hits:
        if hit.cls == "other" or (hit.cls.startswith("party.") and not _plain_army(hit)):
            if number.first - 2 <= hit.first and hit.last <= number.first and _touches(line, hit.last, number.first):
                return True
            if number.last <= hit.first < phrase_end - (1 if hit.cls == "other" else 0) and _touches(
                line, number.last, hit.first
            ):
                return not _fresh(line, number.last, hit.first)
    ours = any(hit.cls == "ours" for hit in line.hits)
    theirs = [hit for hit in line.hits if hit.cls.startswith("party.") and hit.cls != "party.syrian-government"]
    theirs += [hit for hit in line.hits if hit.cls == "other"]
    if theirs and not ours:
        return not line.sites or any(abs(number.gap(hit)) <= 8 for hit in theirs)
    return False


def _plain_army(hit: Hit) -> bool:
    """ "the army" alone names nobody."""
    return hit.cls == "party.syrian-government" and hit.last - hit.first == 1


def _touches(line: Line, begin: int, end: int) -> bool:
    return not any(line.words[i].text in HARD or line.words[i].text in SOFT for i in range(begin, end))


def _fresh(line: Line, begin: int, end: int) -> bool:
    return any(hit.cls == "ours" and begin <= hit.first < end for hit in line.hits)


def is_elsewhere(line: Line, number: Number) -> bool:
    """Whether the nearest place of the number is another country; a destination is not a place."""
    best: tuple[int, str] | None = None
    for hit in line.hits:
        if hit.cls not in ("away", "home") or hit.last > number.right + 6:
            continue
        if hit.cls == "away" and (_is_destination(line, hit) or not _located(line, hit)):
            continue
        gap = number.gap(hit)
        if gap < 0 and any(line.words[i].text in (HARD | SOFT) - {"("} for i in range(hit.last, number.first)):
            gap -= 6
        distance = abs(gap) + (1 if gap < 0 else 0)
        if gap > 0 and hit.first >= number.right:
            distance += 4
        if best is None or distance < best[0]:
            best = (distance, hit.cls)
    sites = [abs(number.first - first) for _, first, _ in line.sites if number.left <= first < number.right]
    if (
        best is None
        and not line.sites
        and any(hit.cls == "away" for hit in line.hits)
        and not any(hit.cls == "home" for hit in line.hits)
    ):
        return True
    if best is None or best[1] == "home":
        return False
    return not (sites and min(sites) <= best[0])


def _located(line: Line, hit: Hit) -> bool:
    """Whether a place name says where: "in Iraq", "at Tower 22", في الأردن, "Iraq, 2,000", or its adjective."""
    first = line.words[hit.first].text
    lead = line.words[hit.first - 1].text if hit.first else ""
    if first in ("in", "at", "the", "في") or hit.clitics.startswith("ب"):
        return True
    return lead in ("in", "at", "across", "inside", "في", "داخل", ",", ";", "and", ":") or not lead


def _is_destination(line: Line, hit: Hit) -> bool:
    if any(h.cls == "into" and h.last in (hit.first, hit.first - 1) for h in line.hits):
        return True
    return hit.clitics.startswith(("ل", "ول", "لال")) or line.words[max(hit.first - 1, 0)].text in (
        "from",
        "via",
        "من",
        "عبر",
        "between",
    )
