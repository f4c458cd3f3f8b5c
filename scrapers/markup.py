"""HTML of strangers, parsed within bounds: libxml2 bounds how deep a page is nested, not how long it takes over it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import lxml.etree  # type: ignore[import-untyped]
import lxml.html  # type: ignore[import-untyped]

MOST_TAGS = 150_000  # an article's page has a few thousand; from here on reading it takes many seconds
MOST_ATTRIBUTES = 1000  # of one tag; parsing takes as long as the square of their number
_LARGE = 100_000  # characters from which a page is looked at tag by tag, which costs 2 ms for so many
_LONG = re.compile(r"<[a-zA-Z][^>]{2000}")
_TAG = re.compile(r"""<[a-zA-Z](?>[^"'>]+|"[^"]*(?:"|\Z)|'[^']*(?:'|\Z))*+""")
_QUOTED = re.compile(r"""\"[^"]*(?:"|\Z)|'[^']*(?:'|\Z)""")
_BETWEEN = re.compile(r"[\s=/]+")


def parse(text: str, **options: bool) -> Any:
    """The page as a tree. options: of lxml's HTMLParser. Raises ValueError, in plain words, for what is none."""
    reason = fault(text)
    if reason:
        raise ValueError(reason)
    # As bytes: lxml refuses a str with an encoding declaration.
    parser = lxml.html.HTMLParser(encoding="utf-8", **options)
    try:
        return lxml.html.document_fromstring(text.encode("utf-8"), parser=parser)
    except (lxml.etree.LxmlError, ValueError, AssertionError) as error:
        raise ValueError("is not HTML, or is empty") from error


def finder(path: str) -> Callable[[Any], Any]:
    """What an XPath finds in a tree or an element; made ready once, since that takes as long as finding."""
    found: Callable[[Any], Any] = lxml.etree.XPath(path)
    return found


def page_of(element: Any) -> Any:
    """A page that holds nothing but this element, which leaves its own."""
    page, body = lxml.html.Element("html"), lxml.html.Element("body")
    page.append(body)
    body.append(element)
    return page


def drop(element: Any, *tags: str) -> None:
    """Take out all descendants with these tags, with what they hold."""
    lxml.etree.strip_elements(element, *tags, with_tail=False)


def written(element: Any) -> bytes:
    """The element as text."""
    text: bytes = lxml.etree.tostring(element, encoding="utf-8")
    return text


def fault(text: str) -> str | None:
    """Why a page would take too long to parse, or None."""
    tags = text.count("<")
    if tags > MOST_TAGS:
        return f"has {tags} tags; no page needs more than {MOST_TAGS}"
    if len(text) < _LARGE and not _LONG.search(text):
        return None
    for tag in _TAG.finditer(text):
        if tag.end() - tag.start() > 2 * MOST_ATTRIBUTES:
            bare = _QUOTED.sub(" ", tag[0])
            if len(_BETWEEN.findall(bare)) > 2 * MOST_ATTRIBUTES:
                return f"has a tag of more than {MOST_ATTRIBUTES} attributes"
    return None
