"""A topic: everything that is specific to one withdrawal, as data.

A topic is a folder of TOML files: `topic.toml` (what it is), `bases.toml`, `parties.toml`, `speakers.toml`,
`sources.toml` and one `cues_<lang>.toml` a language. Every fault is a `ConfigError` that names file, table and key.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from db.errors import ConfigError
from db.records import Kind

HERE = Path(__file__).resolve().parent
LANGS = ("en", "ar")


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """A site.

    name: shown to people, by language. spellings: how a text writes it, by language ("la" is any Latin script).
    strong: spellings that can only be the site itself. weak: spellings that are also ordinary words, which count
    only right after a base word. place: whether the plain name is also a town, field or prison, so that it needs
    a base word or our forces in its clause. precision: W published, G general knowledge (±0.05°), R rough (±0.2°).
    """

    id: str
    name: Mapping[str, str]
    spellings: Mapping[str, tuple[str, ...]]
    strong: Mapping[str, tuple[str, ...]]
    weak: Mapping[str, tuple[str, ...]]
    not_followed: Mapping[str, tuple[str, ...]]
    place: bool
    governorate: Mapping[str, str]
    lat: float | None
    lon: float | None
    precision: str
    same_site: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Party:
    """Somebody who can hold a base or speak: `spellings` by language, as a text names them."""

    id: str
    name: Mapping[str, str]
    spellings: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class SpeakerKind:
    """A kind of speaker: how much its word weighs (0 to 1) and how texts name it, by language."""

    id: str
    weight: float
    official: bool
    names: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cues:
    """The cue words of one language: `families[section][name]` is a tuple of forms."""

    lang: str
    families: Mapping[str, Mapping[str, tuple[str, ...]]]

    def get(self, section: str, name: str) -> tuple[str, ...]:
        """The forms of one family; empty when the topic has none."""
        return self.families.get(section, {}).get(name, ())

    def section(self, section: str) -> Mapping[str, tuple[str, ...]]:
        """All families of a section."""
        return self.families.get(section, {})


WHOLE = MappingProxyType(  # the subject of each kind where it is of no single base
    {
        Kind.TROOP_FIGURE: "us-troops-{topic}",
        Kind.BASE_COUNT: "us-bases-{topic}",
        Kind.DEADLINE: "us-withdrawal-{topic}",
        Kind.CONVOY: "us-presence-{topic}",
        Kind.DETAINEES: "isis-detainees",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """One withdrawal.

    ours: the forces that leave. elsewhere: sites outside the theatre, never a base of it. theatre: what the country and
    its regions are called. agencies: whom others reprint. senses: by language, the classes of each word
    (`words_<lang>.txt`). outlet_words: words of outlets' names that say only what sort of outlet it is. readers: what a
    claim of the language model alone weighs (`llm`, 0 to 1), how much more one that both readers say (`both`, 1 to 2).
    outlets: the names of the sources that are crawled, by their ids and by language.
    """

    id: str
    name: Mapping[str, str]
    folder: Path
    bases: Mapping[str, Base]
    parties: Mapping[str, Party]
    ours: Party
    elsewhere: Mapping[str, tuple[str, ...]]
    theatre: Mapping[str, tuple[str, ...]]
    cues: Mapping[str, Cues]
    senses: Mapping[str, Mapping[str, tuple[str, ...]]]
    speakers: Mapping[str, SpeakerKind]
    agencies: Mapping[str, Party]
    outlet_words: tuple[str, ...]
    readers: Mapping[str, float]
    outlets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def sources_file(self) -> Path:
        """The topic's list of sources."""
        return self.folder / "sources.toml"

    def whole(self, kind: Kind) -> str:
        """The subject of a kind's claims that are of no single base. KeyError for a kind that is always of one."""
        return WHOLE[kind].format(topic=self.id)

    def knows(self, subject: str) -> bool:
        """Whether claims may be about it: a base of the topic, or one of the subjects that are of no single base."""
        return subject in self.bases or subject in map(self.whole, WHOLE)


