"""What a claim kind shows of itself: sentences with the claims that they must give, and others that must give none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Example:
    """A text and the claims of its kind, in order, each by the keys that matter; an empty tuple: it gives none."""

    lang: str
    published: str
    text: str
    claims: tuple[dict[str, Any], ...] = ()
