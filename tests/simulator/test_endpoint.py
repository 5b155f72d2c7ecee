"""What an endpoint says to a batch, without any stream."""

from collections.abc import Callable

import pytest

from chakong.institution.v1 import institution_pb2
from simulator._population import Population
from simulator.cache import DrawnCache
from simulator.endpoint import Conversation, Counts, EndpointDesk, World
from simulator.layout import Layout
from simulator.scenarios import (
    MIXTURES,
    POISON_ONE_IN,
    SECOND_NS,
    Cast,
    Conduct,
    Fault,
    Role,
    Scenario,
)
from simulator.truth import is_chosen
from tests.simulator.batches import PERSON, batch, entry, hello, people
from tests.simulator.conftest import SEED

HUB = 345
Day = Callable[..., Conversation]


class Clock:
    def __init__(self) -> None:
        self.at_ns = 0

    def now_ns(self) -> int:
        return self.at_ns


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def converse(layout: Layout, population: Population, clock: Clock) -> Day:
    """A conversation with HUB, greeted, on a day of this scenario with HUB in this role."""

    def begin(name: str = "calm", cast: Cast | None = None) -> Conversation:
        scenario = Scenario(MIXTURES[name], SEED, layout)
        if cast is not None:
            scenario.casts[HUB] = cast
        world = World(layout, DrawnCache(population), scenario, clock.now_ns, 0, Counts())
        conversation = Conversation(world, EndpointDesk(world, HUB))
        assert conversation.hear(hello(layout.endpoints[HUB].institutions)) is None
        return conversation

    return begin


def reply_to(conversation: Conversation, message: bytes) -> institution_pb2.Reply:
    word = conversation.hear(message)
    assert word is not None
    assert word.reply is not None
    return institution_pb2.Reply.FromString(word.reply)


def named(reply: institution_pb2.Reply) -> set[int]:
    return {index for answered in reply.answered for index in answered.institutions}


def test_a_later_greeting_holds_for_what_comes_after_it(converse: Day, layout: Layout) -> None:
    conversation = converse()
    members = layout.endpoints[HUB].institutions
    assert len(named(reply_to(conversation, batch(1, [entry(PERSON)])))) > 1
    conversation.hear(hello(members[:1]))
    assert named(reply_to(conversation, batch(2, [entry(PERSON)]))) == {members[0]}


def test_without_a_greeting_an_open_address_is_refused(
    layout: Layout, population: Population, clock: Clock
) -> None:
    world = World(
        layout, DrawnCache(population), Scenario(MIXTURES["calm"], 1, layout), clock.now_ns, 0, Counts()
    )
    conversation = Conversation(world, EndpointDesk(world, HUB))
    assert "first message" in reply_to(conversation, batch(1, [entry(PERSON)])).refusal
    member = layout.endpoints[HUB].institutions[0]
    assert named(reply_to(conversation, batch(2, [entry(PERSON, institutions=[member])]))) == {member}


def test_a_poisoned_endpoint_refuses_the_batch_and_takes_its_other_half(
    converse: Day, layout: Layout
) -> None:
    conversation = converse(cast=Cast(Role.POISONED))
    salt = Scenario(MIXTURES["calm"], SEED, layout).poison_salt(HUB)
    assert salt is None
    poisoned_day = Scenario(MIXTURES["calm"], SEED, layout)
    poisoned_day.casts[HUB] = Cast(Role.POISONED)
    salt = poisoned_day.poison_salt(HUB)
    assert salt is not None
    asked = people(8_000)
    bad = next(place for place, one in enumerate(asked) if is_chosen(SEED, one, salt, POISON_ONE_IN))
    with_poison = [entry(one) for one in asked[bad - 1 : bad + 1]]
    assert reply_to(conversation, batch(1, with_poison)).refusal
    assert not reply_to(conversation, batch(2, with_poison[:1])).refusal
    assert reply_to(conversation, batch(3, with_poison[1:])).refusal
    note = entry(asked[bad], kind=institution_pb2.KIND_NOTE)
    assert not reply_to(conversation, batch(4, [note])).refusal


