"""The language model as a reader of texts, without a store: for `eval`."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from db.records import Answer, Claim, Question
from monitor.asking.client import Endpoint
from monitor.reading.llm.ask import Contract, place_of
from monitor.reading.llm.verify import Reason, verify
from monitor.reading.read import Examined, Reader
from monitor.reading.second.read import said_by


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """A text to be read, as `Reader.read` takes it."""

    text: str
    lang: str | None = None
    published: datetime | None = None


class LlmReader:
    """Asks about each text that it reads. both: adds to the built-in reading's claims, else gives the model's alone."""

    def __init__(
        self,
        rules: Reader,
        contract: Contract,
        endpoint: Endpoint,
        *,
        both: bool = False,
        concurrency: int = 1,
        prices: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        """prices: of a token in, and of one out."""
        self.requests = self.tokens_in = self.tokens_out = 0
        self.rejected: Counter[Reason] = Counter()
        self.answered: list[str] = []
        self._rules = rules
        self._contract = contract
        self._endpoint = endpoint
        self._both = both
        self._concurrency = concurrency
        self._prices = prices

    @property
    def cost(self) -> float:
        """What the answers so far cost, in the currency of the prices."""
        return self.tokens_in * self._prices[0] + self.tokens_out * self._prices[1]

    def read(self, text: str, lang: str | None = None, published: datetime | None = None) -> list[Claim]:
        """The claims of a text, by position. Raises DrawdownError where the endpoint does not answer."""
        return self.read_all([Passage(text=text, lang=lang, published=published)])[0]

    def read_all(self, passages: Sequence[Passage]) -> list[list[Claim]]:
        """The claims of many texts, asked about several at a time."""
        examined = [self._rules.examine(p.text, lang=p.lang, published=p.published) for p in passages]
        asked = [self._contract.questions(one) if one else [] for one in examined]
        answers = iter(asyncio.run(self._ask([question for some in asked for question in some])))
        return [
            self._claims(one, [(question, next(answers)) for question in some]) if one else []
            for one, some in zip(examined, asked, strict=True)
        ]

    async def _ask(self, questions: Sequence[Question]) -> list[Answer]:
        gate = asyncio.Semaphore(self._concurrency)

        async def one(question: Question) -> Answer:
            async with gate:
                return await self._endpoint.ask(self._contract.prompt, question.body)

        try:
            return await asyncio.gather(*map(one, questions))
        finally:
            await self._endpoint.close()

    def _claims(self, examined: Examined, answered: Sequence[tuple[Question, Answer]]) -> list[Claim]:
        claims = list(examined.claims) if self._both else []
        for question, answer in answered:
            self.requests += 1
            self.answered.append(answer.text)
            self.tokens_in += answer.tokens_in
            self.tokens_out += answer.tokens_out
            index = place_of(question, examined.view)
            assert index is not None
            verdict = verify(examined.view, index, answer.text, rule=self._contract.rule)
            self.rejected.update(verdict.rejected)
            said = {said_by(claim) for claim in claims}
            claims += [claim for claim in verdict.claims if said_by(claim) not in said]
        return sorted(claims, key=lambda claim: (claim.start, claim.end, claim.kind, claim.subject))
