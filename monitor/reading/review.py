"""What is wrong with a topic's data as a whole, though each of its files is well made: for `drawdown check`."""

from __future__ import annotations

from collections.abc import Iterator

from db.errors import ConfigError
from monitor.reading.examples import load_examples
from monitor.reading.gazetteer import spellings_of
from monitor.reading.read import Reader
from monitor.reading.text import fold
from monitor.topics import Cues, Topic

# Directions that one word cannot have both: who leaves does not stay.
_AWAY = frozenset(("leave", "vacate", "dismantle"))
_THERE = frozenset(("stay", "present", "return", "reinforce"))
_APART = ((_AWAY, _THERE), (frozenset(("begin",)), frozenset(("complete",))))
_SECTIONS = ("verbs", "phrases", "aspect", "modality")


def faults(topic: Topic) -> Iterator[ConfigError]:
    """Names that mean two bases, cues that contradict each other, examples that no longer hold; file, table and key."""
    yield from _ambiguous(topic)
    for lang in sorted(topic.cues):
        yield from _contradicting(topic.cues[lang])
    reader = Reader(topic)
    for example in load_examples(topic):
        fault = example.fault(reader)
        if fault is not None:
            yield fault


def _ambiguous(topic: Topic) -> Iterator[ConfigError]:
    named: dict[str, str] = {}
    for base in topic.bases.values():
        for spelling in dict.fromkeys(form for _, form in spellings_of(base)):
            other = named.setdefault(spelling, base.id)
            if other != base.id:
                yield ConfigError(f"{spelling!r} is also a name of {other}", where=f"bases.toml [base {base.id}]")


def _contradicting(cues: Cues) -> Iterator[ConfigError]:
    file = f"cues_{cues.lang}.toml"
    for section in _SECTIONS:
        stands: dict[str, list[str]] = {}
        for name, entries in cues.section(section).items():
            for entry in entries:
                stands.setdefault(fold(entry), []).append(name)
        for entry, names in stands.items():
            if len(set(names)) < len(names):
                yield ConfigError(f"{entry!r} stands twice", where=f"{file} [{section}] {names[0]}")
            classes = {name.partition(".")[0] for name in names}
            if any(classes & one and classes & two for one, two in _APART):
                yield ConfigError(
                    f"{entry!r} cannot be both {' and '.join(sorted(set(names)))}", where=f"{file} [{section}]"
                )
