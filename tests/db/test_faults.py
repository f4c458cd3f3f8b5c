"""What a database's error is turned into, for those that a test cannot bring about."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from db.faults import masked, store_error


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:////var/lib/drawdown/drawdown.db", "sqlite:////var/lib/drawdown/drawdown.db"),
        ("postgresql://me:hush@db.example/name", "postgresql://me:***@db.example/name"),
        ("postgresql://db.example/name?password=hush&user=me", "postgresql://db.example/name?password=***&user=me"),
        ("postgresql://me:hu%40sh@db.example/name", "postgresql://me:***@db.example/name"),
        ("postgresql://me:hu@sh@db.example:port/name", "postgresql://me:***@db.example:port/name"),
        ("nonsense", "nonsense"),
    ],
)
def test_masked(url: str, shown: str) -> None:
    assert masked(url) == shown


@pytest.mark.parametrize(
    ("error", "said", "retry"),
    [
        (sqlite3.OperationalError("disk I/O error"), "disk cannot be read or written", True),
        (sqlite3.OperationalError("attempt to write a readonly database"), "check the permissions", False),
        (psycopg.errors.DiskFull("could not extend file"), "server's disk is full", True),
        (psycopg.errors.TooManyConnections("sorry, too many clients already"), "short of connections", True),
        (psycopg.errors.CannotConnectNow("the database system is starting up"), "stopping or starting", True),
        (psycopg.errors.InvalidPassword("password authentication failed"), "refused the user or password", False),
        (psycopg.errors.InsufficientPrivilege("permission denied for schema"), "grant it rights", False),
        (psycopg.errors.SerializationFailure("could not serialize access"), "busy", True),
        (psycopg.OperationalError("connection failed: FATAL:  password authentication failed"), "refused", False),
        (psycopg.OperationalError("server closed the connection unexpectedly\n\tThis probably"), "gone", True),
        (psycopg.OperationalError("failed to resolve host 'nowhere.example'"), "host name is not known", False),
        (sqlite3.IntegrityError("UNIQUE constraint failed"), "the database refused this", False),
    ],
)
def test_each_fault_says_what_to_do(error: Exception, said: str, retry: bool) -> None:
    wrapped = DBAPIError.instance("INSERT INTO marks", {"value": "private"}, error, Exception)
    fault = store_error(wrapped, "postgresql://me:hush@db.example/name")
    assert said in fault.what
    assert fault.retry is retry
    assert fault.where == "postgresql://me:***@db.example/name"
    assert "private" not in str(fault)
    assert "\n" not in str(fault)


def test_a_password_that_the_driver_repeats_is_masked() -> None:
    wrapped = DBAPIError.instance(
        None, None, psycopg.OperationalError('bad option in "postgresql://me:hush@db password=hush"'), Exception
    )
    assert "hush" not in str(store_error(wrapped, "postgresql://me:hush@db.example/name"))
