"""Fixtures of the knowing room: the topic's rules, a replay in memory, and the shared corpus where it is there."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from monitor.knowing.origin import Citations
from monitor.knowing.rules import Rules
from monitor.knowing.voices import citations_of, rules_of
from monitor.topics import load_topic

HERE = Path(__file__).resolve()
CORPUS = HERE.parents[2].parent / "shared" / "corpus"


def _load(name: str) -> ModuleType:
    """A helper beside the tests: they are no package, so it is loaded by its path."""
    key = f"knowing_{name}"
    if key not in sys.modules:
        spec = importlib.util.spec_from_file_location(key, HERE.with_name(f"{name}.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[key] = module
        spec.loader.exec_module(module)
    return sys.modules[key]


@pytest.fixture(scope="session")
def replaying() -> ModuleType:
    """The module `replay.py`."""
    return _load("replay")


@pytest.fixture(scope="session")
def saying() -> ModuleType:
    """The module `saying.py`."""
    return _load("saying")


@pytest.fixture
def fort(saying: ModuleType) -> Any:
    """A base that is known to be active since the first of January 2026."""
    return saying.World().knew(saying.status("active"), "2026-01-01")


@pytest.fixture
def force(saying: ModuleType) -> Any:
    """A force that is known to be about 2,000 in December 2025."""
    return saying.World.figures().knew(saying.figure("about 2000"), "2025-12")


@pytest.fixture(scope="session")
def rules() -> Rules:
    """The default settings with the first topic's speakers."""
    return rules_of(load_topic("syria"))


@pytest.fixture
def corpus() -> Path:
    """The shared corpus; skips where it is absent."""
    if not CORPUS.is_dir():
        pytest.skip(f"the shared corpus is not at {CORPUS}")
    return CORPUS


@pytest.fixture
def make_replay(rules: Rules, replaying: ModuleType) -> Any:
    """Makes a replay for lines; further arguments are fields of `Replay`."""

    def make(lines: list[dict[str, Any]], **fields: Any) -> Any:
        outlets = {line["outlet_id"]: line["outlet"] for line in lines if line.get("outlet_id")}
        citations: Citations = citations_of(load_topic("syria"), outlets, replaying.GENERIC)
        return replaying.Replay(**{"rules": rules, "citations": citations, **fields})

    return make
