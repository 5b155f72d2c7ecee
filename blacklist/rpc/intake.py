"""Intake: reads what courts send, and checks its form.

Pure. Every field has a limit; what is wrong is told for all fields at once, and never repeats what came of a
name or a number. Whether something is allowed the rules say, later.
"""

from typing import Any, Final
from unicodedata import category

from google.protobuf.message import Message

from blacklist.model import (
    Capacity,
    Circumstance,
    Draft,
    Kind,
    Mandate,
    Rule,
    Subject,
)
from blacklist.rules.correction import Correction
from blacklist.screening._identity import Hasher
from blacklist.screening.folding import folding
from blacklist.store.turn import By
from chakong.blacklist.v1 import listings_pb2, public_pb2
from chakong.type.v1 import type_pb2
from runtime import cases
from runtime.calendar import is_date
from runtime.errors import FieldFault, ForbiddenError, InvalidError, RuleError
from runtime.identity import Identity, Role

# Bytes of UTF-8.
ACT_ID_BYTES_MAX: Final = 64
CASE_BYTES_MAX: Final = 128
OFFICER_BYTES_MAX: Final = 32
INSTRUMENT_BYTES_MAX: Final = 128
REASON_BYTES_MAX: Final = 256
KEY_BYTES_MAX: Final = 64
UNPERFORMED_BYTES_MAX: Final = 512
CIRCUMSTANCES_MAX: Final = 16
# Screening counts days in 16 bits from 1970.
DATE_MIN: Final = 19700102
DATE_MAX: Final = 21490606
KINDS: Final = frozenset(map(int, Kind))
CAPACITIES: Final = frozenset(map(int, Capacity))
CONTROL: Final = "Cc"
BORN_MIN: Final = 19000101
# What a database can be asked for.
ID_MAX: Final = 2**63 - 1
IDS: Final = ("listing_id", "objection_id", "proposal_id")
_BAD_NUMBER: Final = 1

Faults = list[FieldFault]


class Intake:
    """Reads requests. What can be nobody's number, screening would never find, so it is not listed."""

    def __init__(self) -> None:
        # Which key it hashes with does not matter: only the faults are of use here.
        self._hasher = Hasher(bytes(16), folding())

    def draft(self, caller: Identity, given: listings_pb2.ListingDraft) -> Draft:
        """What is to be listed. InvalidError, ForbiddenError."""
        faults: Faults = []
        person = given.subject
        whom = self.person((person.id_type, person.id_number, person.name), "draft.subject.", faults)
        mandate = _mandate(caller, given.mandate, "draft.mandate", faults)
        if given.kind not in KINDS:
            faults.append(_fault("draft.kind", "must be LISTED, RESTRICTED or DERIVED"))
        _check_text("draft.ground", given.ground, KEY_BYTES_MAX, faults)
        _check_text("draft.approved_by", given.approved_by, OFFICER_BYTES_MAX, faults)
        _check_text("draft.unperformed", given.unperformed, UNPERFORMED_BYTES_MAX, faults)
        _check_date("draft.since", given.since, faults)
        _check_date("draft.birth_date", given.birth_date, faults, low=BORN_MIN)
        if given.capacity not in CAPACITIES:
            faults.append(_fault("draft.capacity", "must be one that is known"))
        if len(given.circumstances) > CIRCUMSTANCES_MAX or not set(given.circumstances) <= set(Circumstance):
            allowed = f"must be at most {CIRCUMSTANCES_MAX} that are known"
            faults.append(_fault("draft.circumstances", allowed))
        _check_id("draft.principal_id", given.principal_id, faults)
        if given.principal_id and given.kind != listings_pb2.LISTING_KIND_DERIVED:
            faults.append(_fault("draft.principal_id", "must be 0 unless the kind is DERIVED"))
        _raise(faults)
        return Draft(
            kind=Kind(given.kind),
            subject=whom,
            mandate=mandate,
            ground=given.ground,
            since=given.since,
            principal_id=given.principal_id,
            capacity=Capacity(given.capacity),
            circumstances=frozenset(map(Circumstance, given.circumstances)),
            birth_date=given.birth_date,
            approved_by=given.approved_by,
            unperformed=given.unperformed,
        )

    def correction(self, given: listings_pb2.CorrectListingRequest) -> Correction:
        """What is to stand in a listing. InvalidError."""
        faults: Faults = []
        whom = None
        if given.HasField("subject"):
            person = given.subject
            whom = self.person((person.id_type, person.id_number, person.name), "subject.", faults)
        case_number = case("case_number", given.case_number, faults)
        _check_text("ground", given.ground, KEY_BYTES_MAX, faults)
        _check_text("reason", given.reason, REASON_BYTES_MAX, faults, is_required=True)
        _check_text("unperformed", given.unperformed, UNPERFORMED_BYTES_MAX, faults)
        _check_date("birth_date", given.birth_date, faults, low=BORN_MIN)
        if whom is None and not (case_number or given.ground or given.unperformed):
            faults.append(_fault("subject", "must be set, or case_number, ground or unperformed"))
        _raise(faults)
        return Correction(whom, case_number, given.ground, given.birth_date, given.unperformed)

    def asked(self, given: tuple[int, str, str], path: str = "") -> Subject:
        """Whom somebody asks about. InvalidError."""
        faults: Faults = []
        whom = self.person(given, path, faults)
        _raise(faults)
        return whom

    def showing(self, caller: Identity, given: public_pb2.HitsOfRequest) -> tuple[Subject, Mandate]:
        """Whose hits an officer shows, and by what. InvalidError, ForbiddenError, RuleError."""
        faults: Faults = []
        person = given.subject
        whom = self.person((person.id_type, person.id_number, person.name), "subject.", faults)
        mandate = _mandate(caller, given.mandate, "mandate", faults)
        _raise(faults)
        for name in ("case_number", "instrument"):
            if not getattr(mandate, name):
                text = f"mandate.{name}: none given, hits are not shown without"
                raise RuleError(text, rule=Rule.NO_MANDATE)
        return whom, mandate

    def person(self, given: tuple[int, str, str], path: str, faults: Faults) -> Subject:
        """Whom type, number and name name. What is wrong goes to `faults`, under fields that begin with
        `path`."""
        id_type, number, name = given[0], given[1].strip(), given[2].strip()
        # As screening does: the same number must not be two persons' by the size of its letters. Others than
        # ASCII are no letters of a number, and must not become some.
        if number.isascii():
            number = number.upper()
        *_, found = self._hasher.identity(id_type, number.encode(), name.encode())
        if found == _BAD_NUMBER:
            allowed = "must be a number of its type, its birth date and check character fitting"
            faults.append(_fault(f"{path}id_number", allowed))
        elif found or any(category(one) == CONTROL for one in name):
            allowed = "must be 1 to 256 bytes that say something, no control characters"
            faults.append(_fault(f"{path}name", allowed))
        return Subject(id_type, number, name)


