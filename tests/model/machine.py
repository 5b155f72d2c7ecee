"""Machine: two Engines through the same days, compared wherever packing into batches plays no part.

Hypothesis draws what courts order, what endpoints do and how time passes; both Engines get the same.
Endpoints take as many batches as there are, and a trouble ends before any Engine gives up (or lasts until
both have), because how often a query is tried depends on the batches it shares. At the end all is answered,
and both must have told every court the same.
"""

import sys
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.journal.v1 import journal_pb2 as journal
from tests.model import face
from tests.model.drawn import MESSAGES, Drawn
from tests.model.side import ENDPOINTS, LIES, ROUNDS_MAX, Side
from tests.model.world import (
    BEHIND,
    COURT,
    HUB_BANKS,
    ITEMS,
    MUTE,
    NOON_NS,
    OTHER_COURT,
    SECOND_NS,
    TICK_NS,
    bulk,
)

if TYPE_CHECKING:
    from gateway._core import Checked

# A trouble that lasts longer than this could be the end of a query in one Engine and not in the other.
TROUBLES_MAX = 2
LINES_OPEN = 1000
NOBODY: frozenset[int] = frozenset()


class Machine(RuleBasedStateMachine):
    """Subclasses say which two Engines."""

    def sides(self) -> tuple[Side, Side]:
        raise NotImplementedError

    def __init__(self) -> None:
        super().__init__()
        self.both = self.sides()
        self.now_ns = NOON_NS
        self.version = 0
        self.frame_count = 0
        self.order_count = 0
        self.generation = 0
        self.sent: dict[str, tuple[Drawn, str]] = {}
        self.deadline_of_case: dict[str, int] = {}
        self.case_of: dict[int, str] = {}
        self.cancelled: set[str] = set()
        self.once_incapable: set[int] = set()
        self.held: list[tuple[Checked, Checked]] = []
        self.troubles = dict.fromkeys(ENDPOINTS, 0)
        self.is_ill = dict.fromkeys(ENDPOINTS, False)
        self._set_directory({MUTE})
        for endpoint in ENDPOINTS:
            self._open(endpoint, LINES_OPEN)

    # -- courts

    @rule(made=MESSAGES)
    def submit_and_send(self, made: list[Drawn]) -> None:
        self._submit(self._check(made, COURT))
        self._pass(0)

    @rule(made=MESSAGES, court=st.sampled_from([COURT, COURT, OTHER_COURT]))
    def submit(self, made: list[Drawn], court: str) -> None:
        self._submit(self._check(made, court))

    @rule(made=MESSAGES)
    def check_and_wait_for_the_journal(self, made: list[Drawn]) -> None:
        self.held.append(self._check(made, COURT))

    @precondition(lambda self: self.held)
    @rule(is_durable=st.booleans())
    def hear_from_the_journal(self, is_durable: bool) -> None:
        checked = self.held.pop(0)
        if is_durable:
            self._admit(checked)
        else:
            for side, one in zip(self.both, checked, strict=True):
                side.engine.abandon(one)

    @rule(part=st.binary(max_size=40))
    def submit_junk(self, part: bytes) -> None:
        message = b"\x0a" + bytes([len(part)]) + part
        told = [_told(side.engine.check(message, COURT, self.now_ns)) for side in self.both]
        assert told[0] == told[1]

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), other_claim_fen=st.sampled_from([0, 0, 7]))
    def submit_again(self, data: st.DataObject, other_claim_fen: int) -> None:
        order_id = data.draw(st.sampled_from(sorted(self.sent)))
        drawn, court = self.sent[order_id]
        again = replace(drawn, claim_fen=other_claim_fen).made(order_id, court, self.generation)
        self._submit(self._both_check([again], court))

    @precondition(lambda self: self.case_of)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.case_of)[-6:]))
        self._begin_generation()
        done = [side.engine.cancel(number, self.now_ns) for side in self.both]
        assert done[0] == done[1]
        if done[0]:
            self.cancelled.add(self.case_of[number])

    # -- endpoints

    @rule(endpoint=st.sampled_from(ENDPOINTS))
    def answer(self, endpoint: int) -> None:
        for _ in range(ROUNDS_MAX):
            self._pass(1)
            replies = [side.reply(endpoint, self.now_ns) for side in self.both]
            if replies == [0, 0]:
                break
            self._well(endpoint, replies)
        else:
            raise AssertionError("an endpoint is asked without end")
        self.troubles[endpoint] = 0

    @rule(endpoint=st.sampled_from(ENDPOINTS))
    def answer_once(self, endpoint: int) -> None:
        self._pass(1)
        self._well(endpoint, [side.reply(endpoint, self.now_ns) for side in self.both])

    @precondition(lambda self: min(self.troubles.values()) < TROUBLES_MAX)
    @rule(data=st.data())
    def trouble(self, data: st.DataObject) -> None:
        endpoint = data.draw(st.sampled_from([one for one in ENDPOINTS if self.troubles[one] < TROUBLES_MAX]))
        behind = BEHIND[endpoint]
        kind = data.draw(st.sampled_from(["fail", "lie", "leave out", "busy"]))
        self.troubles[endpoint] += 1
        self.is_ill[endpoint] = True
        self._pass(1)
        if kind == "fail":
            cause = data.draw(
                st.sampled_from([face.CAUSE_UNDELIVERED, face.CAUSE_BROKEN, face.CAUSE_TIMEOUT])
            )
            self._each(lambda side: side.fail(endpoint, cause, self.now_ns))
        elif kind == "lie":
            lie = data.draw(st.sampled_from(sorted(LIES)))
            self._each(lambda side: side.lie(endpoint, lie, self.now_ns))
        else:
            some = data.draw(st.sets(st.sampled_from(behind), min_size=1))
            without, busy = (some, NOBODY) if kind == "leave out" else (NOBODY, some)
            self._each(lambda side: side.reply(endpoint, self.now_ns, without=without, busy=busy))

    @rule(endpoint=st.sampled_from(ENDPOINTS), cause=st.sampled_from([face.CAUSE_BROKEN, face.CAUSE_TIMEOUT]))
    def fail_until_given_up(self, endpoint: int, cause: int) -> None:
        for _ in range(ROUNDS_MAX):
            self._pass(1)
            if [side.fail(endpoint, cause, self.now_ns) for side in self.both] == [0, 0]:
                break
        else:
            raise AssertionError("an endpoint that is down is asked without end")
        self.troubles[endpoint] = 0
        self.is_ill[endpoint] = True

    @rule(one=st.sampled_from(HUB_BANKS), is_busy=st.booleans())
    def leave_out_until_given_up(self, one: int, is_busy: bool) -> None:
        endpoint = 1
        self.answer(endpoint)
        without, busy = (NOBODY, {one}) if is_busy else ({one}, NOBODY)
        for _ in range(ROUNDS_MAX):
            self._pass(1)
            if [side.reply(endpoint, self.now_ns, without=without, busy=busy) for side in self.both] == [
                0,
                0,
            ]:
                break
        else:
            raise AssertionError("an institution that never answers is asked without end")

    @precondition(lambda self: not all(self.is_ill.values()))
    @rule(data=st.data(), count=st.integers(0, 9))
    def choke_on_one(self, data: st.DataObject, count: int) -> None:
        endpoint = data.draw(st.sampled_from([one for one in ENDPOINTS if not self.is_ill[one]]))
        self.answer(endpoint)
        made = [Drawn(subject, BEHIND[endpoint], freshness_s=0) for subject in range(count + 1)]
        self._submit(self._check(made, COURT))
        poison = f"case o{self.order_count - data.draw(st.integers(0, count))}"
        self.is_ill[endpoint] = True
        for _ in range(ROUNDS_MAX):
            self._pass(1)
            if [side.choke(endpoint, poison, self.now_ns) for side in self.both] == [0, 0]:
                break
        else:
            raise AssertionError("a batch is cut without end")
        self.answer(endpoint)

    @rule(endpoint=st.sampled_from(ENDPOINTS), in_flight_max=st.sampled_from([0, LINES_OPEN]))
    def open_or_close(self, endpoint: int, in_flight_max: int) -> None:
        self._open(endpoint, in_flight_max)

    @rule(incapable=st.sets(st.sampled_from(sorted(ITEMS)), max_size=2))
    def change_what_institutions_can_do(self, incapable: set[int]) -> None:
        self._pass(1)  # what waits is sent under the directory that it was asked under
        self._set_directory(incapable)

    # -- time

    @rule(
        wait_ns=st.sampled_from([SECOND_NS // 3, SECOND_NS, 3 * SECOND_NS, 60 * SECOND_NS, 3600 * SECOND_NS])
    )
    def wait(self, wait_ns: int) -> None:
        self._pass(wait_ns)

    @invariant()
    def both_tell_the_same_of_themselves(self) -> None:
        self._each(lambda side: side.collect(self.now_ns))
        counts = [side.engine.open_inquiries() for side in self.both]
        assert counts[0] == counts[1]
        for side in self.both:
            for answers in side.answers.values():
                _check_order(answers)

    def teardown(self) -> None:
        """All is well again; everything ends, and both must have said the same."""
        if sys.exception() is not None:
            return  # a step failed already, and that is what is to be told
        self._admit_held()
        for endpoint in ENDPOINTS:
            self._open(endpoint, LINES_OPEN)
            self.answer(endpoint)
        self._pass(10 * SECOND_NS)
        self.both_tell_the_same_of_themselves()
        assert [side.engine.open_inquiries() for side in self.both] == [0, 0]
        first, second = self.both
        cut_short = self._cut_short()
        for ours, theirs in ((first.asked, second.asked), (first.noted, second.noted)):
            differing = {pair for pair in ours ^ theirs if pair[0] not in cut_short}
            # "All" on a stream means whoever can be asked by now; more than was meant harms nobody.
            assert {pair for pair in differing if pair[-1] not in self.once_incapable} == set()
        assert set(first.answers) == set(second.answers) == set(self.case_of)
        for number, answers in first.answers.items():
            is_whole = self.case_of[number] not in cut_short
            assert _story(answers, is_whole) == _story(second.answers[number], is_whole)
        figures = [_figures(side) for side in self.both]
        assert figures[0] == figures[1]

    # -- helpers

    def _each(self, act: Callable[[Side], object]) -> None:
        for side in self.both:
            act(side)

    def _pass(self, wait_ns: int) -> None:
        """Time passes, and never stops where a deadline may have come in one Engine and not in the other."""
        last_ns = self.now_ns + wait_ns + TICK_NS
        if any(self.now_ns < deadline_ns <= last_ns for deadline_ns in self.deadline_of_case.values()):
            self._begin_generation()
        self.now_ns += wait_ns
        while any(0 <= self.now_ns - deadline_ns < TICK_NS for deadline_ns in self.deadline_of_case.values()):
            self.now_ns += TICK_NS
        self._each(lambda side: side.advance(self.now_ns))
        self._each(lambda side: side.collect(self.now_ns))

    def _cut_short(self) -> set[str]:
        """Cases whose inquiry was cancelled or whose deadline has come.

        Their mandates need not be delivered any more, and their questions may still be put to an institution
        for which nobody waits, as long as somebody waits for another one that the same entry asks.
        """
        over = {case for case, deadline_ns in self.deadline_of_case.items() if deadline_ns <= self.now_ns}
        return over | self.cancelled

    def _begin_generation(self) -> None:
        """Inquiries may end now with open queries.

        What of a question that nobody waits for any more can still be joined depends on what it was packed
        with, so nobody asks about the same people afterwards.
        """
        self._admit_held()
        self.generation += 1
        self.sent.clear()

    def _well(self, endpoint: int, replies: list[int]) -> None:
        """A reply in both Engines: both count its failures from nothing again."""
        self.is_ill[endpoint] = self.is_ill[endpoint] and not all(replies)

    def _open(self, endpoint: int, in_flight_max: int) -> None:
        self._each(lambda side: side.engine.open_endpoint(endpoint, in_flight_max))

    def _set_directory(self, incapable: Collection[int]) -> None:
        self.version += 1
        self.once_incapable |= set(incapable)
        self._each(lambda side: side.set_directory(self.version, incapable))

    def _check(self, made: list[Drawn], court: str) -> tuple["Checked", "Checked"]:
        inquiries = []
        for drawn in made:
            self.order_count += 1
            order_id = f"o{self.order_count}"
            self.sent[order_id] = (drawn, court)
            inquiries.append(drawn.made(order_id, court, self.generation))
        return self._both_check(inquiries, court)

    def _both_check(self, made: list[gateway.Inquiry], court: str) -> tuple["Checked", "Checked"]:
        first, second = (side.engine.check(bulk(*made), court, self.now_ns) for side in self.both)
        assert _told(first) == _told(second)
        for row in journal.Admission.FromString(first.frame).inquiries:
            self.deadline_of_case[row.entry.mandate.case_number] = row.deadline_ns
        return first, second

    def _submit(self, checked: tuple["Checked", "Checked"]) -> None:
        """The journal becomes durable in the order of writing: what was checked before is admitted before."""
        self._admit_held()
        self._admit(checked)

    def _admit_held(self) -> None:
        while self.held:
            self._admit(self.held.pop(0))

    def _admit(self, checked: tuple["Checked", "Checked"]) -> None:
        self.frame_count += 1
        for side, one in zip(self.both, checked, strict=True):
            if one.frame:
                side.engine.admit(one.frame, self.frame_count, self.now_ns)
                frame = journal.Admission.FromString(one.frame)
                for number, row in enumerate(frame.inquiries, frame.first_inquiry_id):
                    self.case_of[number] = row.entry.mandate.case_number


def _told(checked: "Checked") -> tuple[object, ...]:
    """What a court and the journal get to see, but for hashes and words."""
    response = gateway.SubmitBulkResponse.FromString(checked.response)
    response.error.ClearField("message")
    for verdict in response.verdicts:
        violations = sorted(verdict.violations, key=lambda row: (row.reason, row.field))
        del verdict.violations[:]
        verdict.violations.extend(violations)
    frame = journal.Admission.FromString(checked.frame)
    for row in frame.inquiries:
        row.ClearField("content_hash")
    counts = (checked.status, checked.accepted, checked.repeated, checked.refused, checked.first_inquiry_id)
    return (*counts, checked.refused_by_reason, response, frame, len(checked.orders))


def _check_order(answers: list[gateway.Answer]) -> None:
    """Every query is somewhere at every instant, and stages and revisions follow each other as they must."""
    revisions = [answer.revision for answer in answers]
    assert revisions == sorted(set(revisions))
    stages = [answer.stage for answer in answers]
    assert stages == sorted(stages)
    assert stages.count(gateway.STAGE_FINAL) <= 1
    assert gateway.STAGE_LATE not in stages or gateway.STAGE_FINAL in stages
    for answer in answers:
        row = answer.coverage
        ended = row.found + row.none + row.ambiguous + row.refused + row.incapable
        assert row.total == row.open + ended + row.late + row.unreachable + row.cancelled
        assert (row.open == 0) == (answer.stage != gateway.STAGE_PARTIAL)
        said = row.found + row.ambiguous + row.refused + row.late_answered
        assert row.found + row.ambiguous + row.refused <= len(answer.findings) <= said


def _story(answers: list[gateway.Answer], is_whole: bool) -> list[object]:
    """The final answer and the last one, but for moment and revision: others on the way may be coalesced.

    Not `is_whole`: without the last, for what is heard after a deadline depends on what else was asked.
    """
    told: list[object] = []
    finals = [answer for answer in answers if answer.stage == gateway.STAGE_FINAL]
    for answer in (*finals, *answers[-1:]) if is_whole else finals:
        findings = sorted(answer.findings, key=lambda row: row.institution)
        told.append((answer.stage, answer.order_id, answer.case_number, answer.coverage, findings))
        told.append((answer.admitted_ns, answer.asked_ns))
    return told


def _figures(side: Side) -> dict[str, int]:
    """Counters and gauges that both must agree on; accepted may count what was then abandoned."""
    names = (
        "inquiries_re",
        "inquiries_open",
        "inquiries_final",
        "queries_total",
        "queries_joined",
        "state_",
        "in_flight",
    )
    return {name: count for name, count in side.engine.stats().items() if name.startswith(names)}
