"""Settings: the sections of the configuration, their defaults and their limits.

Each section is frozen and refuses keys that it does not know. A rule over several fields is checked at the
last of them, so that it is reported beside the mistakes of others. No file and no environment is read here;
config.py does.
"""

import ipaddress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

Seconds = Annotated[float, Field(gt=0, le=86_400)]
Milliseconds = Annotated[int, Field(ge=1, le=3_600_000)]
PORT_MAX = 65_535
# More than any machine has; the Engine counts in 64 bits.
BYTES_LIMIT = 1 << 50
URL_BEGINNINGS = ("sqlite:///", "postgresql://", "postgresql+")


def split_address(address: str) -> tuple[str, int]:
    """Host and port of "host:port" or "[v6]:port". ValueError for anything else."""
    host, colon, port = address.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError("must be host:port; an IPv6 address stands in brackets")
    if not colon or not host or not port.isdecimal() or not 0 <= int(port) <= PORT_MAX:
        raise ValueError(f"must be host:port with a port of 0 to {PORT_MAX}")
    return host, int(port)


def is_loopback(address: str) -> bool:
    """True when the host of "host:port" is this machine alone: localhost, 127.0.0.0/8 or ::1."""
    host = split_address(address)[0]
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _checked_address(address: str) -> str:
    split_address(address)
    return address


Address = Annotated[str, AfterValidator(_checked_address)]


def _checked_file(path: Path) -> Path:
    if not path.is_file():
        raise ValueError("must be a file that exists")
    return path


ExistingFile = Annotated[Path, AfterValidator(_checked_file)]


