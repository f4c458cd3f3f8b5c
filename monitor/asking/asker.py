"""Asks what waits in the store, a few questions at a time, within the day's budget; failing, it waits ever longer.

Whoever reads never waits for it: it takes questions that are rows, and leaves answers that are rows.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from db import questions
from db.errors import DrawdownError
from db.records import Answer, ModelHealth, Question
from db.session import Store
from monitor.asking.client import Endpoint
from monitor.asking.settings import ModelSettings
from monitor.reading.llm.answer import parse
from monitor.reading.llm.ask import Contract

log = logging.getLogger(__name__)

ROUND = 20  # questions, so that what is answered is soon folded in
LONGEST_REST = 60  # minutes

Waiting = tuple[bytes, Question]


@dataclass(kw_only=True)
class Asker:
    """Asks one model about one store's versions. attempts: after which a question is let be."""

    store: Store
    contract: Contract
    endpoint: Endpoint
    settings: ModelSettings
    now: Callable[[], datetime]
    attempts: int
    failed: bool = False
    spent: ModelHealth = field(default_factory=ModelHealth)

    async def ask_waiting(self) -> int:
        """Ask some of what waits, unless it is resting or the day's budget is spent. Returns how many were answered."""
        todo = await asyncio.to_thread(self._todo)
        self.failed = False
        workers = (self._work(todo) for _ in range(self.settings.concurrency))
        return sum(await asyncio.gather(*workers))

    def _todo(self) -> deque[Waiting]:
        with self.store.reading() as session:
            self.spent = questions.health(session, at=self.now())
            if self.spent.next_at is not None and self.now() < self.spent.next_at:
                return deque()
            waiting = {self.contract.key(q.body): q for q in questions.waiting(session) if q.attempts < self.attempts}
            known = questions.answers(session, list(waiting))
        return deque([(key, question) for key, question in waiting.items() if key not in known][:ROUND])

    async def _work(self, todo: deque[Waiting]) -> int:
        answered = 0
        while todo and not self.failed and self._reserve():
            key, question = todo.popleft()
            try:
                answer = await self.endpoint.ask(self.contract.prompt, question.body)
            except DrawdownError as error:
                await self._fail(error.what)
                break
            answered += await self._take(key, question, answer)
        return answered

    def _reserve(self) -> bool:
        """Whether the budget of the day has room for one more request, which is then counted."""
        counts = self.spent.counts
        requests = counts.get(questions.REQUESTS, 0)
        tokens = counts.get(questions.TOKENS_IN, 0) + counts.get(questions.TOKENS_OUT, 0)
        if requests >= self.settings.requests_a_day or tokens >= self.settings.tokens_a_day:
            return False
        self._spend({questions.REQUESTS: 1})
        return True

    def _spend(self, more: dict[str, int]) -> None:
        counts = dict(self.spent.counts)
        for what, count in more.items():
            counts[what] = counts.get(what, 0) + count
        self.spent = replace(self.spent, counts=counts)

    async def _take(self, key: bytes, question: Question, answer: Answer) -> bool:
        """Keep an answer. What cannot be read is a failure of the endpoint, and counts against the question, too."""
        tokens = {questions.TOKENS_IN: answer.tokens_in, questions.TOKENS_OUT: answer.tokens_out}
        self._spend(tokens)
        try:
            parse(answer.text)
        except ValueError as error:
            await self._fail(str(error), question, tokens)
            return False
        recovered = self.spent.failures > 0
        self.spent = replace(self.spent, failures=0, error="", down_since=None, next_at=None)

        def work(session: Session) -> None:
            questions.save_answer(session, key, answer, at=self.now())
            questions.count(session, {questions.REQUESTS: 1, **tokens}, at=self.now())
            if recovered:
                questions.save_health(session, self.spent)

        await self.store.write(work)
        if recovered:
            log.info("the language model answers again")
        return True

    async def _fail(self, what: str, question: Question | None = None, tokens: dict[str, int] | None = None) -> None:
        """Count a failure, and rest: 1, 2, 4 … 60 minutes. Failures of one round are one."""
        now = self.now()
        if not self.failed:
            failures = self.spent.failures + 1
            rest = timedelta(minutes=min(2 ** min(failures - 1, 10), LONGEST_REST))
            since = self.spent.down_since or now
            self.spent = replace(self.spent, failures=failures, error=what, down_since=since, next_at=now + rest)
            log.warning("the language model does not answer (%d in a row): %s", failures, what)
        self.failed = True
        fares = self.spent

        def work(session: Session) -> None:
            questions.save_health(session, fares)
            questions.count(session, {questions.REQUESTS: 1, "failures": 1, **(tokens or {})}, at=now)
            if question is not None and question.id is not None:
                questions.tried(session, question.id)

        await self.store.write(work)