def load_topic(name_or_folder: str | Path = "syria") -> Topic:
    """Load a topic by the name of a bundled folder or by a folder's path. Raises ConfigError."""
    folder = _folder(name_or_folder)
    about = _Table.read(folder / "topic.toml")
    parties = _Table.read(folder / "parties.toml")
    cues = _load_all_cues(folder)
    speakers, agencies = _load_speakers(folder / "speakers.toml")
    topic = Topic(
        id=about.text("id"),
        name=about.names("name"),
        folder=folder,
        bases=MappingProxyType(_load_bases(folder / "bases.toml")),
        parties=MappingProxyType({p.id: p for p in (_party(t) for t in parties.tables("party"))}),
        ours=_party(parties.table("ours")),
        elsewhere=parties.table("elsewhere").words("spellings"),
        theatre=about.words("theatre", optional=True),
        cues=MappingProxyType(cues),
        senses=MappingProxyType(_load_senses(folder)),
        speakers=MappingProxyType(speakers),
        agencies=MappingProxyType(agencies),
        outlet_words=about.strings("outlet_words"),
        readers=MappingProxyType(_load_readers(about)),
    )
    about.done()
    parties.done()
    return topic


def _load_readers(about: _Table) -> dict[str, float]:
    """How much the language model's claims weigh; what the topic does not say is as it is in `Rules`."""
    said = {"llm": 0.7, "both": 1.15}
    if "readers" in about.data:
        table = about.table("readers")
        given = {"llm": table.number("llm", 0, 1), "both": table.number("both", 1, 2)}
        table.done()
        said |= {name: share for name, share in given.items() if share is not None}
    return said


def _folder(name_or_folder: str | Path) -> Path:
    bundled = HERE / str(name_or_folder)
    folder = bundled if bundled.is_dir() and str(name_or_folder) else Path(name_or_folder)
    if not folder.is_dir():
        known = ", ".join(sorted(p.name for p in HERE.iterdir() if (p / "topic.toml").is_file()))
        raise ConfigError(f"no such topic; bundled are: {known}", where=str(name_or_folder))
    return folder


def _load_bases(path: Path) -> dict[str, Base]:
    root = _Table.read(path)
    bases: dict[str, Base] = {}
    for table in root.tables("base"):
        base = _base(table)
        if base.id in bases:
            raise table.fault("id", f"base {base.id!r} is defined twice")
        bases[base.id] = base
    for table_id, base in bases.items():
        for other in base.same_site:
            if other not in bases:
                raise ConfigError(f"no such base: {other!r}", where=f"{path.name} [base {table_id}] same_site")
    root.done()
    if not bases:
        raise ConfigError("names no base", where=path.name)
    return bases


def _base(table: _Table) -> Base:
    base = Base(
        id=table.text("id"),
        name=table.names("name"),
        spellings=table.words("spellings"),
        strong=table.words("strong", optional=True),
        weak=table.words("weak", optional=True),
        not_followed=table.words("not_followed", optional=True),
        place=table.flag("place"),
        governorate=table.names("governorate"),
        lat=table.number("lat", -90, 90),
        lon=table.number("lon", -180, 180),
        precision=table.choice("precision", ("W", "G", "R", "-")),
        same_site=table.strings("same_site"),
    )
    table.done()
    return base


def _party(table: _Table) -> Party:
    party = Party(id=table.text("id"), name=table.names("name"), spellings=table.words("spellings"))
    table.done()
    return party


def _load_speakers(path: Path) -> tuple[dict[str, SpeakerKind], dict[str, Party]]:
    """Kinds of speakers, and the agencies that others reprint."""
    if not path.is_file():
        return {}, {}
    root = _Table.read(path)
    kinds = {}
    for table in root.tables("speaker"):
        weight = table.number("weight", 0, 1)
        if weight is None:
            raise table.fault("weight", "is missing")
        kind = SpeakerKind(
            id=table.text("id"), weight=weight, official=table.flag("official"), names=table.words("names")
        )
        table.done()
        kinds[kind.id] = kind
    agencies = {agency.id: agency for agency in map(_party, root.tables("agency"))}
    root.done()
    return kinds, agencies


