"""Migration: brings the tables of a database to what this version needs.

Up only, all at once or not at all; one at a time in a process, since Alembic keeps the one that runs in
globals of its modules. What the migrations are is in the folders of the services.
"""

from threading import Lock
from typing import Final

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import Engine

from runtime.database import WRITES

_RUNNING: Final = Lock()


def migrate(engine: Engine, migrations: str) -> None:
    """`migrations`: where they are, as in "tracker.store:migrations". Two processes that start together wait
    for each other on SQLite."""
    config = AlembicConfig()
    config.set_main_option("script_location", migrations)
    with _RUNNING, engine.execution_options(**{WRITES: True}).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
