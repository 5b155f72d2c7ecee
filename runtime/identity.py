"""Identity: who calls, by the certificate, and what each role may call.

A certificate names exactly one identity, as a URI among its subject alternative names:

    chakong://court/<court>                 chakong://officer/<court>/<officer id>
    chakong://unit/<key>                    chakong://service/<name>                chakong://operator/<name>

The parts are percent-encoded UTF-8, so the court 京0105 is `chakong://court/%E4%BA%AC0105`. What a message
says about its sender counts for nothing. Certificates are made by certificates.py, and checked against
the CA by TLS before this is asked. A service of ACTS_FOR_COURTS says in the metadata of a call for which
court it acts; nobody else can.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    import grpc.aio

SCHEME = "chakong://"
# The URIs among the alternative names; a CA checks a DNS name or an address by other rules than an identity.
URI_PROPERTY = "peer_uri"
# Plaintext listeners have no certificates. Only they read this, and only loopback may be plaintext: for
# development.
PLAINTEXT_METADATA_KEY = "chakong-identity"
# The court that a service acts for in a call, percent-encoded.
COURT_METADATA_KEY = "chakong-court"
# Longer parts are in no certificate of ours; the limit keeps a hostile one out of logs and tables.
PART_BYTES_MAX = 64
# A caller's next call has the same certificate; reading its name again took a twentieth of a call.
IDENTITIES_KEPT_MAX = 1_024

GATEWAY = "/chakong.gateway.v1.Gateway/"
CONTROLS = "/chakong.gateway.v1.Controls/"
TRACKER = "/chakong.tracker.v1.Tracker/"
LISTINGS = "/chakong.blacklist.v1.Listings/"
SCREENING = "/chakong.blacklist.v1.Screening/"
CHANGES = "/chakong.blacklist.v1.Changes/"
OFFLINE = "/chakong.blacklist.v1.Offline/"
PROPOSALS = "/chakong.blacklist.v1.Proposals/"
PUBLIC = "/chakong.blacklist.v1.Public/"
HEALTH = "/grpc.health.v1.Health/"
REFLECTION = ("/grpc.reflection.v1.ServerReflection/", "/grpc.reflection.v1alpha.ServerReflection/")


class Role(StrEnum):
    """What a certificate makes its holder."""

    COURT = "court"
    OFFICER = "officer"
    UNIT = "unit"
    SERVICE = "service"
    OPERATOR = "operator"


def _methods(service: str, *names: str) -> frozenset[str]:
    return frozenset(service + name for name in names)


_ORDERING = _methods(GATEWAY, "Submit", "SubmitBulk", "Watch", "GetInquiry", "ListInquiries", "CancelInquiry")
_LOOKING = _methods(GATEWAY, "ListInstitutions", "ListSlowEndpoints")
_CONTROLLING = _methods(
    CONTROLS,
    "PutClaim",
    "GetClaim",
    "ListClaims",
    "RecordCaseEvent",
    "Order",
    "OrderBulk",
    "Preview",
    "PlanFreeze",
    "GetHold",
    "ListHolds",
    "WatchHolds",
)
# An approval is a person's word: only an officer's certificate gives one.
_APPROVING = _methods(CONTROLS, "Approve")
_RECONCILING = _methods(CONTROLS, "Reconcile")

_FIGURES = _methods(TRACKER, "GetStatistics", "ListSeries")
_TRACKING = _FIGURES | _methods(
    TRACKER,
    "RegisterCase",
    "RegisterCases",
    "RecordEvent",
    "RecordEvents",
    "GetCase",
    "ListNodes",
    "StopClock",
    "ResumeClock",
    "ExtendNode",
    "CloseCase",
    "ReopenCase",
    "EndForNow",
    "CheckEnding",
    "WatchEvents",
)

_LISTING = _methods(
    LISTINGS,
    "CreateListing",
    "GetListing",
    "ListListings",
    "CorrectListing",
    "ExtendListing",
    "ProposeRemoval",
    "RejectRemoval",
    "RemoveListing",
    "ObjectToListing",
    "DecideObjection",
) | (
    _methods(CHANGES, "GetRemovalProof")
    | _methods(PROPOSALS, "ListProposals", "AcceptProposal", "DismissProposal")
)
# Which units were told of somebody is shown by a person, who answers for it.
_SHOWING = _methods(PUBLIC, "HitsOf")
_ACKNOWLEDGED = _methods(CHANGES, "ListAcknowledgements")
_ACTING = (
    _ACKNOWLEDGED
    | _methods(SCREENING, "Screen", "ScreenBulk")
    | _methods(CHANGES, "ListChanges", "Follow", "Acknowledge")
    | _methods(OFFLINE, "GetSnapshot", "GetSnapshotKey", "GetDelta")
)

# Methods that each role may call, by their full names. What is not here is refused.
MAY_CALL = {
    Role.COURT: _ORDERING | _LOOKING | _CONTROLLING | _TRACKING | _LISTING,
    Role.OFFICER: _ORDERING | _LOOKING | _CONTROLLING | _APPROVING | _TRACKING | _LISTING | _SHOWING,
    Role.UNIT: _methods(GATEWAY, "ListInstitutions") | _ACTING,
    Role.SERVICE: _LOOKING | _methods(PUBLIC, "LookUp"),
    Role.OPERATOR: _LOOKING | _RECONCILING | _FIGURES | _ACKNOWLEDGED,
}

# What a service may call for a court that it names, besides what every service may.
ACTS_FOR_COURTS = {
    "tracker": _methods(GATEWAY, "Submit", "Watch", "GetInquiry") | _methods(CONTROLS, "WatchHolds"),
    "blacklist": _methods(TRACKER, "WatchEvents"),
}


class IdentityError(Exception):
    """The caller shows no usable identity (gRPC: UNAUTHENTICATED)."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller. `court` is empty for units and operators, and for services unless they act for one; `name` is
    the last part of the URI."""

    role: Role
    court: str
    name: str

    def __post_init__(self) -> None:
        for part in filter(None, (self.court, self.name)):
            if len(part.encode()) > PART_BYTES_MAX or not part.isprintable() or "/" in part:
                raise IdentityError(
                    f"identity: a part has 1 to {PART_BYTES_MAX} bytes, printable, without '/'"
                )
        if not self.name:
            raise IdentityError(f"identity: a part is empty, 1 to {PART_BYTES_MAX} bytes expected")

    @property
    def uri(self) -> str:
        """As it stands in a certificate."""
        parts = [self.court, self.name] if self.role is Role.OFFICER else [self.name]
        return SCHEME + "/".join([self.role.value, *(quote(part, safe="") for part in parts)])

    def may_call(self, method: str) -> bool:
        """Whether the role may call this method, given by its full name ("/package.Service/Method").

        Health and reflection are open to every identity.
        """
        if method.startswith((HEALTH, *REFLECTION)):
            return True
        if self.role is Role.SERVICE and self.court and method in ACTS_FOR_COURTS.get(self.name, ()):
            return True
        return method in MAY_CALL[self.role]


def parse_uri(uri: str) -> Identity:
    """The identity that a chakong:// URI names. IdentityError for anything else."""
    role_name, *encoded = uri.removeprefix(SCHEME).split("/")
    if not uri.startswith(SCHEME) or role_name not in set(Role):
        raise IdentityError(f"identity: must be {SCHEME}<role>/..., role one of {', '.join(Role)}")
    role = Role(role_name)
    expected_count = 2 if role is Role.OFFICER else 1
    if len(encoded) != expected_count:
        raise IdentityError(
            f"identity: {len(encoded)} parts after the role {role}, {expected_count} expected"
        )
    parts = [_decoded(part) for part in encoded]
    court = parts[0] if role in (Role.COURT, Role.OFFICER) else ""
    return Identity(role, court, parts[-1])


