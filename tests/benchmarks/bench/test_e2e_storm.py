"""A small storm beside a calm day: exactly the dead are missing, and the prompt are not waited for longer."""

import pytest

from benchmarks.bench import e2e_storm
from benchmarks.bench.answered import SEED
from benchmarks.bench.e2e_storm import FIRST_FOLLOWER, Plan, followed, mute_of, over_plan, prompt_of
from benchmarks.bench.result import WrongAnswerError
from benchmarks.bench.streams import Round
from chakong.gateway.v1.gateway_pb2 import STAGE_FINAL, Answer, Coverage, SubmitBulkResponse, WatchResponse
from chakong.type.v1.type_pb2 import END_STATE_LATE, END_STATE_UNREACHABLE
from simulator.layout import Layout
from simulator.scenarios import MIXTURES, Role, Scenario

LAYOUT = Layout.load()
STORM = Scenario(MIXTURES["storm"], SEED, LAYOUT)
TINY = Plan(wave_size=40, wave_count=1, run_count=1, deadline_s=15)
PROMPT_COUNT = 2


async def test_storm_is_measured_beside_a_calm_day() -> None:
    result = await over_plan(TINY)
    assert (result.name, result.unit) == (e2e_storm.NAME, "queries/s")
    assert result.reference is not None
    assert (len(result.ours), len(result.reference)) == (1, 1)
    assert (result.extra["endpoints_dead"], result.extra["endpoints_slow"]) == (4, 19)
    (prompt_s,) = result.extra["prompt_queries_ended_s"]
    # The dead are waited for until the deadline, the prompt are not.
    assert prompt_s < TINY.deadline_s / 2 < result.extra["last_final_answer_s"]
    assert result.extra["cuts"]["batches"] > 0


def test_the_dead_the_slow_and_the_prompt_are_told_apart() -> None:
    mute = mute_of(STORM, LAYOUT)
    prompt = set(prompt_of(STORM, LAYOUT))
    assert not prompt & mute.keys()
    closed = next(index for index, cast in STORM.casts.items() if cast.role is Role.CLOSED)
    silent = next(index for index, cast in STORM.casts.items() if cast.role is Role.SILENT)
    slow = next(index for index, cast in STORM.casts.items() if cast.role is Role.SLOW)
    assert mute[LAYOUT.endpoints[closed].institutions[0]] == (END_STATE_UNREACHABLE,)
    assert mute[LAYOUT.endpoints[silent].institutions[0]] == (END_STATE_LATE, END_STATE_UNREACHABLE)
    assert not prompt & set(LAYOUT.endpoints[slow].institutions)


def follower(order: int, **changed: int) -> Answer:
    coverage = Coverage(total=PROMPT_COUNT, found=1, none=1, joined=PROMPT_COUNT)
    for name, count in changed.items():
        setattr(coverage, name, count)
    order_id = f"b-{FIRST_FOLLOWER + order:010}"
    return Answer(order_id=order_id, stage=STAGE_FINAL, coverage=coverage)


def came(*answers: Answer, accepted: int = 2) -> Round:
    """One message a second, behind one of a wave."""
    wave = SubmitBulkResponse(accepted=100).SerializeToString()
    messages = [WatchResponse(answers=[answer]).SerializeToString() for answer in answers]
    acknowledged = (wave, SubmitBulkResponse(accepted=accepted).SerializeToString())
    return Round(9.0, (1, 1), acknowledged, tuple(messages), tuple(map(float, range(1, len(messages) + 1))))


def test_last_follower_tells_when_the_prompt_had_ended() -> None:
    other = Answer(order_id="b-0000000007", stage=STAGE_FINAL)
    waves, prompt_s = followed(came(follower(1), follower(2), other), 2, PROMPT_COUNT)
    assert prompt_s == 2.0
    assert len(waves.acknowledgements) == 1
    answers = [one for message in waves.answers for one in WatchResponse.FromString(message).answers]
    assert [one.order_id for one in answers] == [other.order_id]


@pytest.mark.parametrize(
    "wrong",
    [
        came(follower(1)),
        came(follower(1), follower(1)),
        came(follower(1), follower(2), accepted=1),
        came(follower(1), follower(2, joined=1)),
        came(follower(1), follower(2, none=0, late=1)),
    ],
    ids=["lost", "twice", "refused", "asked anew", "late"],
)
def test_wrong_follower_is_told(wrong: Round) -> None:
    with pytest.raises(WrongAnswerError):
        followed(wrong, 2, PROMPT_COUNT)
