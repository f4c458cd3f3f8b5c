"""Which part of a page is the article's own text. Generic, without a selector for any site.

What stands around the text turns with every fetch: adverts, counters, related links. None of it may reach the text of
record, or every pass would find a change.
"""

from __future__ import annotations

import html
import logging
import re
from collections import Counter
from typing import Any

import lxml.etree  # type: ignore[import-untyped]
import trafilatura
from trafilatura.settings import use_config

from scrapers import markup, signals

PARAGRAPH = "\n\n"
_SHELL = 0.4  # extracted text below this share of the page's own articleBody is a shell of it
_LEAST_BODY = 200  # characters that an articleBody needs to be believed
_FRAME_LINE = 90  # characters; longer lines are never furniture
_LEAST_PROSE = 40  # characters of a block that may be a paragraph
_INLINE = frozenset(("b", "strong", "em", "i", "span", "u", "mark", "bdi", "font", "q", "cite", "small"))
_BULLET = re.compile(r"^- (?=\S)", re.MULTILINE)  # the extractor's own sign for an item of a list
_DIGITS = re.compile(r"\d")
_TRAILING = re.compile(r"(?<![^\S\n])[^\S\n]+\n")  # from a blank's beginning only: a million blanks are tried once


def _config() -> Any:
    config = use_config()
    config.set("DEFAULT", "EXTRACTION_TIMEOUT", "0")  # its alarm signal works in the main thread only
    return config


_CONFIG = _config()
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # a page without text is the gate's to name


def clean_text(text: str) -> str:
    """One kind of newline, no trailing blanks, no NULs or lone surrogates; otherwise the text as it is."""
    text = re.sub(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", "\n", text).replace("\x00", "")
    text = text.encode("utf-8", "replace").decode("utf-8")
    text = _TRAILING.sub("\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def clean_line(text: str) -> str:
    """The text on one line, entities resolved."""
    return re.sub(r"\s+", " ", clean_text(html.unescape(text))).strip()


def main_text(tree: Any, *, body: str, title: str, byline: str) -> str:
    """The text of record of a parsed page; the tree is used up.

    body: the articleBody of the page's own JSON-LD, to check against. title, byline: lines that are only these are left
    out, since they are kept apart.
    """
    lxml.etree.strip_elements(tree, "h1", with_tail=False)
    _mark_article(tree)
    text = _lines(_extracted(tree), drop={signals.fold(title), signals.fold(byline), ""})
    own = _plain(body)
    # The extractor may have found the same articleBody itself, and lost its paragraphs.
    if len(own) >= _LEAST_BODY and (len(text) < _SHELL * len(own) or signals.fold(text) == signals.fold(own)):
        return _lines(own, drop={""})
    return text


def _mark_article(tree: Any) -> None:
    """Where no tag says which part of the page is the article, say so: the element that holds most of its prose.

    Without a frame the extractor gathers paragraphs from anywhere and loses lists and subheadings.
    """
    if tree.xpath("//article | //main | //*[@itemprop='articleBody'] | //*[@role='main']"):
        return
    prose: Counter[Any] = Counter()
    for element in tree.iter("p", "div", "td", "section", "blockquote", "li"):
        own = _own_prose(element)
        if own >= _LEAST_PROSE:
            prose[_holder(element)] += own
    best = max(prose, key=lambda element: prose[element], default=None)
    if best is None or prose[best] < _LEAST_BODY or best.tag in ("body", "html", "table", "tr", "tbody", "ul", "ol"):
        return
    frame = best.makeelement("article")
    if best.tag == "td":  # nothing but cells may stand between a row and its cell
        frame.text, best.text = best.text, None
        frame.extend(list(best))
        best.append(frame)
        return
    best.addprevious(frame)
    frame.tail, best.tail = best.tail, None
    frame.append(best)


def _holder(paragraph: Any) -> Any:
    """The element that holds a paragraph: a list's, for an item; itself, where line breaks divide it."""
    if paragraph.tag in ("div", "td", "section") and paragraph.find("br") is not None:
        return paragraph
    parent = paragraph.getparent()
    return parent.getparent() if paragraph.tag == "li" and parent.getparent() is not None else parent


def _extracted(tree: Any) -> str:
    """Strictly first, since the strict reading does not depend on how much else the page holds; then less so."""
    for strict in (True, False):
        try:
            found = trafilatura.extract(
                tree,
                fast=True,
                favor_precision=strict,
                include_comments=False,
                include_tables=True,
                config=_CONFIG,
            )
        except (RecursionError, lxml.etree.LxmlError, ValueError, AttributeError, TypeError):
            found = None  # a page that the extractor trips over is a page without text; the gate says so
        if found:
            return _BULLET.sub("", str(found))
    return ""


def _lines(text: str, *, drop: set[str]) -> str:
    lines = (_line(line) for line in clean_text(text).split("\n"))
    return PARAGRAPH.join(line for line in lines if signals.fold(line) not in drop and not is_furniture(line))


def _line(line: str) -> str:
    return re.sub(r"[^\S\n]+", " ", line).strip()


def is_furniture(line: str) -> bool:
    """Whether a line of an article is part of the frame: a counter, time that has passed, a link elsewhere."""
    if len(line) > _FRAME_LINE:
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


def _own_prose(element: Any) -> int:
    """Characters of text that stand directly in the element, or in plain inline ones; links do not count."""
    total = len((element.text or "").strip())
    for child in element:
        inline = isinstance(child.tag, str) and child.tag in _INLINE
        total += len((child.tail or "").strip()) + (len(child.text_content().strip()) if inline else 0)
    return total


def _plain(text: str) -> str:
    if "<" in text and ">" in text:
        try:
            text = markup.parse(f"<div>{text}</div>").text_content()
        except ValueError:
            return ""
    return clean_text(html.unescape(text))