def _load_all_cues(folder: Path) -> dict[str, Cues]:
    """Cues by language, from `cues_<lang>.toml` and `figures_<lang>.toml`; a section stands in one of them."""
    found: dict[str, dict[str, Mapping[str, tuple[str, ...]]]] = {}
    for path in sorted([*folder.glob("cues_*.toml"), *folder.glob("figures_*.toml")]):
        sections = found.setdefault(path.stem.rpartition("_")[2], {})
        root = _Table.read(path)
        for name in list(root.data):
            if name in sections:
                raise root.fault(name, "is a section that another file of this language has")
            sections[name] = MappingProxyType(_families(root.table(name)))
    return {lang: Cues(lang=lang, families=MappingProxyType(sections)) for lang, sections in found.items()}


def _load_senses(folder: Path) -> dict[str, Mapping[str, tuple[str, ...]]]:
    """Classes by word, from `words_<lang>.txt`: "class: word word …", "#" before comments. Raises ConfigError."""
    found: dict[str, Mapping[str, tuple[str, ...]]] = {}
    for path in sorted(folder.glob("words_*.txt")):
        words: dict[str, list[str]] = {}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            name, colon, members = line.partition(":")
            if not colon or not name.strip() or " " in name.strip():
                raise ConfigError('is not "class: word word …"', where=f"{path.name}, line {number}")
            for word in members.split():
                words.setdefault(word, []).append(name.strip())
        found[path.stem.rpartition("_")[2]] = {word: tuple(names) for word, names in words.items()}
    return found


def _families(table: _Table) -> dict[str, tuple[str, ...]]:
    return {name: table.strings(name) for name in list(table.data)}


class _Table:
    """A TOML table that knows where it stands and which of its keys were read."""

    def __init__(self, data: dict[str, Any], file: str, name: str) -> None:
        self.data = data
        self.file = file
        self.name = name
        self._left = set(data)

    @classmethod
    def read(cls, path: Path) -> _Table:
        try:
            return cls(tomllib.loads(path.read_text(encoding="utf-8")), path.name, "")
        except FileNotFoundError:
            raise ConfigError("is missing from the topic", where=str(path)) from None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"cannot be read: {error}", where=str(path)) from None
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"is not TOML: {error}", where=path.name) from None

    def fault(self, key: str, what: str) -> ConfigError:
        place = " ".join(part for part in (self.file, f"[{self.name}]" if self.name else "", key) if part)
        return ConfigError(what, where=place)

    def done(self) -> None:
        if self._left:
            raise self.fault(sorted(self._left)[0], "is not a key that this table has")

    def _take(self, key: str) -> Any:
        self._left.discard(key)
        return self.data.get(key)

    def text(self, key: str) -> str:
        value = self._take(key)
        if not isinstance(value, str) or not value.strip():
            raise self.fault(key, "must be a text" if key in self.data else "is missing")
        return value

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        value = self.text(key)
        if value not in allowed:
            raise self.fault(key, f"must be one of {', '.join(allowed)}")
        return value

    def flag(self, key: str) -> bool:
        value = self._take(key)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise self.fault(key, "must be true or false")
        return value

    def number(self, key: str, low: float, high: float) -> float | None:
        value = self._take(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self.fault(key, f"must be a number from {low} to {high}")
        return float(value)

    def strings(self, key: str) -> tuple[str, ...]:
        value = self._take(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            raise self.fault(key, "must be a list of texts")
        return tuple(value)

    def table(self, key: str) -> _Table:
        value = self._take(key)
        if not isinstance(value, dict):
            raise self.fault(key, "must be a table" if key in self.data else "is missing")
        return _Table(value, self.file, f"{self.name}.{key}".lstrip("."))

    def tables(self, key: str) -> list[_Table]:
        value = self._take(key)
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            raise self.fault(key, "must be a list of tables")
        return [_Table(v, self.file, f"{key} {v.get('id', number)}") for number, v in enumerate(value, 1)]

    def names(self, key: str) -> Mapping[str, str]:
        table = self.table(key)
        missing = [lang for lang in LANGS if not isinstance(table.data.get(lang), str)]
        if missing:
            raise table.fault(missing[0], "is missing")
        return MappingProxyType({lang: str(text) for lang, text in table.data.items()})

    def words(self, key: str, *, optional: bool = False) -> Mapping[str, tuple[str, ...]]:
        if optional and key not in self.data:
            return MappingProxyType({})
        table = self.table(key)
        return MappingProxyType({lang: table.strings(lang) for lang in list(table.data)})
