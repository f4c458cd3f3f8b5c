"""Articles from files, in the shape that a crawl gives them: .txt, .html and .jsonl.

What a file cannot give is one InputError that names file and line; everything else in it is still taken. A page that
is no article (an error page, a consent wall) is refused as in a crawl: it is said, and nothing is made of it.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from db.errors import InputError
from db.records import Capture, Origin, Page, parse_moment
from scrapers import guard, quality
from scrapers.addresses import canonical
from scrapers.charset import guess
from scrapers.extract import extract, language
from scrapers.maintext import PARAGRAPH, clean_line
from scrapers.plain import printable, shown, unpaired
from scrapers.sources import GRADES, Source

log = logging.getLogger(__name__)

KINDS = (".txt", ".html", ".htm", ".jsonl")
_DATED = re.compile(r"\A\ufeff?\s*date[ \t]+(\d{4}-\d{2}-\d{2})(?:[ \t]+|\s*\n|\Z)", re.IGNORECASE)
_TITLE = 120


def _say(refusal: InputError) -> None:
    log.warning("%s", printable(str(refusal)))


@dataclass(frozen=True, kw_only=True, slots=True)
class FileDefaults:
    """What a file does not say of itself.

    url: the article's address; without one it is the file's path, so that the same file again is the same article.
    outlet: its name; without one the file's name. An outlet that `sources` lists, by id or name, brings its
    reliability. refused: is told of pages that are no articles. now: when files are read.
    """

    published: datetime | None = None
    outlet: str | None = None
    lang: str | None = None
    url: str | None = None
    reliability: str = "C"
    sources: Sequence[Source] = ()
    refused: Callable[[InputError], None] = _say
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))


@dataclass(frozen=True, kw_only=True, slots=True)
class FileArticle:
    """One article of a file.

    where: "path" or "path:line". at: when it was seen, where the file says so. number: of the version, likewise.
    """

    where: str
    page: Page
    origin: Origin
    capture: Capture
    at: datetime | None = None
    number: int | None = None


def read_articles(path: Path, defaults: FileDefaults) -> Iterator[FileArticle | InputError]:
    """The articles of a file, or of a folder's files by name, in order; an InputError in place of what is unusable."""
    if path.is_dir():
        inside = sorted(child for child in path.iterdir() if child.suffix.lower() in KINDS and child.is_file())
        if not inside:
            yield InputError(f"holds no {', '.join(KINDS)} file", where=str(path))
        for child in inside:
            yield from read_articles(child, defaults)
        return
    read = {".txt": _text_file, ".html": _html_file, ".htm": _html_file, ".jsonl": _lines_file}.get(path.suffix.lower())
    if read is None:
        yield InputError(f"is none of {', '.join(KINDS)}; rename it to what it is", where=str(path))
        return
    try:
        body = path.read_bytes()
    except OSError as error:
        yield InputError(f"cannot be read: {error.strerror or error}", where=str(path))
        return
    for item in read(path, body, defaults):
        if isinstance(item, FileArticle) and (reason := quality.refusal(item.page, least_words=1)):
            defaults.refused(InputError(f"{item.page.url} is no article ({reason}); not taken", where=item.where))
        else:
            yield item


# --- .txt and .html ---------------------------------------------------------------------------------------------


def _text_file(path: Path, body: bytes, defaults: FileDefaults) -> Iterator[FileArticle | InputError]:
    try:
        text = body.decode("utf-8-sig")
        dated = _DATED.match(text)
        published = parse_moment(dated[1]) if dated else defaults.published
    except UnicodeDecodeError:
        yield _not_utf8(body, str(path))
        return
    except ValueError:
        yield InputError("its first line gives a date that does not exist, or is not of our time", where=str(path))
        return
    text = storable(text[dated.end() :] if dated else text)
    if not text:
        yield InputError("is empty; there is no article in it", where=str(path))
        return
    url = storable(defaults.url or "") or _file_url(path)
    page = Page(
        url=url,
        title=headline(text),
        text=text,
        lang=defaults.lang or language(text),
        published=published,
    )
    yield _article(page, body, "text/plain; charset=utf-8", defaults.outlet or path.name, defaults, where=str(path))


def _html_file(path: Path, body: bytes, defaults: FileDefaults) -> Iterator[FileArticle | InputError]:
    url = storable(defaults.url or "") or _file_url(path)
    try:
        page = extract(body, url=url, lang_hint=defaults.lang, published=defaults.published)
    except InputError as error:
        yield InputError(error.what, where=str(path))
        return
    if not page.text:
        yield InputError("has no text of an article", where=str(path))
        return
    yield _article(page, body, "text/html", defaults.outlet or path.name, defaults, where=str(path))


# --- .jsonl -----------------------------------------------------------------------------------------------------


