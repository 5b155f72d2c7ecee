"""World: it is made whole, it goes whole in whatever state it is, and many of them leave nothing behind."""

import resource

import pytest

from gateway._core import Engine
from tests.gateway.core.house import change, desk
from tests.model.face import CAUSE_BROKEN
from tests.model.world import DIRECT, FIRST, HUB, KEY, MUTE, Desk, inquiry, only, person, snapshot

ENGINES = 40
LEFT_BYTES_MAX = 40 << 20


def busy(at: Desk) -> None:
    """Something of everything: waiting, in flight, failed, joined, late, lost, checked and not admitted."""
    at.submit(*[inquiry(f"a{n}", person(n)) for n in range(300)])
    at.submit(*[inquiry(f"b{n}", person(n), scope=only(FIRST), deadline_s=3) for n in range(300)])
    for sent in at.take():
        if sent.batch.endpoint == HUB:
            at.fail(sent, CAUSE_BROKEN)
        elif sent.batch.endpoint == DIRECT:
            assert at.settle(sent, sent.reply()) == 0
    change(at, 2, incapable=[MUTE, FIRST])
    at.wait_until_due(4 * 10**9)
    at.answers()
    at.check(*[inquiry(f"c{n}", person(n)) for n in range(300)])


def test_many_busy_engines_leave_nothing_behind() -> None:
    busy(desk())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(ENGINES):
        busy(desk())
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < LEFT_BYTES_MAX


def test_an_engine_without_a_directory_goes_as_it_came() -> None:
    engine = Engine(KEY)
    assert engine.open_inquiries() == 0
    for call in (
        lambda: engine.check(b"", "c", 1),
        lambda: engine.take_batches(1, 1),
        lambda: engine.settle(0, b"", 1),
        lambda: engine.advance(1),
        lambda: engine.take_answers(1),
    ):
        with pytest.raises(ValueError, match="directory"):
            call()


def test_a_refused_directory_changes_nothing() -> None:
    at = desk()
    at.submit(inquiry("a"))
    for raw in (b"", snapshot(), snapshot(1), snapshot(7)[:-1]):
        with pytest.raises(ValueError, match="snapshot"):
            at.engine.set_directory(raw)
    at.settle_all()
    assert at.final().coverage.total == 7
