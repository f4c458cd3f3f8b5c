"""Captures as WARC: what is written is read by warcio, and its digests hold."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.cli import main as warcio

from db.records import Capture, Exchange
from monitor import warc

AT = datetime(2026, 2, 21, 6, 0, 0, 250_000, tzinfo=UTC)
URL = "https://news.example:8443/a/قسرك?page=1&x=%20"
BODY = "<p>أخلت القوات القاعدة</p>".encode()
EXCHANGE = Exchange(
    url=URL,
    headers=(("User-Agent", "Drawdown/0.1 (news monitor)"), ("Accept-Encoding", "gzip")),
    protocol="HTTP/1.1",
    ip="192.0.2.7",
    encoding="gzip",
    via=("https://news.example/a", "https://news.example/b"),
)
CAPTURE = Capture(
    url=URL,
    fetched_at=AT,
    status=200,
    headers=(("Content-Type", "text/html; charset=utf-8"), ("Content-Length", "31"), ("X-Odd", "caf\xe9\r\nSet: it")),
    body=BODY,
    exchange=EXCHANGE,
)


def written(*captures: Capture) -> bytes:
    out = BytesIO()
    warc.write(out, captures, filename="x.warc.gz", software="Drawdown/0", at=AT)
    return out.getvalue()


def records(data: bytes) -> list[tuple[str, Any, bytes]]:
    """(type, record, body) of each, its digests checked."""
    out = []
    for record in ArchiveIterator(BytesIO(data), check_digests="raise"):
        out.append((record.rec_type, record, record.content_stream().read()))
        assert record.digest_checker.passed is True
        assert record.rec_headers.protocol == "WARC/1.1"
    return out


def test_a_fetch_is_a_response_with_its_request_and_the_way_that_led_to_it() -> None:
    info, response, request, metadata = records(written(CAPTURE))
    assert [kind for kind, *_ in (info, response, request, metadata)] == ["warcinfo", "response", "request", "metadata"]
    assert b"conformsTo: http" in info[2]
    assert response[2] == BODY
    head = response[1].rec_headers
    assert head["WARC-Target-URI"] == "https://news.example:8443/a/%D9%82%D8%B3%D8%B1%D9%83?page=1&x=%20"
    assert head["WARC-Date"] == "2026-02-21T06:00:00.250000Z"
    assert head["WARC-IP-Address"] == "192.0.2.7"
    assert head["WARC-Payload-Digest"] == f"sha256:{sha256(BODY).hexdigest()}"
    assert head["WARC-Record-ID"] == f"<{warc.record_id(CAPTURE)}>"
    assert head["WARC-Warcinfo-ID"] == info[1].rec_headers["WARC-Record-ID"]
    assert request[1].rec_headers["WARC-Concurrent-To"] == head["WARC-Record-ID"]
    assert request[1].http_headers.statusline == "/a/%D9%82%D8%B3%D8%B1%D9%83?page=1&x=%20 HTTP/1.1"
    assert request[1].http_headers.headers == [("Host", "news.example:8443"), *EXCHANGE.headers]
    assert metadata[2] == b"via: https://news.example/a\r\nvia: https://news.example/b\r\n"


def test_headers_are_true_of_the_decoded_body_and_cannot_begin_another() -> None:
    http = records(written(CAPTURE))[1][1].http_headers
    assert (http.protocol, http.statusline) == ("HTTP/1.1", "200 OK")
    assert http.headers == [
        ("Content-Type", "text/html; charset=utf-8"),
        ("X-Orig-Content-Length", "31"),
        ("X-Odd", "caf\xe9  Set: it"),
        ("X-Orig-Content-Encoding", "gzip"),
        ("Content-Length", str(len(BODY))),
    ]


def test_a_body_that_came_plain_keeps_its_headers() -> None:
    headers = (("Content-Length", str(len(BODY))), ("Server", "s"))
    plain = replace(CAPTURE, headers=headers, status=799, exchange=replace(EXCHANGE, encoding="", via=()))
    (_, response, request) = records(written(plain))
    assert response[1].http_headers.headers == list(headers)
    assert response[1].http_headers.statusline == "799"
    assert request[0] == "request"


def test_what_no_request_brought_is_a_resource() -> None:
    _, resource = records(written(replace(CAPTURE, url="file:///tmp/a b.html", exchange=None)))
    assert (resource[0], resource[2]) == ("resource", BODY)
    assert resource[1].rec_headers["WARC-Target-URI"] == "file:///tmp/a%20b.html"
    assert resource[1].rec_headers["Content-Type"] == "text/html; charset=utf-8"
    assert resource[1].rec_headers["WARC-IP-Address"] is None


def test_a_part_of_an_answer_is_a_resource_that_says_of_what() -> None:
    part = replace(
        CAPTURE, url="https://t.example/c/1", exchange=replace(EXCHANGE, url="https://t.example/s/c", via=())
    )
    _, resource, metadata = records(written(part))
    assert (resource[0], metadata[2]) == ("resource", b"via: https://t.example/s/c\r\n")


def test_the_same_captures_give_the_same_file() -> None:
    assert written(CAPTURE) == written(CAPTURE)
    assert warc.record_id(CAPTURE) != warc.record_id(replace(CAPTURE, body=b"other"))


def check(path: Path) -> Any:
    with pytest.raises(SystemExit) as ended:
        warcio(["check", str(path)])
    return ended.value.code


@pytest.mark.parametrize("body", [b"", b"\r\n\r\n", bytes(range(256)) * 1000], ids=["empty", "breaks", "large"])
def test_warcio_check_accepts_any_body(body: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(written(replace(CAPTURE, body=body), replace(CAPTURE, body=body, exchange=None)))
    assert check(path) == 0


def test_warcio_check_notices_an_altered_letter(tmp_path: Path) -> None:
    path = tmp_path / "x.warc"
    whole = gzip.decompress(written(CAPTURE))
    path.write_bytes(whole)
    assert check(path) == 0
    path.write_bytes(whole.replace(b"<p>", b"<b>"))
    assert check(path) == 1
