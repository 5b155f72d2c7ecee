"""The model itself: its face, the sample inquiries, and the choices that its docstring names.

The rules that it shares with the compiled Engine are tested in tests/gateway/test_core_*.py, against both.
"""

import ast
import inspect
import json
from collections import Counter
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from chakong.gateway.v1 import gateway_pb2 as gateway
from chakong.institution.v1 import institution_pb2 as institution
from chakong.type.v1 import type_pb2 as types
from gateway.directory.directory import Directory
from tests.model import face, wire
from tests.model.engine import ModelEngine
from tests.model.face import CAUSE_BROKEN
from tests.model.world import BANK, CAR_UNIT, DIRECT, KEY, NOON_NS, SECOND_NS, Desk, inquiry, only, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway._core import Engine

STUB = Path(__file__).resolve().parents[2] / "gateway" / "_core.pyi"
QUERIES_OF_THE_SAMPLE = 23_896_870
INCAPABLE_OF_THE_SAMPLE = 73_463


@pytest.fixture
def desk() -> Desk:
    return Desk(cast("Engine", ModelEngine(KEY)))


def classes_of_the_stub() -> dict[str, ast.ClassDef]:
    return {node.name: node for node in ast.parse(STUB.read_text()).body if isinstance(node, ast.ClassDef)}


def test_the_model_has_the_constants_of_the_stub() -> None:
    constants = {
        cast("ast.Name", node.target).id: ast.literal_eval(node.value)
        for node in ast.parse(STUB.read_text()).body
        if isinstance(node, ast.AnnAssign) and node.value is not None
    }
    assert len(constants) > 20
    assert {name: getattr(face, name) for name in constants} == constants


@pytest.mark.parametrize("name", ["Checked", "Batch", "Answers", "Settled"])
def test_the_values_have_the_attributes_of_the_stub(name: str) -> None:
    members = {node.name for node in classes_of_the_stub()[name].body if isinstance(node, ast.FunctionDef)}
    assert set(getattr(face, name).__dataclass_fields__) == members


def test_the_engine_has_the_methods_of_the_stub() -> None:
    methods = {
        node.name: node for node in classes_of_the_stub()["Engine"].body if isinstance(node, ast.FunctionDef)
    }
    public = {name for name in vars(ModelEngine) if not name.startswith("_")}
    assert public | {"__init__"} == set(methods)
    for name, node in methods.items():
        member = inspect.getattr_static(ModelEngine, name)
        function = cast("Callable[..., object]", member.fget if isinstance(member, property) else member)
        given = inspect.signature(function).parameters
        plain = [argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)]
        assert list(given) == plain, name
        defaults = [
            ast.literal_eval(row) for row in (*node.args.defaults, *node.args.kw_defaults) if row is not None
        ]
        assert [row.default for row in given.values() if row.default is not row.empty] == defaults, name


