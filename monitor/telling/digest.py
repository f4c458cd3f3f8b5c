"""Several alerts as one message, and notices of Drawdown itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from db.records import Notice
from monitor.telling import clean
from monitor.telling.alert import Alert, Entry, ref
from monitor.telling.forms import render
from monitor.telling.words import Words
from monitor.topics import Topic


def compose_digest(entries: Sequence[Entry], topic: Topic, *, lang: str = "en", at: datetime, key: str) -> Alert:
    """Several alerts as one message, in their order. key: names the message, the same at every attempt."""
    words = Words.of(lang, topic)
    subject = words.say("digest", "subject", topic=words.name(topic.name), count=len(entries))
    parts = {"subject": subject, "lead": words.say("digest", "lead", time=words.moment(at)), "entries": entries}
    return Alert(
        subject=subject,
        text=render("digest.txt.j2", words, **parts),
        html=render("digest.html.j2", words, **parts),
        slack=render("digest.slack.j2", words, **parts),
        short=f"{subject}. {'; '.join(entry.headline for entry in entries)}",
        ref=ref("digest", key),
        lang=lang,
    )


def notice_entry(notice: Notice, topic: Topic, *, lang: str = "en") -> Entry:
    """A notice as a digest lists it; its details are in English."""
    words = Words.of(lang, topic)
    what = words.say("operations", notice.kind.value, source=clean.cut(clean.line(notice.source), 120))
    headline = words.say("operations", "subject", what=what)
    time = words.say("operations", "time", time=words.moment(notice.at))
    return Entry(headline=headline, note=clean.cut(clean.line(f"{notice.source} {notice.text}"), 400), time=time)


def compose_notice(notice: Notice, topic: Topic, *, lang: str = "en") -> Alert:
    """A notice as a message of its own."""
    words = Words.of(lang, topic)
    said = notice_entry(notice, topic, lang=lang)
    hint = str(words.phrases["operations"]["hint"])
    return Alert(
        subject=said.headline,
        text=f"{said.headline}\n\n{clean.isolated(said.note)}\n{said.time}\n{hint}\n",
        html=render("operations.html.j2", words, said=said, hint=hint),
        slack=f"*{clean.slack(said.headline)}*\n{clean.slack(said.note)}\n{said.time} `{hint}`",
        short=f"{said.headline}. {said.note}",
        ref=ref(f"notice-{notice.id}", repr(notice)),
        lang=lang,
    )
