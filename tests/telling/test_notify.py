from __future__ import annotations

import asyncio
import json
import socket
from dataclasses import replace
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from db.errors import ConfigError, DeliveryError
from monitor.telling.alert import Alert, compose
from monitor.telling.notify import Notifier, check_url, fitted, fitted_short, masked, shown_url
from monitor.topics import Topic


@pytest.fixture
def alert(topic: Topic, make: Any) -> Alert:
    return compose(make.change(), [make.evidence(1, make.quote)], topic)


def send(url: str, alert: Alert, **options: Any) -> None:
    asyncio.run(Notifier(**options).send(url, alert))


def failure(url: str, alert: Alert, **options: Any) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        send(url, alert, **options)
    return caught.value


def test_a_mail_has_both_parts_and_its_subject(post_office: Any, alert: Alert, make: Any) -> None:
    send(post_office.url, alert)
    (mail,) = post_office.messages
    assert mail["Subject"] == alert.subject
    assert mail["To"] == "desk@example.org"
    assert mail["From"].addresses[0].addr_spec == "drawdown@example.org"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail.get_body(("plain",)).get_content().strip() == alert.text.strip()
    assert mail.get_body(("html",)).get_content().splitlines() == alert.html.splitlines()
    assert make.quote in mail.get_body(("plain",)).get_content()


def test_a_mail_sent_again_has_the_same_message_id(post_office: Any, alert: Alert) -> None:
    send(post_office.url, alert)
    send(post_office.url, alert)
    first, second = post_office.messages
    assert first["Message-ID"] == second["Message-ID"] == f"<{alert.ref}@example.org>"


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("refuse", "refused the address: 550 5.1.1 no such user"),
        ("defer", "refused the address: 451 4.7.1 greylisted, come back later"),
        ("late-refuse", "the mail server said: 554 5.7.1 looks like spam"),
        ("drop", "the mail server could not be used: Connection unexpectedly closed"),
    ],
)
def test_a_mail_that_is_not_taken_says_why(post_office: Any, alert: Alert, behaviour: str, reason: str) -> None:
    post_office.behaviour = behaviour
    fault = failure(post_office.url, alert)
    assert reason in str(fault)
    assert fault.retry
    assert post_office.messages == []


def test_nobody_at_home_is_said(alert: Alert) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert "refused" in str(failure(f"mailto://127.0.0.1:{port}?from=a@example.org&to=b@example.org", alert))
    assert "could not be reached" in str(failure(f"slackhook://127.0.0.1:{port}/services/T/B/secret99", alert))


def test_a_target_that_hangs_is_given_up(alert: Alert) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        fault = failure(f"mailto://127.0.0.1:{port}?from=a@example.org&to=b@example.org", alert, timeout=0.2)
        # Closing what waits in the backlog lets the abandoned thread end.
        silent.accept()[0].close()
    assert "within 0.2 seconds" in str(fault)
    assert fault.retry


def hook(server: HTTPServer) -> str:
    return f"slackhook://127.0.0.1:{server.port}/services/T0001/B0002/verysecret"


def test_a_slack_webhook_gets_mrkdwn_as_json(httpserver: HTTPServer, alert: Alert, make: Any) -> None:
    got: list[Request] = []

    def answer(request: Request) -> Response:
        request.get_data()
        got.append(request)
        return Response("ok")

    httpserver.expect_request("/services/T0001/B0002/verysecret", method="POST").respond_with_handler(answer)
    send(hook(httpserver), alert)
    (request,) = got
    body = json.loads(request.get_data())
    assert body == {"text": alert.slack}
    assert body["text"].startswith("*Qasrak: withdrawing → vacated (B2)*\n")
    assert f"> “\u2068{make.quote}\u2069”" in body["text"]
    assert request.content_type == "application/json; charset=utf-8"


@pytest.mark.parametrize(("status", "said"), [(429, "rate_limited"), (500, "oops"), (404, "no_service"), (302, "")])
def test_a_webhook_that_fails_is_said_without_its_secret(
    httpserver: HTTPServer, alert: Alert, status: int, said: str
) -> None:
    httpserver.expect_request("/services/T0001/B0002/verysecret").respond_with_data(
        f"{said} verysecret\n" if said else "", status=status, headers={"Location": "http://127.0.0.1:1/"}
    )
    fault = failure(hook(httpserver), alert)
    assert str(fault) == f"the webhook said: {status} {said} ****" if said else f"the webhook said: {status}"
    assert fault.retry


def test_slack_itself_gets_finished_mrkdwn(monkeypatch: pytest.MonkeyPatch, alert: Alert) -> None:
    """Apprise's plugin has Slack's address built in, so its own request is caught just before the socket."""
    import requests

    posted: list[dict[str, Any]] = []

    def catch(_method: str, _url: str, *, data: str, **_: Any) -> requests.Response:
        posted.append(json.loads(data))
        response = requests.Response()
        response.status_code, response._content = 200, b"ok"
        return response

    monkeypatch.setattr(requests, "request", catch)
    send("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/", alert)
    (payload,) = posted
    assert payload["mrkdwn"] is True
    assert payload["attachments"][0]["text"] == alert.slack


