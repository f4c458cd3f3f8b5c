"""Public Telegram previews (`t.me/s/CHANNEL`): each message is an article of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import lxml.etree  # type: ignore[import-untyped]

from db.errors import CrawlError
from db.records import Page
from scrapers import markup
from scrapers.charset import decode
from scrapers.extract import language, moment
from scrapers.maintext import clean_line, clean_text

_TITLE = 120
_LONGEST = 10_000  # characters; Telegram allows a message 4096


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One message as a page, with its own markup as evidence."""

    page: Page
    markup: bytes


def parse_preview(body: bytes, *, url: str, lang: str, content_type: str | None = None) -> list[Message]:
    """The messages with text, oldest first as the preview shows them.

    A message's address is the preview's host with /CHANNEL/NUMBER; what names another channel is none. Raises
    CrawlError when the page holds no channel: previews of private, closed or unknown channels lead to a page without
    messages.
    """
    try:
        tree = markup.parse(decode(body, header=content_type))
    except ValueError as error:
        raise CrawlError(str(error), where=url) from error
    nodes = tree.xpath("//*[contains(concat(' ', @class, ' '), ' tgme_widget_message ')][@data-post]")
    if not nodes and not tree.xpath("//*[contains(@class, 'tgme_channel_info')]"):
        raise CrawlError("shows no messages; the channel may be private, renamed or closed", where=url)
    channel = urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1].lower()
    own = (node for node in nodes if re.fullmatch(rf"{re.escape(channel)}/\d+", node.get("data-post").lower()))
    messages = (_message(node, url, lang) for node in own)
    return [message for message in messages if message is not None]


def _message(node: Any, url: str, lang: str) -> Message | None:
    texts = node.xpath(
        ".//*[contains(concat(' ', @class, ' '), ' tgme_widget_message_text ')]"
        "[not(ancestor::*[contains(@class, 'tgme_widget_message_reply')])]"
    )
    if not texts:
        return None
    markup = lxml.etree.tostring(node, encoding="utf-8")
    text = _text(texts[0])
    if not text:
        return None
    return Message(
        page=Page(
            url=urljoin(url, "/" + node.get("data-post").strip("/")),
            title=_headline(text),
            text=text,
            lang=language(text, hint=lang),
            published=moment(next(iter(node.xpath(".//time/@datetime")), None)),
        ),
        markup=markup,
    )


def _text(element: Any) -> str:
    for line_break in element.iter("br"):
        line_break.tail = "\n" + (line_break.tail or "")
    return clean_text(element.text_content()[:_LONGEST])


def _headline(text: str) -> str:
    """The first line, cut at a word."""
    first = clean_line(text.split("\n", 1)[0])
    return first if len(first) <= _TITLE else first[:_TITLE].rsplit(" ", 1)[0] + "…"
