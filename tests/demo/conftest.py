"""What the newsroom's tests share: the scenario, a newsroom that has published all of it, and a plain HTTP client."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from monitor.demo.newsroom import Newsroom
from monitor.demo.scenario import Line, load_lines


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back: header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def fetch(url: str, headers: Mapping[str, str] | None = None) -> Answer:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=10)
    try:
        connection.request("GET", parts.path, headers=dict(headers or {}))
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(status=response.status, headers=names, body=response.read())
    finally:
        connection.close()


@pytest.fixture(scope="session")
def get() -> Callable[..., Answer]:
    return fetch


@pytest.fixture(scope="session")
def lines() -> list[Line]:
    return load_lines()


@pytest.fixture
def newsroom(lines: list[Line]) -> Iterator[Newsroom]:
    with Newsroom(lines) as site:
        yield site


@pytest.fixture(scope="module")
def published(lines: list[Line]) -> Iterator[Newsroom]:
    with Newsroom(lines) as site:
        for step in site.steps():
            site.publish(step)
        yield site