def _lines_file(path: Path, body: bytes, defaults: FileDefaults) -> Iterator[FileArticle | InputError]:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield _not_utf8(body, str(path))
        return
    found = False
    for number, line in enumerate(body.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not line.strip():
            continue
        found = True
        try:
            yield _line(line, defaults, path, number)
        except InputError as error:
            yield InputError(error.what, where=f"{path}:{number}")
        except UnicodeDecodeError:
            yield _not_utf8(line, f"{path}:{number}")
        except RecursionError:
            yield InputError("is not JSON: nested too deep", where=f"{path}:{number}")
    if not found:
        yield InputError("is empty; there is no article in it", where=str(path))


def _line(line: bytes, defaults: FileDefaults, path: Path, row: int) -> FileArticle:
    data = _object(line)
    url = _url(data, defaults)
    grade = _text(data, "reliability") or defaults.reliability
    if grade not in GRADES or len(grade) != 1:
        raise InputError(f'key "reliability": {shown(grade)} is not one of A to F')
    page = _page(data, url, defaults)
    outlet = _kept(data, "outlet") or defaults.outlet or urlsplit(url).netloc or path.name
    number = data.get("version")
    return _article(
        page,
        line,
        "application/json",
        outlet,
        defaults,
        where=f"{path}:{row}",
        grade=grade,
        at=_moment(data, "at"),
        number=number if isinstance(number, int) and not isinstance(number, bool) else None,
    )


def _object(line: bytes) -> Mapping[str, Any]:
    text = line.decode("utf-8")
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"is not JSON: {error.msg}") from error
    except ValueError as error:  # Python reads no number of more than 4300 digits
        raise InputError("has a number that is too long to be read") from error
    if not isinstance(data, dict):
        raise InputError("is no JSON object")
    return data


def _url(data: Mapping[str, Any], defaults: FileDefaults) -> str:
    given = _kept(data, "url") or defaults.url
    if not given:
        raise InputError('key "url" is missing')
    url = canonical(given)
    if fault := guard.malformed(url):
        raise InputError(f'key "url": {shown(url)} {fault}')
    return url


def _page(data: Mapping[str, Any], url: str, defaults: FileDefaults) -> Page:
    title = clean_line(_kept(data, "title") or "")
    published = _moment(data, "published") or defaults.published
    markup = _text(data, "html")
    if markup and not data.get("text") and not data.get("paragraphs"):
        page = extract(
            storable(markup).encode("utf-8"), url=url, lang_hint=_kept(data, "lang"), title=title, published=published
        )
        if not page.text:
            raise InputError('key "html" has no text of an article')
        return page
    text = _record(data)
    return Page(
        url=url,
        title=title or headline(text),
        text=text,
        lang=_kept(data, "lang") or defaults.lang or language(text),
        byline=clean_line(_kept(data, "byline") or ""),
        published=published,
    )


def _record(data: Mapping[str, Any]) -> str:
    """The text of record of a line."""
    paragraphs = data.get("paragraphs")
    if paragraphs:
        if not isinstance(paragraphs, list) or not all(isinstance(one, str) for one in paragraphs):
            raise InputError('key "paragraphs" must be a list of texts')
        text = storable(PARAGRAPH.join(paragraphs))
    else:
        text = storable(_text(data, "text") or "")
    if not text:
        given = [key for key in ("text", "paragraphs", "html") if key in data]
        raise InputError("is an empty article" if given else 'key "text" is missing (or "paragraphs", or "html")')
    return text


def _text(data: Mapping[str, Any], key: str) -> str | None:
    value = data.get(key)
    if value is not None and not isinstance(value, str):
        raise InputError(f'key "{key}" must be a text, not {shown(value)}')
    return value


def _kept(data: Mapping[str, Any], key: str) -> str | None:
    """A text that goes into the store, in a form that the store can keep."""
    value = _text(data, key)
    return value if value is None else storable(value)


def _moment(data: Mapping[str, Any], key: str) -> datetime | None:
    value = _text(data, key)
    if not value:
        return None
    try:
        return parse_moment(value)
    except ValueError as error:
        raise InputError(
            f'key "{key}": {shown(value)} is not a date or time in ISO 8601, or not of our time'
        ) from error


# --- shared -----------------------------------------------------------------------------------------------------


def storable(text: str) -> str:
    """The text as it is, but for what a store cannot keep: one kind of newline, no NULs, no lone surrogates."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return unpaired(text).strip()


def headline(text: str) -> str:
    """A title for a text without one: its first line, cut at a word."""
    first = clean_line(text.split("\n", 1)[0])
    return first if len(first) <= _TITLE else first[:_TITLE].rsplit(" ", 1)[0] + "…"


def _article(
    page: Page,
    body: bytes,
    content_type: str,
    outlet: str,
    defaults: FileDefaults,
    *,
    where: str,
    grade: str | None = None,
    at: datetime | None = None,
    number: int | None = None,
) -> FileArticle:
    origin = _origin(storable(outlet), grade or defaults.reliability, defaults.sources)
    capture = Capture(
        url=page.url,
        fetched_at=at or defaults.now(),
        status=200,
        headers=(("Content-Type", content_type),),
        body=body,
    )
    return FileArticle(where=where, page=page, origin=origin, capture=capture, at=at, number=number)


def _origin(outlet: str, grade: str, sources: Sequence[Source]) -> Origin:
    """A listed source's origin when the outlet is one, else the outlet as it is named."""
    for source in sources:
        if outlet.casefold() in {source.id, *(name.casefold() for name in source.name.values())}:
            return source.origin()
    return Origin(source=outlet, outlet=outlet, reliability=grade)


def _file_url(path: Path) -> str:
    return path.absolute().as_uri()


def _not_utf8(body: bytes, where: str) -> InputError:
    if b"\x00" in body[:200] or body.startswith((b"\xff\xfe", b"\xfe\xff")):
        likely: str | None = "utf-16"
    else:
        likely = guess(body)
    name = (likely or "").replace("_", "-").replace("cp1256", "windows-1256").replace("cp1252", "windows-1252")
    looks = f"it looks like {name}; convert it with: iconv -f {name.upper()} -t UTF-8" if name else "save it as UTF-8"
    return InputError(f"is not UTF-8; {looks}", where=where)
