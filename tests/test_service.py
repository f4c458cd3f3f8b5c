"""The daemon as a service: what it says to the manager that started it, and how its log can be read by machines."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from db.errors import ConfigError
from monitor import logs
from monitor.service import Service

PROGRAM = "from monitor.cli import main; main()"
PATIENCE = 60.0  # seconds for what a daemon says within two

CONFIG = """
[crawl]
allow_hosts = ["{host}"]
delay_seconds = 0

[sources]
from_topic = false

[[source]]
id = "test-post"
name = {{ en = "Test Post" }}
lang = "en"
kind = "daily"
reliability = "B"
feeds = ["http://{host}/feed.xml"]
every = 15

[log]
format = "json"
"""


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """The socket of a service manager, a real one of the system."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(PATIENCE)
        yield listening


def hear(manager: socket.socket, beginning: str) -> list[str]:
    """What is said up to the first line that begins so."""
    heard: list[str] = []
    until = time.monotonic() + PATIENCE
    while not heard or not heard[-1].startswith(beginning):
        assert time.monotonic() < until, heard
        heard.append(manager.recv(4096).decode())
    return heard


@pytest.fixture
def environ(tmp_path: Path, httpserver: HTTPServer) -> dict[str, str]:
    """An environment whose daemon crawls one source, and logs as JSON."""
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow:\n")
    httpserver.expect_request("/feed.xml").respond_with_data("gone", status=500)
    path = tmp_path / "drawdown.toml"
    path.write_text(CONFIG.format(host=f"{httpserver.host}:{httpserver.port}"), encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DRAWDOWN_")}
    return kept | {"DRAWDOWN_CONFIG": str(path), "NOTIFY_SOCKET": str(tmp_path / "notify")}


def start(environ: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, "run"]
    return subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True)


def test_the_manager_hears_all_of_a_life_and_the_log_is_json(manager: socket.socket, environ: dict[str, str]) -> None:
    daemon = start(environ | {"DRAWDOWN_LOG": "DEBUG"})
    try:
        assert "READY=1" in hear(manager, "READY=1")
        assert hear(manager, "STATUS=watching")[-1] == "STATUS=watching 1 sources"
        assert "0 fetched" in hear(manager, "STATUS=test-post: ")[-1]
        daemon.send_signal(signal.SIGTERM)
        hear(manager, "STOPPING=1")
    finally:
        _, said = daemon.communicate(timeout=PATIENCE)
    assert daemon.returncode == 0, said
    lines = [json.loads(line) for line in said.splitlines()]
    assert {line["logger"].split(".")[0] for line in lines} >= {"monitor", "scrapers", "apscheduler", "alembic"}
    assert all(set(line) - {"exception"} == {"time", "level", "logger", "message"} for line in lines)
    assert all(line["time"].endswith("Z") for line in lines)


def test_a_fault_is_json_too(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "drawdown.db").write_text("This is not a database. " * 100)
    daemon = start(environ)
    _, said = daemon.communicate(timeout=PATIENCE)
    assert daemon.returncode == 1
    [line] = [json.loads(line) for line in said.splitlines()]
    assert (line["level"], line["logger"]) == ("ERROR", "drawdown")
    assert "not a store" in line["message"]


def test_a_stranger_cannot_speak_for_the_daemon(manager: socket.socket, tmp_path: Path) -> None:
    service = Service({"NOTIFY_SOCKET": str(tmp_path / "notify")})
    service.status("fetched: \x1b[31mred\nMAINPID=1\n" + "x" * 1000)
    said = manager.recv(4096).decode()
    assert said.startswith("STATUS=fetched: red MAINPID=1 xxx")
    assert len(said) < 320
    assert "\n" not in said


def test_an_abstract_socket_is_one_too() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("")  # the system gives it a name
        listening.settimeout(PATIENCE)
        name = listening.getsockname()[1:].decode()
        Service({"NOTIFY_SOCKET": f"@{name}"}).alive()
        assert listening.recv(4096) == b"WATCHDOG=1"


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "/nowhere/at/all"}])
def test_where_nobody_listens_nothing_fails(environ: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        Service(environ).ready()
    assert caplog.text == ""


# -- the log ----------------------------------------------------------------------------------------------------------


def record(message: str, *arguments: object, error: Exception | None = None) -> logging.LogRecord:
    raised = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord("monitor.daemon", logging.ERROR, "", 0, message, arguments, raised)
    made.created, made.msecs = 1771149600.25, 250.0
    return made


def test_text_is_a_line_in_utc() -> None:
    said = logs.Plain().format(record("%s fetched\n\x1b[31m\u202ered", 5))
    assert said == "2026-02-15T10:00:00.250Z ERROR 5 fetched red"


@pytest.mark.parametrize("formatter", [logs.Plain(), logs.Json()])
def test_what_was_raised_cannot_reach_the_terminal(formatter: logging.Formatter) -> None:
    try:
        raise ValueError("bad \x1b]0;title\x07 title: عنوان")
    except ValueError as error:
        said = formatter.format(record("failed", error=error))
    assert "\x1b" not in said
    assert "ValueError: bad title: عنوان" in said
    assert "  File " in said


def test_json_is_one_object_a_line() -> None:
    said = logs.Json().format(record('a "quote"\nand قسرك'))
    assert "\n" not in said
    assert json.loads(said) == {
        "time": "2026-02-15T10:00:00.250Z",
        "level": "ERROR",
        "logger": "monitor.daemon",
        "message": 'a "quote" and قسرك',
    }


def test_the_environment_goes_before_the_file() -> None:
    try:
        logs.use("json", {})
        assert json.loads(logs.told("x"))["message"] == "x"
        logs.use("json", {logs.FORMAT: "text"})
        assert logs.told("x") == "drawdown: x"
    finally:
        logs.use(None, {})


@pytest.mark.parametrize(("name", "value"), [(logs.FORMAT, "xml"), (logs.LEVEL, "LOUD")])
def test_a_wrong_word_in_the_environment_is_named(
    name: str, value: str, drawdown: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    said = drawdown("sources")
    assert said.code == 1
    assert said.err.startswith(f"drawdown: {name}: is ")


def test_a_wrong_word_in_the_file_is_named(drawdown: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "drawdown.toml").write_text('[log]\nformat = "xml"\n', encoding="utf-8")
    said = drawdown("check")
    assert said.code == 1
    assert "[log], key format" in said.err
    with pytest.raises(ConfigError, match="text or json"):
        logs.use(None, {logs.FORMAT: "xml"})
