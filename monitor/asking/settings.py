"""`[llm]`: which language model is asked, about what, and how much."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from monitor.reading.llm.ask import Sentences


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelSettings:
    """endpoint: the base URL of an OpenAI-compatible server, up to and with its "/v1". key: what it wants as a bearer
    (a secret). stream: take answers piece by piece, for servers that give no others. requests_a_day, tokens_a_day: what
    a day (UTC) may cost; the last requests of a day may go over the tokens. price_in, price_out: of a million tokens,
    in whatever currency; for `eval` alone.
    """

    endpoint: str
    model: str
    key: str = field(default="", repr=False)
    sentences: Sentences = Sentences.UNDECIDED
    requests_a_day: int = 2000
    tokens_a_day: int = 4_000_000
    timeout_seconds: float = 60.0
    concurrency: int = 2
    stream: bool = False
    price_in: float = 0.0
    price_out: float = 0.0

    @property
    def prices(self) -> tuple[float, float]:
        """Of a token in, and of one out."""
        return self.price_in / 1_000_000, self.price_out / 1_000_000

    def __post_init__(self) -> None:
        """Raises ValueError, beginning with the field's name, for what makes no sense."""
        parts = urlsplit(self.endpoint)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError('endpoint must be the URL of a server, such as "http://127.0.0.1:11434/v1"')
        if not self.model.strip():
            raise ValueError("model must be the name that the server knows it by")
        for name, low, high in (
            ("requests_a_day", 1, 10_000_000),
            ("tokens_a_day", 1, 10_000_000_000),
            ("timeout_seconds", 0.1, 3600),
            ("concurrency", 1, 100),
            ("price_in", 0, 1_000_000),
            ("price_out", 0, 1_000_000),
        ):
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} must be between {low} and {high}")
