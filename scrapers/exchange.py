"""What went out and what came in, as evidence keeps it."""

from __future__ import annotations

from scrapy.http import Headers, Request, Response

from db.errors import CrawlError
from db.records import Exchange


class GarbledError(CrawlError):
    """An answer came and is no sound HTTP, or too much of it."""

    def __init__(self, what: str) -> None:
        super().__init__(what, retry=True)


def exchange(request: Request, response: Response) -> Exchange:
    """How an answer came, seen before anything is undone of it: encodings are still there, and redirects are known."""
    return Exchange(
        url=request.url,
        headers=header_pairs(request.headers),
        protocol=response.protocol or "HTTP/1.1",
        ip=str(response.ip_address) if response.ip_address else None,
        encoding=b", ".join(response.headers.getlist("Content-Encoding")).decode("latin-1"),
        via=tuple(request.meta.get("redirect_urls", ())),
    )


def header_pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    """(name, value) of each header; bytes that are no ASCII stand as Latin-1 does."""
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, values in headers.items() for value in values
    )


def content_type(response: Response) -> str | None:
    """The Content-Type header."""
    return header(response, "Content-Type")


def header(response: Response, name: str) -> str | None:
    """The last header of this name; None where there is none, or an empty one."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
