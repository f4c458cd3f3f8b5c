"""A source's table in `drawdown.toml`, written behind what is there: not a byte of the user's file is changed."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import tomllib
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import tomlkit

from db.errors import ConfigError, InputError
from scrapers.discovery import Discovery
from scrapers.sources import Source, parse_source

EVERY = 15  # minutes
_ARABIC = re.compile("[\u0600-\u06ff]")
_ENDINGS = frozenset(("com", "org", "net", "gov", "edu", "co", "ac"))


def propose_id(discovery: Discovery, taken: Collection[str]) -> str:
    """An id for a source, after its channel or its host, that no other source has."""
    parts = urlsplit(discovery.url)
    if discovery.route == "telegram":
        named = parts.path.strip("/").removeprefix("s/")
    else:
        labels = [label for label in (parts.hostname or "").split(".") if label not in ("www", "m", "amp", "rss")]
        labels = labels[:-1] or labels
        named = "_".join(labels[:-1] if len(labels) > 1 and labels[-1] in _ENDINGS else labels)
    plain = "_".join(re.findall(r"[a-z0-9]+", named.lower())) or "source"
    numbered = (f"{plain}_{number}" for number in range(2, len(taken) + 3))
    return plain if plain not in taken else next(name for name in numbered if name not in taken)


def source_table(discovery: Discovery, *, id: str, kind: str, reliability: str, where: str) -> tuple[str, Source]:
    """The `[[source]]` table of what was found, as TOML and as it is read. Raises ConfigError naming the key."""
    name = discovery.name or id
    names = tomlkit.inline_table()
    names.update({"en": id, "ar": name} if _ARABIC.search(name) else {"en": name})
    table = tomlkit.table()
    table.update({"id": id, "name": names, "lang": discovery.lang, "kind": kind, "reliability": reliability})
    table["kind"].comment("agency, broadcaster, daily, government, local, military press, monitoring group, …")
    table["reliability"].comment("Admiralty: A completely reliable to F cannot be judged")
    table.update({"every": EVERY, discovery.route: [discovery.url]})
    table["every"].comment("minutes")
    document = tomlkit.document()
    document["source"] = tomlkit.aot()
    document["source"].append(table)
    text = tomlkit.dumps(document)
    return text, parse_source(tomllib.loads(text)["source"][0], where)


def append_table(path: Path, table: str) -> None:
    """Write a table behind what the file holds, all or nothing. Raises ConfigError where the two do not go together."""
    try:
        before = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path)) from error
    newline = b"\r\n" if b"\r\n" in before else b"\n"
    gap = newline if before.endswith(b"\n") or not before else newline * 2
    after = before + gap + table.encode().replace(b"\n", newline)
    try:
        tomllib.loads(after.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"a [[source]] table cannot follow what is there: {error}", where=str(path)) from error
    _replace(path.resolve(), after)


def _replace(path: Path, content: bytes) -> None:
    """The file is the old one or the new one at any time, also when the disk fills up or the power goes."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(path, name)
        os.replace(name, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(name)
        raise InputError(f"cannot be written: {error.strerror}", where=str(path)) from error
