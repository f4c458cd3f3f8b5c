"""Text from strangers, made fit to be shown: on one line, without control characters, not endless."""

from __future__ import annotations

import re

# Control characters, line separators, marks that turn the direction of what follows, lone surrogates.
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LONGEST = 2000  # characters; addresses in Arabic are long once they are percent-encoded
_REPR = 80


def printable(text: str) -> str:
    """The text on one line and without what a terminal or a log would obey; cut after 2000 characters."""
    line = _UNSHOWN.sub("", " ".join(text[: 2 * _LONGEST].split()))
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def shown(value: object) -> str:
    """The value as it is written, cut after 80 characters."""
    text = repr(value)
    return text if len(text) <= _REPR else text[: _REPR - 1] + "…"


def unpaired(text: str) -> str:
    """The text with surrogate pairs joined; a surrogate that stays alone becomes U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
