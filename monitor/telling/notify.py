"""The way out: one alert to one Apprise URL. Nothing else imports Apprise.

Two services are ours, on top of Apprise's: mail with our own plain text beside the HTML, and `slackhook://` for
webhooks that speak Slack's JSON at any host (Slack's own are `slack://`). Retries are the outbox's business, so every
fault comes out as a `DeliveryError` with the server's own words and without the URL's secrets.
"""

# Apprise says py.typed, but its plugins' base annotates class attributes as None and leaves most calls untyped.
# mypy: disable-error-code="assignment, misc, no-untyped-call, override"

from __future__ import annotations

import contextlib
import json
import logging
import re
import smtplib
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parsedate_to_datetime
from typing import Any, ClassVar, NamedTuple
from urllib.parse import unquote, unquote_plus

import requests
from apprise import Apprise, AppriseResult, NotifyBase, NotifyFormat
from apprise.plugins import url_to_dict
from apprise.plugins.email.base import NotifyEmail, PGPMode
from apprise.plugins.slack import NotifySlack
from apprise.result import AppriseResultStatus

from db.errors import ConfigError, DeliveryError
from monitor.telling import clean
from monitor.telling.alert import Alert

TIMEOUT_SECONDS = 45.0  # one message at one target, all steps together
SMTP_TIMEOUT_SECONDS = 20  # one answer of a mail server
SHORT_ROOM = 1024  # characters (Pushover's): a service that takes no more gets the short form

# Apprise's log names tokens and addresses; what matters of it comes back in the result of each call.
_apprise_log = logging.getLogger("apprise")
_apprise_log.addHandler(logging.NullHandler())
_apprise_log.propagate = False
# At DEBUG it names the path of every request, which of a webhook and of a heartbeat is the secret.
logging.getLogger("urllib3").setLevel(logging.ERROR)


class Fault(NamedTuple):
    """Why a service of ours did not take an alert: in our words, and in those of the other side."""

    what: str
    said: str
    after: float | None = None  # seconds for which the other side asked to be left alone


class Mail(NotifyEmail):
    """Apprise's mail with a message of our own: plain text and HTML side by side, a Message-ID that never changes.

    The same Message-ID at every attempt lets mail servers and readers drop a repetition.
    """

    alert: Alert
    fault: Fault | None = None

    def send(self, body: str, title: str = "", **_: Any) -> bool:
        """Send the alert; the reason of a failure is left in `fault`."""
        try:
            with self._connected() as server:
                refused = server.send_message(self._message(), self._sender()[1], self._recipients())
        except smtplib.SMTPRecipientsRefused as error:
            refused = error.recipients
        except smtplib.SMTPResponseException as error:
            self.fault = Fault("the mail server said", _reply(error.smtp_code, error.smtp_error))
            return False
        except (smtplib.SMTPException, OSError) as error:
            self.fault = Fault("the mail server could not be used", _reason(error))
            return False
        if refused:
            code, said = next(iter(refused.values()))
            self.fault = Fault("the mail server refused the address", _reply(code, said))
        return not refused

    @contextlib.contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        context = ssl.create_default_context()
        if not self.verify_certificate:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        server: smtplib.SMTP
        port = int(self.port or 0)
        if self.secure_mode == "ssl":
            server = smtplib.SMTP_SSL(self.smtp_host, port, timeout=SMTP_TIMEOUT_SECONDS, context=context)
        else:
            server = smtplib.SMTP(self.smtp_host, port, timeout=SMTP_TIMEOUT_SECONDS)
        try:
            if self.secure_mode == "starttls":
                server.starttls(context=context)
            if self.user and self.password:
                server.login(self.user, self.password)
            yield server
        finally:
            # The message is accepted or refused by now: a server that fails to say goodbye changes nothing.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()

    def _sender(self) -> tuple[str, str]:
        name, address = self.from_addr
        return clean.line(str(name or "Drawdown")), str(address)

    def _recipients(self) -> list[str]:
        return [self.targets[0][1], *sorted(self.cc | self.bcc)]

    def _message(self) -> EmailMessage:
        name, sender = self._sender()
        message = EmailMessage()
        message["From"] = formataddr((name, sender))
        message["To"] = self.targets[0][1]
        if self.cc:
            message["Cc"] = ", ".join(sorted(self.cc))
        if self.reply_to:
            message["Reply-To"] = ", ".join(sorted(self.reply_to))
        message["Subject"] = clean.line(self.alert.subject)
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = f"<{self.alert.ref}@{sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        for key, value in self.headers.items():
            if key not in message:
                message[clean.line(key)] = clean.line(value)
        message.set_content(self.alert.text)
        message.add_alternative(self.alert.html, subtype="html")
        message["Content-Language"] = self.alert.lang  # after the content, which resets such headers
        return message


