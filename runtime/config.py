"""Config: everything that can be set, from one TOML file and the environment, read once.

The environment goes before the file, the file before the defaults. All mistakes are found before any is
reported: each names the field, what came and what is allowed. This is the only module that reads the
environment.
"""

import difflib
import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from runtime.data import endpoints as installed_endpoints
from runtime.settings import (
    URL_BEGINNINGS,
    Blacklist,
    Calendar,
    Controls,
    Endpoints,
    Journal,
    Limits,
    Line,
    Listen,
    Log,
    Metrics,
    Order,
    Projection,
    Tracker,
)
from runtime.settings_follow import Follow, FollowTracker
from runtime.settings_public import Public

PREFIX = "CHAKONG_"
FILE_VARIABLE = "CHAKONG_CONFIG"
FILE_DEFAULT = Path("chakong.toml")
# gRPC's own lines on standard error; what they say of a port or a certificate, ours say too.
GRPC_VARIABLE = "GRPC_VERBOSITY"
GRPC_QUIET = "NONE"
# Read by setup.py; they are no settings of a running gateway.
BUILD_VARIABLES = frozenset({"CHAKONG_DEBUG", "CHAKONG_SANITIZE"})
# A database's URL may carry its password.
SECRET_FIELDS = frozenset({"projection.url", "tracker.url", "blacklist.url"})
SHOWN_CHARACTERS_MAX = 80
UNKNOWN_KEY = "extra_forbidden"


class ConfigError(ValueError):
    """The configuration is wrong. `faults` has one line for each mistake."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("configuration: " + "; ".join(faults))


class Config(BaseSettings):
    """The whole configuration.

    Made directly it holds only what it is given; `load_config` reads file and environment.
    """

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        hide_input_in_errors=True,
    )

    listen: Listen
    journal: Journal = Field(default_factory=Journal)
    projection: Projection = Field(default_factory=Projection)
    metrics: Metrics = Field(default_factory=Metrics)
    endpoints: Endpoints = Field(default_factory=Endpoints)
    order: Order = Field(default_factory=Order)
    line: Line = Field(default_factory=Line)
    controls: Controls = Field(default_factory=Controls)
    tracker: Tracker = Field(default_factory=Tracker)
    follow: Follow = Field(default_factory=Follow)
    follow_tracker: FollowTracker = Field(default_factory=FollowTracker)
    calendar: Calendar = Field(default_factory=Calendar)
    limits: Limits = Field(default_factory=Limits)
    blacklist: Blacklist = Field(default_factory=Blacklist)
    public: Public = Field(default_factory=Public)
    log: Log = Field(default_factory=Log)

    @model_validator(mode="after")
    def databases_beside_journal(self) -> "Config":
        for name in ("projection", "tracker", "blacklist"):
            section = getattr(self, name)
            if not section.url:
                path = self.journal.path.with_name(f"{self.journal.path.name}.{name}")
                url = f"sqlite:///{path.as_posix()}"
                # The model is not handed out yet; from here on it is frozen.
                object.__setattr__(self, name, section.model_copy(update={"url": url}))
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given, alone: a Config made in a test is not changed by the environment around it."""
        return (init_settings,)


def load_config(path: Path | None = None) -> Config:
    """The configuration of `path`, else of CHAKONG_CONFIG, else of chakong.toml if there is one.

    ConfigError names all mistakes, unknown keys first: a key that is missing may be one that was misspelt.
    Paths in the file are relative to the file, and so is the journal that it does not name; those in the
    environment are relative to the working directory.
    """
    chosen = _chosen_path(path)
    faults: list[str] = []
    settings = _merged(_from_file(chosen), _from_environment(faults))
    _add_endpoints_file(settings, faults)
    faults += _unknown_endpoints(settings)
    faults += _certificate_faults(settings)
    faults += _storage_faults(settings)
    faults += _holiday_faults(settings)
    settings.setdefault("listen", {})
    config = None
    try:
        config = Config(**settings)
    except ValidationError as error:
        details = error.errors()
        unknown = [_fault(detail) for detail in details if detail["type"] == UNKNOWN_KEY]
        faults = unknown + faults + [_fault(detail) for detail in details if detail["type"] != UNKNOWN_KEY]
    if config is not None and not faults:
        return config
    if chosen is None:
        place = f"not found in {Path.cwd()}"
        faults.insert(0, f"{FILE_DEFAULT}: {place}; give --config FILE or set {FILE_VARIABLE}")
    raise ConfigError(faults)


