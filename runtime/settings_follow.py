"""Settings of following: whom the tracker and the blacklist follow, and with which certificate.

Without an address nobody is followed, also not by a service beside the one that it would follow. As in
settings.py no file and no environment is read here.
"""

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from runtime.settings import Address, ExistingFile, Milliseconds, Section, is_loopback


class Following(Section):
    """A service that is followed court by court, over its public API."""

    SECTION: ClassVar[str] = ""

    address: Literal[""] | Address = ""
    plaintext: bool = False
    cert: ExistingFile | None = Field(default=None, validate_default=True)
    key: ExistingFile | None = Field(default=None, validate_default=True)
    ca: ExistingFile | None = Field(default=None, validate_default=True)
    # Replaces the host name that the certificate there must carry.
    server_name: str = ""
    # Courts watched at a time; where there are more they take turns.
    courts_at_once: int = Field(default=500, ge=1, le=10_000)
    backoff_base_ms: Milliseconds = 200
    backoff_max_ms: Milliseconds = 30_000

    @field_validator("plaintext")
    @classmethod
    def plaintext_only_to_loopback(cls, plaintext: bool, info: ValidationInfo) -> bool:
        address = info.data.get("address")
        if plaintext and address and not is_loopback(address):
            raise ValueError(f"allowed only when {cls.SECTION}.address is on loopback, not at {address}")
        return plaintext

    @field_validator("cert", "key", "ca")
    @classmethod
    def tls_unless_plaintext(cls, path: Path | None, info: ValidationInfo) -> Path | None:
        if path is None and info.data.get("address") and info.data.get("plaintext") is False:
            raise ValueError(f"required unless {cls.SECTION}.plaintext is true; `chakong certs` makes one")
        return path

    @field_validator("backoff_max_ms")
    @classmethod
    def max_not_below_base(cls, backoff_max_ms: int, info: ValidationInfo) -> int:
        base_ms = info.data.get("backoff_base_ms")
        if base_ms is not None and backoff_max_ms < base_ms:
            raise ValueError(f"must be at least {cls.SECTION}.backoff_base_ms ({base_ms})")
        return backoff_max_ms


class Follow(Following):
    """The gateway that the tracker follows, and asks for inquiries, as `chakong://service/tracker`. Each
    court has two calls open."""

    SECTION: ClassVar[str] = "follow"

    # Automatic inquiries a second: patrols, and first inquiries of new cases.
    inquiries_per_s: float = Field(default=50.0, ge=0.001, le=10_000)
    # Profiles of courts whose new cases get their first inquiry without a word in the registration, where the
    # case has an authority.
    inquire_profiles: tuple[str, ...] = ()


class FollowTracker(Following):
    """The tracker whose events the blacklist follows, as `chakong://service/blacklist`. Each court has a
    call open."""

    SECTION: ClassVar[str] = "follow_tracker"
