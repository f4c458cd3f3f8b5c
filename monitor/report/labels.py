"""Where names stand on the map: beside their marks where there is room, else further off on a line of their own."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from monitor.report.outline import Outline, Point

LETTER = 0.66  # how wide a letter is about, of the size of the type
LINE = 1.17  # how high a line is, of the same
ROWS = 7  # rows above and below a mark in which room is looked for
EDGE = 2.0  # pixels that stay free at the map's edges

Box = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lettering:
    """How a map is lettered, in its pixels.

    size: of the bases' names. regions: of the regions' names. mark: how far a mark reaches from its middle.
    """

    size: float
    regions: float
    mark: float


WIDE = Lettering(size=12, regions=11, mark=10)
NARROW = Lettering(size=23, regions=19, mark=15)  # for a phone, which shows the map at less than half its size


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """A name, where it stands and with which of its ends. line: the two ends of a line that joins it to its mark."""

    name: str
    x: float
    y: float
    anchor: str
    line: tuple[Point, Point] | None = None


def base_labels(
    names: Mapping[str, str], places: Mapping[str, Point], outline: Outline, style: Lettering
) -> dict[str, Label]:
    """A name for each mark, as near to it as there is room; none where there is none anywhere near."""
    taken = [_around(place, style.mark) for place in places.values()]
    found = {}
    for base, name in names.items():
        for label, box in _spots(name, places[base], style):
            free = _inside(box, outline) and not any(meet(box, other) for other in taken)
            others = [place for other, place in places.items() if other != base]
            if free and not (label.line and _passes(label.line, others, style.mark * 0.6)):
                taken.append(box)
                found[base] = label
                break
    return found


def region_labels(
    regions: Sequence[tuple[str, Point]],
    labels: Mapping[str, Label],
    places: Mapping[str, Point],
    outline: Outline,
    style: Lettering,
) -> list[Label]:
    """The regions' names, but for those that a base's mark or name, or another region's name, leaves no room."""
    taken = [_around(place, style.mark) for place in places.values()]
    taken += [box_of(label, style.size) for label in labels.values()]
    found = []
    for name, (x, y) in regions:
        half = _width(name, style.regions) / 2
        across = min(max(x, half + EDGE), outline.width - half - EDGE)
        label = Label(name=name, x=round(across, 1), y=y, anchor="middle")
        box = box_of(label, style.regions)
        if not any(meet(box, other) for other in taken):
            taken.append(box)
            found.append(label)
    return found


def _spots(name: str, place: Point, style: Lettering) -> Iterator[tuple[Label, Box]]:
    """Beside the mark, below and above it, then in the rows further off, the nearest first."""
    x, y = place
    gap, line = style.mark + 2, style.size * LINE
    ends = [
        (x + gap, y, "start"),
        (x - gap, y, "end"),
        (x, y + gap + line / 2, "middle"),
        (x, y - gap - line / 2, "middle"),
    ]
    for across, middle, anchor in ends:
        yield _spot(name, across, middle, anchor, style)
    for row in range(1, ROWS + 1):
        away = gap + row * style.size / 2
        for down in (-row * line, row * line):
            for across, anchor in ((x + away, "start"), (x - away, "end")):
                yield _spot(name, across, y + down, anchor, style, line=_line(place, (across, y + down), style.mark))


def _spot(
    name: str, x: float, middle: float, anchor: str, style: Lettering, *, line: tuple[Point, Point] | None = None
) -> tuple[Label, Box]:
    label = Label(name=name, x=round(x, 1), y=round(middle + style.size * 0.35, 1), anchor=anchor, line=line)
    return label, box_of(label, style.size)


def _line(mark: Point, end: Point, reach: float) -> tuple[Point, Point]:
    """From a mark's edge to where its name begins."""
    dx, dy = end[0] - mark[0], end[1] - mark[1]
    share = reach * 0.8 / math.hypot(dx, dy)
    begin = mark[0] + dx * share, mark[1] + dy * share
    return (round(begin[0], 1), round(begin[1], 1)), (round(end[0], 1), round(end[1], 1))


def _passes(line: tuple[Point, Point], marks: Iterable[Point], reach: float) -> bool:
    """Whether a line runs through one of these marks."""
    (x, y), (x_end, y_end) = line
    dx, dy = x_end - x, y_end - y
    for mark in marks:
        along = ((mark[0] - x) * dx + (mark[1] - y) * dy) / (dx * dx + dy * dy)
        nearest = min(max(along, 0.0), 1.0)
        if math.hypot(x + nearest * dx - mark[0], y + nearest * dy - mark[1]) < reach:
            return True
    return False


def box_of(label: Label, size: float) -> Box:
    """The room that a name takes about, at a size of type: left, top, right, bottom."""
    wide, middle = _width(label.name, size), label.y - size * 0.35
    left = {"start": label.x, "end": label.x - wide, "middle": label.x - wide / 2}[label.anchor]
    return left, middle - size * LINE / 2, left + wide, middle + size * LINE / 2


def _width(name: str, size: float) -> float:
    return size * LETTER * len(name)


def _around(place: Point, reach: float) -> Box:
    return place[0] - reach, place[1] - reach, place[0] + reach, place[1] + reach


def _inside(box: Box, outline: Outline) -> bool:
    left, top, right, bottom = box
    return left > EDGE and top > EDGE and right < outline.width - EDGE and bottom < outline.height - EDGE


def meet(one: Box, other: Box) -> bool:
    """Whether two boxes cover each other."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
