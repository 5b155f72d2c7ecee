"""Exchange: eight courts send the sample and watch their answers, all at once.

It keeps what came (inboxes, verdicts) and tells how far it is. It judges nothing and starts no process.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence

from benchmarks.court import Court
from benchmarks.demo.inbox import Inbox
from benchmarks.sample import CourtSample, SampleInquiry
from benchmarks.verdicts import CourtVerdicts
from chakong.gateway.v1.gateway_pb2 import Inquiry, SubmitBulkRequest
from runtime.clock import now_ns

MESSAGE_INQUIRIES = 2_048


class Exchange:
    """One run of the sample. `ended` is set once every accepted inquiry has its FINAL answer."""

    def __init__(self, sample: Sequence[CourtSample]) -> None:
        self.sample = sample
        self.inboxes = {court.court: Inbox(court.court) for court in sample}
        self.verdicts = {court.court: CourtVerdicts(court.court) for court in sample}
        self.ended = asyncio.Event()
        self.started_ns = 0
        self.last_final_ns = 0
        self._unsent = set(self.inboxes)

    @property
    def acknowledged_count(self) -> int:
        return sum(one.checked for one in self.verdicts.values())

    @property
    def final_count(self) -> int:
        return sum(one.final_count() for one in self.inboxes.values())

    @property
    def queries_ended(self) -> int:
        return sum(one.queries_ended for one in self.inboxes.values())

    def answered(self, court_code: str) -> Iterator[tuple[int, Inquiry]]:
        """Every inquiry of the court that has its FINAL answer: its id, and what was asked."""
        inbox = self.inboxes[court_code]
        # The first line with an order id is the accepted one; what came under it again was not.
        firsts: dict[str, Inquiry] = {}
        for court in self.sample:
            if court.court == court_code:
                for line in court.inquiries:
                    firsts.setdefault(line.inquiry.order_id, line.inquiry)
        for inquiry_id, order_id in inbox.ids.items():
            if inquiry_id in inbox.finals:
                yield inquiry_id, firsts[order_id]

    async def run(self, courts: Mapping[str, Court]) -> None:
        """Send all, and watch until cancelled: answers of stage LATE may come after the end."""
        self.started_ns = now_ns()
        async with asyncio.TaskGroup() as tasks:
            for court in self.sample:
                tasks.create_task(self._watch(court.court, courts[court.court]))
                tasks.create_task(self._send(court, courts[court.court]))

    async def _send(self, sample: CourtSample, court: Court) -> None:
        inbox, verdicts = self.inboxes[sample.court], self.verdicts[sample.court]
        lines, step = sample.inquiries, MESSAGE_INQUIRIES
        messages = [lines[start : start + step] for start in range(0, len(lines), step)]
        requests = _requests(messages, lambda sent: inbox.sent(_order_ids(sent), now_ns()))
        async for request, response in court.submit_bulk(requests):
            inbox.accepted(verdicts.check(messages[request.tag], response))
        self._unsent.discard(sample.court)
        self._note_end()

    async def _watch(self, court_code: str, court: Court) -> None:
        inbox = self.inboxes[court_code]
        async for response in court.watch():
            at_ns = now_ns()
            before = inbox.final_count()
            for answer in response.answers:
                inbox.take(answer, at_ns)
            if inbox.final_count() > before:
                self.last_final_ns = at_ns
                self._note_end()

    def _note_end(self) -> None:
        if not self._unsent and all(one.is_done() for one in self.inboxes.values()):
            self.ended.set()


def _order_ids(sent: Sequence[SampleInquiry]) -> list[str]:
    return [one.inquiry.order_id for one in sent]


def _requests(
    messages: Sequence[Sequence[SampleInquiry]], about_to_send: Callable[[Sequence[SampleInquiry]], None]
) -> Iterator[SubmitBulkRequest]:
    """The messages as requests; the tag is the position.

    Made when they are asked for, so that the time is right.
    """
    for tag, message in enumerate(messages):
        request = SubmitBulkRequest(inquiries=[one.inquiry for one in message], tag=tag)
        about_to_send(message)
        yield request
