"""Settings that no crawl could be run with are refused when they are read."""

from __future__ import annotations

import math

import pytest

from scrapers.settings import CrawlSettings, scrapy_settings


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"delay_seconds": math.nan}, "delay_seconds must be between 0 and 3600 seconds"),
        ({"delay_seconds": math.inf}, "delay_seconds must be between 0 and 3600 seconds"),
        ({"delay_seconds": -1}, "delay_seconds must be between 0 and 3600 seconds"),
        ({"timeout_seconds": math.inf}, "timeout_seconds must be between 0.1 and 600 seconds"),
        ({"timeout_seconds": 0}, "timeout_seconds must be"),
        ({"max_seconds": math.nan}, "max_seconds must be"),
        ({"max_seconds": 1e15}, "max_seconds must be"),
        ({"max_bytes": 10**30}, "max_bytes must be"),
        ({"max_bytes": 0}, "max_bytes must be"),
        ({"max_articles": 10**30}, "max_articles must be"),
        ({"allow_hosts": ("news.example",)}, 'allow_hosts must be "host:port"'),
        ({"allow_hosts": ("news.example:0",)}, 'allow_hosts must be "host:port"'),
        ({"allow_hosts": ("news.example:99999",)}, 'allow_hosts must be "host:port"'),
        ({"allow_hosts": ("http://news.example:80",)}, 'allow_hosts must be "host:port"'),
        ({"allow_hosts": ("news.example:٨٠",)}, 'allow_hosts must be "host:port"'),
        ({"contact": "me\r\nX-Evil: 1"}, "contact must be one line"),
        ({"user_agent": "Drawdown\x00"}, "user_agent must be one line"),
        ({"user_agent": "x" * 1000}, "user_agent must be one line"),
        ({"user_agent": " "}, "user_agent must not be empty"),
    ],
)
def test_refused(given, said) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        CrawlSettings(**given)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_taken() -> None:
    chosen = CrawlSettings(
        delay_seconds=0, allow_hosts=("127.0.0.1:1", "[::1]:65535"), contact="mailto:مكتب@example.org"
    )
    assert set(scrapy_settings(chosen)) >= {"USER_AGENT", "DOWNLOADER_MIDDLEWARES"}
    assert not any(name.startswith("_") for name in scrapy_settings(chosen))
