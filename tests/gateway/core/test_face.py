"""Face: what is handed out outlives the Engine, and says what it is."""

import gc

import pytest

from gateway._core import Engine
from tests.gateway.core.house import desk
from tests.model.face import CHECK_INVALID
from tests.model.world import BANK, DIRECT, KEY, Desk, inquiry, only


def test_what_was_handed_out_outlives_its_engine() -> None:
    at = Desk(Engine(KEY))
    checked = at.check(inquiry("a", scope=only(BANK)))
    frame = checked.frame
    at.admit(checked)
    sent = at.take_one(DIRECT)
    assert at.settle(sent, sent.reply()) == 0
    (answers,) = at.engine.take_answers(at.now_ns)
    message = answers.message
    del at
    gc.collect()
    assert (checked.frame, checked.accepted, checked.refused_by_reason) == (frame, 1, {})
    assert (answers.message, answers.count, len(answers.finals)) == (message, 1, 8)
    assert sent.batch.message.startswith(b"\x08\x01\x12")


def test_figures_before_anything_happened_are_all_nothing() -> None:
    assert set(Engine(KEY).stats().values()) == {0}
    assert set(desk().engine.stats().values()) == {0}


def test_looking_at_the_figures_changes_none_of_them() -> None:
    at = desk(is_open=False)
    at.submit(inquiry("a"), inquiry("b", scope=only(BANK)))
    before = at.engine.stats()
    assert before["waiting_entries"] > 0
    assert [at.engine.stats() for _ in range(3)] == [before] * 3


def test_a_verdict_is_settled_once() -> None:
    at = desk()
    checked = at.check(inquiry("a"))
    at.engine.abandon(checked)
    with pytest.raises(ValueError, match="before"):
        at.engine.abandon(checked)
    refused = at.engine.check(b"\xff", "c", at.now_ns)
    assert (refused.status, refused.response, refused.frame) == (CHECK_INVALID, b"", b"")
    with pytest.raises(ValueError, match="before"):
        at.engine.abandon(refused)


def test_its_fields_cannot_be_written() -> None:
    at = desk()
    at.submit(inquiry("a", scope=only(BANK)))
    batch = at.take_one(DIRECT).batch
    with pytest.raises(AttributeError):
        batch.id = 3  # type: ignore[misc]
