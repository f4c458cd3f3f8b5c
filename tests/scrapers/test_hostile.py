"""Servers that mean harm or are broken: the pass ends, the cause is named, the rest goes on."""

from __future__ import annotations

import asyncio
import datetime
import gzip
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IHostnameResolver
from zope.interface import implementer

from db.errors import StoreError
from db.health import all_health
from scrapers.crawl import run_crawl, stop_crawls

BOMB = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">{more}]>
<rss version="2.0"><channel><title>&i;</title>
<item><title>x</title><link>{url}/a/1001</link></item></channel></rss>"""


@pytest.fixture
def with_article(site, article, reply) -> None:
    site.pages["/a/1001"] = reply(body=article())


def bomb(url: str) -> str:
    more = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    return BOMB.format(more=more, url=url)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.usefixtures("with_article")
def test_an_entity_bomb_is_not_read(site, crawl, reply, encoding) -> None:
    site.pages["/feed.xml"] = reply(body=bomb(site.url).encode(encoding), type="application/xml")
    result = crawl()
    assert "declares entities" in result.errors[0]
    assert site.paths() == ["/feed.xml"]
    with crawl.store.reading() as session:
        assert all_health(session)[0].failures == 1


@pytest.mark.parametrize(
    ("body", "looks"),
    [
        (b"<!doctype html><html><body><p>Accept cookies</p></body></html>", "looks like an HTML page"),
        (b'{"items": []}', "looks like JSON"),
        (b"", "is empty"),
        (b"plain words", "not XML"),
        (b"<catalogue><thing/></catalogue>", "XML of another kind"),
        (bytes(range(256)) * 20, "is not a feed"),
    ],
)
def test_a_feed_that_is_none_says_what_it_looks_like(site, crawl, reply, body, looks) -> None:
    site.pages["/feed.xml"] = reply(body=body, type="application/xml")
    result = crawl()
    assert looks in result.errors[0]
    assert f"{site.url}/feed.xml" in result.errors[0]


def test_a_broken_feed_gives_what_can_be_read(site, crawl, rss, article, reply) -> None:
    whole = rss(site, "/a/1001", "/a/1002").body
    site.pages["/feed.xml"] = reply(body=whole[: whole.rindex(b"</item>")] + b"& <b", type="application/rss+xml")
    site.pages["/a/1001"] = reply(body=article())
    assert crawl().new == 1


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}/secret",
        "http://2130706433:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://169.254.169.254/",
    ],
)
def test_a_redirect_inside_is_not_followed(site, other_site, crawl, rss, article, reply, target) -> None:
    port = other_site.host.split(":")[1]
    site.pages["/feed.xml"] = rss(site, "/a/1001", "/a/1002")
    site.pages["/a/1001"] = reply(status=302, headers={"Location": target.format(port=port)})
    site.pages["/a/1002"] = reply(body=article())
    result = crawl()
    assert (result.new, result.refused) == (1, 1)
    assert other_site.asked == []


def test_a_feed_that_names_addresses_inside_leads_nowhere(site, other_site, crawl, rss, reply) -> None:
    site.pages["/feed.xml"] = rss(other_site, "/a/1001")
    result = crawl()
    assert other_site.asked == []
    assert "not a usual one" in result.errors[0] or "not a public address" in result.errors[0]


@implementer(IHostnameResolver)
class Rebinding:
    """Every name is this machine."""

    def resolveHostName(self, receiver, host, port=0, *rest, **options):  # noqa: N802 (Twisted's name)
        receiver.resolutionBegan(None)
        receiver.addressResolved(IPv4Address("TCP", "127.0.0.1", port))
        receiver.resolutionComplete()
        return receiver


@pytest.fixture
def rebinding(in_reactor) -> Iterator[None]:
    from twisted.internet import reactor

    async def install(resolver):
        return reactor.installNameResolver(resolver)

    before = in_reactor(install(Rebinding()))
    yield
    in_reactor(install(before))


@pytest.mark.usefixtures("rebinding")
def test_a_public_name_that_points_inside_is_refused_at_connect_time(site, crawl, rss) -> None:
    crawl.routes(feeds=["http://news.example.org/feed.xml"])
    result = crawl()
    assert "127.0.0.1 is not a public address" in result.errors[0]
    crawl.routes(feeds=[f"http://news.example.org:{site.host.split(':')[1]}/feed.xml"])
    assert crawl().errors
    assert site.asked == []


@pytest.mark.usefixtures("rebinding")
def test_an_exempt_name_may_point_inside(site, crawl, rss) -> None:
    port = site.host.split(":")[1]
    site.pages["/feed.xml"] = rss(site)
    crawl.routes(feeds=[f"http://news.example.org:{port}/feed.xml"])
    assert crawl(allow_hosts=(f"news.example.org:{port}",)).errors == ()


def test_endless_redirects_end(site, crawl, rss, reply) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001")
    site.pages["/a/1001"] = reply(status=302, headers={"Location": "/a/1001?again"})
    site.pages["/a/1001?again"] = reply(status=302, headers={"Location": "/a/1001"})
    result = crawl()
    assert result.failed == 1
    assert "redirect" in result.errors[0]
    assert len(site.paths()) < 12


def test_an_oversized_body_is_cut_off(site, crawl, rss, article, reply) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001", "/a/1002", "/a/1003", "/a/1004")
    site.pages["/a/1001"] = reply(body=article() + b" " * 300_000)
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    site.pages["/a/1002"] = reply(raw=head + chunk * 20 + b"0\r\n\r\n")
    packed = gzip.compress(b" " * 5_000_000)
    site.pages["/a/1003"] = reply(body=packed, headers={"Content-Encoding": "gzip"})
    site.pages["/a/1004"] = reply(body=article())
    result = crawl(max_bytes=200_000)
    assert (result.new, result.failed) == (1, 3)


def test_broken_answers_are_named(site, crawl, rss, article, reply) -> None:
    paths = ["/a/short", "/a/garbage", "/a/gzip", "/a/chunks", "/a/old", "/a/good"]
    site.pages["/feed.xml"] = rss(site, *paths)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
    site.pages["/a/short"] = reply(raw=head + b"Content-Length: 100000\r\n\r\n<html>")
    site.pages["/a/garbage"] = reply(raw=b"\x00\x01garbage\r\n\r\n")
    site.pages["/a/chunks"] = reply(raw=head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nnonsense\r\n")
    site.pages["/a/gzip"] = reply(body=article(), headers={"Content-Encoding": "gzip"})
    site.pages["/a/old"] = reply(raw=b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + article())
    site.pages["/a/good"] = reply(body=article())
    result = crawl()
    assert result.new == 2  # HTTP/1.0 is no fault
    assert result.failed + result.refused == 4
    for path in ("/a/short", "/a/garbage", "/a/chunks"):
        assert any(path in error for error in result.errors)


def test_nesting_without_end_neither_crashes_nor_hangs(site, crawl, rss, article, reply, paragraphs) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001", "/a/1002", "/a/1003")
    for number, tag in ((1, "div"), (2, "b")):
        page = f"<html><body>{f'<{tag}>' * 100_000}{paragraphs[0]}"
        site.pages[f"/a/100{number}"] = reply(body=page.encode())
    site.pages["/a/1003"] = reply(body=article())
    result = crawl()
    assert result.fetched == 3
    assert result.new >= 1


def test_a_server_that_does_not_answer_is_given_up(site, crawl, rss, article, reply) -> None:
    gate = threading.Event()
    site.pages["/feed.xml"] = rss(site, "/a/1001", "/a/1002")
    site.pages["/a/1001"] = lambda asked: (gate.wait(20), reply(body=article()))[1]
    site.pages["/a/1002"] = reply(body=article())
    result = crawl(timeout_seconds=1)
    gate.set()
    assert (result.new, result.failed) == (1, 1)
    assert "longer than allowed" in result.errors[0]


def test_a_host_that_asks_for_rest_is_left_alone(site, crawl, rss, reply) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001", "/a/1002", "/a/1003")
    for number in (1, 2, 3):
        site.pages[f"/a/100{number}"] = reply(status=429, headers={"Retry-After": "3600"})
    result = crawl()
    assert result.failed == 3
    assert sum(path.startswith("/a/") for path in site.paths()) == 1
    assert any("left alone" in error for error in result.errors)


@pytest.fixture
def self_signed(tmp_path) -> Iterator[str]:
    """A TLS site whose certificate nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "cert.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + cert.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_certificate_that_does_not_verify_is_refused(crawl, self_signed) -> None:
    crawl.routes(feeds=[f"https://{self_signed}/feed.xml"])
    result = crawl(allow_hosts=(self_signed,))
    assert result.new == 0
    assert "the certificate does not verify" in result.errors[0]