def test_a_declining_endpoint_refuses_only_some(converse: Day) -> None:
    conversation = converse(cast=Cast(Role.DECLINING))
    reply = reply_to(conversation, batch(1, [entry(one) for one in people(3_000)]))
    refused = {one.entry for one in reply.findings if one.outcome == institution_pb2.OUTCOME_REFUSED}
    assert 1 <= len(refused) <= 15
    assert not reply.refusal


def test_a_forgetful_hub_never_names_the_forgotten(converse: Day, layout: Layout) -> None:
    forgotten = layout.endpoints[HUB].institutions[2]
    conversation = converse(cast=Cast(Role.FORGETFUL, forgotten=frozenset({forgotten})))
    assert forgotten not in named(reply_to(conversation, batch(1, [entry(PERSON)])))
    assert named(reply_to(conversation, batch(1, [entry(PERSON, institutions=[forgotten])]))) == set()


def test_a_liar_that_mends_tells_the_truth_to_the_third_batch(converse: Day) -> None:
    conversation = converse(cast=Cast(Role.FOREIGN_BATCH, mends=True))
    message = batch(9, [entry(PERSON)])
    assert [reply_to(conversation, message).batch_id == 9 for _ in range(3)] == [False, False, True]


def test_outside_its_hours_an_endpoint_refuses(layout: Layout, population: Population, clock: Clock) -> None:
    scenario = Scenario(MIXTURES["night"], 1, layout)
    shut = next(endpoint.index for endpoint in layout.endpoints if endpoint.hours != "always")
    world = World(layout, DrawnCache(population), scenario, clock.now_ns, 0, Counts())
    conversation = Conversation(world, EndpointDesk(world, shut))
    conversation.hear(hello(layout.endpoints[shut].institutions))
    assert not reply_to(conversation, batch(1, [entry(PERSON)])).refusal  # 08:00 in Beijing
    clock.at_ns = 16 * 3_600 * SECOND_NS
    assert "hours" in reply_to(conversation, batch(2, [entry(PERSON)])).refusal


def test_a_capability_lost_is_described_and_no_longer_answered(converse: Day, layout: Layout, clock: Clock,
                                                               population: Population) -> None:  # fmt: skip
    scenario = Scenario(MIXTURES["turnover"], SEED, layout)
    lost = min(scenario.able(0) - scenario.able(10 * SECOND_NS))
    world = World(layout, DrawnCache(population), scenario, clock.now_ns, 0, Counts())
    desk = EndpointDesk(world, layout.institutions[lost].endpoint)
    conversation = Conversation(world, desk)
    message = batch(1, [entry(PERSON, institutions=[lost])])

    def is_described() -> bool:
        return next(one.can_inquire for one in desk.describe().capabilities if one.institution == lost)

    assert (is_described(), named(reply_to(conversation, message))) == (True, {lost})
    clock.at_ns = 10 * SECOND_NS
    assert (is_described(), named(reply_to(conversation, message))) == (False, set())


@pytest.mark.parametrize(
    ("fault", "refusal", "entry_count"),
    [(Fault.REFUSAL, "the core system is busy", 0), (Fault.HALF, "", 2), (Fault.UNAVAILABLE, "", 4)],
)
def test_errors_of_a_storm_fail_a_batch_in_whole_or_part(
    converse: Day, monkeypatch: pytest.MonkeyPatch, fault: Fault, refusal: str, entry_count: int
) -> None:
    monkeypatch.setattr(Scenario, "conduct", lambda *_: Conduct(fault))
    reply = reply_to(converse(), batch(1, [entry(one) for one in people(4)]))
    assert reply.refusal == refusal
    assert [answered.entry_count for answered in reply.answered] == [entry_count] * (not refusal)
    outcomes = {finding.outcome for finding in reply.findings}
    assert (institution_pb2.OUTCOME_UNAVAILABLE in outcomes) is (fault is Fault.UNAVAILABLE)


def test_a_reset_says_nothing(converse: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scenario, "conduct", lambda *_: Conduct(Fault.RESET))
    word = converse().hear(batch(1, [entry(PERSON)]))
    assert word is not None
    assert word.reply is None
