"""Which part of a page is the article's own text. Generic, without a selector for any site.

What stands around the text turns with every fetch: adverts, counters, related links. None of it may reach the text of
record, or every pass would find a change.
"""

from __future__ import annotations

import html
import logging
import re
from typing import Any

import lxml.etree  # type: ignore[import-untyped]
import trafilatura
from trafilatura.settings import use_config

from scrapers import markup, signals
from scrapers.container import LEAST_PROSE, fullest, says_where
from scrapers.furniture import is_furniture

PARAGRAPH = "\n\n"
_SHELL = 0.4  # extracted text below this share of the page's own articleBody is a shell of it
_LEAST_BODY = 200  # characters that an articleBody needs to be believed
_BULLET = re.compile(r"^- (?=\S)", re.MULTILINE)  # the extractor's own sign for an item of a list
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


def main_text(tree: Any, article: Any, *, body: str, title: str, byline: str) -> tuple[str, bool]:
    """The text of record of a parsed page, and whether it was read of its article's element alone. Both are used up.

    article: that element as a page of its own (see scrapers.container), or None. body: the articleBody of the page's
    own JSON-LD, to check against. title, byline: lines that are only these are left out, since they are kept apart.
    """
    drop = {signals.fold(title), signals.fold(byline), ""}
    text = _read(article, drop) if article is not None else ""
    alone = len(text) >= LEAST_PROSE and PARAGRAPH in text
    if not alone:  # what is short, or one paragraph alone, may be but a part
        _mark_article(tree)
        text = _read(tree, drop)
    own = _plain(body)
    # The extractor may have found the same articleBody itself, and lost its paragraphs.
    if len(own) >= _LEAST_BODY and (len(text) < _SHELL * len(own) or signals.fold(text) == signals.fold(own)):
        text = _lines(own, drop={""})
    return text, alone


def _read(tree: Any, drop: set[str]) -> str:
    lxml.etree.strip_elements(tree, "h1", with_tail=False)
    return _lines(_extracted(tree), drop=drop)


def _mark_article(tree: Any) -> None:
    """Where no tag says which part of the page is the article, say so: the element that holds most of its prose."""
    if says_where(tree):
        return
    best = fullest(tree)
    if best is None:
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


def _plain(text: str) -> str:
    if "<" in text and ">" in text:
        try:
            text = markup.parse(f"<div>{text}</div>").text_content()
        except ValueError:
            return ""
    return clean_text(html.unescape(text))
