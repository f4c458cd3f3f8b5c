"""Begin a new revision from what changed in `db.models`: python -m db.migrations "what changes"."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import make_url

from db import schema
from db.engine import make_engine

HERE = Path(__file__).parent


def revise(message: str, folder: Path) -> Path:
    """Write the next numbered revision into `folder`, to be read and put right by hand; its path."""
    number = max(int(path.name[1:5]) for path in (HERE / "versions").glob("v*.py")) + 1
    with tempfile.TemporaryDirectory() as scratch:
        engine = make_engine(make_url(f"sqlite:///{scratch}/scratch.db"), busy_seconds=5)
        schema.upgrade(engine, where="a scratch store", busy_seconds=5)
        with engine.connect() as connection:
            settings = schema.config(connection)
            settings.set_main_option("file_template", "v%%(rev)s_%%(slug)s")
            settings.set_main_option("version_locations", f"{HERE / 'versions'}\n{folder}")
            settings.set_main_option("path_separator", "newline")
            made = command.revision(
                settings, message, autogenerate=True, rev_id=f"{number:04}", version_path=str(folder)
            )
        engine.dispose()
    assert made is not None
    assert not isinstance(made, list)
    return Path(made.path)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.stdout.write(f"{revise(sys.argv[1], HERE / 'versions')}\n")
