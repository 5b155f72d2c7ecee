"""Answer: frames of answers stay within their size, and carry every answer once."""

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2 as institution
from chakong.journal.v1 import journal_pb2 as journal
from tests.gateway.core.house import desk
from tests.model.world import BANK, COURT, DIRECT, OTHER_COURT, SECOND_NS, inquiry, only, person, record

COUNT = 60
FRAME_BYTES_MAX = 1 << 20


def test_many_large_answers_come_in_several_frames() -> None:
    at = desk()
    at.submit(*[inquiry(f"o{n}", person(n), scope=only(BANK)) for n in range(COUNT)])
    sent = at.take_one(DIRECT)
    findings = [
        institution.Finding(
            entry=n,
            institution=BANK,
            outcome=institution.OUTCOME_FOUND,
            records=[record(person(n), description="x" * 500)] * 100,
        )
        for n in range(COUNT)
    ]
    assert at.settle(sent, sent.reply(*findings)) == 0
    frames = at.engine.take_answers(at.now_ns)
    assert len(frames) > 1
    answers = [journal.Answers.FromString(frame.message).answers for frame in frames]
    assert [frame.count for frame in frames] == [len(part) for part in answers]
    largest = max(answer.ByteSize() for part in answers for answer in part)
    assert max(len(frame.message) for frame in frames) <= FRAME_BYTES_MAX + largest + 8
    assert sorted(answer.order_id for part in answers for answer in part) == sorted(
        f"o{n}" for n in range(COUNT)
    )
    finals = b"".join(frame.finals for frame in frames)
    assert sorted(finals[at : at + 8] for at in range(0, len(finals), 8)) == [
        number.to_bytes(8, "little") for number in range(1, COUNT + 1)
    ]
    assert at.engine.take_answers(at.now_ns) == []


def test_each_court_has_frames_of_its_own() -> None:
    at = desk()
    at.submit(inquiry("a", scope=only(BANK)))
    made = inquiry("b", scope=only(BANK))
    made.court_code = OTHER_COURT
    at.submit(made, court=OTHER_COURT)
    at.settle_all()
    frames = at.engine.take_answers(at.now_ns)
    assert {
        frame.court: journal.Answers.FromString(frame.message).answers[0].order_id for frame in frames
    } == {
        COURT: "a",
        OTHER_COURT: "b",
    }


def test_more_courts_than_sixteen_bits_count_are_kept_apart() -> None:
    at = desk()
    frame = journal.Admission.FromString(at.check(inquiry("a", scope=only(BANK))).frame)
    frame.court_code, frame.first_inquiry_id = "c00000", 2**40
    raw = frame.SerializeToString()
    assert raw.count(b"c00000") == raw.count((2**40).to_bytes(8, "little")) == 1
    for number in range(65_538):
        named = raw.replace(b"c00000", b"c%05d" % number)
        first = (1 + number).to_bytes(8, "little")
        at.engine.admit(named.replace((2**40).to_bytes(8, "little"), first), 1, at.now_ns)
    for number in (1, 2, 65_537, 65_538):
        assert at.engine.cancel(number, at.now_ns)
    told = {
        one.court: [answer.inquiry_id for answer in journal.Answers.FromString(one.message).answers]
        for one in at.engine.take_answers(at.now_ns)
    }
    assert told == {"c00000": [1], "c00001": [2], "c65536": [65_537], "c65537": [65_538]}


def test_news_just_before_the_deadline_waits_for_the_final_answer() -> None:
    at = desk(partial_every_ns=10 * SECOND_NS)
    at.submit(inquiry("a", deadline_s=3))
    for sent in at.take():
        if sent.batch.endpoint == DIRECT:
            found = institution.Finding(
                institution=BANK, outcome=institution.OUTCOME_FOUND, records=[record(person(0))]
            )
            assert at.settle(sent, sent.reply(found)) == 0
        else:
            last = sent
    assert at.answers() == []
    at.wait_until_due(3 * SECOND_NS)
    assert [(answer.stage, answer.coverage.found) for answer in at.answers()] == [(gateway.STAGE_FINAL, 1)]
    assert at.settle(last, last.reply()) == 0
    assert at.engine.stats()["in_flight"] == 2
