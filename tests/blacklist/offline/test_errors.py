"""Every refusal is one of a tree, so that a unit can catch them all and keep what it has."""

import pytest

from blacklist.offline.errors import ForeignError, OfflineError, StaleError, TamperedError, TruncatedError


@pytest.mark.parametrize("kind", [ForeignError, StaleError, TamperedError, TruncatedError])
def test_refusal_is_an_offline_error(kind: type[OfflineError]) -> None:
    with pytest.raises(OfflineError, match="why"):
        raise kind("why")