def test_stopping_lets_a_page_finish_and_asks_no_more(site, crawl, rss, article, reply, in_reactor) -> None:
    begun = threading.Event()
    paths = [f"/a/{number}" for number in range(1000, 1030)]
    site.pages["/feed.xml"] = rss(site, *paths)

    def page(asked):
        begun.set()
        return reply(body=article())

    site.pages.update(dict.fromkeys(paths, page))

    async def crawl_and_stop():
        settings = crawl.settings
        pass_ = asyncio.ensure_future(run_crawl(crawl.source, crawl.store, settings, now=lambda: crawl.clock))
        await asyncio.to_thread(begun.wait, 10)
        await stop_crawls()
        return await pass_

    result = in_reactor(crawl_and_stop())
    assert 1 <= result.new < len(paths)
    assert result.failed == 0
    assert result.errors == ()
    assert len(crawl.stored()) == result.new
    assert crawl().new == len(paths) - result.new  # the next pass goes on


def test_a_fault_of_the_store_ends_the_crawl_and_is_raised(site, crawl, rss, article, reply, monkeypatch) -> None:
    paths = [f"/a/{number}" for number in range(1000, 1030)]
    site.pages["/feed.xml"] = rss(site, *paths)
    site.pages.update(dict.fromkeys(paths, reply(body=article())))

    async def full(work):
        raise StoreError("the disk is full; free some space", where="drawdown.db")

    monkeypatch.setattr(crawl.store, "write", full)
    with pytest.raises(StoreError, match="disk is full"):
        crawl()
    assert len(site.paths()) < len(paths)


