"""Servers that break HTTP itself: each case ends, is named in the source's health, and costs no other article."""

from __future__ import annotations

import contextlib
import gzip
import re
import shutil
import threading
import zlib
from collections.abc import Iterator

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from db.health import all_health
from db.records import Trouble
from scrapers.hosts import retry_after
from scrapers.middlewares import LONGEST_ROBOTS
from tests.scrapers.conftest import BEGIN, _article

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
PAGE = _article()
LENGTH = b"Content-Length: %d\r\n\r\n" % len(PAGE)
BOMB = b"\0" * 30_000_000


@pytest.fixture
def database_url(tmp_path, made_store) -> str:
    """One database is enough: what is tried here ends before the store."""
    return f"sqlite:///{shutil.copy(made_store, tmp_path)}"


def packed(coding: str, body: bytes) -> bytes:
    return HEAD + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (coding.encode(), len(body)) + body


def moved(to: str) -> bytes:
    return b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % to.encode()


class Endless(bytes):
    """An answer that goes on with its last piece until nobody listens."""


@pytest.fixture
def sent(site, monkeypatch) -> Iterator[None]:
    """Lets `raw` be sent without end, or a byte at a time."""
    handler = site._server.RequestHandlerClass
    whole = handler.reply
    ended = threading.Event()

    def reply(self, answer):
        if isinstance(answer.raw, Endless):
            with contextlib.suppress(OSError):
                while not ended.is_set():
                    self.wfile.write(answer.raw)
        elif isinstance(answer.raw, list):
            with contextlib.suppress(OSError):
                for piece in answer.raw:
                    self.wfile.write(piece)
                    if ended.wait(0.05):
                        break
        else:
            whole(self, answer)
        self.close_connection |= answer.raw is not None

    monkeypatch.setattr(handler, "reply", reply)
    yield
    ended.set()


CASES = {
    "no length": (HEAD + b"Content-Length: some\r\n\r\n" + PAGE, "garbled"),
    "negative length": (HEAD + b"Content-Length: -5\r\n\r\n" + PAGE, "garbled"),
    "two lengths": (HEAD + b"Content-Length: 10\r\nContent-Length: 20\r\n\r\n" + PAGE, "garbled"),
    "a length of 10,000 digits": (HEAD + b"Content-Length: " + b"9" * 10_000 + b"\r\n\r\n", "garbled"),
    "a huge length": (HEAD + b"Content-Length: 99999999999999999999\r\n\r\n", "larger than allowed"),
    "too long a length": (
        HEAD + b"Content-Length: 100000\r\n\r\n" + PAGE,
        "ended before the answer was whole|broke off",
    ),
    "an unknown transfer coding": (HEAD + b"Transfer-Encoding: foo\r\n\r\n" + PAGE, "garbled"),
    "chunks of no number": (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "broke off"),
    "chunks of a negative number": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n", "broke off"),
    "an endless chunk size": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"0" * 100_000, "broke off"),
    "endless trailers": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: y\r\n" * 50_000, "broke off"),
    "HTTP/0.9": (PAGE, "not HTTP|the connection ended"),
    "a status in words": (b"HTTP/1.1 abc OK\r\n\r\n", "not HTTP"),
    "NUL in the head": (HEAD + b"X-\0: y\r\n" + LENGTH + PAGE, "not HTTP"),
    "100,000 headers": (HEAD + b"X: y\r\n" * 100_000 + LENGTH + PAGE, "head is too long"),
    "endless folded header": (Endless(b"HTTP/1.1 200 OK\r\nX: y\r\n" + b" z\r\n" * 20_000), "head is too long"),
    "endless interim answers": (Endless(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000), "head is too long"),
    "endless body": (Endless(HEAD + b"\r\n" + b"x" * 100_000), "larger than allowed"),
    "slow head": ([bytes([byte]) for byte in HEAD], "longer than allowed"),
    "slow body": ([HEAD + LENGTH, *(bytes([byte]) for byte in PAGE)], "longer than allowed"),
    "no gzip": (packed("gzip", PAGE), "says it is gzip and is not"),
    "no deflate": (packed("deflate", PAGE), "says it is deflate and is not"),
    "no brotli": (packed("br", PAGE), "says it is br and is not"),
    "no zstd": (packed("zstd", PAGE), "says it is zstd and is not"),
    "half a gzip": (packed("gzip", gzip.compress(PAGE)[:-100]), "broke off"),
    "half a deflate": (packed("deflate", zlib.compress(PAGE)[:-100]), "broke off"),
    "half a bare deflate": (packed("deflate", zlib.compress(PAGE, wbits=-15)[:-100]), "broke off"),
    "half a brotli": (packed("br", brotli.compress(PAGE)[:-100]), "broke off"),
    "half a zstd": (packed("zstd", zstandard.compress(PAGE)[:-100]), "broke off"),
    "gzip bomb": (packed("gzip", gzip.compress(BOMB)), "once it is unpacked"),
    "gzip bomb in gzip": (packed("gzip, gzip", gzip.compress(gzip.compress(BOMB))), "once it is unpacked"),
    "deflate bomb": (packed("deflate", zlib.compress(BOMB)), "once it is unpacked"),
    "brotli bomb": (packed("br", brotli.compress(BOMB, quality=1)), "once it is unpacked"),
    "300 layers of gzip": (packed(", ".join(["gzip"] * 300), gzip.compress(PAGE)), "packed more than 2 times"),
    "redirect loop": (moved("/a/1001"), "redirect"),
    "redirect to a service": (moved("http://127.0.0.1:22/"), "port 22"),
    "redirect to a file": (moved("file:///etc/passwd"), "302|scheme|not a URL"),
    "redirect to a script": (moved("javascript:alert(1)"), "302|scheme|not a URL"),
    "redirect to a mapped address": (moved("http://[::ffff:a9fe:a9fe]/"), "not a public address"),
    "redirect to a label of 70 letters": (moved(f"http://{'a' * 70}.example/"), "names no host"),
    "redirect to 10,000 characters": (moved("/" + "a" * 10_000), "more than 2000 characters"),
}


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize(("raw", "named"), CASES.values(), ids=CASES)
def test_a_broken_answer_is_named_and_costs_only_itself(site, crawl, rss, reply, raw, named, caplog) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001", "/a/1002")
    site.pages["/a/1001"] = reply(raw=raw)
    site.pages["/a/1002"] = reply(body=PAGE)
    result = crawl(timeout_seconds=0.5 if isinstance(raw, list) else 5, max_bytes=2_000_000)
    assert (result.new, result.failed + result.refused) == (1, 1)
    assert re.search(named, caplog.text)
    assert "Traceback" not in caplog.text
    with crawl.store.reading() as session:
        assert re.search(named, all_health(session)[0].error)


