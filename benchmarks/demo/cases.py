"""Cases: which of the answered cases a run enforces, and the claim of each.

Taken from the courts in turn, only where an answer found money that may be held. Every second claim is for
the sum that the inquiry names; that is mostly far more than there is. The others are for half of what was
found free, and can be met. What is free is reckoned here from the records and the packaged law, a second
time. Pure; it shares no code with the gateway.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, zip_longest

from benchmarks.sample import CourtSample
from chakong.gateway.v1.controls_pb2 import Claim, Debtor
from chakong.gateway.v1.gateway_pb2 import Answer, Inquiry
from chakong.type.v1.type_pb2 import (
    DEBTOR_ROLE_JUDGMENT_DEBTOR,
    END_STATE_AMBIGUOUS,
    END_STATE_FOUND,
    INSTRUMENT_KIND_RULING,
    Mandate,
    Record,
    Subject,
)
from runtime.data import AccountKindRow, InstitutionRow, ItemRow

CASE_COUNT = 1_000
DEBTORS_MAX = 64
# What a court's costs come to, and the interest: 0.0175 % a day from the day given on.
COSTS_FEN = 5_000
INTEREST_PPM = 175

Who = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """`free_fen`: money that may be held for it, by its answers; `worth_fen`: what things are registered at,
    by institution and locator. `is_alone`: no other case of the run is about one of its debtors, so that
    nobody else takes that money.
    """

    court: str
    claim: Claim
    mandate: Mandate
    notice: str
    free_fen: int
    worth_fen: Mapping[tuple[int, str], int]
    is_alone: bool


@dataclass(frozen=True, slots=True)
class Law:
    """What the packaged files say of money: items that are accounts, exempt kinds, who can freeze."""

    money_items: frozenset[int]
    exempt_kinds: frozenset[str]
    freezing: frozenset[int]

    @classmethod
    def of(
        cls,
        items: Iterable[ItemRow],
        kinds: Iterable[AccountKindRow],
        institutions: Iterable[InstitutionRow],
    ) -> "Law":
        return cls(
            frozenset(row["code"] for row in items if row["term"] == "deposit"),
            frozenset(row["key"] for row in kinds if not row["freeze"]),
            frozenset(row["index"] for row in institutions if "FREEZE" in row["can"]),
        )

    def free_fen(self, institution: int, record: Record) -> int:
        """What of it may be held in yuan now."""
        is_money = record.item in self.money_items and record.kind not in self.exempt_kinds
        if not is_money or record.currency not in {"", "CNY"} or institution not in self.freezing:
            return 0
        return record.available_fen


@dataclass(slots=True)
class _Found:
    """What was asked and found in one case."""

    first: Inquiry
    claim_fen: int = 0
    debtors: dict[Who, Subject] = field(default_factory=dict)
    accounts: dict[tuple[Who, int, int, str], int] = field(default_factory=dict)
    worth_fen: dict[tuple[int, str], int] = field(default_factory=dict)
    ambiguous: set[tuple[Who, int]] = field(default_factory=set)

    def take(self, inquiry: Inquiry, answer: Answer, law: Law) -> None:
        who = _who(inquiry.subject)
        self.claim_fen = max(self.claim_fen, inquiry.claim_fen)
        self.debtors.setdefault(who, inquiry.subject)
        for finding in answer.findings:
            if finding.state == END_STATE_AMBIGUOUS:
                self.ambiguous.add((who, finding.institution))
            elif finding.state == END_STATE_FOUND:
                for record in finding.records:
                    place = (who, finding.institution, record.item, record.locator)
                    self.accounts[place] = law.free_fen(finding.institution, record)
                    if record.item not in law.money_items:
                        self.worth_fen[finding.institution, record.locator] = record.amount_fen

    @property
    def free_fen(self) -> int:
        return sum(fen for place, fen in self.accounts.items() if place[:2] not in self.ambiguous)


def cases(
    sample: Sequence[CourtSample],
    answered: Mapping[str, Iterable[tuple[Inquiry, Answer]]],
    law: Law,
    interest_from: int,
    count: int = CASE_COUNT,
) -> list[Case]:
    """`answered`: by court, accepted inquiries with their latest answers. Fewer where there are fewer."""
    by_court = [list(_found(court.court, answered[court.court], law)) for court in sample]
    in_turn = [one for row in zip_longest(*by_court) for one in row if one is not None]
    chosen = list(islice(in_turn, count))
    cases_of = Counter(who for _, found in chosen for who in found.debtors)
    return [
        _case(court, number, found, interest_from, is_alone=all(cases_of[who] == 1 for who in found.debtors))
        for number, (court, found) in enumerate(chosen)
    ]


def _found(court: str, answered: Iterable[tuple[Inquiry, Answer]], law: Law) -> Iterator[tuple[str, _Found]]:
    """Cases with money, in the order of their first inquiries."""
    known: dict[str, _Found] = {}
    for inquiry, answer in answered:
        case_number = inquiry.mandate.case_number
        if case_number not in known:
            known[case_number] = _Found(inquiry)
        known[case_number].take(inquiry, answer, law)
    for found in known.values():
        if found.free_fen > 1 and found.claim_fen and len(found.debtors) <= DEBTORS_MAX:
            yield court, found


def _case(court: str, number: int, found: _Found, interest_from: int, *, is_alone: bool) -> Case:
    first = found.first.mandate
    claim = Claim(
        claim_id=f"claim-{number:04}",
        court_code=court,
        case_number=first.case_number,
        debtors=[Debtor(subject=subject) for subject in found.debtors.values()],
        principal_fen=found.free_fen // 2 if number % 2 else found.claim_fen,
    )
    if not number % 2:
        claim.costs_fen = COSTS_FEN
        claim.interest_base_fen = claim.principal_fen
        claim.interest_ppm_per_day = INTEREST_PPM
        claim.interest_from = interest_from
    mandate = Mandate(
        case_number=first.case_number,
        instrument_number=f"{first.case_number}裁定1",
        instrument_kind=INSTRUMENT_KIND_RULING,
        officer_id=first.officer_id,
        debtor_role=DEBTOR_ROLE_JUDGMENT_DEBTOR,
    )
    return Case(court, claim, mandate, f"{first.case_number}通知1", found.free_fen, found.worth_fen, is_alone)


def _who(subject: Subject) -> Who:
    return subject.id_type, subject.id_number.upper(), subject.name


def by_court(chosen: Iterable[Case]) -> dict[str, list[Case]]:
    """The same, court by court."""
    found: defaultdict[str, list[Case]] = defaultdict(list)
    for case in chosen:
        found[case.court].append(case)
    return dict(found)
