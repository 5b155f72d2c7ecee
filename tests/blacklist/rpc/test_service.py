"""Every method of the contract is answered, and each role calls what is its own."""

import pytest

from blacklist.rpc import service
from blacklist.serve import Blacklist
from chakong.blacklist.v1 import (
    changes_pb2,
    listings_pb2,
    offline_pb2,
    proposals_pb2,
    public_pb2,
    screening_pb2,
)
from runtime.alone import Alone
from runtime.identity import Identity, Role
from tests.blacklist.house import config

MODULES = (listings_pb2, screening_pb2, changes_pb2, offline_pb2, proposals_pb2, public_pb2)
CONTRACT = [
    (f"{found.full_name}", method.name)
    for module in MODULES
    for found in module.DESCRIPTOR.services_by_name.values()
    for method in found.methods
]


class Details:
    """Of a call, as gRPC tells a handler."""

    invocation_metadata = ()

    def __init__(self, method: str) -> None:
        self.method = method


async def test_every_method_of_the_contract_has_its_handler(tmp_path: "pytest.TempPathFactory") -> None:
    alone = Alone(config(tmp_path), Blacklist)  # type: ignore[arg-type]
    methods = alone.service.methods
    handlers = {one.service: one.handler for one in (methods, *methods.also)}
    assert set(handlers) == {name for name, _ in CONTRACT} == set(service.SERVICES)
    for name, method in CONTRACT:
        assert handlers[name].service(Details(f"/{name}/{method}")) is not None  # type: ignore[arg-type]
    alone.service.close()


@pytest.mark.parametrize(("name", "method"), CONTRACT)
def test_courts_list_and_units_act(name: str, method: str) -> None:
    court, unit = Identity(Role.COURT, "a", "a"), Identity(Role.UNIT, "", "railway")
    full = f"/{name}/{method}"
    is_of_courts = name.endswith((".Listings", ".Proposals")) or method == "GetRemovalProof"
    assert court.may_call(full) is is_of_courts
    assert Identity(Role.OFFICER, "a", "o").may_call(full) is (is_of_courts or method == "HitsOf")
    assert unit.may_call(full) is not (is_of_courts or name.endswith(".Public"))
    assert Identity(Role.SERVICE, "", "s").may_call(full) is (method == "LookUp")
    assert Identity(Role.OPERATOR, "", "o").may_call(full) is (method == "ListAcknowledgements")
