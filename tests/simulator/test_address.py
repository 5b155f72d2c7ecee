"""Addresses: all different, all on loopback."""

from ipaddress import ip_address

import pytest

from simulator.address import ENDPOINTS_MAX, address_of, addresses, host_of
from simulator.layout import Layout


def test_every_endpoint_has_a_loopback_address_of_its_own() -> None:
    hosts = [ip_address(host_of(endpoint)) for endpoint in range(ENDPOINTS_MAX)]
    assert len(set(hosts)) == ENDPOINTS_MAX
    assert all(host.is_loopback for host in hosts)


@pytest.mark.parametrize("endpoint", [-1, ENDPOINTS_MAX])
def test_there_is_no_address_beyond_the_last(endpoint: int) -> None:
    with pytest.raises(ValueError, match="endpoint"):
        host_of(endpoint)


def test_the_mapping_has_every_key_with_its_address(layout: Layout) -> None:
    keys = [endpoint.key for endpoint in layout.endpoints]
    mapping = addresses(keys, 7000)
    assert list(mapping) == keys
    assert mapping[keys[300]] == address_of(300, 7000)
    assert set(addresses(keys, 7000, "127.0.0.1").values()) == {"127.0.0.1:7000"}
