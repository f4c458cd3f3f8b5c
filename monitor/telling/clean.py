"""Text of strangers, made safe for a subject line, a terminal, a mail and Slack.

Titles, quotes, outlets and speakers come from pages that anybody may write. What they could break is a header (line
breaks), a terminal (escape sequences), the order of the words around them (bidi controls) and Slack's markup.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from babel import Locale, UnknownLocaleError

# Isolates: first strong, left to right, right to left, and the end of one (Unicode Standard Annex 9).
FSI, LRI, RLI, PDI = "\u2068", "\u2066", "\u2067", "\u2069"

# Direction marks, embeddings, overrides and isolates. Joiners (U+200C, U+200D) stay: words are written with them.
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ESCAPE = re.compile("(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)|\x1b.?", re.DOTALL)
_DROPPED = {"Cc", "Cs", "Co", "Cn"}  # controls, lone surrogates, private use, unassigned
_OBEYED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")  # JSON escapes C0
_SIGNS = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_BREAK = re.compile("[\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
# What is not plainly a letter: so a long text is looked through fast.
_ODD = re.compile("[^ -~\u0621-\u064a\u0660-\u0669]")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060-\u2065\u206a-\u206f\ufeff\U000e0000-\U000e007f]")


def line(text: str) -> str:
    """The text as one line: no controls, escape sequences, direction controls or invisible characters."""
    text = _INVISIBLE.sub("", _BIDI.sub("", _ESCAPE.sub("", text)))
    text = _ODD.sub(_known, _BREAK.sub(" ", text))
    return " ".join(text.split())


def _known(char: re.Match[str]) -> str:
    return "" if unicodedata.category(char[0]) in _DROPPED else char[0]


def isolated(text: str, lang: str = "") -> str:
    """One safe line that keeps its own direction and cannot disturb its neighbours'.

    lang: its language, where known; it decides where the first letter speaks for another direction.
    """
    safe = line(text)
    return f"{_opening(safe, lang)}{safe}{PDI}"


def direction(lang: str) -> str:
    """By the language "ltr" or "rtl"; "auto" where it is unknown."""
    locale = _locale(lang)
    return locale.text_direction if locale else "auto"


def is_rtl(text: str) -> bool | None:
    """Whether the first letter with a direction is written from right to left; None where there is none."""
    strong = (unicodedata.bidirectional(char) for char in text)
    return next((kind != "L" for kind in strong if kind in ("L", "R", "AL")), None)


def _opening(text: str, lang: str) -> str:
    told = direction(lang)
    if told == "auto" or is_rtl(text) in (None, told == "rtl"):
        return FSI
    return RLI if told == "rtl" else LRI


@lru_cache
def _locale(lang: str) -> Locale | None:
    try:
        return Locale.parse(lang) if lang else None
    except (UnknownLocaleError, ValueError):
        return None


def slack(text: str) -> str:
    """One safe line with nothing that Slack reads as markup: mentions, links, bold, italics, strike, code.

    `&`, `<` and `>` become entities (Slack's own rule for text); the four marks have no escape and go away, except
    inside a word, where Slack does not read them.
    """
    safe = line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"(?<!\w)[*_~]+|[*_~]+(?!\w)|`+", "", safe)


def link(url: str) -> str:
    """The URL if it can stand in a message: http or https, no spaces, quotes, brackets or controls; else ""."""
    safe = line(url)
    return safe if re.fullmatch(r"https?://[^\s<>\"'`|\\{}^]+", safe, re.IGNORECASE) else ""


def address(url: str) -> str:
    """Where an article is, as it may be shown: a link, or the name of the file that it came from; else ""."""
    safe = line(url)
    return link(url) or (safe if re.fullmatch(r"file:[^\s<>\"'`|\\{}^]+", safe) else "")


def escaped(json: str) -> str:
    """JSON whose text nobody obeys: controls and direction controls are escaped, which loses nothing."""
    return _OBEYED.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json)


def pictured(text: str) -> str:
    """The text with a sign in place of each that a terminal would obey, as ␛ for an escape; not of tabs and breaks."""
    return _SIGNS.sub(lambda sign: chr(0x2400 + ord(sign[0])) if sign[0] < " " else "\ufffd", text)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, an ellipsis in place of the rest."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"
