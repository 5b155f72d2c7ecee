"""The machine itself: the model agrees with itself, however it packs, and a fault in it is found."""

from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.engine import ModelEngine
from tests.model.machine import Machine
from tests.model.side import ENDPOINTS, Side
from tests.model.world import KEY

if TYPE_CHECKING:
    from gateway._core import Engine

QUICK = settings(max_examples=30, stateful_step_count=30, deadline=None, report_multiple_bugs=False)


def model(engine_class: type[ModelEngine] = ModelEngine) -> "Engine":
    return cast("Engine", engine_class(KEY, unanswered_retry_ns=1))


class PackedOtherwise(Machine):
    """The model against itself with batches of one entry."""

    def sides(self) -> tuple[Side, Side]:
        return Side(model()), Side(model(), limits=dict.fromkeys(ENDPOINTS, (1, 1 << 20)))


class Forgetful(ModelEngine):
    """Says that it cancelled nothing, and does not."""

    def cancel(self, inquiry_id: int, now_ns: int) -> bool:
        return False


class AgainstForgetful(Machine):
    def sides(self) -> tuple[Side, Side]:
        return Side(model()), Side(model(Forgetful))


def test_what_the_model_says_does_not_depend_on_packing() -> None:
    run_state_machine_as_test(PackedOtherwise, settings=QUICK)


def test_an_engine_that_differs_is_found_out() -> None:
    # Nobody reads the example, so none is made short.
    many = settings(QUICK, max_examples=200, phases=[Phase.generate])
    with pytest.raises(AssertionError):
        run_state_machine_as_test(AgainstForgetful, settings=many)
