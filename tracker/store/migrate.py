"""Migrate: brings the tables to what this version needs.

Up only; it runs when a tracker opens its database. What the migrations are is in migrations/.
"""

from typing import Final

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import Engine

from runtime.database import WRITES

MIGRATIONS: Final = "tracker.store:migrations"


def migrate(engine: Engine) -> None:
    """All at once or not at all; two processes that start together wait for each other on SQLite."""
    config = AlembicConfig()
    config.set_main_option("script_location", MIGRATIONS)
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
