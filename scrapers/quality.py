"""Is this an article at all? Error pages, consent walls, robot checks and empty shells become no version.

A verdict needs a short text of which a good part speaks the language of such pages (`signals.toml`); an article that
merely mentions cookies or closes with "sign in" passes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from db.records import Page
from scrapers import signals
from scrapers.maintext import PARAGRAPH

LONGEST = 200_000  # characters; a long report has 50,000, and reading takes time by the character
LEAST_WORDS = 5  # of the text of a page; a message or a passage of a file may be shorter
_LONGEST_WALL = 1800  # characters; walls and error pages are shorter, and so is many an article
_SENTENCES = re.compile(r"[^.!?؟\n]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kind:
    """What a kind of non-article looks like.

    share: of the text's characters that stand in sentences with one of its signals, at least, without and with a title
    that says the same. distinct: different signals at least, without and with such a title.
    """

    name: str
    verdict: str
    share: tuple[float, float]
    distinct: tuple[int, int]


_KINDS = (
    _Kind(name="consent", verdict="consent wall", share=(0.5, 0.35), distinct=(4, 2)),
    _Kind(name="robot", verdict="robot check or a page that needs scripts", share=(0.5, 0.25), distinct=(2, 1)),
    _Kind(name="error", verdict="error page", share=(0.6, 0.3), distinct=(2, 1)),
    _Kind(name="wall", verdict="wall for subscribers", share=(0.6, 0.4), distinct=(2, 1)),
)


def refusal(page: Page, *, status: int = 200, least_words: int = LEAST_WORDS) -> str | None:
    """Why this page must not become a version, in a few words, or None when it may.

    status: of the HTTP answer. least_words: that a text needs.
    """
    if not 200 <= status < 300:
        return f"HTTP status {status}"
    text = page.text.strip()
    if not text:
        return "no text"
    if len(text) > LONGEST:
        return f"too much text ({len(text)} characters)"
    for kind in _KINDS:
        if _is(kind, page.title, text):
            return kind.verdict
    words = re.findall(r"[^\W\d_]+", text)
    if len(words) < least_words:
        return f"too little text ({len(words)} words)"
    return None


def _is(kind: _Kind, title: str, text: str) -> bool:
    if len(text) > _LONGEST_WALL:
        return False
    said = signals.pattern(kind.name, "text")
    titled = int(_titled(kind.name, title))
    found: set[str] = set()
    spoken = 0
    sentences = [sentence.strip() for part in text.split(PARAGRAPH) for sentence in _SENTENCES.findall(part)]
    for sentence in sentences:
        here = said.findall(signals.fold(sentence))
        if here:
            found.update(here)
            spoken += len(sentence)
    whole = sum(map(len, sentences)) or 1
    return len(found) >= kind.distinct[titled] and spoken >= kind.share[titled] * whole


def _titled(name: str, title: str) -> bool:
    """Whether the title is one that such a page has: one of its signals, with little beside it."""
    folded = signals.fold(title)
    words = len(folded.split())
    return bool(signals.pattern(name, "title").search(folded)) and words <= 9
