from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.telling import clean


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("two\r\nBcc: x@example.org\nlines", "two Bcc: x@example.org lines"),
        ("\x1b[31mred\x1b[0m \x1b]0;title\x07text", "red text"),
        ("safe\u202egnp.exe\u2066 \u200fend", "safegnp.exe end"),
        ("zero\u200bwidth\ufeff nul\0 bell\a", "zerowidth nul bell"),
        ("می‌خواهم", "می‌خواهم"),
        ("قاعدة  قسرك\u2028غدًا", "قاعدة قسرك غدًا"),
    ],
)
def test_strangers_text_becomes_one_safe_line(raw: str, safe: str) -> None:
    assert clean.line(raw) == safe


@given(st.text())
def test_a_line_has_no_control_of_any_kind_and_is_stable(raw: str) -> None:
    safe = clean.line(raw)
    assert not set(safe) & set("\r\n\t\x1b\0\u202e\u2066\u2068\u2069\u2028")
    assert clean.line(safe) == safe
    assert safe.encode("utf-8").decode("utf-8") == safe


def test_an_isolated_text_closes_what_it_opens() -> None:
    assert clean.isolated("a\u2069b\u2067c") == "\u2068abc\u2069"


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;"),
        ("*bold* _it_ ~no~ `code`", "bold it no code"),
        ("snake_case stays, 2*3 too", "snake_case stays, 2*3 too"),
        ("<https://evil.example|click>", "&lt;https://evil.example|click&gt;"),
    ],
)
def test_slack_reads_no_markup_in_strangers_text(raw: str, safe: str) -> None:
    assert clean.slack(raw) == safe


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://a b", "https://x/<b>", 'https://x/"onclick', "", "ftp://x", "https://x/|y"]
)
def test_only_plain_web_addresses_become_links(url: str) -> None:
    assert clean.link(url) == ""


def test_an_arabic_address_is_a_link() -> None:
    assert clean.link("https://news.example/خبر?id=1&x=2") == "https://news.example/خبر?id=1&x=2"


def test_cut_says_that_it_cut() -> None:
    assert clean.cut("twelve words", 7) == "twelve…"
    assert clean.cut("short", 5) == "short"
