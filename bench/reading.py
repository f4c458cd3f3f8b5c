"""What reading costs: `make bench`. CPU time of an article of about 5 kB, of its edit, and of making the reader."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from monitor.reading.read import Reader
from monitor.topics import load_topic

ARTICLES = Path(__file__).resolve().parents[1] / "monitor" / "demo" / "data" / "articles.jsonl"
SIZE = 5_000  # characters of an article
PUBLISHED = datetime(2026, 2, 23, tzinfo=UTC)


def main() -> None:
    """Print medians over articles put together from the bundled newsroom's."""
    for lang in ("ar", "en"):
        _language(lang)
    print(f"making the reader, imports and all: {_start():.2f} s of CPU")


def _language(lang: str) -> None:
    articles = _articles(lang)
    reader = Reader(load_topic())
    first = _median(articles[:1], lambda article: reader.read(article, lang, PUBLISHED), times=1)
    for article in articles:
        reader.read(article, lang, PUBLISHED)
    edited = [article + "\nA word was added." for article in articles]
    again = _median(edited, lambda article: reader.read(article, lang, PUBLISHED), times=1)

    def plain(article: str) -> None:
        reader.forget()
        reader.read(article, lang, PUBLISHED)

    took = _median(articles, plain)
    claims = statistics.mean(len(reader.read(article, lang, PUBLISHED)) for article in articles)
    print(f"{lang}: {len(articles)} articles of {SIZE} characters, {claims:.1f} claims each")
    print(f"  read: {took:.1f} ms of CPU; a version with one more sentence: {again:.1f} ms; the first: {first:.0f} ms")


def _articles(lang: str) -> list[str]:
    """Articles of the bundled newsroom, put together until each has the size."""
    rows = [json.loads(line) for line in ARTICLES.read_text(encoding="utf-8").splitlines()]
    texts = ["\n".join(row["paragraphs"]) for row in rows if row["lang"] == lang]
    out, text = [], ""
    for each in dict.fromkeys(texts):
        text += each + "\n"
        if len(text) >= SIZE:
            out.append(text[:SIZE])
            text = ""
    return out


def _median(articles: list[str], read: Callable[[str], object], *, times: int = 5) -> float:
    """The median CPU time of an article, in milliseconds."""
    took = []
    for article in articles * times:
        began = time.process_time()
        read(article)
        took.append((time.process_time() - began) * 1000)
    return statistics.median(took)


def _start() -> float:
    """Seconds of CPU of a process that makes the reader, less those of one that does nothing."""
    made = "from monitor.reading.read import Reader; from monitor.topics import load_topic; Reader(load_topic())"
    return _cpu(made) - _cpu("pass")


def _cpu(code: str) -> float:
    timed = f"import time; {code}; print(time.process_time())"
    runs = [subprocess.run([sys.executable, "-c", timed], check=True, capture_output=True, text=True) for _ in range(5)]
    return statistics.median(float(run.stdout) for run in runs)


if __name__ == "__main__":
    main()
