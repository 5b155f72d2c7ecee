"""Check: room is made where it can be, and told where it cannot. Of verdicts: test_core_check.py."""

from chakong.institution.v1 import institution_pb2 as institution
from tests.gateway.core.house import desk, is_empty
from tests.model.face import CHECK_FULL, CHECK_OK
from tests.model.world import BANK, DIRECT, Desk, inquiry, only, person, record

MANY = institution.OUTCOME_FOUND


def found(at: Desk, number: int) -> None:
    """One inquiry to one bank, which finds much."""
    at.submit(inquiry(f"f{number}", person(number), scope=only(BANK)))
    sent = at.take_one(DIRECT)
    records = [record(person(number), description="x" * 500)] * 100
    finding = institution.Finding(institution=BANK, outcome=MANY, records=records)
    assert at.settle(sent, sent.reply(finding)) == 0
    assert at.final().coverage.found == 1


def test_fresh_answers_make_room_oldest_first() -> None:
    at = desk(bytes_max=200_000)
    for number in range(20):
        found(at, number)
    one = 70_000  # what came last may stand a little over
    assert 50_000 < at.engine.stats()["bytes_held"] <= 200_000 + one
    assert at.engine.stats()["asks"] < 20
    newest = at.submit(inquiry("again", person(19), scope=only(BANK)))
    assert at.final().inquiry_id == newest[0]
    at.submit(inquiry("old", person(0), scope=only(BANK)))
    assert at.take_one(DIRECT).asked() == {("case old", BANK)}


def test_fresh_answers_are_kept_where_dropping_them_would_not_help() -> None:
    at = desk(bytes_max=100_000)
    found(at, 0)
    asks = at.engine.stats()["asks"]
    waiting = 0
    while (
        checked := at.check(*[inquiry(f"w{waiting}-{n}", person(n)) for n in range(1, 40)])
    ).status == CHECK_OK:
        at.admit(checked)
        waiting += 1
    assert checked.status == CHECK_FULL
    assert at.check(*[inquiry(f"big-{n}", person(n)) for n in range(900)]).status == CHECK_FULL
    assert at.engine.stats()["asks"] >= asks


def test_an_abandoned_message_gives_its_room_back() -> None:
    at = desk(inquiries_max=3)
    for _ in range(5):
        checked = at.check(*[inquiry(f"a{n}", person(n)) for n in range(3)])
        assert checked.status == CHECK_OK
        assert at.check(inquiry("b")).status == CHECK_FULL
        at.engine.abandon(checked)
    assert is_empty(at)
