"""What a database's error means, in one line that a person can act on. Passwords never appear in it."""

from __future__ import annotations

import re

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from db.errors import StoreError

_SECRET_KEYS = re.compile(r"(?i)((?:password|passfile|sslpassword)=)[^&\s]*")
_SECRET_PART = re.compile(r"//([^:/@]*):.*@")

# What SQLite says → what to do, and whether the same call may succeed later.
_SQLITE: tuple[tuple[str, str, bool], ...] = (
    ("locked", "another process is writing to it; try again, and see which program holds the file open", True),
    ("disk is full", "the disk is full; free some space and try again, nothing that was stored is lost", True),
    ("disk i/o", "the disk cannot be read or written; check it, then try again", True),
    ("unable to open", "it cannot be opened; check that the folder exists and that you may write there", False),
    ("readonly", "it may only be read; check the permissions of the file, its folder and the disk", False),
    ("query_only", "this part of the program may only read", False),
    ("not a database", "the file is not a store; give another path or restore a backup", False),
    ("malformed", "the file is damaged; restore a backup", False),
)

# PostgreSQL's SQLSTATE, or its class (two characters).
_POSTGRESQL: tuple[tuple[str, str, bool], ...] = (
    ("55P03", "another process is writing to it; try again", True),
    ("40", "it was busy with another transaction; try again", True),
    ("53100", "the server's disk is full; free some space there and try again", True),
    ("53", "the server is short of connections or memory; try again later", True),
    ("57", "the server is stopping or starting; try again", True),
    ("08", "the server is gone; check that it runs and can be reached, then try again", True),
    ("28", "the server refused the user or password; check both", False),
    ("3D000", "there is no such database; create it first", False),
    ("42501", "the user may not do this; grant it rights on the database's schema", False),
    ("25006", "this part of the program may only read, or the server is a read-only copy", False),
)

# What libpq says where no server was reached, so that there is no SQLSTATE.
_UNREACHED: tuple[tuple[str, str, bool], ...] = (
    ("password authentication failed", "the server refused the user or password; check both", False),
    ("no password supplied", "the server wants a password; give one in the URL", False),
    ("does not exist", "there is no such database or user; create it first", False),
    ("could not translate host", "its host name is not known; check the URL", False),
    ("failed to resolve host", "its host name is not known; check the URL", False),
)


def masked(url: str) -> str:
    """The store's URL for people: a password, also one among the options, becomes `***`."""
    try:
        text = make_url(url).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        text = _SECRET_PART.sub(r"//\1:***@", url)
    return _SECRET_KEYS.sub(r"\1***", text)


def store_error(error: SQLAlchemyError, url: str) -> StoreError:
    """The StoreError for what SQLAlchemy raised at the store `url`; `where` is the masked URL."""
    what, retry = _advice(error)
    said = _first_line(error, url)
    return StoreError(f"{what} ({said})" if said else what, where=masked(url), retry=retry)


def _advice(error: SQLAlchemyError) -> tuple[str, bool]:
    if not isinstance(error, DBAPIError):
        return "the store was used in a way it does not allow", False
    said = str(error.orig).lower()
    state = getattr(error.orig, "sqlstate", None)
    if state:
        for code, what, retry in _POSTGRESQL:
            if state.startswith(code):
                return what, retry
    elif type(error.orig).__module__.startswith("psycopg"):
        for words, what, retry in _UNREACHED:
            if words in said:
                return what, retry
        return "the server is gone; check that it runs and can be reached, then try again", True
    else:
        for words, what, retry in _SQLITE:
            if words in said:
                return what, retry
    return "the database refused this", False


def _first_line(error: SQLAlchemyError, url: str) -> str:
    """What the database itself said, without statement and parameters, and without the password."""
    origin = getattr(error, "orig", None) or error
    lines = str(origin).strip().splitlines()
    said = lines[0] if lines else type(origin).__name__
    try:
        secret = make_url(url).password
    except (ArgumentError, ValueError):
        secret = None
    if secret:
        said = said.replace(str(secret), "***")
    return _SECRET_KEYS.sub(r"\1***", said)
