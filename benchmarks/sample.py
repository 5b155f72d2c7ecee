"""The sample: the 10,000 inquiries of eight courts that come with the project, as messages of the contract.

Each court's inquiries keep the order of the file. Pure but for reading the packaged file. It sends nothing
and judges nothing; benchmarks.verdicts does that.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from chakong.gateway.v1.gateway_pb2 import Inquiry, Reach, Scope, Urgency
from chakong.type.v1.type_pb2 import DebtorRole, IdType, InstrumentKind, Mandate, Subject


@dataclass(frozen=True, slots=True)
class SampleInquiry:
    """An inquiry and the verdict that it must get, in the word of the file: for instance `same_receipt`."""

    inquiry: Inquiry
    expect: str


@dataclass(frozen=True, slots=True)
class CourtSample:
    """What one court sends, in this order."""

    court: str
    inquiries: tuple[SampleInquiry, ...]


def load_sample(deadline_s: int = 0) -> tuple[CourtSample, ...]:
    """The packaged sample by court code; every inquiry gets `deadline_s` (0: the gateway's default)."""
    text = files("runtime.data").joinpath("inquiries.jsonl").read_text(encoding="utf-8")
    return parse_sample(text.splitlines(), deadline_s)


def parse_sample(lines: Iterable[str], deadline_s: int = 0) -> tuple[CourtSample, ...]:
    """One JSON object a line. ValueError for an enum word that the contract does not have."""
    by_court: dict[str, list[SampleInquiry]] = {}
    for line in lines:
        row = json.loads(line)
        sampled = SampleInquiry(_inquiry(row, deadline_s), row["expect"])
        by_court.setdefault(row["court_code"], []).append(sampled)
    return tuple(CourtSample(court, tuple(by_court[court])) for court in sorted(by_court))


def _inquiry(row: dict[str, Any], deadline_s: int) -> Inquiry:
    return Inquiry(
        order_id=row["order_id"],
        court_code=row["court_code"],
        mandate=_mandate(row["mandate"]),
        subject=_subject(row["subject"]),
        scope=Scope(
            reach=Reach.Value("REACH_" + row["scope"].upper()),
            province=row.get("province", ""),
            institutions=row.get("institutions", []),
        ),
        items=[] if row["items"] == "all" else row["items"],
        urgency=Urgency.Value("URGENCY_" + row["urgency"]),
        deadline_s=deadline_s,
        claim_fen=row["claim_fen"],
    )


def _mandate(row: dict[str, str]) -> Mandate:
    return Mandate(
        case_number=row["case_number"],
        instrument_number=row["instrument_number"],
        instrument_kind=InstrumentKind.Value("INSTRUMENT_KIND_" + row["instrument_kind"]),
        officer_id=row["officer_id"],
        debtor_role=DebtorRole.Value("DEBTOR_ROLE_" + row["debtor_role"]),
    )


def _subject(row: dict[str, str]) -> Subject:
    return Subject(
        id_type=IdType.Value("ID_TYPE_" + row["id_type"]), id_number=row["id_number"], name=row["name"]
    )
