"""The section of the public look-up: closed by default, and its rules over several keys."""

import pytest
from pydantic import ValidationError

from runtime.settings_public import Public


def test_public_port_is_closed_unless_it_has_an_address_and_then_speaks_tls() -> None:
    assert Public().address == ""
    assert Public(address="127.0.0.1:0", plaintext=True).cert is None
    with pytest.raises(ValidationError, match=r"required with public\.address"):
        Public(address="0.0.0.0:8443")
    with pytest.raises(ValidationError, match=r"only when public\.address is on loopback"):
        Public(address="192.0.2.1:8443", plaintext=True)


def test_public_answers_come_before_a_request_is_cut() -> None:
    with pytest.raises(ValidationError, match=r"at most half of public\.request_s"):
        Public(request_s=1, answer_every_ms=501)


def test_header_of_a_proxy_is_believed_of_named_proxies_alone() -> None:
    Public.model_validate({"address_header": "X-Real-IP", "proxies": ["192.0.2.1"]})
    for wrong in ({"address_header": "X-Real-IP"}, {"proxies": ["192.0.2.1"]}):
        with pytest.raises(ValidationError, match=r"public\.address_header"):
            Public.model_validate(wrong)
    with pytest.raises(ValidationError, match="address_header"):
        Public.model_validate({"address_header": "X Real", "proxies": ["192.0.2.1"]})
