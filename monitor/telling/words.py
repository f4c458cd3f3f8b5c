"""Values, dates and doubts in words, in the reader's language.

The words themselves are in the catalogues of `locale/`; dates, numbers and lists are written by the rules of CLDR.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from db.records import Deadline, Evidence, Figure, Kind, Period, Status, Value, utc
from monitor.telling import clean
from monitor.telling.catalogue import Phrases, phrases_of
from monitor.topics import Topic

_ABOUT = {
    Kind.TROOP_FIGURE: "troops",
    Kind.DEADLINE: "withdrawal",
    Kind.BASE_COUNT: "bases",
    Kind.CONVOY: "convoys",
    Kind.DETAINEES: "detainees",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """One language's phrases, and the topic whose bases and parties they speak of."""

    lang: str
    topic: Topic
    texts: Phrases

    @classmethod
    def of(cls, lang: str, topic: Topic) -> Words:
        """The words of "en", "ar" or another language with a catalogue. Raises ConfigError for one that has none."""
        return cls(lang=lang, topic=topic, texts=phrases_of(lang))

    def say(self, group: str, name: str, **parts: object) -> str:
        """One phrase, its braces filled in. A whole number as `count` chooses the plural form. Raises KeyError."""
        count = parts.get("count")
        if not isinstance(count, int):
            return self.texts.text(group, name).format(**parts)
        return self.texts.text(group, name, count).format(**parts | {"count": self.number(count)})

    @property
    def phrases(self) -> Mapping[str, Mapping[str, str]]:
        """Every phrase as it is written, by group and name, for templates."""
        return self.texts.groups

    @property
    def direction(self) -> str:
        """ "ltr" or "rtl"."""
        return self.texts.locale.text_direction

    @property
    def rtl(self) -> bool:
        """Whether the language is written from right to left."""
        return self.direction == "rtl"

    @property
    def arrow(self) -> str:
        """Points from the old to the new in the language's reading direction."""
        return "←" if self.rtl else "→"

    @property
    def comma(self) -> str:
        """What parts the pieces of a line."""
        return self.say("list", "comma")

    @property
    def pause(self) -> str:
        """What parts the halves of a line, more than a comma."""
        return self.say("list", "pause")

    def all_of(self, parts: Sequence[str]) -> str:
        """Pieces of a line that are no list: "vacated, since 21 February, B2"."""
        return self.comma.join(parts)

    def both(self, parts: Sequence[str]) -> str:
        """ "a, b and c"."""
        return format_list(parts, locale=self.texts.locale)

    def any_of(self, parts: Sequence[str]) -> str:
        """ "a, b or c"."""
        return format_list(parts, style="or", locale=self.texts.locale)

    def number(self, number: int) -> str:
        """A number with the language's marks, in the digits that news are written in."""
        return format_decimal(number, locale=self.texts.locale)

    def percent(self, share: float) -> str:
        """A share from 0 to 1."""
        return format_percent(share, locale=self.texts.locale)

    def name(self, names: Mapping[str, str]) -> str:
        """A name in this language, else in English."""
        return clean.line(names.get(self.lang) or names.get("en") or next(iter(names.values())))

    def outlet(self, item: Evidence) -> str:
        """Who published it."""
        return self.source(item.source, item.outlet)

    def source(self, source: str, kept: str) -> str:
        """A source's name in this language, by its id; where the configuration has none, its outlet as it is kept."""
        return clean.line(self.topic.outlets.get(source, {}).get(self.lang) or kept)

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
        return self.say("status", "handed_over_to", party=self.party(value.to))

    def party(self, party: str) -> str:
        """A party's name, by its id."""
        known = self.topic.parties.get(party)
        return self.name(known.name) if known else clean.line(party)

    def _figure(self, figure: Figure) -> str:
        low = "" if figure.low is None else self.number(figure.low)
        high = "" if figure.high is None else self.number(figure.high)
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
        day = date(*numbers, *[1] * (3 - len(numbers)))
        if len(numbers) == 2:
            return format_skeleton("yMMMM", day, locale=self.texts.locale)
        return format_date(day, "long", locale=self.texts.locale)

    def day(self, day: date) -> str:
        """A day in words."""
        return self._date(day.isoformat())

    def short_day(self, day: date, *, year: bool = False) -> str:
        """A day in few words; `year`: only its month and year."""
        return format_skeleton("yMMM" if year else "MMMd", day, locale=self.texts.locale)

    def moment(self, moment: datetime) -> str:
        """A day and a time in UTC, in words."""
        at = utc(moment)
        return self.say("date", "moment", day=self.day(at.date()), time=f"{at:%H:%M}")

    def origins(self, count: int) -> str:
        """How many independent origins, with the language's own plurals."""
        return self.say("sure", "origins", count=count)

    def sure(self, pair: str, origins: int, confidence: float) -> str:
        """How sure and why, in a sentence: the Admiralty pair (NATO AJP-2.1), the origins, the confidence, 0 to 1."""
        percent = self.percent(confidence)
        if len(pair) != 2 or pair[0] not in self.phrases["reliability"] or pair[1] not in self.phrases["credibility"]:
            return self.say("sure", "plain", origins=self.origins(origins), percent=percent)
        return self.say(
            "sure",
            "line",
            pair=pair,
            reliability=self.say("reliability", pair[0]),
            credibility=self.say("credibility", pair[1]),
            count=origins,
            percent=percent,
        )
