"""Table: every adapter in it, and the template, keeps the contract."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.table import ADAPTERS
from gateway.directory.directory import Directory
from tests.adapters import contract
from tests.adapters.contract import PEERS, Peer

each_peer = pytest.mark.parametrize("peer", PEERS.values(), ids=PEERS.keys())


def test_every_adapter_in_the_table_is_tested() -> None:
    assert ADAPTERS.keys() <= PEERS.keys()
    assert all(PEERS[name].adapter is adapter for name, adapter in ADAPTERS.items())


def test_every_endpoint_speaks_a_protocol_of_the_table() -> None:
    assert {endpoint.protocol for endpoint in Directory.load().endpoints} <= ADAPTERS.keys()


@each_peer
def test_batches_arrive_as_they_were_cut(peer: Peer) -> None:
    contract.check_batches(peer)


@each_peer
def test_hello_names_the_institutions(peer: Peer) -> None:
    contract.check_hello(peer)


@each_peer
def test_replies_arrive_as_they_were_written(peer: Peer) -> None:
    contract.check_replies(peer, 1)


@each_peer
def test_junk_is_unreadable(peer: Peer) -> None:
    contract.check_junk(peer)


@each_peer
@given(received=st.binary(max_size=64))
def test_any_bytes_are_replies_or_unreadable(peer: Peer, received: bytes) -> None:
    contract.check_any_bytes(peer, received)


@each_peer
def test_a_message_cut_short_is_no_other_message(peer: Peer) -> None:
    contract.check_cut_short(peer)


@each_peer
def test_capabilities_are_those_that_were_described(peer: Peer) -> None:
    contract.check_capabilities(peer)


@each_peer
def test_an_adapter_has_no_state(peer: Peer) -> None:
    contract.check_no_state(peer)
