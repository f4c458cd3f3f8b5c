"""What stands within an article and is none of it: counters, times that have passed, links elsewhere.

It turns with each fetch, so it must not reach the text of record; and what is gone before the text is read need not be
read again.
"""

from __future__ import annotations

import re
from typing import Any

from scrapers import markup, signals

_LONGEST = 90  # characters of a line; longer ones are never furniture
_DIGITS = re.compile(r"\d")
_SILENT = ("script", "style", "noscript", "iframe", "svg", "object", "embed", "aside", "nav", "footer", "button", "img")
_BLOCKS = ("div", "section", "header", "p", "ul", "ol", "h2", "h3", "h4", "h5", "h6")
_KEPT = ("li", "td", "th", "dd")  # of these the only block is what they say


def is_furniture(line: str) -> bool:
    """Whether a line of an article is part of the frame: a counter, time that has passed, a link elsewhere."""
    if len(line) > _LONGEST:
        return False
    folded = signals.fold(line)
    if folded.rstrip(" :") in signals.words("furniture", "labels"):
        return True
    if folded.startswith(signals.words("furniture", "elsewhere")):
        return True
    if not _DIGITS.search(folded):
        return False
    rest = signals.pattern("furniture", "counters").sub(" ", folded)
    return rest != folded and not re.search(r"[^\W\d_]", signals.pattern("furniture", "time").sub(" ", rest))


def clear(element: Any) -> None:
    """Take out of an article's element what the extractor would leave out anyway, as far as that is cheap to tell.

    Scripts and the like, images, blocks that say nothing or nothing but links, and counters.
    """
    markup.drop(element, *_SILENT)
    for span in list(element.iterdescendants("span")):
        if _stands_alone(span) and _is_counter(span):
            span.drop_tree()
    speaking = _speaking(element)
    for block in list(element.iterdescendants(*_BLOCKS)):
        parent = block.getparent()  # none, where it went with another
        if parent is None or (parent.tag in _KEPT and parent is not element):
            continue
        if block not in speaking or _is_counter(block):
            block.drop_tree()


def _speaking(element: Any) -> set[Any]:
    """The element and its descendants that hold a word outside links."""
    speaking: set[Any] = set()
    linked: set[Any] = set()
    for one in element.iter():
        parent = one.getparent() if one is not element else None
        if parent is not None and one.tail and not one.tail.isspace() and parent not in linked:
            _mark(parent, speaking, element)
        if one.tag == "a" or parent in linked:
            linked.add(one)
        elif one.text and not one.text.isspace():
            _mark(one, speaking, element)
    return speaking


def _mark(one: Any, speaking: set[Any], top: Any) -> None:
    while one is not None and one not in speaking:
        speaking.add(one)
        one = one.getparent() if one is not top else None


def _is_counter(element: Any) -> bool:
    text = " ".join(element.itertext())
    return len(text) <= 2 * _LONGEST and is_furniture(" ".join(text.split()))


def _stands_alone(span: Any) -> bool:
    """Whether a span is a line of its own: nothing is said beside it, and its parent is no paragraph."""
    parent = span.getparent()
    if parent is None or parent.tag not in ("div", "section", "header", "article", "main"):
        return False
    return not any(text and not text.isspace() for text in (parent.text, *(child.tail for child in parent)))
