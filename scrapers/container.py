"""Which element of a page holds its article. Generic, without a selector for any site.

The text is read of this element alone. So a page in which it is the same has the same text, whatever turns around it.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from typing import Any

from trafilatura.xpaths import BODY_XPATH

from scrapers import markup
from scrapers.furniture import clear

LEAST_PROSE = 200  # characters that an element needs to be taken for an article's
_LEAST_PARAGRAPH = 40  # characters of a block that may be a paragraph
_INLINE = frozenset(("b", "strong", "em", "i", "span", "u", "mark", "bdi", "font", "q", "cite", "small"))
_TOO_WIDE = ("body", "html", "table", "tr", "tbody", "ul", "ol")
_BESIDE = ("aside", "footer", "nav", "menu", "dialog", "fieldset", "noscript", "form")
_BESIDE_NAMES = re.compile(r"[Cc]omment|infinite-?scroll|mvp-post-add")
says_where = markup.finder(
    "boolean(//article) or boolean(//main) or boolean(//@itemprop[.='articleBody']) or boolean(//@role[.='main'])"
)
_NAMED, *_LESS_NAMED = BODY_XPATH  # the extractor's own, the surest first


def article_alone(tree: Any) -> Any:
    """A page of nothing but the element that holds a parsed page's article, without what can be no part of its text.

    None where it is not sure which element does. It is the one that the extractor would choose by its tag or class;
    where no tag says which it is, the one that holds most of the page's prose. The tree is left as it is.
    """
    found = next(iter(_NAMED(tree)), None)
    chosen = fullest(tree) if found is None and not says_where(tree) else None
    if found is None and chosen is None:
        found = next((matches[0] for expression in _LESS_NAMED if (matches := expression(tree))), None)
    element = chosen if found is None else found
    if element is None or any(map(_is_beside, element.iterancestors())):
        return None
    article = copy.deepcopy(element)
    article.tail = None
    clear(article)
    return markup.page_of(article if chosen is None else as_article(article))


def as_article(element: Any) -> Any:
    """An `article` that holds this element: without a frame the extractor loses lists and subheadings."""
    if element.tag == "td":  # without its table
        element.tag = "div"
    frame = element.makeelement("article")
    frame.append(element)
    return frame


def fullest(tree: Any) -> Any:
    """The element that holds most of a page's prose, or None where none holds much or it is too wide."""
    prose: Counter[Any] = Counter()
    for element in tree.iter("p", "div", "td", "section", "blockquote", "li"):
        own = _own_prose(element)
        if own >= _LEAST_PARAGRAPH:
            prose[_holder(element)] += own
    best = max(prose, key=lambda element: prose[element], default=None)
    return None if best is None or prose[best] < LEAST_PROSE or best.tag in _TOO_WIDE else best


def _is_beside(ancestor: Any) -> bool:
    """Whether the extractor reads nothing of what an element holds."""
    if ancestor.tag in ("html", "body"):  # "comments-open" says something of the whole page
        return False
    names = f"{ancestor.get('id', '')} {ancestor.get('class', '')}"
    return ancestor.tag in _BESIDE or bool(_BESIDE_NAMES.search(names))


def _holder(paragraph: Any) -> Any:
    """The element that holds a paragraph: a list's, for an item; itself, where line breaks divide it."""
    if paragraph.tag in ("div", "td", "section") and paragraph.find("br") is not None:
        return paragraph
    parent = paragraph.getparent()
    return parent.getparent() if paragraph.tag == "li" and parent.getparent() is not None else parent


def _own_prose(element: Any) -> int:
    """Characters of text that stand directly in the element, or in plain inline ones; links do not count."""
    total = len(element.text.strip()) if element.text else 0
    for child in element:
        if child.tail:
            total += len(child.tail.strip())
        if child.tag in _INLINE:
            total += len(child.text_content().strip())
    return total
