"""Who may import whom: data flows one way, and imports too (docs/architecture.md)."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("db", "scrapers", "monitor")
OPEN_TO_MONITOR = {f"scrapers.{name}" for name in ("sources", "settings", "crawl", "files", "trial", "discovery")}
PURE_LIBRARIES = {"ahocorasick_rs", "numpy", "rapidfuzz"}


def modules() -> dict[str, Path]:
    found = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "versions" in path.parts and "migrations" in path.parts:
                continue
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


MODULES = modules()


def imports(name: str) -> Iterator[str]:
    """Every module that the file imports, anywhere in it; of a package, the submodule where one is meant."""
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: relative import"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else str(node.module)


def ours(name: str) -> set[str]:
    return {target for target in imports(name) if target.split(".")[0] in ROOMS}


@pytest.mark.parametrize("name", [name for name in MODULES if name.split(".")[0] == "db"])
def test_db_imports_neither_sibling(name: str) -> None:
    assert not {target for target in ours(name) if not target.startswith("db")}


@pytest.mark.parametrize("name", [name for name in MODULES if name.split(".")[0] == "scrapers"])
def test_scrapers_import_db_alone(name: str) -> None:
    assert not {target for target in ours(name) if target.split(".")[0] == "monitor"}


@pytest.mark.parametrize("name", [name for name in MODULES if name.split(".")[0] == "monitor"])
def test_monitor_takes_only_the_front_door_of_scrapers(name: str) -> None:
    taken = {target for target in ours(name) if target.split(".")[0] == "scrapers"}
    assert taken <= OPEN_TO_MONITOR


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith(("monitor.reading", "monitor.knowing"))])
def test_the_core_is_pure(name: str) -> None:
    allowed = ("db.records", "db.errors", "monitor.reading", "monitor.knowing", "monitor.topics")
    assert not {target for target in ours(name) if not target.startswith(allowed)}
    banned = {"sqlalchemy", "socket", "scrapy", "twisted", "requests", "urllib.request", "asyncio", "time", "apprise"}
    assert not set(imports(name)) & banned
    source = MODULES[name].read_text(encoding="utf-8")
    assert ".now(" not in source, "the clock is an argument"
    assert ".today(" not in source, "the clock is an argument"


def test_records_need_the_standard_library_alone() -> None:
    assert not ours("db.records")


def test_one_importer_of_apprise() -> None:
    importers = {name for name in MODULES if any(t.split(".")[0] == "apprise" for t in imports(name))}
    assert importers == {"monitor.telling.notify"}


def test_one_importer_of_the_language_models_client_and_only_when_it_asks() -> None:
    importers = {name for name in MODULES if any(t.split(".")[0] in ("pydantic_ai", "openai") for t in imports(name))}
    assert importers == {"monitor.asking.client"}
    script = "import sys, monitor.cli, monitor.asking.client; print({'pydantic_ai', 'openai'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=ROOT)
    assert said.stdout.strip() == "set()"


def test_no_circle() -> None:
    graph = {name: {target for target in ours(name) if target in MODULES and target != name} for name in MODULES}
    TopologicalSorter(graph).prepare()  # raises CycleError naming the circle


def test_the_engine_knows_no_place_by_name() -> None:
    """Base ids of the topic stand in no engine code (the demo's scenario apart)."""
    from monitor.topics import load_topic

    ids = {base_id for base_id in load_topic("syria").bases if len(base_id) > 4}
    for name, path in MODULES.items():
        if name.startswith("monitor.demo"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert node.value not in ids, f"{name} line {node.lineno} names {node.value}"
