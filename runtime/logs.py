"""Logs: lines for operators on standard error, as JSON or as text.

Modules use `logging.getLogger(__name__)` with a constant message and ids in `extra`. Only the fields
listed here come out, so that no person's name or number can; the value of any other is withheld. It
configures logging when told to, never at import.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Literal

# Fields whose values may be shown: ids and words of our own choosing.
FIELDS = frozenset(
    [
        "address",
        "attempt",
        "batch",
        "breaker",
        "cause",
        "code",
        "court",
        "cursor",
        "cut",
        "detail",
        "endpoint",
        "endpoint_class",
        "error",
        "fault",
        "field",
        "institution",
        "journal",
        "kind",
        "method",
        "path",
        "pid",
        "port",
        "reason",
        "role",
        "scenario",
        "seed",
        "seq",
        "signal",
        "stage",
        "state",
        "status",
        "stream",
        "unit",
        "version",
        "what",
    ]
)
# ... and numbers, by their unit.
NUMBER_SUFFIXES = ("_id", "_ns", "_ms", "_s", "_bytes", "_count", "_max", "_index", "_seq")
WITHHELD = "(withheld)"
# Exceptions of these packages carry no personal data (a rule of the house); those of others may quote a
# value.
OWN_PACKAGES = ("gateway", "adapters", "runtime", "simulator", "tracker", "blacklist")
MESSAGE_CHARACTERS_MAX = 2_000
ASYNCIO_LOGGER = "asyncio"
# Below a warning they tell how they work: SQLAlchemy its statements with their parameters, the others nothing
# of use.
FOREIGN_LOGGERS = ("alembic", "grpc", "sqlalchemy")

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """One JSON object a line: at, level, logger, message, then the fields."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": timestamp(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message_of(record),
        }
        line |= fields_of(record)
        if record.exc_info and record.exc_info[1]:
            line["exception"] = describe_exception(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """For a person at a terminal: time, level, logger, message, key=value."""

    def format(self, record: logging.LogRecord) -> str:
        parts = [timestamp(record.created), f"{record.levelname.lower():7}", f"{record.name}:"]
        parts.append(message_of(record))
        parts += [f"{key}={value}" for key, value in fields_of(record).items()]
        line = " ".join(parts)
        if record.exc_info and record.exc_info[1]:
            line += "\n" + describe_exception(record.exc_info[1])
        return line


def configure(level: str, layout: Literal["json", "text"]) -> None:
    """Send every logger's lines of this level and above to standard error. May be called again."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if layout == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in FOREIGN_LOGGERS:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))


def message_of(record: logging.LogRecord) -> str:
    """The message, of bounded length. asyncio quotes exceptions and arguments after its first words; they are
    left out, and the traceback says the rest."""
    message = record.getMessage()
    if record.name == ASYNCIO_LOGGER:
        message = message.partition("\n")[0].partition("(")[0]
    return message[:MESSAGE_CHARACTERS_MAX]


def fields_of(record: logging.LogRecord) -> dict[str, object]:
    """What came in `extra`, in its order; what is not known to be harmless is withheld."""
    return {
        key: value if _is_shown(key, value) else WITHHELD
        for key, value in record.__dict__.items()
        if key not in _STANDARD
    }


def describe_exception(error: BaseException) -> str:
    """Traceback and class; the message only of exceptions that are known to quote nothing personal."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    kind = type(error)
    is_own = kind.__module__.split(".")[0] in OWN_PACKAGES
    if isinstance(error, OSError):
        message = f"{error.strerror or kind.__name__} (errno {error.errno})"
    else:
        message = str(error) if is_own else WITHHELD
    text = f"{frames}{kind.__module__}.{kind.__qualname__}: {message}"
    if isinstance(error, BaseExceptionGroup):
        text += "".join("\n| " + describe_exception(one) for one in error.exceptions)
    return text


def timestamp(created_s: float) -> str:
    """UTC with milliseconds, ISO 8601."""
    return datetime.fromtimestamp(created_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_shown(key: str, value: object) -> bool:
    if key in FIELDS:
        return True
    return key.endswith(NUMBER_SUFFIXES) and isinstance(value, (int, float))
