"""The waterfall against a plain model of it, over any order of acts."""

from hypothesis import given, settings
from hypothesis import strategies as st

from chakong.institution.v1.institution_pb2 import Control, ControlReceipt
from chakong.type.v1.hold_pb2 import HoldStatement
from simulator.books.audit import faults
from tests.simulator.books.acts import (
    BANK,
    CAR,
    DAY_NS,
    DONE,
    EFFECTIVE,
    ENDED,
    LOCATOR,
    NOW_NS,
    QUEUED,
    REGISTRY,
    THING,
    bank,
    deduct,
    freeze,
    release,
    renew,
)

Said = tuple[Control, ControlReceipt]
AMOUNTS = st.integers(1, 300)
HOLDS = st.integers(1, 8)
ACTS = st.one_of(
    st.tuples(st.just("freeze"), HOLDS, st.one_of(st.just(0), AMOUNTS)),
    st.tuples(st.just("release"), HOLDS, st.one_of(st.just(0), AMOUNTS)),
    st.tuples(st.just("deduct"), HOLDS, st.one_of(st.just(0), AMOUNTS)),
    st.tuples(st.just("renew"), HOLDS, st.integers(1, 12)),
    st.tuples(st.just("credit"), HOLDS, AMOUNTS),
    st.tuples(st.just("spend"), HOLDS, AMOUNTS),
    st.tuples(st.just("pass"), HOLDS, st.integers(1, 200)),
    st.tuples(st.just("again"), HOLDS, AMOUNTS),
)


class Day:
    """Does acts with the books and remembers what was said."""

    def __init__(self, balance_fen: int, protected_fen: int) -> None:
        self.books = bank(balance_fen, protected_max_fen=protected_fen)
        self.now_ns = NOW_NS
        self.said: dict[int, HoldStatement] = {}
        self.registered: list[int] = []
        self._control_id = 100
        self._seq = 0
        self._done: list[Said] = []

    def act(self, name: str, hold_id: int, amount: int) -> None:
        if name == "pass":
            self.now_ns += amount * DAY_NS
            self.books.advance(self.now_ns)
        elif name == "credit":
            self.books.credit(BANK, LOCATOR, amount, self.now_ns)
        elif name == "spend":
            self.books.spend(BANK, LOCATOR, amount, self.now_ns)
        elif name == "again":
            self._repeat(amount)
        else:
            self._order(name, hold_id, amount)
        self._listen()

    def _order(self, name: str, hold_id: int, amount: int) -> None:
        self._control_id += 1
        is_new = name == "freeze" and hold_id not in self.registered
        if name == "freeze":
            if not is_new:
                return
            order = freeze(hold_id, amount)
        elif name == "release":
            order = release(self._control_id, hold_id, amount)
        elif name == "deduct":
            order = deduct(self._control_id, hold_id, amount)
        else:
            order = renew(self._control_id, hold_id, amount)
        receipt = self.books.control(order, self.now_ns)
        self._done.append((order, receipt))
        if receipt.outcome != DONE:
            return
        self._listen()
        if is_new:
            self.registered.append(hold_id)
            assert receipt.hold.version == 1
        else:
            assert receipt.hold.version - self.said[hold_id].version in (0, 1)
            is_same = without_clock(receipt.hold) == without_clock(self.said[hold_id])
            assert is_same == (receipt.hold.version == self.said[hold_id].version)
        self.said[hold_id] = receipt.hold

    def _repeat(self, place: int) -> None:
        if self._done:
            order, receipt = self._done[place % len(self._done)]
            assert self.books.control(order, self.now_ns) == receipt

    def _listen(self) -> None:
        """Every change of a hold was told, once, with the next version."""
        for event in self.books.events_after(self._seq, 1_000):
            assert event.seq == self._seq + 1
            self._seq = event.seq
            assert event.hold.version == self.said[event.hold.hold_id].version + 1
            self.said[event.hold.hold_id] = event.hold


def without_clock(hold: HoldStatement) -> HoldStatement:
    """What a version stands for."""
    plain = HoldStatement()
    plain.CopyFrom(hold)
    plain.version = plain.available_fen = plain.stated_ns = 0
    return plain


@settings(deadline=None, max_examples=400)
@given(
    balance_fen=st.integers(0, 500),
    protected_fen=st.integers(0, 200),
    acts=st.lists(ACTS, min_size=1, max_size=40),
)
def test_the_waterfall_keeps_its_rules_whatever_happens(
    balance_fen: int, protected_fen: int, acts: list[tuple[str, int, int]]
) -> None:
    day = Day(balance_fen, protected_fen)
    for act in acts:
        day.act(*act)
        assert faults(day.books) == []
        account = day.books.account(BANK, LOCATOR)
        assert account.held_fen <= max(0, account.balance_fen - protected_fen)
        check_order(day)


def check_order(day: Day) -> None:
    """What was said of living holds is what a plain reading of the law makes of the account now."""
    account = day.books.account(BANK, LOCATOR)
    rest_fen = max(0, account.balance_fen - account.protected_max_fen)
    queue = 0
    for hold_id in day.registered:
        said = day.said[hold_id]
        now = day.books.hold(hold_id)
        assert now is not None
        assert without_clock(said) == without_clock(now)
        if said.life == ENDED:
            assert said.controlled_fen == 0
        elif said.life == QUEUED:
            queue += 1
            assert (said.queue_position, said.controlled_fen) == (queue, 0)
        else:
            assert said.life == EFFECTIVE
            assert queue == 0
            limit_fen = rest_fen if said.whole else said.ceiling_fen
            assert said.controlled_fen == min(limit_fen, rest_fen)
            rest_fen -= said.controlled_fen


@settings(deadline=None)
@given(
    acts=st.lists(
        st.tuples(st.sampled_from(("freeze", "release", "pass")), HOLDS, st.integers(1, 24)), max_size=30
    )
)
def test_of_a_thing_one_hold_is_in_force_the_first_registered(acts: list[tuple[str, int, int]]) -> None:
    books = bank()
    now_ns, control_id = NOW_NS, 100
    for name, hold_id, number in acts:
        control_id += 1
        if name == "pass":
            now_ns += number * 30 * DAY_NS
            books.advance(now_ns)
        elif name == "release":
            books.control(release(control_id, hold_id), now_ns)
        elif books.hold(hold_id) is None:
            books.control(freeze(hold_id, months=number, opening=THING), now_ns)
        lives = [hold.life for hold in books.account(REGISTRY, CAR).holds]
        assert lives == [EFFECTIVE, *[QUEUED] * (len(lives) - 1)][: len(lives)]
        assert faults(books) == []