def quiet_grpc() -> None:
    """Keep gRPC's own lines from standard error, unless the environment says otherwise. Only before gRPC is
    imported."""
    os.environ.setdefault(GRPC_VARIABLE, GRPC_QUIET)


def describe(config: Config) -> str:
    """The effective configuration as TOML, without secrets; endpoint addresses only by their number."""
    from runtime import database  # noqa: PLC0415 - as below

    lines: list[str] = []
    for section, values in config.model_dump(mode="json").items():
        lines.append(f"[{section}]")
        for key, value in values.items():
            if f"{section}.{key}" in SECRET_FIELDS:
                lines.append(f"{key} = {json.dumps(database.shown(value))}")
            elif isinstance(value, dict):
                lines.append(f"# {key}: {len(value)}")
            elif value is not None:
                lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}")
        lines.append("")
    return "\n".join(lines)


def _chosen_path(path: Path | None) -> Path | None:
    if path is not None:
        return path
    if named := os.environ.get(FILE_VARIABLE):
        return Path(named)
    return FILE_DEFAULT if FILE_DEFAULT.is_file() else None


def _from_file(path: Path | None) -> dict[str, Any]:
    """ConfigError at once for a file that cannot be read: what it does not say would look like mistakes."""
    if path is None:
        return {}
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError([f"{path}: {error.strerror}; must be a readable TOML file"]) from None
    except (ValueError, RecursionError) as error:
        raise ConfigError([f"{path}: not TOML: {error}"]) from None
    journal = settings.setdefault("journal", {})
    if isinstance(journal, dict):
        journal.setdefault("path", str(Journal().path))
    for section, key in _path_fields():
        table = settings.get(section)
        if isinstance(table, dict) and isinstance(table.get(key), str):
            table[key] = path.parent / table[key]
    return settings


def _path_fields() -> list[tuple[str, str]]:
    """(section, key) of every field that holds a path."""
    found = []
    for section, field in Config.model_fields.items():
        model = field.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            found += [
                (section, key) for key, one in model.model_fields.items() if "Path" in str(one.annotation)
            ]
    return found


def _from_environment(faults: list[str]) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    source = EnvSettingsSource(Config)
    for name, value in sorted(os.environ.items()):
        if not name.upper().startswith(PREFIX) or name == FILE_VARIABLE or name in BUILD_VARIABLES:
            continue
        section = name[len(PREFIX) :].split("__")[0].lower()
        if section not in Config.model_fields or "__" not in name:
            faults.append(f"{name}: unknown variable; must be {PREFIX}<SECTION>__<KEY>")
            continue
        # One at a time: a value that cannot be read takes no other with it.
        source.env_vars = {name.lower(): value}
        try:
            settings = _merged(settings, source())
        except (SettingsError, RecursionError):
            faults.append(f"{name}: {_shown(value)} given; must be a JSON object")
    return settings


