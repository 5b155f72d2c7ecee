"""Both stores: SQLite in the test's folder, and PostgreSQL."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

from tests.tracker.store.filled import fill
from tests.tracker.store.knowing import Knowing
from tests.tracker.world import Store, opened, sqlite_url

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
MIGRATED = "migrated"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def new_postgresql(postgresql: str) -> Callable[[], str]:
    """Makes databases as a tracker's first start leaves them; the URL of each."""
    engine = create_engine(postgresql, isolation_level="AUTOCOMMIT", poolclass=NullPool)

    def make(name: str, template: str) -> str:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        return postgresql.replace("/postgres?", f"/{name}?")

    # The migrations run once; what they made is copied.
    with opened(make(MIGRATED, "template1")):
        pass
    return lambda: make(f"tracker_{next(_numbers)}", MIGRATED)


@pytest.fixture(scope="session")
def new_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], str]:
    """Puts such a database into a folder; its URL."""
    migrated = tmp_path_factory.mktemp(MIGRATED)
    with opened(sqlite_url(migrated)):
        pass

    def make(folder: Path) -> str:
        shutil.copytree(migrated, folder, dirs_exist_ok=True)
        return sqlite_url(folder)

    return make


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a new database, of each kind."""
    return new_url(request, tmp_path)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An open store of each kind."""
    with opened(url) as made:
        yield made


@pytest.fixture(scope="module", params=[SQLITE, POSTGRESQL])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An open store of each kind with the filled cases, for tests that write nothing."""
    with opened(new_url(request, tmp_path_factory.mktemp("filled"))) as made:
        fill(made, with_events=True)
        yield made


@pytest.fixture
def knowing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Knowing]:
    """Processes that know other holidays; none are known before and after."""
    made = Knowing(monkeypatch)
    made.forget()
    yield made
    made.forget()


def new_url(request: pytest.FixtureRequest, folder: Path) -> str:
    """Of a new database, of the kind that the fixture's parameter says."""
    made: str
    if request.param == SQLITE:
        made = request.getfixturevalue("new_sqlite")(folder)
    else:
        made = request.getfixturevalue("new_postgresql")()
    return made
