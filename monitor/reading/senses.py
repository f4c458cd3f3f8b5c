"""What words mean in such news, by the topic's `words_<lang>.txt`: classes such as "leave", "basepart", "formerly".

Beside the cues, which decide, the classes only help: the network sees them with each word, so that a word that no
labelled passage has reads like its kin.
"""

from __future__ import annotations

from functools import lru_cache

from monitor.reading.text import stems
from monitor.topics import Topic

_KEPT = 50_000  # words whose classes are kept between sentences
_ENDINGS_AR = ("هما", "هم", "ها", "ات", "ون", "ين", "وا", "ان", "ه", "ت", "ا")
_ENDINGS_EN = ("'s", "ing", "ed", "es", "s", "e")


class Senses:
    """The classes of one language's words."""

    def __init__(self, topic: Topic, lang: str) -> None:
        self._arabic = lang == "ar"
        self._table = topic.senses.get(lang, {})
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, word: str) -> tuple[str, ...]:
        """The classes of a normalised word as marks, none where the topic has none for it or its stem."""
        known = self._known.get(word)
        if known is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            known = self._known[word] = tuple(f"m={name}" for name in self._find(word))
        return known

    def _find(self, word: str) -> tuple[str, ...]:
        if not word[:1].isalpha():
            return ()
        forms = [rest for _, rest in stems(word)] if self._arabic else [word.removesuffix("'s")]
        for form in (word, *forms, lemma(word)):
            if form in self._table:
                return self._table[form]
        return ()


@lru_cache(maxsize=65_536)
def lemma(word: str) -> str:
    """A word without its commonest prefixes and endings, so that inflected forms share it."""
    arabic = word[0] > "\u0600"
    rest = stem(word)[1] if arabic else word
    for ending in _ENDINGS_AR if arabic else _ENDINGS_EN:
        if rest.endswith(ending) and len(rest) - len(ending) >= 3:
            return rest[: -len(ending)]
    return rest


def stem(word: str) -> tuple[str, str]:
    """The reading of an Arabic word as (clitics, rest) with the longest clitics that leave three letters."""
    return max(stems(word), key=lambda pair: len(pair[0]) if len(pair[1]) > 2 else -1)
