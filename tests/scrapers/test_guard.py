"""Where a crawl may go, by the address alone."""

from __future__ import annotations

import pytest

from scrapers.guard import address_refusal, is_local, malformed, refusal


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0x7f.1/",
        "http://0177.0.0.1/", "http://0/", "http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[::127.0.0.1]/",
        "http://10.0.0.1/", "http://172.16.5.4/", "http://192.168.1.1/", "http://100.64.0.1/", "http://169.254.169.254/",
        "http://[fe80::1]/", "http://[fd00::1]/", "http://224.0.0.1/", "http://255.255.255.255/", "http://127.0.0.1./",
        "http://１２７.0.0.1/", "http://127。0。0。1/", "http://0899.1/", "http://1.2.3.400/",
        "http://localhost/", "http://localhost./", "http://printer/", "http://db.internal/", "http://metadata.google.internal/",
        "http://news.example:22/", "http://news.example:6379/", "http://news.example:99999/", "ftp://news.example/", "file:///etc/passwd",
        "gopher://news.example/", "//news.example/", "http:///", "http://me@news.example/", "",
    ],
)  # fmt: skip
def test_refused(url) -> None:
    assert refusal(url)


@pytest.mark.parametrize(
    "url",
    ["https://news.example/a", "http://news.example:8080/", "https://t.me/s/x", "http://8.8.8.8/", "http://[2606:4700::1111]/",
     "https://1.1.1.1./", "https://123.news.example/"],
)  # fmt: skip
def test_allowed(url) -> None:
    assert refusal(url) is None


def test_an_exemption_is_for_one_host_and_port() -> None:
    exempt = ("127.0.0.1:8000", "[::1]:9000")
    assert refusal("http://127.0.0.1:8000/x", exempt) is None
    assert refusal("http://[::1]:9000/x", exempt) is None
    assert refusal("http://127.0.0.1:8001/x", exempt)
    assert refusal("http://127.0.0.2:8000/x", exempt)
    assert refusal("ftp://127.0.0.1:8000/x", exempt)


@pytest.mark.parametrize("address", ["127.0.0.1", "fe80::1%eth0", "::ffff:10.0.0.1", "0.0.0.0", "nonsense"])
def test_addresses_that_are_not_connected_to(address) -> None:
    assert address_refusal(address)


def test_public_addresses_are() -> None:
    assert address_refusal("93.184.216.34") is None


def test_this_machine_is_known_in_every_form() -> None:
    assert all(map(is_local, ["http://localhost:80/", "http://127.0.0.9/", "http://[::1]/", "http://2130706433/"]))
    assert not is_local("https://news.example/")


@pytest.mark.parametrize(
    "url",
    ["http://[bad", "http://e.org:99999/", "http://e.org:0/", "http://e.org/\x00", "http://e.org/\ud800", "http://e\u2100.org/"],
)  # fmt: skip
def test_what_cannot_be_a_url(url) -> None:
    assert malformed(url)
    assert refusal(url, ("e.org:99999", "e.org:0"))


@pytest.mark.parametrize("url", ["https://news.example/a", "file:a%20b.txt", "x", "https://news.example/أخبار"])
def test_what_can(url) -> None:
    assert malformed(url) is None