def _sample() -> list[dict[str, Any]]:
    text = resources.files("runtime.data").joinpath("inquiries.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def _made(row: dict[str, Any]) -> gateway.Inquiry:
    mandate, subject = row["mandate"], row["subject"]
    kind, role = mandate.pop("instrument_kind", ""), mandate.pop("debtor_role", "")
    return gateway.Inquiry(
        order_id=row["order_id"],
        court_code=row["court_code"],
        mandate=types.Mandate(
            instrument_kind=types.InstrumentKind.Value(f"INSTRUMENT_KIND_{kind or 'UNSPECIFIED'}"),
            debtor_role=types.DebtorRole.Value(f"DEBTOR_ROLE_{role or 'UNSPECIFIED'}"),
            **mandate,
        ),
        subject=types.Subject(
            id_type=types.IdType.Value(f"ID_TYPE_{subject['id_type']}"),
            id_number=subject.get("id_number", ""),
            name=subject.get("name", ""),
        ),
        scope=gateway.Scope(
            reach=gateway.Reach.Value(f"REACH_{row['scope'].upper()}"),
            province=row.get("province", ""),
            institutions=row.get("institutions", []),
        ),
        items=[] if row["items"] == "all" else row["items"],
        urgency=gateway.Urgency.Value(f"URGENCY_{row['urgency']}"),
        claim_fen=row["claim_fen"],
    )


def test_every_sample_inquiry_gets_its_verdict_and_concerns_as_many() -> None:
    directory = Directory.load()
    judged = ModelEngine(KEY)
    judged.set_directory(directory.snapshot())
    lookup = wire.read_directory(directory.snapshot())
    mute = {index for index, row in enumerate(lookup.institutions) if not row.can & 1}
    verdicts: Counter[tuple[str, str]] = Counter()
    query_count = incapable_count = 0
    for row in _sample():
        made = _made(row)
        message = gateway.SubmitRequest(inquiry=made).SerializeToString()
        checked = judged.check(message, row["court_code"], NOON_NS)
        response = gateway.SubmitBulkResponse.FromString(checked.response)
        reason = gateway.Reason.Name(response.verdicts[0].reason) if response.verdicts else "REASON_OK"
        assert checked.status == face.CHECK_OK
        verdicts[row["expect"], reason.removeprefix("REASON_").lower()] += 1
        if checked.accepted:
            concerned = lookup.concerned(made.scope, wire.items_mask(list(made.items)))
            query_count += len(concerned)
            incapable_count += len(mute.intersection(concerned))
            judged.abandon(checked)  # no room is held, and what follows knows the order id
            judged.recall_orders(checked.orders)
    assert [pair for pair in verdicts if pair[0] != pair[1]] == []
    assert verdicts["ok", "ok"] == 9_124
    assert (query_count, incapable_count) == (QUERIES_OF_THE_SAMPLE, INCAPABLE_OF_THE_SAMPLE)


def test_freshness_is_measured_from_admission_so_that_a_replay_joins_the_same(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(BANK)))
    desk.wait(60 * SECOND_NS)
    checked = desk.check(inquiry("b", scope=only(BANK), freshness_s=60))
    desk.wait(SECOND_NS)
    desk.admit(checked)
    assert desk.engine.stats()["queries_joined"] == 1


def test_a_question_that_nobody_waits_for_joins_nobody_until_it_is_answered(desk: Desk) -> None:
    (first,) = desk.submit(inquiry("a", scope=only(BANK)))
    sent = desk.take_one(DIRECT)
    desk.engine.cancel(first, desk.now_ns)
    (second,) = desk.submit(inquiry("b", scope=only(BANK), freshness_s=0))
    desk.engine.cancel(second, desk.now_ns)
    desk.submit(inquiry("c", scope=only(BANK)))
    assert desk.engine.stats()["queries_joined"] == 0
    desk.settle(sent, sent.reply())
    (again,) = desk.take()
    assert again.asked() == {("case c", BANK)}


def test_a_question_that_waits_and_that_nobody_waits_for_is_gone(desk: Desk) -> None:
    (first,) = desk.submit(inquiry("a", scope=only(BANK)))
    desk.engine.cancel(first, desk.now_ns)
    desk.submit(inquiry("b", scope=only(BANK)))
    assert desk.take_one(DIRECT).asked() == {("case b", BANK)}


def test_a_note_is_delivered_after_its_inquiry_has_ended(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(BANK)))
    desk.settle_all()
    desk.submit(inquiry("b", scope=only(BANK)))
    desk.engine.open_endpoint(DIRECT, 1)
    sent = desk.take_one(DIRECT)
    assert (sent.asked(), sent.noted()) == (set(), {("case b", BANK)})
    desk.fail(sent, CAUSE_BROKEN)
    assert desk.take_one(DIRECT).noted() == {("case b", BANK)}


def test_ids_of_an_abandoned_frame_are_not_given_again(desk: Desk) -> None:
    desk.engine.abandon(desk.check(inquiry("a"), inquiry("b")))
    assert desk.submit(inquiry("c")) == [3]


def test_a_reply_after_a_capability_was_lost_is_not_late(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(CAR_UNIT), deadline_s=60))
    (sent,) = desk.take()
    desk.wait(60 * SECOND_NS)
    assert desk.final().coverage.late == 1
    desk.engine.set_directory(snapshot(2, incapable=[CAR_UNIT]))
    desk.settle(sent, sent.reply())
    desk.wait(SECOND_NS)
    assert desk.answers() == []


def test_tries_of_a_batch_and_of_a_question_are_counted_apart(desk: Desk) -> None:
    desk.submit(inquiry("a", scope=only(BANK)))
    for _ in range(3):
        desk.fail(desk.take_one(DIRECT), CAUSE_BROKEN)
        sent = desk.take_one(DIRECT)
        desk.settle(sent, institution.Reply(batch_id=sent.batch.id))
        desk.wait(SECOND_NS)
    assert desk.engine.open_inquiries() == 1
    desk.settle_all()
    assert desk.final().coverage.none == 1
