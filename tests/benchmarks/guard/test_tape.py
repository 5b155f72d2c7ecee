"""Tape: played again, the Engine does what it did; another Engine is found out."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.bench.answering import Answering
from benchmarks.bench.messages import COURT, Template
from benchmarks.guard.tape import KEY, Tape, play, record
from chakong.gateway.v1.gateway_pb2 import REACH_ALL, Scope
from gateway._core import Engine
from gateway.directory import Directory

COUNT = 20


@pytest.fixture(scope="module")
def tape() -> Tape:
    directory = Directory.load()
    message = Template(Scope(reach=REACH_ALL)).message(np.arange(COUNT))
    answering = Answering(directory)
    return record(
        Engine(KEY), directory.snapshot(), len(directory.endpoints), [(COURT, message)], answering.replies
    )


def test_what_was_recorded_can_be_played_from_its_file(tape: Tape, tmp_path: Path) -> None:
    tape.write(tmp_path / "tape.json")
    assert Tape.read(tmp_path / "tape.json") == replace(
        tape, messages=list(tape.messages), rounds=[list(one) for one in tape.rounds]
    )
    assert play(Engine(KEY), Tape.read(tmp_path / "tape.json")) == COUNT


def test_an_engine_that_cuts_otherwise_is_found_out(tape: Tape) -> None:
    other = replace(tape, rounds=[one[1:] for one in tape.rounds])
    with pytest.raises(RuntimeError, match="other batches"):
        play(Engine(KEY), other)


def test_an_engine_that_answers_less_is_found_out(tape: Tape) -> None:
    with pytest.raises(RuntimeError, match="20 answers came, 21"):
        play(Engine(KEY), replace(tape, answer_count=COUNT + 1))