BAD = ["http://[bad", "http://example.org:99999/"]


@pytest.mark.parametrize("bad", BAD)
def test_one_bad_link_of_a_feed_costs_only_itself(site, crawl, rss, article, reply, bad, caplog) -> None:
    whole = rss(site, "/good/1", "/bad", "/good/2").body.decode()
    site.pages["/feed.xml"] = reply(body=whole.replace(f"{site.url}/bad", bad).encode(), type="application/rss+xml")
    site.pages["/good/1"] = site.pages["/good/2"] = reply(body=article())
    result = crawl()
    assert (result.new, result.refused, result.errors) == (2, 1, ())
    assert f"{bad} refused: is not a URL" in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("bad", BAD)
def test_one_bad_link_of_a_sitemap_costs_only_itself(site, crawl, article, reply, bad) -> None:
    urls = "".join(f"<url><loc>{url}</loc></url>" for url in (f"{site.url}/news/5511", bad, f"{site.url}/news/5512"))
    maps = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in (bad, f"{site.url}/map.xml"))
    crawl.routes(sitemaps=[f"{site.url}/index.xml"])
    site.pages["/index.xml"] = reply(body=f"<sitemapindex>{maps}</sitemapindex>".encode(), type="application/xml")
    site.pages["/map.xml"] = reply(body=f"<urlset>{urls}</urlset>".encode(), type="application/xml")
    site.pages["/news/5511"] = site.pages["/news/5512"] = reply(body=article())
    result = crawl()
    assert (result.new, result.refused) == (2, 1)