WHOLE = {
    "deflate": ("deflate", zlib.compress(PAGE)),
    "bare deflate": ("deflate", zlib.compress(PAGE, wbits=-15)),
    "brotli": ("br", brotli.compress(PAGE)),
    "zstd": ("zstd", zstandard.compress(PAGE)),
    "zstd in two frames": ("zstd", zstandard.compress(PAGE[:900]) + zstandard.compress(PAGE[900:])),
    "deflate in brotli": ("deflate, br", brotli.compress(zlib.compress(PAGE))),
}


@pytest.mark.parametrize(("coding", "body"), WHOLE.values(), ids=WHOLE)
def test_each_packing_is_unpacked(site, crawl, rss, reply, coding, body) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001")
    site.pages["/a/1001"] = reply(raw=packed(coding, body))
    assert crawl().new == 1


ROBOTS = {
    "endless": (Endless(HEAD + b"\r\n" + b"Allow: /\n" * 10_000), "larger than allowed"),
    "failing": (b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", "HTTP status 500"),
    "hanging": ([bytes([byte]) for byte in HEAD], "longer than allowed"),
    "moved inside": (moved("http://127.0.0.1:22/robots.txt"), "port 22"),
    "moved to itself": (moved("/robots.txt"), "redirect"),
    "a bomb": (packed("gzip", gzip.compress(BOMB)), "once it is unpacked"),
}


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize(("raw", "named"), ROBOTS.values(), ids=ROBOTS)
def test_a_robots_txt_that_cannot_be_had_means_no_and_is_named(site, crawl, rss, reply, raw, named) -> None:
    site.pages["/robots.txt"] = reply(raw=raw)
    site.pages["/feed.xml"] = rss(site)
    result = crawl(timeout_seconds=0.5 if isinstance(raw, list) else 5, max_bytes=2_000_000)
    assert re.search(f"robots.txt could not be fetched.*{named}", result.errors[0])
    assert site.paths() == []


@pytest.mark.parametrize(
    "rules",
    [
        bytes(range(256)) * 100,
        b"User-agent: *\nDisallow: /x\n" * 300_000,
        b"User-agent: *\nDisallow: /" + b"*a" * 2000 + b"b$\n",
        b"User-agent: *\nCrawl-delay: nan\n",
        b"User-agent: *\nCrawl-delay: -5\n",
        PAGE,
    ],
    ids=["binary", "10 MB", "stars", "no number", "negative", "a page"],
)
def test_an_odd_robots_txt_forbids_nothing_else(site, crawl, rss, reply, rules) -> None:
    site.pages["/robots.txt"] = reply(body=rules, type="text/plain")
    site.pages |= {"/feed.xml": rss(site, "/a/1001"), "/a/1001": reply(body=PAGE)}
    assert crawl().new == 1


def test_of_a_long_robots_txt_the_beginning_counts(site, crawl, rss, reply) -> None:
    rules = b"User-agent: *\nDisallow: /no\n" + b"#" * LONGEST_ROBOTS + b"\nDisallow: /a\n"
    site.pages["/robots.txt"] = reply(body=rules, type="text/plain")
    site.pages |= {"/feed.xml": rss(site, "/a/1001", "/no/1001"), "/a/1001": reply(body=PAGE)}
    result = crawl()
    assert (result.new, result.refused) == (1, 1)


@pytest.mark.parametrize("value", ["soon", "-5", "0x5", ",,,", "²", "Mon, 99 Foo 2026 99:99:99 GMT", "\xff"])
def test_a_retry_after_that_says_nothing_counts_as_none(value) -> None:
    assert retry_after(value, BEGIN) is None


def test_validators_that_no_request_can_carry_are_not_sent_back(site, crawl, rss, reply) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001")
    odd = {"ETag": f'"{"x" * 10_000}"', "Last-Modified": "never\tX: y\x7f"}
    site.pages["/a/1001"] = reply(body=PAGE, headers=odd)
    assert crawl().new == 1
    assert crawl().unchanged == 1
    assert not {"if-none-match", "if-modified-since"} & set(site.asked[-1].headers)


def test_a_304_for_what_was_never_fetched_is_no_success(site, crawl, rss, reply) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001")
    site.pages["/a/1001"] = reply(status=304)
    result = crawl()
    assert (result.unchanged, result.refused) == (0, 1)
    assert set(result.troubles) == {Trouble.UNREADABLE}
