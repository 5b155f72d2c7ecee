"""Following: nobody without an address, and a certificate unless the address is this machine's own."""

import re

import pytest
from pydantic import ValidationError

from runtime.settings_follow import Follow, Following, FollowTracker


@pytest.mark.parametrize("section", [Follow, FollowTracker])
def test_nobody_is_followed_unless_an_address_is_given(section: type[Following]) -> None:
    name = re.escape(section.SECTION)
    assert section().address == ""
    with pytest.raises(ValidationError, match=rf"required unless {name}\.plaintext is true"):
        section(address="127.0.0.1:7443")
    assert section(address="127.0.0.1:7443", plaintext=True).cert is None
    with pytest.raises(ValidationError, match=rf"only when {name}\.address is on loopback"):
        section(address="10.0.0.1:7443", plaintext=True)
    with pytest.raises(ValidationError, match=rf"at least {name}\.backoff_base_ms \(200\)"):
        section(backoff_max_ms=199)
