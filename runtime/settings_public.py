"""Settings of the public look-up: the one port that people without certificates may call.

As in settings.py: frozen, no unknown keys, every limit with its field. No file and no environment is read
here.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, IPvAnyAddress, ValidationInfo, field_validator

from runtime.settings import Address, ExistingFile, Milliseconds, Seconds, Section, is_loopback


class Public(Section):
    """The public look-up of the blacklist. Over gRPC it is at the other port; here, over HTTP, at one of its
    own; an empty address: nowhere. TLS, or plaintext on loopback, behind a proxy of this machine.

    Behind a proxy everybody has the proxy's address: `address_header` then says which header tells whose it
    is, and `proxies` from whom it is believed.
    """

    address: Literal[""] | Address = ""
    plaintext: bool = False
    cert: ExistingFile | None = Field(default=None, validate_default=True)
    key: ExistingFile | None = Field(default=None, validate_default=True)
    address_header: str = Field(default="", max_length=64, pattern=r"^[A-Za-z0-9-]*$")
    proxies: list[IPvAnyAddress] = Field(default_factory=list, validate_default=True)
    connections_max: int = Field(default=512, ge=1, le=65_536)
    # In which a request must have come whole, and its answer be taken.
    request_s: Seconds = 10.0
    # Answers are given so long after they were asked for, or a whole number of times as long.
    answer_every_ms: Milliseconds = 100
    # Look-ups being answered at a time, and how many there may be: from one address, for one number, in all.
    at_once_max: int = Field(default=64, ge=1, le=4_096)
    address_per_hour: int = Field(default=60, ge=1, le=3_600_000)
    number_per_hour: int = Field(default=20, ge=1, le=3_600_000)
    total_per_s: int = Field(default=200, ge=1, le=1_000_000)

    @field_validator("plaintext")
    @classmethod
    def plaintext_only_on_loopback(cls, plaintext: bool, info: ValidationInfo) -> bool:
        address = info.data.get("address")
        if plaintext and address and not is_loopback(address):
            raise ValueError(f"allowed only when public.address is on loopback, not on {address}")
        return plaintext

    @field_validator("cert", "key")
    @classmethod
    def tls_unless_plaintext(cls, path: Path | None, info: ValidationInfo) -> Path | None:
        if path is None and info.data.get("address") and info.data.get("plaintext") is False:
            raise ValueError("required with public.address unless public.plaintext is true")
        return path

    @field_validator("answer_every_ms")
    @classmethod
    def answers_come_in_time(cls, answer_every_ms: int, info: ValidationInfo) -> int:
        request_s = info.data.get("request_s")
        if request_s is not None and answer_every_ms > request_s * 500:
            raise ValueError(f"must be at most half of public.request_s ({request_s})")
        return answer_every_ms

    @field_validator("proxies")
    @classmethod
    def proxies_with_header(cls, proxies: list[IPvAnyAddress], info: ValidationInfo) -> list[IPvAnyAddress]:
        if bool(proxies) != bool(info.data.get("address_header")):
            raise ValueError("required with public.address_header, and with nothing else")
        return proxies
