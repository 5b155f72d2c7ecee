"""Contract: what goes wrong in an adapter is Unreadable and a ValueError, for whoever knows no more of it."""

import inspect

from adapters.contract import Adapter, Unreadable
from tests.adapters.contract import PEERS


def test_unreadable_is_a_value_error() -> None:
    assert issubclass(Unreadable, ValueError)


def test_adapters_have_the_methods_of_the_contract_and_no_other_public_ones() -> None:
    wanted = {name for name, _ in inspect.getmembers(Adapter, inspect.isfunction) if not name.startswith("_")}
    assert wanted
    for name, peer in PEERS.items():
        found = {
            one for one, _ in inspect.getmembers(peer.adapter, inspect.ismethod) if not one.startswith("_")
        }
        assert found == wanted, name
