"""What an endpoint says to controls on its day."""

from dataclasses import replace

import pytest

from chakong.institution.v1 import institution_pb2, test_bench_pb2
from chakong.type.v1 import hold_pb2
from simulator._population import Population
from simulator.books.staff import clerks
from simulator.cache import DrawnCache
from simulator.controls import CONTROLS_MAX, ContractError, ControlDesk
from simulator.endpoint import Counts, World
from simulator.layout import Layout
from simulator.scenarios import MIXTURES, SLOW_MS_MIN, Cast, Fault, Role, Scenario
from simulator.truth import Truth
from tests.simulator.books.acts import DAY_NS, DONE, NOW_NS, release
from tests.simulator.books.hunt import Target, targets
from tests.simulator.conftest import SEED

UNAVAILABLE = hold_pb2.CONTROL_OUTCOME_UNAVAILABLE


@pytest.fixture
def target(layout: Layout, truth: Truth) -> Target:
    return next(targets(layout, truth))


class Clock:
    def __init__(self) -> None:
        self.now_ns = NOW_NS


@pytest.fixture
def clock() -> Clock:
    return Clock()


def desk(
    layout: Layout, population: Population, endpoint: int, clock: Clock, scenario: Scenario | None = None
) -> ControlDesk:
    world = World(
        layout=layout,
        cache=DrawnCache(population),
        scenario=scenario or Scenario(MIXTURES["calm"], SEED, layout),
        now_ns=lambda: clock.now_ns,
        start_ns=NOW_NS,
        counts=Counts(),
    )
    return ControlDesk(world, endpoint, clerks(layout, population)[layout.endpoints[endpoint].key])


def send(
    desk: ControlDesk, *controls: institution_pb2.Control
) -> list[institution_pb2.ControlReceipt] | None:
    word = desk.control(institution_pb2.ControlBatch(controls=controls).SerializeToString())
    if word.response is None:
        return None
    return list(institution_pb2.ReceiptBatch.FromString(word.response).receipts)


def test_a_calm_endpoint_gives_a_receipt_for_each(
    layout: Layout, population: Population, target: Target, clock: Clock
) -> None:
    calm = desk(layout, population, target.endpoint, clock)
    receipts = send(calm, target.freeze(1, 500), release(2, 77))
    assert receipts is not None
    assert [(one.control_id, one.outcome) for one in receipts] == [
        (1, DONE),
        (2, hold_pb2.CONTROL_OUTCOME_REFUSED),
    ]
    request = institution_pb2.ListHoldsRequest(institution=target.institution)
    listed = institution_pb2.ListHoldsResponse.FromString(calm.holds(request.SerializeToString()))
    assert list(listed.holds) == [receipts[0].hold]


def test_what_breaks_the_contract_is_refused_whole(
    layout: Layout, population: Population, target: Target, clock: Clock
) -> None:
    calm = desk(layout, population, target.endpoint, clock)
    with pytest.raises(ContractError, match="several on one hold"):
        send(calm, target.freeze(1, 500), release(2, 1))
    with pytest.raises(ContractError, match="1025 given, at most 1024"):
        send(calm, *(release(number, number) for number in range(1, CONTROLS_MAX + 2)))
    with pytest.raises(ContractError, match="page_size: 1001 given"):
        calm.holds(institution_pb2.ListHoldsRequest(page_size=1_001).SerializeToString())
    assert not calm.clerk.books.is_touched


def test_each_fault_of_a_storm_is_met_and_changes_nothing_twice(
    layout: Layout, population: Population, target: Target, clock: Clock
) -> None:
    mixture = replace(MIXTURES["storm"], error_share=1.0)
    scenario = Scenario(mixture, SEED, layout)
    scenario.casts.pop(target.endpoint, None)
    stormy = desk(layout, population, target.endpoint, clock, scenario)
    met = set()
    for ordinal in range(40):
        fault = scenario.control_conduct(target.endpoint, ordinal).fault
        met.add(fault)
        first, second = 2 * ordinal + 1, 2 * ordinal + 2
        receipts = send(stormy, target.freeze(first, 5), target.freeze(second, 5))
        booked = [stormy.clerk.books.effects(hold_id) for hold_id in (first, second)]
        if fault is Fault.REFUSAL:
            assert (receipts, booked) == (None, [0, 0])
        elif fault is Fault.RESET:
            assert (receipts, booked) == (None, [1, 1])
        elif fault is Fault.HALF:
            assert receipts is not None
            assert ([one.control_id for one in receipts], booked) == ([first], [1, 0])
        else:
            assert receipts is not None
            assert {one.control_id: one.outcome for one in receipts} == {first: UNAVAILABLE, second: DONE}
            assert booked == [0, 1]
    assert met == {Fault.REFUSAL, Fault.RESET, Fault.HALF, Fault.UNAVAILABLE}


