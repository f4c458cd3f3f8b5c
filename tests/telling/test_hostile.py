"""Texts of strangers in each message that leaves the program: one test a case."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from db.records import Notice, NoticeKind, Status
from monitor.telling.alert import Alert, compose, entry
from monitor.telling.digest import compose_digest, compose_notice
from monitor.telling.notify import Notifier, fitted
from monitor.topics import Topic

ODD = (
    "</p><script>x</script>\r\nBcc: a@b.example\r\n\r\n.\r\nQUIT\x00\x0b\x1b[2J\x9b31m \u202eevil\u2066 <!channel> "
    "<@U1> `rm` *now* <https://bad.example|click> \ufffe\ud800 ]]> &amp; قسرك"
)
LONG = "They left, " * 10_000
OBEYED = {chr(number) for number in (*range(32), *range(0x7F, 0xA0))} - {"\n"} | set("\u202d\u202e\u2028\u2029\ufffe")


def alert(topic: Topic, make: Any, text: str) -> Alert:
    """An alert in which everything that a stranger says is this."""
    said = {"outlet": text, "title": text, "speaker": text, "lang": "en"}
    items = [make.evidence(1, text, **said), make.evidence(2, text, Status.ACTIVE, **said)]
    before, rival = (
        make.position(Status.WITHDRAWING, (2,), source=text),
        make.position(Status.ACTIVE, (2,), source=text),
    )
    return compose(make.change(previous=before, rivals=(rival,)), items, topic, because=text)


def notice(topic: Topic, make: Any, text: str) -> Alert:
    return compose_notice(Notice(source=text, kind=NoticeKind.DOWN, at=make.at, text=text, id=1), topic)


def digest(topic: Topic, make: Any, text: str) -> Alert:
    said = entry(make.change(), [make.evidence(1, text, outlet=text, title=text)], topic, because=text)
    return compose_digest([said], topic, at=make.at, key="k")


MESSAGES = pytest.mark.parametrize("message", [alert, notice, digest])


@MESSAGES
def test_a_mail_has_its_own_headers_and_two_parts_alone(
    message: Any, topic: Topic, make: Any, post_office: Any
) -> None:
    asyncio.run(Notifier().send(post_office.url, message(topic, make, ODD)))
    (mail,) = post_office.messages
    assert {name.lower() for name, _ in mail.items()} == {
        "from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type",
        "content-language",
    }  # fmt: skip
    parts = [part.get_content() for part in mail.iter_parts()]
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert not set(mail["Subject"]) & (OBEYED | {"\n"})
    assert not any(set(part.replace("\r\n", "\n")) & OBEYED for part in parts)
    assert "<script" not in parts[1]
    assert "قسرك" in parts[0]


@MESSAGES
def test_slack_reads_nothing_of_it_as_markup(message: Any, topic: Topic, make: Any, httpserver: HTTPServer) -> None:
    got: list[str] = []

    def answer(request: Request) -> Response:
        got.append(json.loads(request.get_data())["text"])
        return Response("ok")

    httpserver.expect_request("/hook").respond_with_handler(answer)
    asyncio.run(Notifier().send(f"slackhook://127.0.0.1:{httpserver.port}/hook", message(topic, make, ODD)))
    (text,) = got
    assert all(link.startswith("https://news.example/") for link in re.findall(r"<([^>]*)>", text))
    assert "&lt;!channel&gt;" in text
    assert "`rm`" not in text
    assert "*now*" not in text
    assert not set(text) & OBEYED


@MESSAGES
def test_what_is_far_too_long_becomes_a_message_that_can_be_read(message: Any, topic: Topic, make: Any) -> None:
    made = message(topic, make, LONG)
    assert len(made.subject) < 1000
    assert all(len(form) < 40_000 for form in (made.text, made.html, made.slack, made.short))
    cut = fitted(made.slack, 4000)
    assert len(cut) <= 4000
    assert cut.splitlines()[-1] == made.slack.splitlines()[-1]


def test_a_quote_of_five_megabytes_is_cut(topic: Topic, make: Any) -> None:
    made = compose(make.change(), [make.evidence(1, LONG * 50)], topic)
    assert all(len(form) < 20_000 for form in (made.text, made.html, made.slack, made.short))
    assert "They left" in made.text
