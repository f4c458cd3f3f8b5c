"""The templates, and how they are filled in: HTML is escaped, and filters make texts of strangers safe."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from monitor.telling import clean
from monitor.telling.diff import as_html, as_plain, as_slack
from monitor.telling.words import Words


def render(template: str, words: Words, **parts: object) -> str:
    """A template of `templates/`, filled in."""
    return _ENVIRONMENT.get_template(template).render(words=words, label=words.phrases["label"], **parts)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).resolve().parent / "templates"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.filters.update(
        iso=clean.isolated,
        slack=clean.slack,
        slack_iso=lambda text, lang="": clean.isolated(clean.slack(text), lang),
        slack_link=lambda url: clean.link(url).replace("&", "&amp;"),
        direction=clean.direction,
        cut=clean.cut,
        diff_plain=as_plain,
        diff_html=as_html,
        diff_slack=as_slack,
    )
    return environment


_ENVIRONMENT = _environment()