class SlackHook(NotifyBase):
    """`slackhook://host[:port]/path` and `slackhooks://` (TLS): Slack's JSON to a webhook at any host.

    For Slack-compatible services (Mattermost, Rocket.Chat, Zulip, a proxy of one's own). The path is the secret.
    """

    service_name = "Slack-compatible webhook"
    service_url = "https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/"
    protocol = "slackhook"
    secure_protocol = "slackhooks"
    notify_format = NotifyFormat.TEXT
    title_maxlen = 0
    body_maxlen = 4000  # Slack's own advice, and the least of the compatible ones
    templates = ("{schema}://{host}/{fullpath}", "{schema}://{host}:{port}/{fullpath}")
    template_tokens: ClassVar[dict[str, Any]] = {
        **NotifyBase.template_tokens,
        "host": {"name": "Hostname", "type": "string", "required": True},
        "port": {"name": "Port", "type": "int", "min": 1, "max": 65535},
        "fullpath": {"name": "Path", "type": "string", "private": True, "map_to": "fullpath"},
    }
    fault: Fault | None = None

    def __init__(self, fullpath: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not self.host:
            raise TypeError("a webhook needs a host")
        self.fullpath = fullpath or "/"

    def send(self, body: str, title: str = "", **_: Any) -> bool:
        """Post the alert; the reason of a failure is left in `fault`."""
        port = f":{self.port}" if self.port else ""
        url = f"{'https' if self.secure else 'http'}://{self.host}{port}{self.fullpath}"
        try:
            answer = requests.post(
                url,
                data=json.dumps({"text": body}),
                headers={"Content-Type": "application/json; charset=utf-8"},
                timeout=(10, 20),
                verify=self.verify_certificate,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            self.fault = Fault("the webhook could not be reached", _reason(error))
            return False
        if not answer.ok or answer.is_redirect:
            said = _reply(answer.status_code, answer.content)
            self.fault = Fault("the webhook said", said, _after(answer.headers.get("Retry-After", "")))
            return False
        return True

    def url(self, privacy: bool = False, *args: Any, **kwargs: Any) -> str:
        """The target's URL; with `privacy` without its path."""
        port = f":{self.port}" if self.port else ""
        path = "/****" if privacy else self.fullpath
        return f"{self.secure_protocol if self.secure else self.protocol}://{self.host}{port}{path}"

    @staticmethod
    def parse_url(url: str, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Apprise's parts of such a URL, None for one that is not."""
        parts: dict[str, Any] | None = NotifyBase.parse_url(url, *args, **kwargs)
        return parts


class _Slack(NotifySlack):
    """Apprise's Slack, given mrkdwn that is finished: nothing is converted or escaped a second time."""

    def dialect_convert(self, body: str, *_: Any, **__: Any) -> str:
        return body


class Notifier:
    """Sends alerts to Apprise URLs."""

    def __init__(self, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self.timeout = timeout

    async def send(self, url: str, alert: Alert) -> None:
        """Send one alert to one URL.

        Raises ConfigError where the URL is unusable, DeliveryError (retry) where the service did not take the alert.
        """
        service = _service(url)
        form, title, body = _form(service, alert)
        apprise = Apprise()
        apprise.add(service)
        result = await apprise.async_notify(title=title, body=body, body_format=form, timeout=self.timeout)
        if not result:
            raise _failure(service, url, result, self.timeout)


def fits(url: str, alert: Alert) -> bool:
    """Whether an alert goes to a URL whole. Raises ConfigError where the URL is unusable.

    A service that takes only short messages gets a short form in any case, and that always fits.
    """
    service = _service(url)
    if isinstance(service, Mail):
        return True
    if isinstance(service, (SlackHook, _Slack)):
        return len(alert.slack) <= min(int(service.body_maxlen), 4000)
    return int(service.body_maxlen) <= SHORT_ROOM or len(alert.text) <= int(service.body_maxlen)


def check_url(url: str) -> None:
    """Raises ConfigError, without the URL's secrets, where alerts could not be sent to it."""
    _service(url)


def shown_url(url: str) -> str:
    """The URL as it may be shown: secrets masked."""
    try:
        return str(_service(url).url(privacy=True)).partition("?")[0]
    except ConfigError:
        return _scheme(url)


def _scheme(url: str) -> str:
    scheme, mark, _ = url.partition("://")
    return f"{clean.line(scheme)}://…" if mark and len(scheme) < 20 else "an Apprise URL"


def _service(url: str) -> NotifyBase:
    service = _parsed(url)
    if len(service) == 0 or (isinstance(service, NotifyEmail) and not service.targets):
        raise ConfigError("names nobody that it could send to", where=_scheme(url))
    if len(service) > 1:
        raise ConfigError(
            f"names {len(service)} receivers; make each a target of its own, so that one that fails does not "
            "repeat the others",
            where=_scheme(url),
        )
    return service


def _parsed(url: str) -> NotifyBase:
    fault = ConfigError(
        "does not parse as an Apprise URL; see https://appriseit.com/services/ for how each service writes it",
        where=_scheme(url),
    )
    try:
        if re.match(r"slackhooks?://", url, re.IGNORECASE):
            return SlackHook(**(SlackHook.parse_url(url) or {}))
        service = Apprise.instantiate(url)
        if type(service) is NotifySlack:
            service = _Slack(**url_to_dict(url))
        elif type(service) is NotifyEmail and service.pgp_mode == PGPMode.NONE:
            service = Mail(**url_to_dict(url))
    except (TypeError, ValueError) as error:
        raise fault from error
    if service is None:
        raise fault
    service.retry = 0
    return service


def _form(service: NotifyBase, alert: Alert) -> tuple[NotifyFormat, str, str]:
    """Format, title and body that fit the service."""
    room = int(service.body_maxlen)
    if isinstance(service, Mail):
        service.alert = alert
        return NotifyFormat.TEXT, clean.line(alert.subject), alert.text
    if alert.terse or room <= SHORT_ROOM:
        short = fitted_short(alert, room)
        return NotifyFormat.TEXT, "", clean.slack(short) if isinstance(service, SlackHook | _Slack) else short
    if isinstance(service, SlackHook):
        return NotifyFormat.TEXT, "", fitted(alert.slack, service.body_maxlen)
    if isinstance(service, _Slack):
        return NotifyFormat.MARKDOWN, "", fitted(alert.slack, min(service.body_maxlen, 4000))
    title = clean.cut(clean.line(alert.subject), int(service.title_maxlen) or 200)
    body = alert.text.removeprefix(alert.subject).lstrip()
    return NotifyFormat.TEXT, title, fitted(body, room - (0 if service.title_maxlen else len(title) + 2))


def fitted_short(alert: Alert, room: int) -> str:
    """The short form in at most `room` characters: without its quote and link where they do not fit."""
    fits = (said for said in (alert.short, alert.brief) if said and len(said) <= room)
    return next(fits, None) or clean.cut(alert.brief or alert.short, room)


def fitted(text: str, room: int) -> str:
    """At most `room` characters: whole lines go from the end, but the last paragraph or line, with its ids, stays."""
    if len(text) <= room:
        return text
    lines = text.rstrip().split("\n")
    tail = lines[-1]
    kept: list[str] = []
    left = room - len(tail) - 3
    for line in lines[:-1]:
        if len(line) + 1 > left:
            break
        kept.append(line)
        left -= len(line) + 1
    return clean.cut("\n".join([*kept, "…", tail]), room)


def _failure(service: NotifyBase, url: str, result: AppriseResult, timeout: float) -> DeliveryError:
    fault = getattr(service, "fault", None)
    if fault is not None:
        return DeliveryError(f"{fault.what}: {masked(fault.said, url)}", retry=True, after=fault.after)
    logs = [clean.line(str(entry.message)) for single in result.results for entry in single.logs()]
    if result.status is AppriseResultStatus.TIMEOUT:
        logs = [f"no answer within {timeout:g} seconds"]
    logs = logs or ["no reason given"]
    return DeliveryError(clean.cut(masked(f"{service.service_name}: {'; '.join(logs)}", url), 300), retry=True)


def masked(text: str, url: str) -> str:
    """The text without anything that is secret in the URL: users, passwords, paths, parameters.

    A mail's user and parameters are addresses, not secrets, except a password.
    """
    for secret in sorted(_secrets(url), key=len, reverse=True):
        text = re.sub(re.escape(secret), "****", text, flags=re.IGNORECASE)
    return text


def _secrets(url: str) -> set[str]:
    scheme, _, rest = url.partition("://")
    place, _, query = rest.partition("?")
    pairs = [pair.partition("=") for pair in query.split("&")]
    account, _, place = place.rpartition("@")
    user, _, password = account.partition(":")
    found = {password}
    if scheme.lower().startswith("mailto"):
        found |= {value for key, _, value in pairs if key.lower() in ("pass", "password")}
    else:
        host, *path = place.split("/")
        found |= {user, *path, "/".join(path), *(value for _, _, value in pairs)}
        if "." not in host and ":" not in host:  # slack://TokenA/TokenB/TokenC: no host at all
            found.add(host)
    found |= {decode(secret) for secret in found for decode in (unquote, unquote_plus)}
    return {secret for secret in found if len(secret) >= 4}


def _after(text: str) -> float | None:
    """The seconds of a Retry-After header (RFC 9110, 10.2.3): a number, or a date; None for anything else."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        return max((parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None


def _reply(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {clean.cut(clean.line(text), 160)}".strip()


def _reason(error: Exception) -> str:
    return clean.cut(clean.line(str(error)), 200) or type(error).__name__
