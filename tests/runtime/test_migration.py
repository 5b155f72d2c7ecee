"""Databases of several services of a process are brought up at the same time."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from sqlalchemy import inspect

from runtime.database import make_engine
from runtime.migration import migrate
from tests.patience import DEADLINE_S

# Where the migrations of a service are, and one of the tables that they make.
TABLES = {"tracker.store:migrations": "cases", "blacklist.store:migrations": "listings"}
ROUNDS = 3


def bring_up(folder: Path, migrations: str, together: Barrier) -> bool:
    engine = make_engine(f"sqlite:///{folder / migrations.partition('.')[0]}")
    together.wait(DEADLINE_S)
    migrate(engine, migrations)
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
    engine.dispose()
    return TABLES[migrations] in names


def test_services_of_a_process_migrate_at_the_same_time(tmp_path: Path) -> None:
    with ThreadPoolExecutor(len(TABLES)) as threads:
        for turn in range(ROUNDS):
            folder, together = tmp_path / str(turn), Barrier(len(TABLES))
            folder.mkdir()
            ended = [threads.submit(bring_up, folder, migrations, together) for migrations in TABLES]
            assert all(one.result(DEADLINE_S) for one in ended)
