"""Fixture: what an endpoint's test system has, for a check to work with.

One TOML file: who is behind the endpoint, what was agreed, courts, persons and accounts made for tests. All
mistakes are found before any is reported, and no value is repeated: numbers and names stand in it. It
connects to nothing.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from chakong.type.v1 import hold_pb2, type_pb2
from runtime.settings import ExistingFile

CONTROLS_PER_CALL_MAX = 1_024
# In our words where pydantic's are about its own things.
TOLD = {"extra_forbidden": "unknown key", "missing": "missing; must be given"}
ID_TYPES = {
    "resident_id": type_pb2.ID_TYPE_RESIDENT_ID,
    "credit_code": type_pb2.ID_TYPE_CREDIT_CODE,
    "passport": type_pb2.ID_TYPE_PASSPORT,
}


class FixtureError(ValueError):
    """The fixture is wrong. `faults` has one line for each mistake."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("fixture: " + "; ".join(faults))


def _known_id_type(name: str) -> str:
    if name not in ID_TYPES:
        raise ValueError(f"must be one of {', '.join(ID_TYPES)}")
    return name


Text = Annotated[str, Field(min_length=1, max_length=256)]
Seconds = Annotated[float, Field(gt=0, le=3_600)]
Institution = Annotated[int, Field(ge=0, le=65_535)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Tls(_Section):
    """PEM files; their paths are relative to the fixture. Without `cert` and `key` the kit shows no
    certificate."""

    ca: ExistingFile
    cert: ExistingFile | None = None
    key: ExistingFile | None = None
    server_name: str = ""

    @model_validator(mode="after")
    def both_or_neither(self) -> "Tls":
        if (self.cert is None) != (self.key is None):
            raise ValueError("cert and key: both or neither")
        return self


class Agreed(_Section):
    """What was agreed for the endpoint."""

    answer_s: Seconds = 60.0
    # A control that is UNAVAILABLE, or whose receipt is missing, is sent again for so long.
    outcome_s: Seconds = 30.0
    # What happens to a hold by itself is told within so long.
    event_s: Seconds = 10.0
    batch_entries: Annotated[int, Field(ge=1, le=65_536)] = 4_096
    batch_bytes: Annotated[int, Field(ge=4_096, le=16 << 20)] = 1_048_576
    in_flight: Annotated[int, Field(ge=1, le=64)] = 2


class Court(_Section):
    """A court that the test system knows, and its registered account."""

    code: Text
    officer: Text
    payee_account: Text


class Subject(_Section):
    """A person or organisation of the test system."""

    id_type: Annotated[str, AfterValidator(_known_id_type)]
    id_number: Text
    name: Text

    def message(self) -> type_pb2.Subject:
        """As it stands in an entry or a control."""
        return type_pb2.Subject(id_type=ID_TYPES[self.id_type], id_number=self.id_number, name=self.name)


class Subjects(_Section):
    """Each but `unknown` may be missing; then its checks are not run."""

    # Nobody has anything of it.
    unknown: Subject
    # For it the core system is down.
    failing: Subject | None = None
    # Several persons match it, or its name has another number.
    ambiguous: Subject | None = None
    # The core system chokes on it.
    poison: Subject | None = None


class Account(_Section):
    """An account or a thing, its holder, and how much of it is free at least, that is neither held nor
    protected."""

    institution: Institution
    item: Annotated[int, Field(ge=1, le=25)]
    locator: Annotated[str, Field(min_length=1, max_length=128)]
    kind: Annotated[str, Field(max_length=64)] = ""
    currency: Annotated[str, Field(pattern="^([A-Z]{3})?$")] = ""
    free_fen_least: Annotated[int, Field(ge=0)] = 0
    subject: Subject

    def message(self) -> hold_pb2.Property:
        """As it stands in a control."""
        return hold_pb2.Property(
            institution=self.institution,
            item=self.item,
            locator=self.locator,
            kind=self.kind,
            currency=self.currency,
        )


class Accounts(_Section):
    """Nobody else holds anything of them. Each but `full` may be missing; then its checks are not run."""

    # Yuan, of a kind that may be held and deducted from.
    full: Account
    # The same, with nothing free in it.
    empty: Account | None = None
    # Of a kind that the law exempts.
    exempt: Account | None = None
    # Of a kind that may be held and not deducted from.
    pledged: Account | None = None
    closed: Account | None = None
    # Not an account: held whole.
    thing: Account | None = None


class Fixture(_Section):
    """The whole file."""

    # Sent as metadata `chakong-endpoint`.
    endpoint: str = ""
    # Behind the endpoint and able to be inquired of and to freeze; with two or more it is a hub.
    institutions: Annotated[tuple[Institution, ...], Field(min_length=1, max_length=1_024)]
    # Whether chakong.institution.v1.TestBench may be called.
    test_bench: bool = False
    # The first control id of the run; 0: made from the clock, so that no two runs share one.
    control_id_first: Annotated[int, Field(ge=0, lt=1 << 62)] = 0
    tls: Tls | None = None
    agreed: Agreed = Field(default_factory=Agreed)
    courts: Annotated[tuple[Court, ...], Field(min_length=2, max_length=8)]
    subjects: Subjects
    accounts: Accounts

    @model_validator(mode="after")
    def accounts_are_behind_the_endpoint(self) -> "Fixture":
        for name in Accounts.model_fields:
            account: Account | None = getattr(self.accounts, name)
            if account is not None and account.institution not in self.institutions:
                raise ValueError(f"accounts.{name}.institution: must be one of institutions")
        return self


def load(path: Path) -> Fixture:
    """FixtureError names every mistake."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FixtureError([f"{path}: {error.strerror}; must be a readable TOML file"]) from None
    except (ValueError, RecursionError) as error:
        raise FixtureError([f"{path}: not TOML: {error}"]) from None
    return parse(content, path.parent)


def parse(content: dict[str, Any], folder: Path) -> Fixture:
    """FixtureError as above; `folder`: what the paths of files are relative to."""
    tls = content.get("tls")
    if isinstance(tls, dict):
        for key in ("ca", "cert", "key"):
            if isinstance(tls.get(key), str):
                tls[key] = folder / tls[key]
    try:
        return Fixture(**content)
    except ValidationError as error:
        # From None: the error would show what was given.
        raise FixtureError(_faults(error)) from None


def _faults(error: ValidationError) -> list[str]:
    """Each mistake once: a list that is too short because one of its entries is wrong is not short."""
    details = error.errors()
    places = [detail["loc"] for detail in details]
    return [
        _fault(detail["loc"], TOLD.get(detail["type"], detail["msg"]))
        for detail in details
        if detail["type"] != "too_short" or not any(_is_below(place, detail["loc"]) for place in places)
    ]


def _is_below(place: tuple[int | str, ...], other: tuple[int | str, ...]) -> bool:
    return len(place) > len(other) and place[: len(other)] == other


def _fault(place: tuple[int | str, ...], message: str) -> str:
    field = ".".join(str(part) for part in place if not str(part).startswith("function-"))
    said = message.removeprefix("Value error, ").replace("Input should", "must")
    return f"{field}: {said}" if field else said