def test_a_liar_to_batches_does_not_lie_to_controls_and_a_slow_one_is_slow(
    layout: Layout, population: Population, target: Target, clock: Clock
) -> None:
    scenario = Scenario(MIXTURES["calm"], SEED, layout)
    scenario.casts[target.endpoint] = Cast(Role.GARBAGE)
    receipts = send(desk(layout, population, target.endpoint, clock, scenario), target.freeze(1, 5))
    assert receipts is not None
    assert receipts[0].outcome == DONE
    scenario.casts[target.endpoint] = Cast(Role.SLOW)
    slow = desk(layout, population, target.endpoint, clock, scenario)
    batch = institution_pb2.ControlBatch(controls=[target.freeze(1, 5)])
    assert slow.control(batch.SerializeToString()).delay_ms >= SLOW_MS_MIN


def test_outside_its_hours_an_endpoint_is_unavailable(
    layout: Layout, population: Population, clock: Clock
) -> None:
    endpoint = next(one for one in layout.endpoints if one.hours != "always")
    clock.now_ns = NOW_NS + 16 * 3_600 * 1_000_000_000  # two in the morning
    night = desk(layout, population, endpoint.index, clock, Scenario(MIXTURES["night"], SEED, layout))
    receipts = send(night, release(1, 5))
    assert receipts is not None
    assert (receipts[0].outcome, receipts[0].text) == (UNAVAILABLE, "outside the hours of service")


def test_the_bench_makes_time_and_money(
    layout: Layout, population: Population, target: Target, clock: Clock
) -> None:
    bench = desk(layout, population, target.endpoint, clock)
    send(bench, target.freeze(1, 2**40))
    account = bench.clerk.books.account(target.institution, target.record.locator)
    before_fen = account.balance_fen
    request = test_bench_pb2.CreditRequest(
        institution=target.institution, locator=account.locator, amount_fen=7
    )
    assert bench.credit(request).balance_fen == before_fen + 7
    assert bench.put_forward(test_bench_pb2.AdvanceRequest(days=366)).today == 20270401
    assert bench.now_ns() == NOW_NS + 366 * DAY_NS
    kinds = [event.kind for event in bench.clerk.events_after(0, 1_000)]
    assert kinds[0] == institution_pb2.HOLD_EVENT_KIND_CREDITED
    assert kinds[-1] == institution_pb2.HOLD_EVENT_KIND_EXPIRED
    for days in (0, 3_701):
        with pytest.raises(ContractError, match="1 to 3700 allowed"):
            bench.put_forward(test_bench_pb2.AdvanceRequest(days=days))
    with pytest.raises(LookupError, match="nothing was touched"):
        bench.credit(test_bench_pb2.CreditRequest(locator="62", amount_fen=1))
    with pytest.raises(ValueError, match="has ended"):
        bench.object(test_bench_pb2.ObjectRequest(institution=target.institution, hold_id=1))


def test_it_knows_how_long_it_can_sleep(
    layout: Layout, population: Population, target: Target, clock: Clock
) -> None:
    calm = desk(layout, population, target.endpoint, clock)
    assert calm.due_in_ns() is None
    send(calm, target.freeze(1, 5, months=1))
    due_in_ns = calm.due_in_ns()
    assert due_in_ns is not None
    assert 0 < due_in_ns < 31 * DAY_NS
    clock.now_ns += 40 * DAY_NS
    assert calm.due_in_ns() == 0
