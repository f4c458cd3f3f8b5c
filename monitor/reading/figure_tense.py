"""Whether what a number tells is done, to come, possible, denied or over: tense and mood of the cues around it."""

from __future__ import annotations

from monitor.reading.cues import Hit
from monitor.reading.figures import Line, Number

_AUX_PLAN = frozenset(["to", "will", "would", "could", "may", "might", "should", "can", "shall", "must", "ll", "be"])


def is_done(line: Line, hit: Hit | None) -> bool:
    """Whether a verb of moving tells what happened: its form, and what stands before it."""
    if hit is None:
        return True
    if line.passage.lang == "ar":
        if hit.form == "past" and not _is_noun(line, hit):
            return True
        if hit.form == "impf":
            lead = line.words[hit.first - 1].text if hit.first else ""
            if lead == "لم":
                return True
            if hit.clitics.endswith("ل") and any(
                h.cls == "reduce" and h.form == "past" and h.first < hit.first for h in line.hits
            ):
                return True
            if "س" in hit.clitics or hit.clitics.endswith("ل") or lead in ("ان", "لن", "قد", "فقد", "سوف", "رح", "لا"):
                return False
            if hit.cls == "reduce" and hit.cue.entry.startswith(("خفض", "قلص", "قلل")):
                return False
            plans = any(
                h.cls in ("planned", "possible") and h.first <= hit.first and hit.first - h.last <= 8 for h in line.hits
            )
            return hit.cls in ("add", "reduce", "rise", "move") and not plans
        if hit.cls == "reduce":
            return _completed(line, hit)
        return not any(
            h.cls in ("planned", "possible") and h.first < hit.first and hit.first - h.last <= 6 for h in line.hits
        )
    small = [line.words[i].text for i in range(max(hit.first - 3, 0), hit.first)]
    if hit.cls == "reduce" and _is_named(small):
        return _completed(line, hit)
    if hit.form == "ed" or hit.cls == "gone":
        return not ({"to", "will", "would", "could", "may", "might", "should", "ll", "being"} & set(small))
    if hit.form == "ing":
        return bool({"after", "since", "having"} & set(small)) and not {"is", "are"} & set(small)
    if hit.form == "base":
        return bool({"have", "has", "had"} & set(small)) and not {"to", "will", "would"} & set(small)
    if hit.form == "pres":
        return hit.cls != "reduce" or not _planned_line(line)
    if hit.form == "noun" and hit.cls == "reduce":
        return _completed(line, hit)
    return not any(h.cls == "planned" and h.last <= hit.first for h in line.hits)


def _is_named(before: list[str]) -> bool:
    """Whether a form that may be a verb is a noun by the words before it: "a cut", "the planned cut"."""
    described = before[-1:] and before[-1].endswith("ed")
    return bool(_DETERMINERS.intersection(before[-2:-1] if described else before[-1:]))


_DETERMINERS = frozenset(["a", "an", "the", "this", "that", "another", "its", "their"])
_NOUN_LEADS = frozenset(["ان", "وان", "بان", "الي", "علي", "عن", "من", "قرار", "خطه", "بعد", "مع", "عقب"])


def _is_noun(line: Line, hit: Hit) -> bool:
    """Whether a past that is written like its verbal noun (خفض، سحب) is the noun: behind أن or a preposition."""
    parts = hit.cue.entry.split("/")
    lead = line.words[hit.first - 1].text if hit.first else ""
    return len(parts) > 2 and parts[0] == parts[2] and (lead in _NOUN_LEADS or hit.clitics[-1:] in ("ب", "ل"))


_AFTER = frozenset(
    ["after", "following", "since", "completed", "complete", "بعد", "عقب", "اكتمل", "انجز", "انجزت", "استكمل"]
)


def _completed(line: Line, hit: Hit) -> bool:
    """Whether a noun of reducing ("the cut to 1,400", التخفيض) is said to be over."""
    near = range(max(hit.first - 3, 0), min(hit.last + 5, len(line.words)))
    return any(line.words[i].text in _AFTER for i in near)


def _planned_line(line: Line) -> bool:
    return any(h.cls == "planned" for h in line.hits) or any(w.text in ("months", "weeks") for w in line.words)


def is_future(line: Line, hit: Hit) -> bool:
    if line.passage.lang == "ar":
        return "س" in hit.clitics or (
            hit.form == "impf" and any(h.cls == "planned" and h.last == hit.first for h in line.hits)
        )
    lead = {line.words[i].text for i in range(max(hit.first - 3, 0), hit.first)}
    return bool(lead & (_AUX_PLAN - {"be"})) and hit.form in ("base", "ed", "ing")


def is_planned(line: Line, number: Number) -> bool:
    if number.has("planned"):
        return True
    return any(h.cls == "planned" and h.last <= number.first and number.first - h.last <= 12 for h in line.hits)


def is_possible(line: Line, number: Number) -> bool:
    return number.has("possible")
