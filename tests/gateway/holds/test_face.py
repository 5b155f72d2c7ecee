"""Face: names of rules as callers get them."""

from chakong.gateway.v1 import controls_pb2
from gateway.holds.face import Refusal


def test_name_of_a_refusal_is_the_rule_without_its_prefix() -> None:
    assert Refusal(controls_pb2.RULE_ABOVE_CLAIM, "x").name == "ABOVE_CLAIM"
