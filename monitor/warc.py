"""Captures as WARC 1.1 (ISO 28500:2017), written from the store when they are asked for; no store, no clock.

What came over HTTP is a `response` with its `request`, and a `metadata` record that names the redirects that led to
it. What did not (a file), what is a part of an answer (one message of a preview) and what is of a time when requests
were not kept is a `resource`. Digests are SHA-256; record ids are made of what the records hold, so that the same
captures give the same records.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from io import BytesIO
from typing import BinaryIO
from urllib.parse import quote, urlsplit

from warcio.recordloader import ArcWarcRecord  # type: ignore[import-untyped]
from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]
from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]

from db.records import Capture, Exchange, iso, utc

VERSION = "WARC/1.1"
CONFORMS_TO = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
_HTTP = "application/http;msgtype="


def write(out: BinaryIO, captures: Iterable[Capture], *, filename: str, software: str, at: datetime) -> None:
    """A WARC file, each record a gzip member of its own. at: when it is written, for its `warcinfo`."""
    writer = WARCWriter(out, gzip=True, warc_version="1.1")
    info = {"software": software, "format": "WARC File Format 1.1", "conformsTo": CONFORMS_TO}
    block = _fields(info.items())
    info_id = _id("warcinfo", f"{filename} {utc(at).isoformat()}", block)
    head = {"WARC-Filename": filename, "WARC-Date": _date(at)}
    writer.write_record(_record("warcinfo", info_id, "application/warc-fields", block, head))
    for capture in captures:
        for record in _records(capture, info_id):
            writer.write_record(record)


def record_id(capture: Capture) -> str:
    """The id of the record that holds a capture's body, without its angle brackets."""
    return _id("body", f"{capture.url} {utc(capture.fetched_at).isoformat()}", capture.body)


def _records(capture: Capture, info_id: str) -> Iterable[ArcWarcRecord]:
    body_id, exchange = record_id(capture), capture.exchange
    common = {"WARC-Target-URI": _uri(capture.url), "WARC-Date": _date(capture.fetched_at)}
    common["WARC-Warcinfo-ID"] = f"<{info_id}>"
    if exchange is not None and exchange.ip:
        common["WARC-IP-Address"] = exchange.ip
    beside = common | {"WARC-Concurrent-To": f"<{body_id}>"}
    if exchange is None or exchange.url != capture.url:
        yield _record("resource", body_id, _content_type(capture), capture.body, common)
    else:
        answer = _answer(capture, exchange)
        yield _record("response", body_id, f"{_HTTP}response", answer, common, payload=capture.body)
        asked = _request(exchange)
        yield _record("request", _id("request", body_id, asked), f"{_HTTP}request", asked, beside, payload=b"")
    if exchange is not None and (way := _way(capture, exchange)):
        block = _fields(("via", _uri(url)) for url in way)
        yield _record("metadata", _id("metadata", body_id, block), "application/warc-fields", block, beside)


def _record(
    kind: str, name: str, content_type: str, block: bytes, more: Mapping[str, str], *, payload: bytes | None = None
) -> ArcWarcRecord:
    """payload: where it is not the whole block."""
    head = {"WARC-Type": kind, "WARC-Record-ID": f"<{name}>", **more, "WARC-Block-Digest": _digest(block)}
    if kind != "warcinfo":
        head["WARC-Payload-Digest"] = _digest(block if payload is None else payload)
    headers = StatusAndHeaders("", list(head.items()), protocol=VERSION)
    return ArcWarcRecord("warc", kind, headers, BytesIO(block), None, content_type, len(block))


def _answer(capture: Capture, exchange: Exchange) -> bytes:
    """The answer as it was, but decoded: headers that were true of the encoded bytes alone get an X-Orig before them.

    An encoding that could not be undone still stands among the headers, and the body is as it came.
    """
    own = str(len(capture.body))
    lines = [f"{exchange.protocol} {capture.status} {_phrase(capture.status)}".rstrip()]
    for name, value in capture.headers:
        wrong = name.lower() == "transfer-encoding" or (name.lower() == "content-length" and value != own)
        lines.append(f"X-Orig-{name}: {value}" if wrong else f"{name}: {value}")
    if exchange.encoding and not any(name.lower() == "content-encoding" for name, _ in capture.headers):
        lines.append(f"X-Orig-Content-Encoding: {exchange.encoding}")
    if not any(line.lower().startswith("content-length:") for line in lines):
        lines.append(f"Content-Length: {own}")
    return _head(lines) + capture.body


def _request(exchange: Exchange) -> bytes:
    parts = urlsplit(_uri(exchange.url))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in exchange.headers)]
    if not any(name.lower() == "host" for name, _ in exchange.headers):
        lines.insert(1, f"Host: {parts.netloc.rpartition('@')[2]}")
    return _head(lines)


def _head(lines: Iterable[str]) -> bytes:
    clean = (line.replace("\r", " ").replace("\n", " ") for line in lines)  # a break would begin another header
    return "".join(f"{line}\r\n" for line in clean).encode("latin-1", "replace") + b"\r\n"


def _way(capture: Capture, exchange: Exchange) -> list[str]:
    """What led to the capture: redirects, then the page that it is a part of."""
    return [*exchange.via, *([exchange.url] if exchange.url != capture.url else [])]


def _content_type(capture: Capture) -> str:
    named = {name.lower(): value for name, value in capture.headers}
    return " ".join(named.get("content-type", "").split()) or "application/octet-stream"


def _fields(pairs: Iterable[tuple[str, str]]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in pairs).encode()


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _uri(url: str) -> str:
    """The address in ASCII, as a URI must be (RFC 3986)."""
    return quote(url, safe="%/:=&?~#+!$,;'@()*[]")


def _digest(data: bytes) -> str:
    return f"sha256:{sha256(data).hexdigest()}"


def _date(moment: datetime) -> str:
    """To the microsecond, which WARC 1.1 allows; to the second where there is no more."""
    return f"{utc(moment):%Y-%m-%dT%H:%M:%S.%fZ}" if moment.microsecond else iso(moment)


def _id(kind: str, name: str, block: bytes) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"drawdown/{kind}/{name}/{sha256(block).hexdigest()}").urn
