"""A news site of many long pages on 127.0.0.1, for the bench of crawling and its test.

Everything around an article turns with each fetch: adverts, related links, counters. Half of the pages have class names
that say nothing, half have ETags, half are Arabic. Nothing is random: the same arguments give the same page.
"""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ARTICLES = Path(__file__).resolve().parents[1] / "monitor" / "demo" / "data" / "articles.jsonl"
SIZE = 5_000  # bytes of an article's text, at least
SITEMAP = "/news-sitemap.xml"
EDITED = {
    "en": " An earlier version gave {} as the number of trucks.",
    "ar": " وكانت نسخة سابقة ذكرت أن عدد الشاحنات {}.",
}
_WORDS = {
    "en": ("Sponsored: offer {} of the season", "Another report, number {}, on a matter of its own", "{} views"),
    "ar": ("إعلان: العرض {} لهذا الموسم", "خبر آخر رقم {} عن شأن آخر تماماً", "المشاهدات: {}"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One article and how its page is built."""

    number: int
    lang: str
    opaque: bool
    etag: bool
    paragraphs: tuple[str, ...]

    @property
    def path(self) -> str:
        """Where it stands."""
        return f"/news/2026/02/{self.number + 10_000}"

    def text(self, edits: int) -> list[str]:
        """The paragraphs after so many edits, each of one sentence, each in another paragraph."""
        lines = list(self.paragraphs)
        for edit in range(1, edits + 1):
            lines[(self.number + edit) % len(lines)] += EDITED[self.lang].format(self.number + edit)
        return lines

    def render(self, edits: int, fetch: int) -> bytes:
        """The page at its `fetch`-th fetch."""
        return (_opaque if self.opaque else _named)(self, self.text(edits), fetch).encode()


@cache
def page(number: int) -> Page:
    """The page of this number: paragraphs of the bundled newsroom, in an order of its own."""
    lang = "ar" if number // 4 % 2 else "en"
    bundled = _bundled(lang)
    chosen: list[str] = []
    while len("".join(chosen).encode()) < SIZE:
        chosen.append(bundled[(number * 7 + len(chosen)) % len(bundled)])
    return Page(number=number, lang=lang, opaque=number % 2 == 1, etag=number // 2 % 2 == 1, paragraphs=tuple(chosen))


@cache
def _bundled(lang: str) -> list[str]:
    rows = [json.loads(line) for line in ARTICLES.read_text(encoding="utf-8").splitlines()]
    return list(dict.fromkeys(text for row in rows if row["lang"] == lang for text in row["paragraphs"]))


def _named(page: Page, lines: list[str], fetch: int) -> str:
    """Tags and class names say what is what."""
    advert, related, views = _WORDS[page.lang]
    body = "\n".join(f"<p>{line}</p>" for line in lines)
    return (
        f"{_head(page, fetch)}<body class='single'><header><nav><ul>{_links(page, 80, 'menu', 0)}</ul></nav></header>"
        f"<div class='ad ad-top' data-slot='{fetch}'><a href='/video/ad{fetch}'>{advert.format(fetch)}</a></div>"
        f"<main><article><header><h1>{_title(page)}</h1><p class='meta'><span class='views'>"
        f"{views.format(900 + fetch * 7)}</span></p></header><div class='article-body'>{body}</div></article>"
        f"<section class='related'><h2>{related.format(0)}</h2><ul>{_links(page, 40, related, fetch)}</ul></section>"
        f"</main><aside class='sidebar'><ol class='most-read'>{_links(page, 40, related, fetch * 3)}</ol></aside>"
        f"<footer>{_links(page, 40, 'foot', 0)}</footer>{_script(page, fetch)}</body></html>"
    )


def _opaque(page: Page, lines: list[str], fetch: int) -> str:
    """Nothing but containers whose class names say nothing."""
    advert, related, views = _WORDS[page.lang]
    body = "\n".join(f"<p class='p4'>{line}</p>" for line in lines)
    return (
        f"{_head(page, fetch)}<body><div class='r00t'><div class='nv1'>{_links(page, 80, 'menu', 0, 'span')}</div>"
        f"<div class='b4n' id='g{fetch}'><a href='/video/ad{fetch}'>{advert.format(fetch)}</a></div><div class='q7f'>"
        f"<div class='t0p'><h1 class='hd9'>{_title(page)}</h1>"
        f"<span class='vw3'>{views.format(900 + fetch * 7)}</span></div>"
        f"<div class='c8t'>{body}</div>"
        f"<div class='w6r'><div class='hd2'>{related.format(0)}</div><ul>{_links(page, 40, related, fetch)}</ul></div>"
        f"</div><div class='k2m'><ol>{_links(page, 40, related, fetch * 3)}</ol></div>"
        f"<div class='f00'>{_links(page, 40, 'foot', 0, 'span')}</div></div>{_script(page, fetch)}</body></html>"
    )


def _title(page: Page) -> str:
    return f"{page.paragraphs[0].split('.')[0][:70]} {page.number}"


def _head(page: Page, fetch: int) -> str:
    style = "".join(f".c{n:04}{{margin:{n % 9}px;color:#{n * 7919 % 4096:03x}}}" for n in range(500))
    return (
        f"<!doctype html><html lang='{page.lang}'><head><meta charset='utf-8'><title>{_title(page)}</title>"
        f"<meta property='article:published_time' content='2026-02-{page.number % 20 + 1:02}T08:00:00+00:00'>"
        f"<meta property='og:title' content='{_title(page)}'><style>{style}</style>"
        f"<script>window.page={{views:{fetch * 13},session:'{fetch * 2654435761 % 2**32:08x}'}};</script></head>"
    )


def _links(page: Page, count: int, words: str, turn: int, tag: str = "li") -> str:
    shown = words if "{}" in words else f"{words} {{}}"
    return "".join(f"<{tag}><a href='/topics/{turn + n}'>{shown.format(turn + n)}</a></{tag}>" for n in range(count))


def _script(page: Page, fetch: int) -> str:
    """Data for scripts: as much as brings the page to its size."""
    size = 33_500 + page.number * 37 % 25_000
    data = "".join(f'"k{n}":{n * 7919 % 99_991},' for n in range(size // 13))
    return f'<script>window.data={{{data}"fetch":{fetch}}};</script>'


@dataclass
class Magazine:
    """What is live: how often each page was edited, and how often anything was fetched. Threads may share it."""

    pages: int
    edits: dict[int, int] = field(default_factory=dict)
    fetches: int = 0
    base: str = ""

    def edit(self, numbers: list[int]) -> None:
        """Change one sentence of each of these pages."""
        for number in numbers:
            self.edits[number] = self.edits.get(number, 0) + 1

    def answer(self, path: str, asked: str | None) -> tuple[int, str, bytes, str | None]:
        """Status, type, body and ETag for a path, asked with this If-None-Match."""
        self.fetches += 1
        if path == SITEMAP:
            return 200, "application/xml", self.sitemap(), None
        last = path.rsplit("/", 1)[-1]
        number = int(last) - 10_000 if last.isdigit() else -1
        if not 0 <= number < self.pages or path != page(number).path:
            return 404, "text/plain", b"nothing here", None
        shown, edits = page(number), self.edits.get(number, 0)
        etag = f'"{sha256("".join(shown.text(edits)).encode()).hexdigest()[:16]}"' if shown.etag else None
        if etag and etag == asked:
            return 304, "text/html; charset=utf-8", b"", etag
        return 200, "text/html; charset=utf-8", shown.render(edits, self.fetches), etag

    def sitemap(self) -> bytes:
        """A sitemap of all pages."""
        urls = "".join(f"<url><loc>{self.base}{page(n).path}</loc></url>" for n in range(self.pages))
        return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()

    def urls(self) -> list[str]:
        """Every page's address."""
        return [self.base + page(n).path for n in range(self.pages)]

    def serve(self) -> ThreadingHTTPServer:
        """A server on a free port of 127.0.0.1, running in a thread until it is shut down. Sets `base`."""
        magazine = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                status, kind, body, etag = magazine.answer(self.path, self.headers.get("If-None-Match"))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                if etag:
                    self.send_header("ETag", etag)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.base = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return server


def main(pages: int) -> None:
    """Serve until standard input ends; say the address; each line of input is a JSON list of pages to edit."""
    magazine = Magazine(pages)
    magazine.serve()
    print(magazine.base, flush=True)
    for line in sys.stdin:
        magazine.edit(json.loads(line))
        print("edited", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
