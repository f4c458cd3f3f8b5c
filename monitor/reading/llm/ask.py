"""What a language model is asked: the topic's prompt, and one sentence with what stands around it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from db.errors import ConfigError
from db.records import Question
from monitor.reading.llm.answer import SCHEMA
from monitor.reading.protocol import LLM
from monitor.reading.read import Examined
from monitor.reading.second.cases import View
from monitor.topics import Topic

PROMPT_FILE = "prompt.md"
_SHOWN = 12  # characters of the prompt's hash that a claim is marked with
_LONGEST = 1500  # characters of a sentence that is asked about
_AROUND = 600  # of a neighbour


class Sentences(StrEnum):
    """Which sentences are asked about: those in which the built-in reading is undecided, or all on the topic."""

    UNDECIDED = "undecided"
    ON_TOPIC = "on_topic"


class Contract:
    """What one model is asked by about one topic. Raises ConfigError where the topic has no prompt."""

    def __init__(self, topic: Topic, *, model: str, sentences: Sentences = Sentences.UNDECIDED) -> None:
        path = topic.folder / PROMPT_FILE
        try:
            self.prompt = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                "is missing from the topic or cannot be read; a language model needs it", where=str(path)
            ) from error
        self.model = model
        self.sentences = sentences
        self._topic = topic
        self._parties = {party.id: party.name["en"] for party in topic.parties.values()}
        self.hash = sha256(f"{self.prompt}\0{json.dumps(SCHEMA, sort_keys=True)}".encode()).hexdigest()

    @property
    def rule(self) -> str:
        """What the claims of its answers are marked with."""
        return f"{LLM} {self.model}, prompt {self.hash[:_SHOWN]}"

    def key(self, body: str) -> bytes:
        """The hash of all that an answer depends on."""
        return sha256("\0".join((self.hash, self.model, body)).encode()).digest()

    def questions(self, examined: Examined, *, version_id: int = 0, title: str = "") -> list[Question]:
        """What to ask about a text that was read."""
        chosen = examined.undecided if self.sentences is Sentences.UNDECIDED else examined.on_topic
        return list(self._questions(examined.view, sorted(chosen), version_id, title))

    def _questions(self, view: View, chosen: Iterable[int], version_id: int, title: str) -> Iterable[Question]:
        for index in chosen:
            start, end = view.lines[index].bounds
            if end - start <= _LONGEST:
                yield Question(version_id=version_id, start=start, body=self._body(view, index, title))

    def _body(self, view: View, index: int, title: str) -> str:
        published = view.passage.published
        bases = {mention.base: self._topic.bases[mention.base].name["en"] for mention in view.named[index]}
        return _json(
            {
                "title": title[:_AROUND],
                "published": _day(published),
                "before": _sentence(view, index - 1)[-_AROUND:],
                "sentence": _sentence(view, index),
                "after": _sentence(view, index + 1)[:_AROUND],
                "bases": bases,
                "parties": self._parties,
            }
        )


def place_of(question: Question, view: View) -> int | None:
    """Which sentence of a text a question is about."""
    return next((i for i, line in enumerate(view.lines) if line.bounds[0] == question.start), None)


def _sentence(view: View, index: int) -> str:
    if not 0 <= index < len(view.lines):
        return ""
    start, end = view.lines[index].bounds
    return view.text.original[start:end]


def _day(published: datetime | None) -> str | None:
    return f"{published:%A, %Y-%m-%d}" if published else None


def _json(data: dict[str, object]) -> str:
    return json.dumps(data, ensure_ascii=False)
