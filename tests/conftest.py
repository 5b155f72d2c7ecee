"""How examples are drawn: the same ones on every run, so that a change fails by its own fault; the PostgreSQL
of the tests; and what no garbage collection looks at.

`make fuzz` draws others, and many more; what it finds becomes a test of its own.
"""

import gc
import os
import tempfile
import warnings
from collections.abc import Iterator

import pytest
from hypothesis import settings

# PostgreSQL is started as another user by a fork; threads that gRPC would start again in the child crash it.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")

# How long an example takes says more of the machine and what else runs on it than of the code.
settings.register_profile("steady", derandomize=True, database=None, deadline=None)
settings.register_profile("fuzz", max_examples=4000, database=None, print_blob=True)
settings.load_profile("steady")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What has been loaded by now stays to the end: no collection has to look at it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL of our own, which listens on a socket in a folder alone."""
    with warnings.catch_warnings():
        # Of a folder for sockets that the server does not use.
        warnings.simplefilter("ignore")
        from pgserver.postgres_server import get_server  # noqa: PLC0415 - it looks at the machine then

        # A socket's path has at most 107 bytes: not pytest's folder.
        with tempfile.TemporaryDirectory(prefix="pg-") as folder:
            server = get_server(folder, cleanup_mode="delete")
            # What a crash of the machine would lose is no matter here; its syncs are.
            server.psql("ALTER SYSTEM SET fsync = off")
            server.psql("SELECT pg_reload_conf()")
            try:
                yield server.get_uri()
            finally:
                server.cleanup()
