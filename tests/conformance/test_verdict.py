"""Verdict: what is not as expected is a failure that says both."""

import pytest

from conformance.verdict import FailedError, require, require_that


def test_equal_is_no_failure() -> None:
    require("life", "QUEUED", "QUEUED")
    require_that(True, "anything", "something")


def test_another_is_a_failure_with_what_was_expected_and_what_came() -> None:
    with pytest.raises(FailedError) as caught:
        require("life", "QUEUED", "EFFECTIVE")
    assert (caught.value.expected, caught.value.came) == ("life: QUEUED", "EFFECTIVE")
    with pytest.raises(FailedError) as caught:
        require_that(False, "at most 3", 4)
    assert (caught.value.expected, caught.value.came) == ("at most 3", "4")
