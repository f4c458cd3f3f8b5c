"""Bytes to text. Headers lie, and so do meta tags; bytes that are valid UTF-8 with letters beyond ASCII do not."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator

import charset_normalizer

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_META = re.compile(rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_BY_LANGUAGE = {"ar": ("windows-1256", "iso8859-6"), "en": ("windows-1252",)}
_LATIN_1 = frozenset(("iso8859-1", "latin-1", "ascii"))  # what servers say by default; the web means windows-1252
_ODD = re.compile("[\ufffd\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_CLOSE_ENOUGH = 0.001  # share of broken bytes that a UTF-8 page may have and still be one
_SAMPLE = 65536
_LEAST_NULS = 0.02  # share of NULs from which bytes look like UTF-16
_LEAST_SAMPLE = 40  # bytes; fewer look like anything
_MIXED = re.compile(  # an Arabic letter beside a Latin one, or a sign in the middle of a word
    r"[\u0600-\u06ff][A-Za-z\u00c0-\u024f]|[A-Za-z\u00c0-\u024f][\u0600-\u06ff]"
    r"|[^\W\d_]\W?[¤¦§©«¬®°±¶·»¼½¾×÷][^\W\d_]"
)


def decode(body: bytes, *, header: str | None = None, lang: str | None = None, known: str | None = None) -> str:
    """The text of a page or feed, without lone surrogates and NULs. Never fails.

    header: the Content-Type that came with it. lang: the language that is expected. known: the charset that is known
    for its source; it goes before header and meta tag.
    """
    text = _decode(body, header, lang, known)
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8") if _unclean(text) else text


def header_charset(content_type: str | None) -> str | None:
    """The charset that a Content-Type header names, if any."""
    match = _HEADER.search(content_type or "")
    return match[1] if match else None


def guess(body: bytes) -> str | None:
    """What the bytes look like (charset-normalizer's best match), for messages and as the last resort."""
    if len(body) < _LEAST_SAMPLE:
        return None
    best = charset_normalizer.from_bytes(body[:_SAMPLE]).best()
    return best.encoding if best else None


def _decode(body: bytes, header: str | None, lang: str | None, known: str | None) -> str:
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body.decode(name, "replace")
    wide = _wide(body)
    if wide:
        return body.decode(wide, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    loose = body.decode("utf-8", "replace")
    if loose.count("\ufffd") <= _CLOSE_ENOUGH * len(body) and any(c > "\x7f" and c != "\ufffd" for c in loose):
        return loose
    return _best(body, _candidates(body, header, lang, known)) or loose


def _wide(body: bytes) -> str | None:
    """UTF-16 without a byte order mark: its markup has a NUL in every other byte, always on the same side."""
    head = body[:4000]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < _LEAST_NULS * len(head) or min(even, odd) > 0.1 * max(even, odd):
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _candidates(body: bytes, header: str | None, lang: str | None, known: str | None) -> Iterator[str]:
    meta = _META.search(body[:4096])
    named = (known, meta[1].decode("ascii", "ignore") if meta else None, header_charset(header))
    yield from (name for name in named if name)
    yield from _BY_LANGUAGE.get((lang or "").lower()[:2], ())
    guessed = guess(body)
    if guessed:
        yield guessed
    yield "windows-1252"


def _best(body: bytes, names: Iterable[str]) -> str | None:
    """The reading with the fewest characters that no article has; the first of equals."""
    best: tuple[float, str] | None = None
    seen: set[str] = set()
    for name in names:
        try:
            codec = codecs.lookup(name).name
        except (LookupError, ValueError):
            continue
        codec = "windows-1252" if codec in _LATIN_1 else codec
        if codec in seen or codec.startswith("utf"):
            continue
        seen.add(codec)
        try:
            text = body.decode(codec, "replace")
        except (LookupError, ValueError):  # "hex" and "idna" are codecs too, but of no page
            continue
        oddness = _oddness(text[:_SAMPLE])
        if best is None or oddness < best[0] - 0.02:
            best = (oddness, text)
    return best[1] if best else None


def _oddness(text: str) -> float:
    """How strange the text is: 0 for letters and usual signs, 1 for nothing but broken ones."""
    beyond = [c for c in text if c > "\x7f"]
    if not beyond:
        return 0.0
    odd = sum(1.0 for c in beyond if _ODD.match(c))
    # Arabic read as a Western charset is a run of accented capitals and signs, hardly ever two plain letters together.
    arabic = sum(1 for c in beyond if "\u0600" <= c <= "\u06ff")
    western = len(beyond) - arabic
    plain = sum(1 for c in text if c.isascii() and c.isalpha())
    if western and western > plain and not arabic:
        odd += 0.5 * western
    mixed = _MIXED.findall(text)
    return min(1.0, (odd + len(mixed)) / len(beyond))


def _unclean(text: str) -> bool:
    if "\x00" in text:
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
