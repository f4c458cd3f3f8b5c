"""A topic's examples: plain sentences with the claims that the reader must make of them, and others that give none.

They are the topic's data (`examples.toml`), so that a cue or a spelling comes with the sentence that it is for.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from db.errors import ConfigError
from db.records import Kind, Period
from monitor.reading.read import Reader
from monitor.topics import Topic

FILE = "examples.toml"
_KEYS = frozenset(("kind", "lang", "published", "text", "claims"))


@dataclass(frozen=True, slots=True)
class Example:
    """A text and all its claims of one kind, in order, each by the keys that matter. where: its place in the data."""

    where: str
    kind: Kind
    lang: str
    published: datetime
    text: str
    claims: Sequence[Mapping[str, Any]]

    def fault(self, reader: Reader) -> ConfigError | None:
        """What the reader makes of the text instead; None where the example holds."""
        found = [c.to_json() for c in reader.read(self.text, self.lang, self.published) if c.kind is self.kind]
        seen = [{key: claim.get(key) for key in wanted} for claim, wanted in zip(found, self.claims, strict=False)]
        if len(found) == len(self.claims) and seen == [dict(wanted) for wanted in self.claims]:
            return None
        said = [{key: claim[key] for key in claim if key in _SHOWN and claim[key] is not None} for claim in found]
        return ConfigError(f"no longer holds: {self.text!r} gives {said or 'nothing'}", where=self.where)


_SHOWN = ("subject", "value", "to", "role", "low", "high", "direction", "latest", "modality")


def load_examples(topic: Topic) -> list[Example]:
    """The topic's examples, none where it has no file. Raises ConfigError naming file, table and key."""
    path = topic.folder / FILE
    if not path.is_file():
        return []
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"is not TOML: {error}", where=FILE) from None
    tables = data.get("example", [])
    if not _are_tables(tables):
        raise ConfigError("must be tables [[example]]", where=f"{FILE} example")
    return [_example(table, f"{FILE} [example {number}]") for number, table in enumerate(tables, 1)]


def _are_tables(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _example(table: Mapping[str, Any], where: str) -> Example:
    for key in sorted(_KEYS - table.keys()):
        raise ConfigError("is missing", where=f"{where} {key}")
    for key in sorted(table.keys() - _KEYS):
        raise ConfigError("is not a key of an example", where=f"{where} {key}")
    try:
        kind = Kind(table["kind"])
    except ValueError:
        raise ConfigError(f"is no kind of claim: {table['kind']!r}", where=f"{where} kind") from None
    try:
        published = datetime.combine(Period.parse(str(table["published"])).first, time(), UTC)
    except ValueError:
        raise ConfigError(f"is not a day: {table['published']!r}", where=f"{where} published") from None
    if not _are_tables(table["claims"]):
        raise ConfigError(f"is no list of tables: {table['claims']!r}", where=f"{where} claims")
    return Example(where, kind, str(table["lang"]), published, str(table["text"]), table["claims"])
