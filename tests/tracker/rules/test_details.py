"""Details: what a kind of event may say, must say, and which values there are."""

import pytest

from tests.tracker.rules.build import event, law
from tracker.model import Count, Event
from tracker.rules.details import FIELDS, MAY_SAY, detail_fault


def fault(given: Event) -> str:
    found = detail_fault(law(), given)
    return "" if found is None else f"{found.rule.value}: {found.text}"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (event("filing", 20260101, reason="x"), "detail_unexpected: detail.reason: filing has no use for it"),
        (event("measure_effective", 20260101, thing="p"), "detail_missing: detail.property"),
        (event("extension_granted", 20260101, approved_by="president"), "detail_missing: detail.months"),
        (event("extension_granted", 20260101, months=3), "detail_missing: detail.approved_by"),
        (
            event("auction", 20260101, thing="p", route="by mail"),
            "detail_wrong: detail.route: 'by mail' given",
        ),
        (event("closing", 20260101, manner="tired"), "detail_wrong: detail.manner"),
        (event("clock_stopped", 20260101, period="nap"), "detail_wrong: detail.period"),
        (
            event("measure_renewed", 20260101, thing="p", until=20260230),
            "detail_wrong: detail.until: 20260230 given",
        ),
        (
            event("measure_renewed", 20260102, thing="p", until=20260101),
            "detail_wrong: detail.until: 20260101 given, not before",
        ),
        (
            event("money_received", 20260101, thing="m", amount_fen=-1),
            "detail_wrong: detail.amount_fen: -1 given",
        ),
        (
            event("extension_granted", 20260101, approved_by="x", months=256),
            "detail_wrong: detail.months: 256 given, 0 to 255",
        ),
        (
            event("extension_granted", 20260101, approved_by="x", months=1, node=99),
            "detail_wrong: detail.node: 99",
        ),
        (event("online_inquiry", 20260101, items=(26,)), "detail_wrong: detail.items"),
        (event("online_inquiry", 20260101, ended=(Count("LOST", 1),)), "detail_wrong: detail.ended"),
        (event("online_inquiry", 20260101, ended=(Count("NONE", -1),)), "detail_wrong: detail.ended"),
        (
            event("closing", 20260101, manner="ended_for_now", reason="x" * 257),
            "detail_wrong: detail.reason: 257 bytes",
        ),
    ],
    ids=lambda value: value.kind if isinstance(value, Event) else None,
)
def test_fault_names_its_field(given: Event, text: str) -> None:
    assert fault(given).startswith(text)


@pytest.mark.parametrize(
    "given",
    [
        event("filing", 20260101),
        event("closing", 20260101),
        event("closing", 20260101, manner="completed"),
        event(
            "online_inquiry", 20260101, inquiry="i", is_full=True, items=(1, 25), ended=(Count("NONE", 2),)
        ),
        event("measure_effective", 20260101, thing="p", property="other_right", until=20260101, amount_fen=0),
    ],
    ids=lambda given: given.kind,
)
def test_sound_detail_is_taken(given: Event) -> None:
    assert fault(given) == ""


def test_every_field_is_of_use_to_some_event() -> None:
    assert set().union(*MAY_SAY.values()) == set(FIELDS)
