"""What an edit changed, word by word: for `drawdown diff` and for alerts.

Compared are words, numbers, spaces and marks as wholes, so that a changed figure is one step and an Arabic word is
never cut. diff-match-patch compares characters; each distinct word stands for one character of a private alphabet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from diff_match_patch import diff_match_patch  # type: ignore[import-untyped]
from markupsafe import Markup, escape

from monitor.telling import clean

TIMEOUT_SECONDS = 1.0  # a heavy rewrite then gets a coarser diff, still a true one
_FIRST = 0x10000  # past the surrogates, so that every code up to U+10FFFF can stand for a word
_ROOM = 0x110000 - _FIRST

# Arabic vowel signs, tatweel and Latin combining marks belong to the word that they are written in.
_IN_WORD = r"[^\W\d_\u0640]|[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200c\u200d'’]"
_TOKEN = re.compile(rf"\d+(?:[.,٫٬]\d+)*|(?:{_IN_WORD})+|\s+|.", re.DOTALL)


class Op(StrEnum):
    """What became of a stretch of text."""

    KEPT = "kept"
    DROPPED = "dropped"
    ADDED = "added"


class Edit(NamedTuple):
    """A stretch of text and what became of it."""

    op: Op
    text: str


_OPS = {0: Op.KEPT, -1: Op.DROPPED, 1: Op.ADDED}


def diff_words(old: str, new: str) -> list[Edit]:
    """The edits that make `new` of `old`.

    KEPT and DROPPED texts put together give `old`, KEPT and ADDED ones give `new`, to the character.
    """
    tokens: dict[str, str] = {}
    before, after = _encode(old, tokens), _encode(new, tokens)
    if len(tokens) > _ROOM:
        return [edit for edit in (Edit(Op.DROPPED, old), Edit(Op.ADDED, new)) if edit.text]
    engine = diff_match_patch()
    engine.Diff_Timeout = TIMEOUT_SECONDS
    diffs = engine.diff_main(before, after, False)
    engine.diff_cleanupSemantic(diffs)
    words = {code: token for token, code in tokens.items()}
    return [Edit(_OPS[op], "".join(words[code] for code in codes)) for op, codes in diffs if codes]


def _encode(text: str, tokens: dict[str, str]) -> str:
    codes = []
    for token in _TOKEN.findall(text):
        code = tokens.get(token)
        if code is None:
            code = tokens[token] = chr(min(_FIRST + len(tokens), 0x10FFFF))
        codes.append(code)
    return "".join(codes)


def around(edits: Sequence[Edit], start: int, end: int, *, context: int = 60) -> list[Edit]:
    """The edits within `context` characters of `new[start:end]`; kept text is cut at words, with an ellipsis.

    Empty where nothing was changed there.
    """
    first, last = start - context, end + context
    chosen: list[Edit] = []
    at = 0
    for edit in edits:
        length = 0 if edit.op is Op.DROPPED else len(edit.text)
        if at <= last and at + length >= first:
            chosen.append(edit)
        at += length
    return shortened(chosen, context=context) if any(edit.op is not Op.KEPT for edit in chosen) else []


def shortened(edits: Iterable[Edit], *, context: int = 60) -> list[Edit]:
    """The same edits with long kept stretches cut to `context` characters beside each change."""
    listed = list(edits)
    out = []
    for number, edit in enumerate(listed):
        if edit.op is Op.KEPT:
            head = context if number else 0
            tail = context if number + 1 < len(listed) else 0
            edit = Edit(Op.KEPT, _clip(edit.text, head, tail))
        out.append(edit)
    return out


def _clip(text: str, head: int, tail: int) -> str:
    if len(text) <= head + tail + 3:
        return text
    front = re.sub(r"\S*\Z", "", text[:head]) if head else ""
    back = re.sub(r"\A\S*", "", text[-tail:]) if tail else ""
    return f"{front}…{back}"


def as_plain(edits: Iterable[Edit]) -> str:
    """`kept [-dropped-]{+added+}`, as wdiff writes it."""
    form = {Op.KEPT: "{}", Op.DROPPED: "[-{}-]", Op.ADDED: "{{+{}+}}"}
    return "".join(form[edit.op].format(_safe(edit.text)) for edit in edits)


def as_html(edits: Iterable[Edit], *, styled: bool = True) -> Markup:
    """Kept text as it is, the rest in `<del>` and `<ins>` with a style of their own, all escaped.

    styled: False for a page that has a stylesheet and allows no other.
    """
    out = Markup("")
    before = Op.KEPT
    for edit in edits:
        # Arabic letters would join across the two tags: a thin space keeps the old word and the new one apart.
        out += (_THIN if Op.KEPT not in (before, edit.op) else "") + _tagged(edit, styled)
        before = edit.op
    return out


_THIN = Markup("&thinsp;")
_TAGS = {
    Op.DROPPED: ("del", "background:#fbe1e1;color:#7a1a1a;text-decoration:line-through;"),
    Op.ADDED: ("ins", "background:#daf2e2;color:#12492a;text-decoration:none;font-weight:bold;"),
}


def _tagged(edit: Edit, styled: bool) -> Markup:
    text = escape(_safe(edit.text))
    if edit.op not in _TAGS:
        return text
    tag, style = _TAGS[edit.op]
    form = '<{0} style="{1}">{2}</{0}>' if styled else "<{0}>{2}</{0}>"
    return Markup(form).format(tag, style, text)


def as_slack(edits: Iterable[Edit]) -> str:
    """Slack's mrkdwn: dropped words struck out, added ones bold.

    Slack reads a mark only where no letter or digit stands on its outer side; a space is put in where one does.
    """
    mark = {Op.DROPPED: "~", Op.ADDED: "*"}
    out = ""
    for edit in edits:
        raw = _safe(edit.text)
        text = clean.slack(raw)
        if not text:
            out += raw
            continue
        piece = f"{mark[edit.op]}{text}{mark[edit.op]}" if edit.op in mark else text
        if raw[0] == " " or (out and _touching(out[-1], piece[0])):
            out += " "
        out += piece + (" " if raw[-1] == " " else "")
    return " ".join(out.split())


def _touching(left: str, right: str) -> bool:
    return (left in "~*" and (right.isalnum() or right in "~*")) or (right in "~*" and left.isalnum())


def _safe(text: str) -> str:
    """As `clean.line`, but the spaces at both ends stay: they part the stretch from its neighbours."""
    safe = clean.line(text)
    if not safe:
        return " " if text.strip() != text else ""
    return f"{' ' if text[0].isspace() else ''}{safe}{' ' if text[-1].isspace() else ''}"
