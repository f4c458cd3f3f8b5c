"""Alembic's way in: it runs inside the transaction that `db.schema` holds, and only there."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON

from db.models import Moment, Row


def render(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """How a new revision writes our own types: as plain SQLAlchemy, so that it stays as it was."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSON):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")'
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Row.metadata,
    transactional_ddl=True,  # both databases roll DDL back; SQLite does since the driver begins nothing by itself
    render_item=render,
    render_as_batch=connection.dialect.name == "sqlite",
)
context.run_migrations()