class Section(BaseModel):
    """What the sections have in common: frozen, no unknown keys, no values in messages."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Listen(Section):
    """Where courts call. TLS with client certificates, or plaintext on loopback for development."""

    address: Address = "127.0.0.1:7443"
    plaintext: bool = False
    cert: ExistingFile | None = Field(default=None, validate_default=True)
    key: ExistingFile | None = Field(default=None, validate_default=True)
    ca: ExistingFile | None = Field(default=None, validate_default=True)
    # How long open calls may go on after SIGTERM before they are ended.
    drain_s: Seconds = 20.0

    @field_validator("plaintext")
    @classmethod
    def plaintext_only_on_loopback(cls, plaintext: bool, info: ValidationInfo) -> bool:
        address = info.data.get("address")
        if plaintext and address is not None and not is_loopback(address):
            raise ValueError(f"allowed only when listen.address is on loopback, not on {address}")
        return plaintext

    @field_validator("cert", "key", "ca")
    @classmethod
    def tls_unless_plaintext(cls, path: Path | None, info: ValidationInfo) -> Path | None:
        if path is None and info.data.get("plaintext") is False:
            raise ValueError("required unless listen.plaintext is true; `chakong certs` makes one")
        return path


class Journal(Section):
    """The append-only log; a folder that only the gateway writes in."""

    path: Path = Path("chakong.journal")
    # Order ids older than this are no longer recognised as repeated.
    orders_keep_days: int = Field(default=400, ge=1, le=3_660)
    # Older frames are deleted, a file at a time, when nothing in it is open or not yet in the tables.
    frames_keep_days: int = Field(default=400, ge=1, le=36_600, validate_default=True)

    @field_validator("frames_keep_days")
    @classmethod
    def as_long_as_orders(cls, days: int, info: ValidationInfo) -> int:
        """The index of order ids is made again from the frames."""
        orders_days = info.data.get("orders_keep_days", 0)
        if days < orders_days:
            raise ValueError(f"must be at least journal.orders_keep_days, {orders_days}")
        return days


def _checked_url(url: str) -> str:
    if url and not url.startswith(URL_BEGINNINGS):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    return url


class Projection(Section):
    """The database behind get and list, as an SQLAlchemy URL; empty: SQLite beside the journal."""

    url: str = ""

    @field_validator("url")
    @classmethod
    def known_dialect(cls, url: str) -> str:
        return _checked_url(url)


class Metrics(Section):
    """Where Prometheus scrapes; an empty address: nowhere."""

    address: Literal[""] | Address = "127.0.0.1:9464"


def _callable_endpoint(address: str, info: ValidationInfo) -> str:
    if split_address(address)[1] == 0:
        raise ValueError("must have a port that can be called, 1 or more")
    if info.data.get("plaintext") and not is_loopback(address):
        raise ValueError("must be on loopback while endpoints.plaintext is true")
    return address


EndpointAddress = Annotated[Address, AfterValidator(_callable_endpoint)]


class Endpoints(Section):
    """Where the institutions' endpoints are, by key, and how they are called.

    `file` names a JSON object of the same shape as `addresses`; both may be given, `addresses` goes first.
    Without plaintext, `ca` is what an endpoint's certificate is checked against, and `cert` and `key` are
    shown to it. `server_name` replaces the host name that its certificate must carry.
    """

    plaintext: bool = False
    addresses: dict[str, EndpointAddress] = Field(default_factory=dict)
    file: ExistingFile | None = None
    ca: ExistingFile | None = Field(default=None, validate_default=True)
    cert: ExistingFile | None = Field(default=None, validate_default=True)
    key: ExistingFile | None = Field(default=None, validate_default=True)
    server_name: str = ""

    @field_validator("ca", "cert", "key")
    @classmethod
    def tls_unless_plaintext(cls, path: Path | None, info: ValidationInfo) -> Path | None:
        if path is None and info.data.get("plaintext") is False and info.data.get("addresses", path is None):
            raise ValueError("required unless endpoints.plaintext is true; `chakong certs` makes one")
        return path


class Order(Section):
    """What holds for an inquiry that does not say otherwise."""

    deadline_default_s: int = Field(default=86_400, ge=1, le=2_592_000)
    attempts_max: int = Field(default=4, ge=1, le=100)
    partial_every_ms: Milliseconds = 1_000
    unanswered_retry_ms: Milliseconds = 1_000


class Line(Section):
    """How each endpoint is called."""

    reply_timeout_s: Seconds = 60.0
    connect_timeout_s: Seconds = 10.0
    # Connections being made at the same time; the rest wait their turn.
    open_at_once: int = Field(default=64, ge=1, le=4_096)
    # Long-lived Inquire streams to one endpoint.
    streams: int = Field(default=1, ge=1, le=16)
    # Batches a second to one endpoint.
    rate_per_s: float = Field(default=1_000.0, ge=0.001, le=1_000_000)
    backoff_base_ms: Milliseconds = 500
    backoff_max_ms: Milliseconds = 60_000
    # Failures in a row that open an endpoint's breaker, and how long it stays open.
    breaker_failures: int = Field(default=5, ge=1, le=1_000)
    breaker_cool_down_ms: Milliseconds = 10_000
    # False: endpoints are called at any hour.
    service_hours: bool = True
    describe_every_s: Seconds = 300.0

    @field_validator("backoff_max_ms")
    @classmethod
    def max_not_below_base(cls, backoff_max_ms: int, info: ValidationInfo) -> int:
        base_ms = info.data.get("backoff_base_ms")
        if base_ms is not None and backoff_max_ms < base_ms:
            raise ValueError(f"must be at least line.backoff_base_ms ({base_ms})")
        return backoff_max_ms


class Limits(Section):
    """What the gateway holds at most; beyond it a caller gets RESOURCE_EXHAUSTED."""

    inquiries_max: int = Field(default=2_000_000, ge=1, le=100_000_000)
    asks_max: int = Field(default=16_000_000, ge=1, le=1_000_000_000)
    # More than wait for the journal's index and are in check at a time.
    orders_max: int = Field(default=32_000_000, ge=1 << 21, le=1_000_000_000)
    # Frames, findings and answers held in memory.
    bytes_max: int = Field(default=8_000_000_000, ge=1 << 20, le=BYTES_LIMIT)
    # The contract allows 4 MiB; a smaller limit would refuse what it promises to take.
    message_bytes_max: int = Field(default=4 << 20, ge=4 << 20, le=4 << 20)
    watchers_max: int = Field(default=1_024, ge=1, le=100_000)
    # Recent answers kept in memory for watchers.
    watch_ring_bytes: int = Field(default=64 << 20, ge=1 << 20, le=BYTES_LIMIT)
    calls_max: int = Field(default=4_096, ge=1, le=1_000_000)
    # What a refused caller is told to wait.
    retry_after_ms: Milliseconds = 1_000


class Controls(Section):
    """Freezes, renewals, releases and deductions, and how institutions are called for them."""

    # Above it another officer must approve: 10 million yuan.
    approval_above_fen: int = Field(default=1_000_000_000, ge=0)
    # A freeze without outcome for so long no longer counts as one that may still come.
    unknown_after_s: Seconds = 600.0
    # Calls on their way to one endpoint at a time, and controls in one of them.
    calls_max: int = Field(default=2, ge=1, le=64)
    batch_max: int = Field(default=512, ge=1, le=1_024)
    timeout_s: Seconds = 30.0
    # How often events are asked for where they cannot be followed.
    poll_every_s: Seconds = 10.0
    backoff_base_ms: Milliseconds = 200
    backoff_max_ms: Milliseconds = 30_000
    claims_max: int = Field(default=1_000_000, ge=1, le=100_000_000)
    holds_max: int = Field(default=4_000_000, ge=1, le=100_000_000)
    # A claim with nothing left to do leaves memory so long after its last change, with its holds.
    ended_keep_days: int = Field(default=90, ge=1, le=3_660)
    # Steps of the ledger from one snapshot of it to the next.
    snapshot_every_steps: int = Field(default=10_000, ge=1, le=10_000_000)

    @field_validator("backoff_max_ms")
    @classmethod
    def max_not_below_base(cls, backoff_max_ms: int, info: ValidationInfo) -> int:
        base_ms = info.data.get("backoff_base_ms")
        if base_ms is not None and backoff_max_ms < base_ms:
            raise ValueError(f"must be at least controls.backoff_base_ms ({base_ms})")
        return backoff_max_ms


class Tracker(Section):
    """The cases, their nodes and due days. Beside the gateway, or alone (`chakong serve --only tracker`)."""

    enabled: bool = True
    # The database, as an SQLAlchemy URL; empty: SQLite beside the journal.
    url: str = ""
    watchers_max: int = Field(default=1_024, ge=1, le=100_000)
    # Registrations and events that wait to be written.
    waiting_max: int = Field(default=65_536, ge=8_192, le=10_000_000)
    # How often the figures are kept as a point of the series, and for how long.
    series_every_s: Seconds = 300.0
    series_keep_days: int = Field(default=400, ge=1, le=36_600)

    @field_validator("url")
    @classmethod
    def known_dialect(cls, url: str) -> str:
        return _checked_url(url)


class Calendar(Section):
    """Working days."""

    # Years that the calendar does not know yet (holidays.py).
    holidays: ExistingFile | None = None


class Blacklist(Section):
    """The list of persons refusing to perform. Beside the gateway, or alone (`chakong serve --only
    blacklist`)."""

    enabled: bool = True
    # The database, as an SQLAlchemy URL; empty: SQLite beside the journal.
    url: str = ""
    # Acts that wait to be written.
    waiting_max: int = Field(default=1_024, ge=1, le=100_000)
    # How often changes that other processes made are looked for, and terms that are over are ended.
    refresh_s: Seconds = 1.0
    expire_every_s: Seconds = 60.0
    # How often the figures of the whole list are counted for Prometheus.
    count_every_s: Seconds = 300.0
    # In how many working days a unit has to acknowledge a removal.
    acknowledge_working_days: int = Field(default=3, ge=1, le=60)
    # Ed25519, PEM: what units screen with by themselves is signed with it. Without it none is handed out.
    signing_key: ExistingFile | None = None
    # After so long such a set is stale. It cannot tell more than six days ahead who falls off the list.
    offline_good_for_s: int = Field(default=86_400, ge=60, le=518_400)
    # Which units were told of whom: how often that is written, how much may wait, and how long it is kept.
    hits_every_s: Seconds = 1.0
    hits_waiting_max: int = Field(default=500_000, ge=65_536, le=100_000_000)
    hits_keep_days: int = Field(default=400, ge=1, le=3_660)

    @field_validator("url")
    @classmethod
    def known_dialect(cls, url: str) -> str:
        return _checked_url(url)


class Log(Section):
    """What is written to standard error, and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "text"] = "text"
