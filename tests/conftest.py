"""How examples are drawn: the same ones on every run, so that a change fails by its own fault; and what no
garbage collection looks at.

`make fuzz` draws others, and many more; what it finds becomes a test of its own.
"""

import gc
import os

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
