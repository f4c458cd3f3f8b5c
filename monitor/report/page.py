"""The page: every view of what is known, put into the template with its own style and script and nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from markupsafe import Markup

from db.records import Kind, SourceHealth, Status
from monitor.report.bases import UNKNOWN, BaseView, State, bases, states, window
from monitor.report.known import Known
from monitor.report.labels import NARROW, WIDE, Label, region_labels
from monitor.report.outline import Outline
from monitor.report.plans import plans
from monitor.report.scale import Days, Stops
from monitor.report.stories import stories
from monitor.report.troops import chart
from monitor.telling import clean
from monitor.telling.forms import render
from monitor.telling.words import Words

HERE = Path(__file__).resolve().parent
STYLE = (HERE / "report.css").read_text(encoding="utf-8")
SCRIPT = (HERE / "report.js").read_text(encoding="utf-8")
TROOPS = "troops"  # the troop figure's key among the subjects that are replayed


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceView:
    """A source and how it fares, in words. state: "well", or the first thing that is wrong."""

    name: str
    grade: str
    state: str
    words: str
    last_success: str
    last_new: str
    why: str


def page(known: Known, lang: str) -> str:
    """The whole HTML of the report in "en" or "ar"; it loads nothing. Raises ConfigError for a broken map."""
    words = Words.of(lang, known.topic)
    back = words.direction == "rtl"
    facts = [fact for found in known.history.values() for fact in found]
    moments = [m for f in facts for m in (f.recorded_at, f.superseded_at) if m] + [c.at for c in known.changes]
    stops = Stops.of(moments, known.as_of)
    outline = Outline.of(known.topic)
    first, last = window(known)
    axis = Days(first=first, last=last, back=back)
    views = bases(known, words, outline, axis, stops)
    kind = Kind.TROOP_FIGURE
    figures = states(
        known.of(kind, known.topic.whole(kind)), words, stops, words.subject(kind, known.topic.whole(kind))
    )
    told, listed = stories(known, words, stops)
    return render(
        "report.html.j2",
        words=words,
        title=words.name(known.topic.name),
        style=Markup(STYLE),
        script=Markup(SCRIPT),
        policy=_policy(),
        data=_embedded(_replay(views, figures, stops, axis, words)),
        as_of=words.moment(known.as_of),
        stops=stops,
        outline=outline,
        region_names=_region_names(outline, views, words),
        credit=words.name(outline.credit) if outline.credit else "",
        bases=[view for view in views if view.ever],
        mute=[view for view in views if not view.ever],
        statuses=[*(status.value for status in Status), UNKNOWN],
        tally=_tally(views),
        troops=figures[-1],
        ticks=axis.ticks(words),
        figure=chart(known, words, stops, back=back),
        plans=plans(known, words, stops, back=back),
        told=told,
        listed=listed,
        earlier=known.earlier,
        sources=[_source(source, known, words) for source in known.sources],
        version=installed("drawdown"),
    )


def _policy() -> str:
    """What the page may do: nothing but this style and this script."""
    hashes = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (STYLE, SCRIPT))
    style, script = (f"'sha256-{value}'" for value in hashes)
    return f"default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'"


def _replay(
    views: Sequence[BaseView], figures: Sequence[State], stops: Stops, axis: Days, words: Words
) -> dict[str, Any]:
    """What the slider shows: the stops' names, and of each subject its states, with every text once."""
    texts: dict[str, int] = {}

    def rows(found: Iterable[State]) -> list[list[Any]]:
        return [
            [
                s.stop,
                s.status,
                *(texts.setdefault(text, len(texts)) for text in (s.value, s.since, s.sure, s.others, s.line)),
            ]
            for s in found
        ]

    subjects = {view.id: rows(view.states) for view in views if view.ever} | {TROOPS: rows(figures)}
    return {
        "stops": [words.day(day) for day in stops.days],
        "edges": [axis.x(day) for day in stops.days[:-1]] + [axis.x(axis.last)],
        "back": axis.back,
        "subjects": subjects,
        "texts": list(texts),
    }


def _embedded(data: dict[str, Any]) -> Markup:
    """JSON that cannot end the element it stands in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)


def _region_names(outline: Outline, views: Sequence[BaseView], words: Words) -> list[tuple[str, Label]]:
    """The regions' names, each with the map that it is for: of one that has room for it."""
    names = [(words.name(shape.name), shape.label) for shape in outline.shapes if shape.name and shape.label]
    marks = {view.id: view.at for view in views if view.at and view.ever}
    wide = {view.id: view.label for view in views if view.label}
    small = {view.id: view.small for view in views if view.small}
    return [
        *(("large", label) for label in region_labels(names, wide, marks, outline, WIDE)),
        *(("small", label) for label in region_labels(names, small, marks, outline, NARROW)),
    ]


def _tally(views: Sequence[BaseView]) -> dict[str, int]:
    """How many bases are known to be in each status."""
    found = [view.now.status for view in views]
    return {status.value: found.count(status.value) for status in Status}


def _source(source: SourceHealth, known: Known, words: Words) -> SourceView:
    outlet, grade = known.outlets.get(source.source, (source.source, ""))
    return SourceView(
        name=clean.cut(words.source(source.source, outlet), 120),
        grade=clean.line(grade),
        state=source.states[0] if source.states else "well",
        words=words.all_of([words.say("report", f"source_{state}") for state in source.states or ("well",)]),
        last_success=words.moment(source.last_success_at) if source.last_success_at else "–",
        last_new=words.moment(source.last_new_at) if source.last_new_at else "–",
        why=clean.cut(clean.line(source.error), 200),
    )
