"""Logs: ids come out, everything else is withheld."""

import errno
import json
import logging
from collections.abc import Iterator
from typing import Literal

import pytest

from runtime.config import ConfigError
from runtime.logs import FOREIGN_LOGGERS, WITHHELD, configure, describe_exception, fields_of

NAME = "张三丰"
LAYOUTS: tuple[Literal["json", "text"], ...] = ("json", "text")


@pytest.fixture(autouse=True)
def _restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in FOREIGN_LOGGERS}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def written(
    capsys: pytest.CaptureFixture[str],
    layout: Literal["json", "text"],
    error: Exception | None = None,
    **fields: object,
) -> str:
    configure("info", layout)
    logging.getLogger("gateway.edge.pump").info("batch refused", extra=fields, exc_info=error)
    return capsys.readouterr().err


def test_json_line_has_message_and_fields(capsys: pytest.CaptureFixture[str]) -> None:
    line = json.loads(written(capsys, "json", batch=7, endpoint="union-11", wait_ms=3, state="open"))
    assert line.pop("at").endswith("Z")
    assert line == {
        "level": "info",
        "logger": "gateway.edge.pump",
        "message": "batch refused",
        "batch": 7,
        "endpoint": "union-11",
        "wait_ms": 3,
        "state": "open",
    }


def test_text_line_has_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    line = written(capsys, "text", batch=7, endpoint="union-11")
    assert line.endswith("info    gateway.edge.pump: batch refused batch=7 endpoint=union-11\n")


@pytest.mark.parametrize("layout", ["json", "text"])
def test_field_that_may_be_personal_is_withheld(
    capsys: pytest.CaptureFixture[str], layout: Literal["json", "text"]
) -> None:
    line = written(capsys, layout, subject_name=NAME, id_number="610102200412140375", order_id=NAME)
    assert NAME not in line
    assert "6101" not in line
    assert line.count(WITHHELD) == 3


@pytest.mark.parametrize("layout", ["json", "text"])
def test_message_of_a_foreign_exception_is_withheld(
    capsys: pytest.CaptureFixture[str], layout: Literal["json", "text"]
) -> None:
    line = written(capsys, layout, error=KeyError(NAME))
    assert NAME not in line
    assert "builtins.KeyError" in line


def test_message_of_our_own_exception_and_of_the_system_comes_out() -> None:
    assert "streams: 0 given" in describe_exception(ConfigError(["streams: 0 given"]))
    assert "No space left on device" in describe_exception(
        OSError(errno.ENOSPC, "No space left on device", NAME)
    )
    assert NAME not in describe_exception(OSError(errno.ENOSPC, "No space left on device", NAME))


def test_group_of_exceptions_names_each() -> None:
    text = describe_exception(ExceptionGroup(NAME, [ValueError(NAME), ConfigError(["a"])]))
    assert NAME not in text
    assert "ValueError" in text
    assert "ConfigError" in text


def test_traceback_shows_where(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="x") as caught:
        int("x")
    assert "test_logs.py" in written(capsys, "text", error=caught.value)


def test_level_below_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure("warning", "text")
    logging.getLogger("gateway").info("quiet")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", ["grpc._cython.cygrpc", "alembic.runtime.migration", "sqlalchemy.engine"])
def test_how_libraries_work_is_written_at_no_level(capsys: pytest.CaptureFixture[str], name: str) -> None:
    configure("debug", "text")
    logging.getLogger(name).info("Using AsyncIOEngine.POLLER as I/O engine")
    logging.getLogger("gateway").debug("ours")
    logging.getLogger(name).warning("theirs")
    assert [line.split(": ")[1] for line in capsys.readouterr().err.splitlines()] == ["ours", "theirs"]
    configure("error", "text")
    logging.getLogger(name).warning("theirs")
    assert capsys.readouterr().err == ""


def test_record_without_fields_has_none() -> None:
    assert fields_of(logging.makeLogRecord({"msg": "x", "levelno": 20})) == {}


@pytest.mark.parametrize(
    "quoted",
    [
        f"Task exception was never retrieved\nfuture: <Task exception=ValueError('{NAME}')>",
        f"Exception in callback settle('{NAME}') at pump.py:1\nhandle: <Handle settle('{NAME}')>",
    ],
)
def test_what_asyncio_quotes_is_left_out(capsys: pytest.CaptureFixture[str], quoted: str) -> None:
    for layout in LAYOUTS:
        configure("info", layout)
        logging.getLogger("asyncio").error(quoted)
        line = capsys.readouterr().err
        assert NAME not in line
        assert quoted[:21] in line