def test_bad_links_take_no_place_of_good_ones(site, crawl, article, reply) -> None:
    items = "".join(f"<item><title>x</title><link>http://[bad{n}</link></item>" for n in range(100))
    items += f"<item><title>x</title><link>{site.url}/a/1001</link></item>"
    feed = f'<rss version="2.0"><channel>{items}</channel></rss>'
    site.pages["/feed.xml"] = reply(body=feed.encode(), type="application/rss+xml")
    site.pages["/a/1001"] = reply(body=article())
    assert crawl(max_articles=5).new == 1


def broken(*_, **__):
    raise RuntimeError("nobody expected this\x1b[31m")


@pytest.mark.parametrize("where", ["parse_feed", "looks_like_article", "look", "load_known", "canonical"])
def test_whatever_breaks_in_a_pass_is_no_success(site, crawl, rss, article, reply, monkeypatch, where) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001")
    listed = f"<urlset><url><loc>{site.url}/a/1001</loc></url></urlset>"
    site.pages["/map.xml"] = reply(body=listed.encode(), type="application/xml")
    site.pages["/a/1001"] = reply(body=article())
    route = {"parse_feed": "feeds", "canonical": "pages"}.get(where, "sitemaps")
    crawl.routes(**{route: [f"{site.url}/{'feed' if route == 'feeds' else 'map'}.xml"]})
    monkeypatch.setattr(f"scrapers.spiders.news.{where}", broken)
    result = crawl()
    assert result.new == 0
    assert "RuntimeError: nobody expected this" in result.errors[0]
    assert result.errors[0].isprintable()
    with crawl.store.reading() as session:
        assert all_health(session)[0].failures == 1


def test_whatever_breaks_in_the_pipeline_is_no_success(site, crawl, rss, article, reply, monkeypatch) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001")
    site.pages["/a/1001"] = reply(body=article())
    monkeypatch.setattr("scrapers.quality.refusal", broken)
    assert "nobody expected this" in crawl().errors[0]


def test_failures_are_said_in_plain_words(site, crawl, rss, reply) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
    raw = {
        "/a/endless": head + b"X-Header: " + b"x" * 5_000_000,
        "/a/many": head + b"X-Header: y\r\n" * 200_000,
        "/a/nothing": b"",
        "/a/half": b"HTTP/1.1 20",
        "/a/length": head + b"Content-Length: some\r\n\r\n",
        "/a/other": b"SSH-2.0-OpenSSH_9.6\r\n",
    }
    moved = {"/a/port": "http://example.org:99999/", "/a/brackets": "http://[bad"}
    site.pages["/feed.xml"] = rss(site, *raw, *moved)
    site.pages.update({path: reply(raw=answer) for path, answer in raw.items()})
    site.pages.update({path: reply(status=302, headers={"Location": to}) for path, to in moved.items()})
    result = crawl()
    assert result.failed + result.refused == len(raw) + len(moved)
    errors = "\n".join(result.errors)
    assert errors.count("redirects to what is not a URL") == 2
    for internal in ("twisted", "Failure", "Value:", "<", "object at"):
        assert internal not in errors


def test_stopping_does_not_wait_for_hosts_that_hang(sites, crawl, rss, article, reply, in_reactor) -> None:
    gate, begun = threading.Event(), threading.Semaphore(0)

    def page(asked):
        begun.release()
        gate.wait(30)
        return reply(body=article())

    sources = []
    for number, site in enumerate(sites):
        site.pages.update({"/feed.xml": rss(site, "/a/1001"), "/a/1001": page})
        sources.append(replace(crawl.source, id=f"s{number}", feeds=(f"{site.url}/feed.xml",)))
    settings = replace(crawl.settings, timeout_seconds=30, allow_hosts=tuple(site.host for site in sites))

    async def crawl_and_stop():
        passes = [
            asyncio.ensure_future(run_crawl(source, crawl.store, settings, now=lambda: crawl.clock))
            for source in sources
        ]
        for _ in sites:
            await asyncio.to_thread(begun.acquire, timeout=20)
        start = time.monotonic()
        await stop_crawls()
        took = time.monotonic() - start
        gate.set()
        await asyncio.gather(*passes)
        return took

    assert in_reactor(crawl_and_stop()) < 5
