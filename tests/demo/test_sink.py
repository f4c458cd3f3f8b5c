"""The mail sink, spoken to by a real SMTP client."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage

import pytest

from monitor.demo.sink import MailSink


def letter(subject: str, text: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "drawdown@demo.example"
    message["To"] = "desk@demo.example"
    message["Subject"] = subject
    message.set_content(text)
    message.add_alternative(f"<p>{text}</p>", subtype="html")
    return message


def test_messages_are_kept_in_order_and_readable() -> None:
    with MailSink() as sink:
        with smtplib.SMTP(sink.host, sink.port, timeout=10) as client:
            client.send_message(letter("Qasrak: active to withdrawing", "one"))
            client.send_message(letter("قسرك: بدأ الانسحاب", "انسحبت القوات من القاعدة"))
        first, second = sink.messages
    assert first["Subject"] == "Qasrak: active to withdrawing"
    assert second["Subject"] == "قسرك: بدأ الانسحاب"
    body = second.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == "انسحبت القوات من القاعدة"
    assert len(sink.messages) == 2


def test_two_sinks_stand_side_by_side_and_close() -> None:
    with MailSink() as one, MailSink() as other:
        assert one.port != other.port
        with smtplib.SMTP(other.host, other.port, timeout=10) as client:
            client.send_message(letter("for the other", "text"))
        assert not one.messages
        assert len(other.messages) == 1
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP(one.host, one.port, timeout=10)
