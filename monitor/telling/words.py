"""Values, dates and doubts in words, in the reader's language.

The words themselves are in `phrases/<lang>.toml`; a language is one such file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from db.errors import ConfigError
from db.records import Deadline, Figure, Kind, Period, Status, Value, utc
from monitor.telling import clean
from monitor.topics import Topic

_ABOUT = {
    Kind.TROOP_FIGURE: "troops",
    Kind.DEADLINE: "withdrawal",
    Kind.BASE_COUNT: "bases",
    Kind.CONVOY: "convoys",
    Kind.DETAINEES: "detainees",
}
PHRASES = Path(__file__).resolve().parent / "phrases"


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """One language's phrases, and the topic whose bases and parties they speak of."""

    lang: str
    topic: Topic
    phrases: Mapping[str, Any]

    @classmethod
    def of(cls, lang: str, topic: Topic) -> Words:
        """The words of "en", "ar" or another language that has a file. Raises ConfigError for one that has none."""
        return cls(lang=lang, topic=topic, phrases=_load(lang))

    def say(self, group: str, name: str, **parts: object) -> str:
        """One phrase, its braces filled in."""
        return str(self.phrases[group][name]).format(**parts)

    @property
    def direction(self) -> str:
        """ "ltr" or "rtl"."""
        return str(self.phrases["direction"])

    @property
    def arrow(self) -> str:
        """Points from the old to the new in the language's reading direction."""
        return str(self.phrases["arrow"])

    def all_of(self, parts: Sequence[str]) -> str:
        """ "a, b, c"."""
        return str(self.phrases["comma"]).join(parts)

    def any_of(self, parts: Sequence[str]) -> str:
        """ "a or b"."""
        return str(self.phrases["or"]).join(parts)

    def name(self, names: Mapping[str, str]) -> str:
        """A name in this language, else in English."""
        return clean.line(names.get(self.lang) or names.get("en") or next(iter(names.values())))

    def subject(self, kind: Kind, subject: str) -> str:
        """What a change is about, as a headline begins."""
        base = self.topic.bases.get(subject)
        name = self.name(base.name) if base else ""
        if kind is Kind.BASE_STATUS:
            return name or clean.line(subject)
        whole = _ABOUT[kind]
        return self.say("subject", f"{whole}_at", base=name) if name else self.say("subject", whole)

    def place(self, subject: str) -> str:
        """Base and governorate; the topic's name for what concerns the whole of it."""
        base = self.topic.bases.get(subject)
        if base is None:
            return self.name(self.topic.name)
        return self.all_of([self.name(base.name), self.name(base.governorate)])

    def value(self, value: Value | None) -> str:
        """What a claim or a fact says, as a phrase; None is nothing known."""
        if value is None:
            return self.say("label", "nothing_before")
        if isinstance(value, Deadline):
            return self._deadline(value)
        if isinstance(value, Figure):
            return self._figure(value)
        if value.to is None or value.status is not Status.HANDED_OVER:
            return self.say("status", value.status.value)
        party = self.topic.parties.get(value.to)
        name = self.name(party.name) if party else clean.line(value.to)
        return self.say("status", "handed_over_to", party=name)

    def _figure(self, figure: Figure) -> str:
        low = "" if figure.low is None else f"{figure.low:,}"
        high = "" if figure.high is None else f"{figure.high:,}"
        number = self.say("number", figure.comparator.value, low=low or high, high=high or low)
        if figure.role is None or figure.role.value not in self.phrases["role"]:
            return number
        return self.say("role", figure.role.value, number=number)

    def _deadline(self, deadline: Deadline) -> str:
        earliest = self.period(deadline.earliest) if deadline.earliest else ""
        latest = self.period(deadline.latest) if deadline.latest else ""
        name = "between" if earliest and latest and earliest != latest else "by" if latest else "from"
        return self.say("deadline", name, earliest=earliest, latest=latest)

    def period(self, text: str) -> str:
        """An ISO day, month, year or interval in words. Raises ValueError where it is none of these."""
        Period.parse(text)
        first, _, last = text.partition("/")
        if not last or last == first:
            return self._date(first)
        return self.say("date", "interval", first=self._date(first), last=self._date(last))

    def _date(self, text: str) -> str:
        numbers = [int(part) for part in text.split("-")]
        if len(numbers) == 1:
            return text
        month = self.phrases["date"]["months"][numbers[1] - 1]
        if len(numbers) == 2:
            return self.say("date", "month", month=month, year=numbers[0])
        return self.say("date", "day", day=numbers[2], month=month, year=numbers[0])

    def day(self, day: date) -> str:
        """A day in words."""
        return self._date(day.isoformat())

    def moment(self, moment: datetime) -> str:
        """A day and a time in UTC, in words."""
        at = utc(moment)
        return self.say("date", "moment", day=self.day(at.date()), time=f"{at:%H:%M}")

    def origins(self, count: int) -> str:
        """How many independent origins, with the language's own plurals."""
        forms = self.phrases["sure"]
        if count == 1:
            return str(forms["one"])
        if count == 2 and "two" in forms:
            return str(forms["two"])
        few = "few" in forms and 3 <= count % 100 <= 10
        return self.say("sure", "few" if few else "many", count=count)

    def sure(self, pair: str, origins: int, confidence: float) -> str:
        """The Admiralty pair spelled out (NATO AJP-2.1), the origins and the confidence, 0 to 1."""
        percent = round(confidence * 100)
        said = self.origins(origins)
        if len(pair) != 2 or pair[0] not in self.phrases["reliability"] or pair[1] not in self.phrases["credibility"]:
            return self.say("sure", "plain", origins=said, percent=percent)
        return self.say(
            "sure",
            "line",
            pair=pair,
            reliability=self.phrases["reliability"][pair[0]],
            credibility=self.phrases["credibility"][pair[1]],
            origins=said,
            percent=percent,
        )


@lru_cache
def _load(lang: str) -> Mapping[str, Any]:
    path = PHRASES / f"{lang}.toml"
    if not lang.isalpha() or not path.is_file():
        known = ", ".join(sorted(p.stem for p in PHRASES.glob("*.toml")))
        raise ConfigError(f"alerts are not written in this language; known: {known}", where=f"lang {lang!r}")
    return tomllib.loads(path.read_text(encoding="utf-8"))
