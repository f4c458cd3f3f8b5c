"""Lines and cells for a terminal, in the right order where Arabic and Latin letters mix.

Text stays in its logical order; terminals that know directions (Unicode Standard Annex 9) order it, the others show it
as it is. What is written from right to left is isolated; no isolate runs over the end of a line or into the next cell.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text

from monitor.telling.clean import FSI, LRI, PDI, RLI


class Line(NamedTuple):
    """A line of a report. indent: columns before it, also where it goes on. whole: an address or hash, never cut."""

    text: Text
    indent: int = 0
    whole: bool = False


class Cell:
    """A text that wraps in the room it gets and keeps its direction. rtl: whether it is a right-to-left sentence."""

    def __init__(self, text: Text, *, rtl: bool = False) -> None:
        self.text = text
        self.rtl = rtl

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement.get(console, options, self.text)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from wrapped(console, self.text, options.max_width, rtl=self.rtl)


def say(console: Console, lines: Iterable[Line], *, rtl: bool = False) -> None:
    """Print lines, each wrapped under its own beginning. rtl: whether they are right-to-left sentences."""
    for line in lines:
        margin = " " * line.indent
        if line.whole:
            console.print(Text(margin) + line.text, soft_wrap=True)
            continue
        for part in wrapped(console, line.text, max(console.width - line.indent, 20), rtl=rtl):
            console.print(Text(margin) + part, soft_wrap=True)


def wrapped(console: Console, text: Text, width: int, *, rtl: bool = False) -> list[Text]:
    """The text in lines of at most `width` columns, each ordered on its own."""
    lines = []
    for paragraph in text.split("\n", allow_blank=True):
        held = _isolated(paragraph, rtl=rtl) if _is_mixed(paragraph.plain) else paragraph
        lines += list(_closed(held.wrap(console, width, overflow="fold")))
    for line in lines:
        line.rstrip()
    return lines


def _is_mixed(text: str) -> bool:
    """Whether anything in it is written from right to left."""
    return any(unicodedata.bidirectional(char) in ("R", "AL") for char in text)


def _isolated(text: Text, *, rtl: bool) -> Text:
    return Text.assemble(RLI if rtl else FSI, text, PDI)


def _closed(lines: Iterable[Text]) -> Iterator[Text]:
    """Close at each line's end the isolates that it leaves open, and open them again in the next."""
    opened: list[str] = []
    for line in lines:
        before = "".join(opened)
        for char in line.plain:
            if char in (FSI, LRI, RLI):
                opened.append(char)
            elif char == PDI and opened:
                opened.pop()
        yield Text.assemble(before, line, PDI * len(opened))
