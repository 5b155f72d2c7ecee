"""Both Engines, the compiled one and its model, for tests of one rule each."""

import importlib
from typing import TYPE_CHECKING, cast

import pytest

from tests.model.engine import ModelEngine
from tests.model.world import KEY, Desk

if TYPE_CHECKING:
    from gateway._core import Engine


@pytest.fixture(params=["model", "compiled"])
def engine_class(request: pytest.FixtureRequest) -> "type[Engine]":
    if request.param == "model":
        return cast("type[Engine]", ModelEngine)
    return cast("type[Engine]", importlib.import_module("gateway._core").Engine)


@pytest.fixture
def desk(engine_class: "type[Engine]") -> Desk:
    """An Engine over the small directory, all endpoints open, at noon."""
    return Desk(engine_class(KEY))
