"""Ledger: what every court was promised and told on a seeded day, and whether that may be so.

Each answer is compared with the one before it, with the inquiry, and with the truth, as it becomes durable.
It judges what reaches the courts alone, and knows neither batches nor endpoints' troubles.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.type.v1 import type_pb2 as types
from tests.model.world import SECOND_NS
from tests.whole.drawn_world import DrawnWorld, must_end, truth

# Timers may be so late; a day's steps may add their own wait.
LATE_NS_MAX = 2 * SECOND_NS
FOUND, NONE = types.END_STATE_FOUND, types.END_STATE_NONE
ANSWERED = (FOUND, types.END_STATE_AMBIGUOUS, types.END_STATE_REFUSED)
LISTED = {
    types.END_STATE_REFUSED: "refused",
    types.END_STATE_INCAPABLE: "incapable",
    types.END_STATE_LATE: "late",
    types.END_STATE_UNREACHABLE: "unreachable",
    types.END_STATE_CANCELLED: "cancelled",
}
FRESHNESS_DEFAULT_S = 86_400


@dataclass(slots=True, eq=False)
class Promise:
    """An accepted inquiry. `life`: how often the gateway had been started when it answered last."""

    number: int
    court: str
    made: gateway.Inquiry
    concerned: frozenset[int]
    admitted_ns: int
    deadline_ns: int
    is_cancelled: bool = False
    life: int = 0
    last: gateway.Answer | None = None
    final: gateway.Answer | None = None
    # Who could not be inquired of at some moment, and at every moment, while it was open.
    ever_mute: set[int] = field(default_factory=set)
    always_mute: set[int] = field(default_factory=set)


class Ledger:
    def __init__(self, world: DrawnWorld) -> None:
        self._world = world
        self.promises: dict[int, Promise] = {}
        self.answer_count = 0

    def promise(
        self, number: int, court: str, made: gateway.Inquiry, at_ns: int, mute: Iterable[int]
    ) -> None:
        """The inquiry was accepted, durably."""
        assert number not in self.promises
        silent = set(mute)
        one = Promise(
            number, court, made, self._world.concerned(made), at_ns, at_ns + made.deadline_s * SECOND_NS
        )
        one.ever_mute, one.always_mute = set(silent), set(silent)
        self.promises[number] = one

    def directory(self, mute: Iterable[int]) -> None:
        """Who cannot be inquired of from now on."""
        silent = set(mute)
        for promise in self.open():
            promise.ever_mute |= silent
            promise.always_mute &= silent

    def open(self) -> list[Promise]:
        return [promise for promise in self.promises.values() if promise.final is None]

    def told(self, court: str, answer: gateway.Answer, at_ns: int, life: int) -> None:
        """A durable answer."""
        promise = self.promises[answer.inquiry_id]
        made, last = promise.made, promise.last
        self.answer_count += 1
        assert promise.final is None or answer.stage == gateway.STAGE_LATE, "told again after FINAL"
        assert (court, answer.order_id) == (promise.court, made.order_id)
        assert answer.case_number == made.mandate.case_number
        assert promise.admitted_ns == answer.admitted_ns <= answer.answered_ns <= at_ns
        freshness_s = made.freshness_s if made.HasField("freshness_s") else FRESHNESS_DEFAULT_S
        assert 0 <= answer.admitted_ns - answer.asked_ns <= freshness_s * SECOND_NS
        self._check_coverage(promise, answer)
        self._check_findings(promise, answer)
        if last is not None:
            assert answer.revision > last.revision, f"inquiry {promise.number}: revision goes back"
            if promise.life == life:
                _check_growth(last, answer)
        if answer.stage == gateway.STAGE_FINAL:
            self._check_final(promise, answer)
            promise.final = answer
        elif answer.stage == gateway.STAGE_LATE:
            assert promise.final is not None, "LATE before FINAL"
            _check_frozen(promise.final.coverage, answer.coverage)
        promise.last, promise.life = answer, life

    def _check_coverage(self, promise: Promise, answer: gateway.Answer) -> None:
        row = answer.coverage
        ended = row.found + row.none + row.ambiguous + row.refused + row.incapable
        assert row.total == len(promise.concerned)
        assert row.total == row.open + ended + row.late + row.unreachable + row.cancelled, row
        assert (row.open == 0) == (answer.stage != gateway.STAGE_PARTIAL)
        assert row.late_answered <= row.late
        assert row.joined <= row.total
        assert bool(row.cancelled) <= promise.is_cancelled
        assert promise.made.freshness_s or not promise.made.HasField("freshness_s") or row.joined == 0

    def _check_findings(self, promise: Promise, answer: gateway.Answer) -> None:
        row, subject = answer.coverage, promise.made.subject
        by_state: Counter[int] = Counter()
        named: set[int] = set()
        for finding in answer.findings:
            assert finding.institution in promise.concerned - named
            named.add(finding.institution)
            kept = self._world.kept(promise.made.items, finding.institution)
            said = truth(subject, kept, finding.institution)
            assert finding.state == must_end(said, subject), (promise.number, finding)
            assert said is not None
            is_found = finding.state == FOUND
            assert list(finding.records) == (list(said.records) if is_found else []), promise.number
            assert finding.reason == said.reason
            assert not finding.late or answer.stage == gateway.STAGE_LATE
            by_state[finding.state] += not finding.late
        told = dict(zip(ANSWERED, (row.found, row.ambiguous, row.refused), strict=True))
        assert by_state == Counter(told)
        assert len(named) - by_state.total() <= row.late_answered

    def _check_final(self, promise: Promise, answer: gateway.Answer) -> None:
        missing = {row.state: set(row.institutions) for row in answer.coverage.missing}
        assert len(missing) == len(answer.coverage.missing)
        for state, word in LISTED.items():
            listed = missing.get(state, set())
            assert len(listed) == getattr(answer.coverage, word), (promise.number, word)
        everybody = set().union(*missing.values())
        assert len(everybody) == sum(map(len, missing.values())), "missing twice"
        refused = {row.institution for row in answer.findings if row.state == types.END_STATE_REFUSED}
        assert refused == missing.get(types.END_STATE_REFUSED, set())
        self._check_none(promise, answer)
        incapable = missing.get(types.END_STATE_INCAPABLE, set())
        assert promise.always_mute & promise.concerned <= incapable <= promise.ever_mute
        if not promise.is_cancelled:
            self._check_clean(promise, missing)

    def _check_none(self, promise: Promise, answer: gateway.Answer) -> None:
        """Neither found nor missing: these said that they have nothing, and have nothing."""
        silent = {one for row in answer.coverage.missing for one in row.institutions}
        none = promise.concerned - silent - {row.institution for row in answer.findings}
        if answer.stage == gateway.STAGE_FINAL:
            assert len(none) == answer.coverage.none
        for one in none:
            said = truth(promise.made.subject, self._world.kept(promise.made.items, one), one)
            assert said is None, f"inquiry {promise.number}: NONE at {one}, which has something"

    def _check_clean(self, promise: Promise, missing: Mapping[types.EndState.ValueType, set[int]]) -> None:
        """Endpoints without a fault answer in time, whatever becomes of the others."""
        lost = missing.get(types.END_STATE_LATE, set()) | missing.get(types.END_STATE_UNREACHABLE, set())
        if promise.deadline_ns - promise.admitted_ns < 3_600 * SECOND_NS:
            return
        clean = {
            one for gate in self._world.endpoints if gate.role == "clean" for one in gate.behind
        } - promise.ever_mute
        assert not lost & clean, (promise.number, lost & clean)


def _check_growth(last: gateway.Answer, answer: gateway.Answer) -> None:
    """Within one life of a gateway nothing that was told is taken back."""
    assert answer.stage >= last.stage
    assert answer.answered_ns >= last.answered_ns
    assert answer.coverage.open <= last.coverage.open
    assert {row.institution for row in last.findings} <= {row.institution for row in answer.findings}
    for word in ("found", "none", "ambiguous", "joined", "late_answered", *LISTED.values()):
        assert getattr(last.coverage, word) <= getattr(answer.coverage, word), word
    if answer.stage == gateway.STAGE_PARTIAL:
        assert len(answer.findings) > len(last.findings), "a partial answer without news"
        assert answer.answered_ns - last.answered_ns >= SECOND_NS


def _check_frozen(final: gateway.Coverage, coverage: gateway.Coverage) -> None:
    """After FINAL only `late_answered` grows, and who has replied meanwhile is no longer missing."""
    for word in ("total", "found", "none", "ambiguous", "joined", *LISTED.values()):
        assert getattr(final, word) == getattr(coverage, word), word
    before = {row.state: set(row.institutions) for row in final.missing}
    after = {row.state: set(row.institutions) for row in coverage.missing}
    late = types.END_STATE_LATE
    still = after.pop(late, set())
    assert still <= before.pop(late, set())
    assert len(still) == coverage.late - coverage.late_answered
    assert after == before
