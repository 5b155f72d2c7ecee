"""Migrate: brings the tables to what this version needs.

Up only; it runs when a blacklist opens its database. What the migrations are is in migrations/.
"""

from typing import Final

from sqlalchemy import Engine

from runtime import migration

MIGRATIONS: Final = "blacklist.store:migrations"


def migrate(engine: Engine) -> None:
    """All at once or not at all."""
    migration.migrate(engine, MIGRATIONS)
