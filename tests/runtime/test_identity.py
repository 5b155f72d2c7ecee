"""Identity: what a certificate's names say, what each role may call, and what plaintext takes instead."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chakong.blacklist.v1 import (
    changes_pb2,
    listings_pb2,
    offline_pb2,
    proposals_pb2,
    public_pb2,
    screening_pb2,
)
from chakong.gateway.v1 import controls_pb2, gateway_pb2
from chakong.tracker.v1 import tracker_pb2
from runtime.identity import (
    ACTS_FOR_COURTS,
    CHANGES,
    CONTROLS,
    GATEWAY,
    MAY_CALL,
    OFFLINE,
    PART_BYTES_MAX,
    PUBLIC,
    SCREENING,
    Identity,
    IdentityError,
    Role,
    caller,
    for_court,
    of_alternative_names,
    parse_identity,
    parse_uri,
)

if TYPE_CHECKING:
    import grpc.aio

METHODS = frozenset(
    f"/{service.full_name}/{method.name}"
    for service in (
        gateway_pb2.DESCRIPTOR.services_by_name["Gateway"],
        controls_pb2.DESCRIPTOR.services_by_name["Controls"],
        tracker_pb2.DESCRIPTOR.services_by_name["Tracker"],
        listings_pb2.DESCRIPTOR.services_by_name["Listings"],
        screening_pb2.DESCRIPTOR.services_by_name["Screening"],
        changes_pb2.DESCRIPTOR.services_by_name["Changes"],
        offline_pb2.DESCRIPTOR.services_by_name["Offline"],
        proposals_pb2.DESCRIPTOR.services_by_name["Proposals"],
        public_pb2.DESCRIPTOR.services_by_name["Public"],
    )
    for method in service.methods
)
PARTS = st.text(min_size=1, max_size=PART_BYTES_MAX).filter(
    lambda text: text.isprintable() and "/" not in text and len(text.encode()) <= PART_BYTES_MAX
)


def context_of(
    names: list[bytes] | None = None, metadata: tuple[tuple[str, str], ...] = ()
) -> "grpc.aio.ServicerContext[Any, Any]":
    auth_context = {} if names is None else {"peer_uri": names}
    fake = SimpleNamespace(auth_context=lambda: auth_context, invocation_metadata=lambda: metadata)
    return cast("grpc.aio.ServicerContext[Any, Any]", fake)


def test_court_is_read_from_its_percent_encoded_name() -> None:
    assert parse_uri("chakong://court/%E4%BA%AC0105") == Identity(Role.COURT, "京0105", "京0105")


def test_officer_has_a_court_and_an_id() -> None:
    assert parse_uri("chakong://officer/%E4%BA%AC0105/0105045") == Identity(Role.OFFICER, "京0105", "0105045")


@pytest.mark.parametrize("role", [Role.UNIT, Role.SERVICE, Role.OPERATOR])
def test_other_roles_belong_to_no_court(role: Role) -> None:
    assert parse_uri(f"chakong://{role}/mps") == Identity(role, "", "mps")


@given(role=st.sampled_from(Role), court=PARTS, name=PARTS)
def test_uri_is_read_back_as_it_was(role: Role, court: str, name: str) -> None:
    identity = {
        Role.OFFICER: Identity(role, court, name),
        Role.COURT: Identity(role, court, court),
    }.get(role, Identity(role, "", name))
    assert identity.uri.isascii()
    assert parse_uri(identity.uri) == identity


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "chakong://",
        "chakong://court",
        "chakong://court/",
        "chakong://court/a/b",
        "chakong://officer/a",
        "chakong://officer//b",
        "chakong://judge/a",
        "https://court/a",
        "chakong://court/%E4%BA",
        "chakong://court/a%2Fb",
        "chakong://court/a%0Ab",
        "chakong://court/" + "a" * 65,
    ],
)
def test_what_names_nobody_is_refused(uri: str) -> None:
    with pytest.raises(IdentityError):
        parse_uri(uri)


@given(st.text())
def test_any_text_is_an_identity_or_an_identity_error(text: str) -> None:
    try:
        parse_uri(text)
    except IdentityError:
        return
    assert text.startswith("chakong://")


def test_certificate_must_name_exactly_one_identity() -> None:
    court = b"chakong://court/a"
    assert of_alternative_names([b"localhost", court]).court == "a"
    for names in ([], [b"localhost"], [court, b"chakong://operator/x"], [b"chakong://court/\xff"]):
        with pytest.raises(IdentityError):
            of_alternative_names(names)


def test_without_a_certificate_nobody_calls() -> None:
    with pytest.raises(IdentityError, match="certificate: none"):
        parse_identity({"transport_security_type": [b"ssl"]})


def test_metadata_counts_only_in_plaintext() -> None:
    metadata = (("chakong-identity", "chakong://court/a"),)
    assert caller(context_of(metadata=metadata), plaintext=True).court == "a"
    with pytest.raises(IdentityError):
        caller(context_of(metadata=metadata), plaintext=False)
    with pytest.raises(IdentityError, match="missing"):
        caller(context_of(), plaintext=True)
    assert caller(context_of([b"chakong://court/b"], metadata), plaintext=False).court == "b"


def test_every_method_may_be_called_by_a_court_and_some_by_others() -> None:
    assert frozenset().union(*MAY_CALL.values()) == METHODS
    assert MAY_CALL.keys() == set(Role)
    # An approval is an officer's own word; institutions' books are not a court's business.
    of_units = {name for name in METHODS if name.startswith((SCREENING, CHANGES, OFFLINE))}
    # What units have confirmed is shown to the court of the listing.
    proof = CHANGES + "GetRemovalProof"
    assert proof in MAY_CALL[Role.COURT] & MAY_CALL[Role.OFFICER] - MAY_CALL[Role.UNIT]
    of_units.remove(proof)
    of_persons = {PUBLIC + "LookUp", PUBLIC + "HitsOf"}
    of_others = {CONTROLS + "Approve", CONTROLS + "Reconcile", *of_persons}
    assert METHODS - MAY_CALL[Role.COURT] - of_units == of_others
    assert [role for role in Role if PUBLIC + "LookUp" in MAY_CALL[role]] == [Role.SERVICE]
    assert of_units <= MAY_CALL[Role.UNIT]
    assert not of_units & MAY_CALL[Role.OFFICER]
    assert MAY_CALL[Role.OFFICER] - MAY_CALL[Role.COURT] == {CONTROLS + "Approve", PUBLIC + "HitsOf"}
    operator = Identity(Role.OPERATOR, "", "x")
    assert operator.may_call(GATEWAY + "ListSlowEndpoints")
    assert not operator.may_call(GATEWAY + "Submit")
    assert not operator.may_call(GATEWAY + "Nonsense")
    assert not operator.may_call("/other.Service/Submit")


def test_the_tracker_acts_for_the_court_that_it_names_and_for_that_one_alone() -> None:
    tracker = [b"chakong://service/tracker"]
    named = (for_court("京0105"),)
    assert named == (("chakong-court", "%E4%BA%AC0105"),)
    acting = caller(context_of(tracker, named), plaintext=False)
    assert (acting.role, acting.court) == (Role.SERVICE, "京0105")
    for method in ACTS_FOR_COURTS["tracker"]:
        assert acting.may_call(method)
        assert not caller(context_of(tracker), plaintext=False).may_call(method)
    assert not acting.may_call(GATEWAY + "CancelInquiry")
    assert not acting.may_call(CONTROLS + "Order")


@pytest.mark.parametrize("uri", ["service/gateway", "operator/tracker", "unit/tracker", "court/a"])
def test_nobody_else_acts_for_a_court_by_naming_it(uri: str) -> None:
    named = (for_court("b"),)
    plain = (("chakong-identity", f"chakong://{uri}"), *named)
    for found in (
        caller(context_of([f"chakong://{uri}".encode()], named), plaintext=False),
        caller(context_of(metadata=plain), plaintext=True),
    ):
        assert found.court in ("", "a")
        if not found.court:
            assert not any(found.may_call(method) for method in ACTS_FOR_COURTS["tracker"])


@pytest.mark.parametrize("court", ["", "%ff", "a/b", "x" * 65])
def test_a_court_that_cannot_be_read_is_no_identity(court: str) -> None:
    with pytest.raises(IdentityError):
        caller(context_of([b"chakong://service/tracker"], (("chakong-court", court),)), plaintext=False)


def test_health_and_reflection_are_open_to_every_role() -> None:
    for role in Role:
        identity = Identity(role, "", "x")
        assert identity.may_call("/grpc.health.v1.Health/Check")
        assert identity.may_call("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")


def test_only_a_uri_is_an_identity() -> None:
    # A CA that checks DNS names and addresses of mail checks them by other rules.
    elsewhere = [b"chakong://operator/a"]
    with pytest.raises(IdentityError, match="none shown"):
        parse_identity(
            {"x509_subject_alternative_name": elsewhere, "peer_dns": elsewhere, "peer_email": elsewhere}
        )
