"""Read back: what a stack answered is in its journal and its tables, and what is not the same is told."""

from pathlib import Path

import pytest

from benchmarks.bench.answered import Checker
from benchmarks.bench.caller import connections
from benchmarks.bench.readback import expect_in_tables, last_frame, latest, watched
from benchmarks.bench.result import WrongAnswerError
from benchmarks.bench.stage import config, connected, settled
from benchmarks.bench.streams import COURTS
from benchmarks.bench.unary import SUBMIT, Inquiries
from benchmarks.bench.unary_echo import called
from benchmarks.stack import Stack

ENDPOINT_COUNT = 372


async def test_answers_are_read_again_from_journal_and_tables(tmp_path: Path) -> None:
    inquiries = Inquiries(COURTS[0])
    async with Stack(config(tmp_path)) as stack:
        await connected(stack, ENDPOINT_COUNT)
        async with connections(stack.gateway_address, stack.credentials(COURTS[0]), SUBMIT, 1) as callers:
            await called(callers, inquiries.take(3), 3)
            await settled(stack, 3)
            cursor, first = await last_frame(stack), inquiries.sent_count
            await called(callers, inquiries.take(40), 8)
        await settled(stack, 43)
        messages = await watched(stack, COURTS[0], cursor, 40)
        assert Checker().check_answers(messages, inquiries.wanted(first)).answer_count >= 40
        answers = latest(messages)
        assert sorted(answers) == list(range(3, 43))
        await expect_in_tables(stack, COURTS[0], list(answers.values()))
        with pytest.raises(WrongAnswerError, match="NOT_FOUND"):
            await expect_in_tables(stack, COURTS[1], [answers[3]])
        answers[3].revision += 1
        with pytest.raises(WrongAnswerError, match="another answer in the tables"):
            await expect_in_tables(stack, COURTS[0], [answers[3]])
