"""What a reader is: a text in, claims out."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from db.records import Claim

RULES = "rules"  # the built-in reading: rules, linear models and the small network
LLM = "llm"  # the user's language model, held to the text


class TextReader(Protocol):
    """Reads texts of one topic. `monitor.reading.read.Reader` is the built-in one; `monitor.asking.reader` asks."""

    def read(self, text: str, lang: str | None = None, published: datetime | None = None) -> list[Claim]:
        """The claims of a text, by position; each quotes it exactly."""
        ...
