"""One request to an OpenAI-compatible endpoint. The only importer of pydantic-ai, which need not be there."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

from db.errors import ConfigError, DrawdownError
from db.records import Answer
from monitor.asking.settings import ModelSettings
from monitor.reading.llm.answer import SCHEMA

if TYPE_CHECKING:
    from pydantic_ai.models import Model

LONGEST_ANSWER = 4000  # tokens
_SHOWN = 200  # characters of what an endpoint says of its fault


class Endpoint(Protocol):
    """Somebody who answers."""

    async def ask(self, prompt: str, body: str) -> Answer:
        """The answer to one question. Raises DrawdownError naming the endpoint, which may be tried again."""
        ...

    async def close(self) -> None:
        """Let go of connections, before the event loop ends; the next question opens new ones."""
        ...


class Client:
    """Asks the configured model. Raises ConfigError where the optional packages are missing."""

    def __init__(self, settings: ModelSettings) -> None:
        missing = [name for name in ("openai", "pydantic_ai") if find_spec(name) is None]
        if missing:
            raise ConfigError(
                f"needs packages that are not installed ({', '.join(missing)}): pip install 'drawdown[llm]'",
                where="[llm]",
            )
        self._settings = settings
        self._model: Model | None = None

    def _opened(self) -> Model:
        from openai import AsyncOpenAI
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.openai import OpenAIProvider

        if self._model is None:
            self._client = AsyncOpenAI(
                base_url=self._settings.endpoint,
                api_key=self._settings.key or "none",  # a local server wants none, but the library does
                timeout=self._settings.timeout_seconds,
                max_retries=0,
            )
            self._model = OpenAIChatModel(self._settings.model, provider=OpenAIProvider(openai_client=self._client))
        return self._model

    async def ask(self, prompt: str, body: str) -> Answer:
        """See `Endpoint`. The whole of it takes no longer than the time limit."""
        from pydantic_ai.exceptions import AgentRunError

        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                return await self._request(prompt, body)
        except TimeoutError:
            raise self._fault(f"no answer within {self._settings.timeout_seconds:g} seconds") from None
        except AgentRunError as error:
            raise self._fault(str(error)) from error

    async def _request(self, prompt: str, body: str) -> Answer:
        from pydantic_ai.direct import model_request, model_request_stream
        from pydantic_ai.messages import ModelMessage, ModelRequest, SystemPromptPart, UserPromptPart
        from pydantic_ai.models import ModelRequestParameters
        from pydantic_ai.output import OutputObjectDefinition
        from pydantic_ai.settings import ModelSettings as Options

        messages: list[ModelMessage] = [ModelRequest(parts=[SystemPromptPart(prompt), UserPromptPart(body)])]
        parameters = ModelRequestParameters(
            output_mode="native", output_object=OutputObjectDefinition(json_schema=SCHEMA, name="answer", strict=False)
        )
        options = Options(temperature=0.0, max_tokens=LONGEST_ANSWER)
        if self._settings.stream:
            async with model_request_stream(
                self._opened(), messages, model_settings=options, model_request_parameters=parameters
            ) as stream:
                async for _ in stream:
                    pass
                response = stream.get()
        else:
            response = await model_request(
                self._opened(), messages, model_settings=options, model_request_parameters=parameters
            )
        usage = response.usage
        return Answer(text=response.text or "", tokens_in=usage.input_tokens, tokens_out=usage.output_tokens)

    def _fault(self, what: str) -> DrawdownError:
        said = " ".join(what.split())[:_SHOWN]
        return DrawdownError(said, where=f"{self._settings.model} at {self._settings.endpoint}", retry=True)

    async def close(self) -> None:
        """See `Endpoint`."""
        if self._model is not None:
            self._model = None
            await self._client.close()
