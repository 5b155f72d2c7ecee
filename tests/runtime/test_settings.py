"""Sections: addresses, loopback, and rules over several fields."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.edge.journal import UNINDEXED_MAX
from runtime.settings import (
    Endpoints,
    Follow,
    Journal,
    Limits,
    Line,
    Listen,
    Projection,
    is_loopback,
    split_address,
)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1:1", ("127.0.0.1", 1)),
        ("[::1]:65535", ("::1", 65_535)),
        ("gateway.court:0", ("gateway.court", 0)),
    ],
)
def test_address_is_host_and_port(address: str, expected: tuple[str, int]) -> None:
    assert split_address(address) == expected


@pytest.mark.parametrize("address", ["", "host", ":1", "host:", "host:65536", "host:-1", "::1:7", "host:1x"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        split_address(address)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1:1", True),
        ("127.44.3.2:1", True),
        ("localhost:1", True),
        ("[::1]:1", True),
        ("0.0.0.0:1", False),
        ("[::]:1", False),
        ("10.0.0.1:1", False),
        ("localhost.example.org:1", False),
    ],
)
def test_loopback_is_this_machine_alone(address: str, expected: bool) -> None:
    assert is_loopback(address) is expected


def test_plaintext_is_refused_beyond_loopback() -> None:
    with pytest.raises(ValidationError, match="loopback"):
        Listen(address="0.0.0.0:7443", plaintext=True)
    with pytest.raises(ValidationError, match="loopback"):
        Endpoints(plaintext=True, addresses={"union-11": "127.0.0.1:1", "union-13": "10.0.0.1:1"})


def test_tls_needs_all_three_files(tmp_path: Path) -> None:
    cert = tmp_path / "cert.pem"
    cert.touch()
    with pytest.raises(ValidationError) as caught:
        Listen(cert=cert, key=tmp_path / "missing.key")
    assert [(fault["loc"], fault["msg"]) for fault in caught.value.errors()] == [
        (("key",), "Value error, must be a file that exists"),
        (("ca",), "Value error, required unless listen.plaintext is true; `chakong certs` makes one"),
    ]
    assert Listen(cert=cert, key=cert, ca=cert).plaintext is False


def test_endpoints_without_addresses_need_no_certificates() -> None:
    assert Endpoints().addresses == {}
    with pytest.raises(ValidationError, match="certs"):
        Endpoints(addresses={"union-11": "127.0.0.1:1"})


def test_backoff_max_is_not_below_its_base() -> None:
    assert Line(backoff_base_ms=5, backoff_max_ms=5).backoff_max_ms == 5
    with pytest.raises(ValidationError, match=r"at least line.backoff_base_ms \(6\)"):
        Line(backoff_base_ms=6, backoff_max_ms=5)


def test_message_limit_is_the_one_of_the_contract() -> None:
    with pytest.raises(ValidationError):
        Limits(message_bytes_max=1 << 20)


def test_sections_are_frozen() -> None:
    line = Line()
    with pytest.raises(ValidationError, match="frozen"):
        line.streams = 2


def test_unknown_database_is_refused() -> None:
    with pytest.raises(ValidationError, match="sqlite:/// or postgresql://"):
        Projection(url="mysql://host/x")


def test_an_endpoint_has_a_port_that_can_be_called() -> None:
    with pytest.raises(ValidationError, match="port that can be called"):
        Endpoints(plaintext=True, addresses={"union-11": "127.0.0.1:0"})


def test_the_memory_of_order_ids_covers_what_the_index_does_not() -> None:
    with pytest.raises(ValidationError, match="orders_max"):
        Limits(orders_max=(1 << 21) - 1)
    assert Limits(orders_max=1 << 21).orders_max == 2 * UNINDEXED_MAX


def test_a_number_that_nothing_can_count_with_is_refused() -> None:
    with pytest.raises(ValidationError):
        Line(rate_per_s=1e-310)
    with pytest.raises(ValidationError):
        Limits(bytes_max=1 << 80)


def test_frames_are_kept_as_long_as_order_ids() -> None:
    assert Journal().frames_keep_days == 400
    assert Journal(orders_keep_days=30, frames_keep_days=30).frames_keep_days == 30
    for given in ({"frames_keep_days": 399}, {"orders_keep_days": 401}):
        with pytest.raises(ValidationError, match=r"must be at least journal\.orders_keep_days, 40[01]"):
            Journal.model_validate(given)


def test_nobody_is_followed_unless_an_address_is_given() -> None:
    assert Follow().address == ""
    with pytest.raises(ValidationError, match=r"required unless follow\.plaintext is true"):
        Follow(address="127.0.0.1:7443")
    assert Follow(address="127.0.0.1:7443", plaintext=True).cert is None
    with pytest.raises(ValidationError, match=r"only when follow\.address is on loopback"):
        Follow(address="10.0.0.1:7443", plaintext=True)
    with pytest.raises(ValidationError, match=r"at least follow\.backoff_base_ms \(200\)"):
        Follow(backoff_max_ms=199)
