"""Every claim kind's own examples, Arabic and English, also sentences that must give nothing."""

from __future__ import annotations

import importlib
import pkgutil
from datetime import UTC, datetime
from functools import cache
from types import ModuleType

import pytest

import monitor.reading.kinds
from monitor.reading.examples import Example
from monitor.reading.read import Reader
from monitor.topics import load_topic


def _kinds() -> list[ModuleType]:
    names = [module.name for module in pkgutil.iter_modules(monitor.reading.kinds.__path__)]
    modules = [importlib.import_module(f"monitor.reading.kinds.{name}") for name in names]
    return [module for module in modules if hasattr(module, "EXAMPLES")]


@cache
def _reader() -> Reader:
    return Reader(load_topic("syria"))


CASES = [(module.__name__.rpartition(".")[2], example) for module in _kinds() for example in module.EXAMPLES]


@pytest.mark.parametrize(("kind", "example"), CASES, ids=[f"{kind}: {example.text[:60]}" for kind, example in CASES])
def test_an_example_gives_its_claims(kind: str, example: Example) -> None:
    published = datetime.fromisoformat(example.published).replace(tzinfo=UTC)
    claims = [claim.to_json() for claim in _reader().read(example.text, example.lang, published) if claim.kind == kind]
    seen = [{key: claim[key] for key in wanted} for claim, wanted in zip(claims, example.claims, strict=False)]
    assert (len(claims), seen) == (len(example.claims), list(example.claims)), claims
    assert all(example.text[claim["start"] : claim["end"]] == claim["quote"] for claim in claims)


@pytest.mark.parametrize("module", _kinds(), ids=lambda module: module.__name__)
def test_a_kind_shows_both_languages_and_what_is_no_claim(module: ModuleType) -> None:
    for lang in ("ar", "en"):
        mine = [example for example in module.EXAMPLES if example.lang == lang]
        assert any(example.claims for example in mine)
        assert any(not example.claims for example in mine)