def by(caller: Identity, act_id: str, request: Message) -> By:
    """Who acts, and the act. InvalidError."""
    faults: Faults = []
    _check_text("act_id", act_id, ACT_ID_BYTES_MAX, faults, is_required=True)
    for name in IDS:
        if name in request.DESCRIPTOR.fields_by_name:
            _check_id(name, getattr(request, name), faults)
    _raise(faults)
    # The same bytes may be requests of several kinds.
    content = request.DESCRIPTOR.full_name.encode() + b"\0" + request.SerializeToString(deterministic=True)
    return By.of_act(caller.court, caller.name, act_id, content)


def mandate(caller: Identity, given: type_pb2.Mandate, path: str) -> Mandate:
    """By which a proposal is accepted. InvalidError, ForbiddenError."""
    faults: Faults = []
    found = _mandate(caller, given, path, faults)
    _raise(faults)
    return found


def check_texts(request: Any, **limits: int) -> None:
    """Texts of a request against their limits, each by its field's name. InvalidError."""
    faults: Faults = []
    for name, limit in limits.items():
        _check_text(name, getattr(request, name), limit, faults)
    _raise(faults)


def case_asked_for(given: str) -> str:
    """The case number that a page is asked for, in its one spelling; empty: all. InvalidError."""
    faults: Faults = []
    found = case("case_number", given, faults)
    _raise(faults)
    return found


def case(path: str, given: str, faults: Faults) -> str:
    """A case number in its one spelling. What is wrong goes to `faults`."""
    _check_text(path, given, CASE_BYTES_MAX, faults)
    return cases.normal(given)


def check_date(field: str, given: int) -> None:
    """A date, or 0. InvalidError."""
    faults: Faults = []
    _check_date(field, given, faults)
    _raise(faults)


def check_id(field: str, given: int) -> None:
    """The number of a listing or a proposal. InvalidError."""
    faults: Faults = []
    _check_id(field, given, faults)
    _raise(faults)


def _mandate(caller: Identity, given: type_pb2.Mandate, path: str, faults: Faults) -> Mandate:
    if given.court_code not in ("", caller.court):
        raise ForbiddenError(f"{path}.court_code: another court than the certificate's")
    if caller.role is Role.OFFICER and given.officer_id not in ("", caller.name):
        raise ForbiddenError(f"{path}.officer_id: another officer than the certificate's")
    case_number = case(f"{path}.case_number", given.case_number, faults)
    _check_text(f"{path}.instrument_number", given.instrument_number, INSTRUMENT_BYTES_MAX, faults)
    _check_text(f"{path}.officer_id", given.officer_id, OFFICER_BYTES_MAX, faults)
    is_ruling = given.instrument_kind == type_pb2.INSTRUMENT_KIND_RULING
    is_debtor = given.debtor_role == type_pb2.DEBTOR_ROLE_JUDGMENT_DEBTOR
    number, officer = given.instrument_number, given.officer_id
    return Mandate(caller.court, case_number, number, is_ruling, officer, is_debtor)


def _check_text(path: str, given: str, bytes_max: int, faults: Faults, *, is_required: bool = False) -> None:
    size = len(given.encode())
    if size > bytes_max or (is_required and not size):
        least = 1 if is_required else 0
        faults.append(_fault(path, f"must be {least} to {bytes_max} bytes, {size} given"))
    elif not given.isprintable():
        faults.append(_fault(path, "must be printable"))


def _check_date(path: str, given: int, faults: Faults, low: int = DATE_MIN) -> None:
    if given and not (low <= given <= DATE_MAX and is_date(given)):
        faults.append(_fault(path, f"must be a date from {low} to {DATE_MAX} as yyyymmdd, or 0"))


def _check_id(path: str, given: int, faults: Faults) -> None:
    if given > ID_MAX:
        faults.append(_fault(path, f"must be at most {ID_MAX}, {given} given"))


def _fault(path: str, allowed: str) -> FieldFault:
    return FieldFault(path, "MALFORMED", allowed)


def _raise(faults: Faults) -> None:
    if faults:
        raise InvalidError(f"{faults[0].field}: {faults[0].description}", faults=faults)