def _merged(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """Both, tables merged key by key; `upper` goes first."""
    result = dict(lower)
    for key, value in upper.items():
        below = result.get(key)
        result[key] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return result


def _add_endpoints_file(settings: dict[str, Any], faults: list[str]) -> None:
    """Put the addresses of endpoints.file under those of endpoints.addresses."""
    section = settings.get("endpoints")
    if not isinstance(section, dict) or not isinstance(section.get("file"), (str, Path)):
        return
    path = Path(section["file"])
    if not path.is_file():
        return  # the field's own check reports it
    try:
        addresses = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        addresses = None
    if not isinstance(addresses, dict):
        faults.append(f"endpoints.file: {path} given; must be a JSON object of key and host:port")
        return
    given = section.get("addresses", {})
    if isinstance(given, dict):
        section["addresses"] = addresses | given


def _unknown_endpoints(settings: Mapping[str, Any]) -> list[str]:
    section = settings.get("endpoints")
    addresses = section.get("addresses") if isinstance(section, dict) else None
    if not isinstance(addresses, dict):
        return []
    known = {row["key"] for row in installed_endpoints()}
    return [
        f"endpoints.addresses.{key}: unknown endpoint; must be a key of the directory"
        for key in addresses
        if key not in known
    ]


def _certificate_faults(settings: Mapping[str, Any]) -> list[str]:
    """What is wrong inside the files of certificates; that they exist is the fields' own check."""
    faults: list[str] = []
    for name in ("listen", "endpoints", "follow", "follow_tracker", "public"):
        section = settings.get(name)
        given = section if isinstance(section, dict) else {}
        paths = {
            key: Path(given[key]) for key in ("cert", "key", "ca") if isinstance(given.get(key), (str, Path))
        }
        files = {key: path for key, path in paths.items() if path.is_file()}
        if files:
            from runtime import certificates  # noqa: PLC0415 - most commands need no cryptography

            faults += [f"{name}.{fault}" for fault in certificates.file_faults(files)]
    return faults


def _storage_faults(settings: Mapping[str, Any]) -> list[str]:
    """What the start would refuse of journal and databases, as far as that shows without opening them."""
    faults: list[str] = []
    journal = settings.get("journal")
    path = journal.get("path") if isinstance(journal, dict) else None
    if isinstance(path, (str, Path)) and (Path(path).is_file() or not Path(path).parent.is_dir()):
        allowed = "must be a folder in one that exists; a file may be a journal of an earlier version"
        faults.append(f"journal.path: {_shown(Path(path))} given; {allowed}")
    for name in ("projection", "tracker", "blacklist"):
        section = settings.get(name)
        url = section.get("url") if isinstance(section, dict) else None
        # What the beginning of the URL must be, the field's own check says.
        if isinstance(url, str) and url.startswith(URL_BEGINNINGS):
            from runtime import database  # noqa: PLC0415 - most commands need no SQLAlchemy, which is slow to load

            fault = database.fault(url)
            faults += [f"{name}.url: {fault}"] if fault else []
    return faults


def _holiday_faults(settings: Mapping[str, Any]) -> list[str]:
    """What is wrong in the file of holidays; that it exists is the field's own check."""
    section = settings.get("calendar")
    path = section.get("holidays") if isinstance(section, dict) else None
    if not isinstance(path, (str, Path)) or not Path(path).is_file():
        return []
    from runtime import holidays  # noqa: PLC0415 - most commands need no calendar

    try:
        holidays.read_file(Path(path))
    except holidays.HolidaysError as error:
        return [f"calendar.holidays: {fault}" for fault in error.faults]
    return []


def _fault(detail: ErrorDetails) -> str:
    field = ".".join(str(part) for part in detail["loc"] if not str(part).startswith("function-"))
    if detail["type"] == UNKNOWN_KEY:
        near = _nearest(detail["loc"])
        return f"{field}: unknown key" + (f"; did you mean {near}?" if near else "")
    message = detail["msg"].removeprefix("Value error, ").replace("Input should", "must")
    came = detail["input"]
    if field in SECRET_FIELDS or isinstance(came, dict):
        return f"{field}: {message}"
    return f"{field}: {_shown(came)} given; {message}"


def _nearest(place: tuple[int | str, ...]) -> str:
    """The allowed key that is most like the last one of `place`; empty when none is like it."""
    fields = Config.model_fields
    for part in place[:-1]:
        section = fields[str(part)].annotation if str(part) in fields else None
        fields = section.model_fields if isinstance(section, type) and issubclass(section, BaseModel) else {}
    return next(iter(difflib.get_close_matches(str(place[-1]), fields, 1)), "")


def _shown(came: object) -> str:
    text = "nothing" if came is None else repr(str(came) if isinstance(came, Path) else came)
    return text[:SHOWN_CHARACTERS_MAX]