def test_any_other_service_gets_title_and_text(httpserver: HTTPServer, alert: Alert) -> None:
    got: list[Any] = []

    def answer(request: Request) -> Response:
        got.append(request.get_json())
        return Response("ok")

    httpserver.expect_request("/hook", method="POST").respond_with_handler(answer)
    send(f"json://127.0.0.1:{httpserver.port}/hook", alert)
    (body,) = got
    assert body["title"] == alert.subject
    assert body["message"].strip() == alert.text.removeprefix(alert.subject).strip()


def test_a_service_that_fails_in_apprises_words_is_masked(httpserver: HTTPServer, alert: Alert) -> None:
    httpserver.expect_request("/topsecret").respond_with_data("no", status=503)
    fault = failure(f"json://user:password@127.0.0.1:{httpserver.port}/topsecret", alert)
    assert "503" in str(fault)
    assert "topsecret" not in str(fault)
    assert "password" not in str(fault)


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("nothing at all", "does not parse"),
        ("", "does not parse"),
        ("unknown://host/verysecret", "does not parse"),
        ("mailto://", "does not parse"),
        ("slack://verysecret", "does not parse"),
        ("slackhook://", "does not parse"),
        ("mailto://127.0.0.1?from=a@example.org&to=not-an-address", "nobody"),
        ("mailto://127.0.0.1?from=a@example.org&to=b@example.org,c@example.org", "2 receivers"),
        ("mailtos://u:verysecret@mail.example.org/b@example.org/c@example.org", "2 receivers"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_secrets(
    url: str, what: str, root_log: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConfigError, match=what) as caught:
        check_url(url)
    out = capfd.readouterr()
    assert "verysecret" not in f"{caught.value}{root_log}{out.out}{out.err}"


@pytest.mark.parametrize(
    "url",
    [
        "mailtos://user:password@mail.example.org?to=desk@example.org",
        "mailto://127.0.0.1:2525?from=a@example.org&to=b@example.org",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/",
        "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        "slackhook://127.0.0.1:8065/hooks/abc",
        "slackhooks://chat.example.org/hooks/abc",
        "ntfy://topic",
    ],
)
def test_a_good_url_is_taken_and_shown_without_secrets(url: str) -> None:
    check_url(url)
    assert "password" not in shown_url(url)
    assert "TIiajkdnlazkcOXrIdevi7FQ" not in shown_url(url)
    assert "/abc" not in shown_url(url)


def test_secrets_are_masked_in_any_words() -> None:
    url = "slackhooks://chat.example.org/hooks/se%20cret?token=tok123"
    assert masked("no /hooks/se cret or se%20cret, TOK123", url) == "no /**** or ****, ****"
    assert masked("login pa55word failed for desk", "mailtos://desk:pa55word@example.org") == (
        "login **** failed for desk"
    )


def test_a_long_text_loses_lines_from_its_end_but_not_its_ids() -> None:
    text = "\n".join([f"line {number}" for number in range(100)] + ["Change 12 · why"])
    short = fitted(text, 60)
    assert len(short) <= 60
    assert short.startswith("line 0\nline 1\n")
    assert short.endswith("…\nChange 12 · why")
    assert fitted(text, 10_000) == text


def test_the_short_form_loses_its_quote_before_its_number(topic: Topic, make: Any) -> None:
    alert = compose(make.change(), [make.evidence(1, make.quote)], topic)
    assert fitted_short(alert, 1000) == alert.short
    assert make.quote in alert.short
    assert "https://news.example/1" in alert.short
    assert fitted_short(alert, 160) == alert.brief
    assert alert.brief == (
        "Qasrak: withdrawing → vacated (B2); since 23 February 2026; \u2068Example Wire\u2069 [Change 12]"
    )
    assert len(fitted_short(alert, 40)) == 40


def test_a_target_that_wants_it_short_gets_one_line_without_markup(
    httpserver: HTTPServer, topic: Topic, make: Any
) -> None:
    alert = compose(make.change(), [make.evidence(1, "<!channel> *left* Qasrak")], topic)
    httpserver.expect_request("/hooks/abc").respond_with_data("ok")
    send(f"slackhook://127.0.0.1:{httpserver.port}/hooks/abc", replace(alert, terse=True))
    request, _ = httpserver.log[0]
    text = request.get_json()["text"]
    assert text.startswith("Qasrak: withdrawing → vacated (B2); since 23 February 2026.")
    assert "“&lt;!channel&gt; left Qasrak”" in text
    assert text.endswith("[Change 12]")
    assert "\n" not in text
