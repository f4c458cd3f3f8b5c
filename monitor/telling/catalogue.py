"""The program's texts: the English ones in `locale/drawdown.pot`, translations in gettext's catalogues beside it.

A phrase has a context, `group.name`, by which the program asks for it; its English text is what a translator sees.
What a language does not translate is said in English. The catalogues are read as they are, so none has to be compiled.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from db.errors import ConfigError

SOURCE = "en"
FOLDER = Path(__file__).resolve().parent / "locale"


def template() -> Path:
    """The catalogue of the English texts."""
    return FOLDER / "drawdown.pot"


def translation(lang: str) -> Path:
    """The catalogue of a translation."""
    return FOLDER / lang / "LC_MESSAGES" / "drawdown.po"


def languages() -> list[str]:
    """The languages that texts are written in."""
    return sorted({SOURCE, *(path.parts[-3] for path in FOLDER.glob("*/LC_MESSAGES/drawdown.po"))})


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """One language's texts. locale: whose dates, numbers and lists go with them, by the catalogue's `Language`."""

    locale: Locale
    english: Mapping[tuple[str, str], Message]
    translations: gettext.NullTranslations

    def text(self, group: str, name: str, count: int = 1) -> str:
        """A phrase as it is written, braces and all; with plural forms, the one for `count`. Raises KeyError."""
        message = self.english[group, name]
        if isinstance(message.id, str):
            return self.translations.pgettext(f"{group}.{name}", message.id)
        one, many = message.id
        return self.translations.npgettext(f"{group}.{name}", one, many, count)

    @cached_property
    def groups(self) -> Mapping[str, Mapping[str, str]]:
        """Every phrase as it is written, by group and name."""
        out: dict[str, dict[str, str]] = {}
        for group, name in self.english:
            out.setdefault(group, {})[name] = self.text(group, name)
        return out


@lru_cache
def phrases_of(lang: str) -> Phrases:
    """The texts of "en", "ar" or another language that has a catalogue. Raises ConfigError for one that has none."""
    if lang not in languages():
        raise ConfigError(
            f"alerts are not written in this language; known: {', '.join(languages())}", where=f"lang {lang!r}"
        )
    source = read(template())
    if lang == SOURCE:
        return _phrases(source, source, gettext.NullTranslations())
    translated = read(translation(lang))
    compiled = io.BytesIO()
    write_mo(compiled, translated)
    compiled.seek(0)
    return _phrases(source, translated, gettext.GNUTranslations(compiled))


def read(path: Path) -> Catalog:
    """A catalogue from its file."""
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def _phrases(source: Catalog, catalog: Catalog, translations: gettext.NullTranslations) -> Phrases:
    english = {}
    for message in source:
        if message.id:
            group, _, name = str(message.context).partition(".")
            english[group, name] = message
    assert catalog.locale is not None, "a catalogue's header names its language"
    return Phrases(locale=catalog.locale, english=english, translations=translations)