def of_alternative_names(names: Iterable[bytes]) -> Identity:
    """The identity among the URIs of a certificate. IdentityError unless there is exactly one."""
    return _of_names(tuple(names))


@lru_cache(IDENTITIES_KEPT_MAX)
def _of_names(names: tuple[bytes, ...]) -> Identity:
    ours = [name for name in names if name.startswith(SCHEME.encode())]
    if len(ours) != 1:
        raise IdentityError(f"certificate: {len(ours)} {SCHEME} names in it, exactly 1 expected")
    try:
        return parse_uri(ours[0].decode("ascii"))
    except UnicodeDecodeError:
        raise IdentityError("identity: must be ASCII, other characters percent-encoded") from None


def parse_identity(auth_context: Mapping[str, Iterable[bytes]]) -> Identity:
    """The identity of a TLS peer, from grpc's auth context. IdentityError without a client certificate."""
    names = auth_context.get(URI_PROPERTY)
    if names is None:
        raise IdentityError("certificate: none shown with a URI in it, one that names a role is required")
    return of_alternative_names(names)


def caller(context: "grpc.aio.ServicerContext[Any, Any]", *, plaintext: bool) -> Identity:
    """Who makes this call: by the certificate, or with `plaintext` (development) by the metadata."""
    if not plaintext:
        identity = parse_identity(context.auth_context())
    elif (uri := _named(context, PLAINTEXT_METADATA_KEY)) is not None:
        identity = parse_uri(uri)
    else:
        raise IdentityError(
            f"metadata {PLAINTEXT_METADATA_KEY}: missing, a plaintext caller names its identity there"
        )
    if identity.role is Role.SERVICE and identity.name in ACTS_FOR_COURTS:
        court = _named(context, COURT_METADATA_KEY)
        return identity if court is None else replace(identity, court=_decoded(court))
    return identity


def for_court(court: str) -> tuple[str, str]:
    """The metadata with which a service says for which court it acts."""
    return COURT_METADATA_KEY, quote(court, safe="")


def _named(context: "grpc.aio.ServicerContext[Any, Any]", wanted: str) -> str | None:
    for key, value in context.invocation_metadata() or ():
        if key == wanted:
            return value if isinstance(value, str) else value.decode("ascii", "replace")
    return None


def _decoded(part: str) -> str:
    try:
        text = unquote(part, errors="strict")
    except UnicodeDecodeError:
        raise IdentityError("identity: a part is not percent-encoded UTF-8") from None
    if not text:
        raise IdentityError(f"identity: a part is empty, 1 to {PART_BYTES_MAX} bytes expected")
    return text
