"""Is a text on the topic? Cheap, and in doubt yes: it decides which articles are fetched and kept, not what they say.

A sentence is on the topic when it names a base that cannot be anything else; the place of a base together with our
forces, with troops, a base or a convoy, or with a move; our forces together with the theatre or with troops; and a
move of troops, a base or a convoy together with our forces or with the theatre.
"""

from __future__ import annotations

from functools import cache

from monitor.reading.cues import Lexicon, words_of
from monitor.reading.gazetteer import Gazetteer
from monitor.reading.text import Span, Text, language
from monitor.topics import Topic

_OURS, _THEATRE, _TROOPS = "ours", "theatre", "obj.troops"
_THINGS = frozenset((_TROOPS, "obj.truck", "obj.prisoner", "head.base"))
_MOVES = frozenset(("leave", "vacate", "dismantle", "return", "reinforce", "handover", "takeover", "arrive"))


class About:
    """Whether texts are on a topic. Made once, used for many."""

    def __init__(self, topic: Topic) -> None:
        self._languages = frozenset(topic.cues)
        self._lexicon = cache(lambda lang: _lexicon(lang, topic))
        self._gazetteer = Gazetteer(topic)

    def __call__(self, text: str) -> bool:
        """Whether a sentence of the text is on the topic; what is in a language without cues never is."""
        view = Text(text)
        lang = language(view)
        if lang is None or lang not in self._languages:
            return False
        named = self._gazetteer.find(view)
        if any(mention.strength in ("strong", "plain") for mention in named):
            return True
        places = [mention.start for mention in named if mention.strength == "place"]
        return any(self._says_so(view, span, places, self._lexicon(lang)) for span in view.sentences)

    def _says_so(self, view: Text, span: Span, places: list[int], lexicon: Lexicon) -> bool:
        said = {hit.cls for hit in lexicon.find(words_of(view, span.start, span.end))}
        ours, theatre = _OURS in said, _THEATRE in said
        things, moves = not said.isdisjoint(_THINGS), not said.isdisjoint(_MOVES)
        if any(span.holds(place) for place in places):
            return ours or things or moves
        return (ours and (theatre or _TROOPS in said)) or ((ours or theatre) and things and moves)


def _lexicon(lang: str, topic: Topic) -> Lexicon:
    lexicon = Lexicon(lang, topic)
    lexicon.add(_THEATRE, topic.theatre.get(lang, ()))
    return lexicon
