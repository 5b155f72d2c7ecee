"""Migrate: brings the tables to what this version needs.

Up only; it runs when a tracker opens its database. What the migrations are is in migrations/.
"""

from typing import Final

from sqlalchemy import Engine

from runtime import migration

MIGRATIONS: Final = "tracker.store:migrations"


def migrate(engine: Engine) -> None:
    """All at once or not at all."""
    migration.migrate(engine, MIGRATIONS)
