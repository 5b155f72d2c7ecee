"""Privacy: log calls have a constant message and known fields, and neither they nor exceptions name a person.

What a simple look at the syntax can tell; runtime/logs.py withholds the rest when it writes.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.logs import FIELDS, NUMBER_SUFFIXES
from tests.tidy.house import names_in, nodes, sources, tree

LOGGERS = frozenset({"log", "logger", "_log", "_logger", "LOG", "_LOG", "LOGGER", "_LOGGER", "logging"})
LEVELS = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})
PERSONAL = frozenset(
    {"subject", "id_number", "holder_name", "holder_number", "subject_name", "person", "debtor"}
)
# Their messages are read by whoever runs a benchmark, on a population made from a seed.
LOOKED_AT = ("gateway", "adapters", "runtime", "simulator", "conformance", "tracker", "blacklist")


def log_calls(module: ast.Module) -> Iterator[ast.Call]:
    for node in nodes(module):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        target = node.func.value
        name = (
            target.id
            if isinstance(target, ast.Name)
            else target.attr
            if isinstance(target, ast.Attribute)
            else ""
        )
        if name in LOGGERS and node.func.attr in LEVELS:
            yield node


def faults_of_log_call(call: ast.Call) -> Iterator[str]:
    arguments = (
        call.args[1:] if isinstance(call.func, ast.Attribute) and call.func.attr == "log" else call.args
    )
    if not arguments or not isinstance(arguments[0], ast.Constant):
        yield "the message is not constant"
    if len(arguments) > 1:
        yield "values belong into extra"
    for keyword in call.keywords:
        if keyword.arg == "extra" and isinstance(keyword.value, ast.Dict):
            keys = (key.value for key in keyword.value.keys if isinstance(key, ast.Constant))
            yield from (f"field {key!r} is not known" for key in keys if not is_known_field(key))
    yield from (f"{name} is personal" for name in sorted(PERSONAL & set(names_in(call))))


def is_known_field(key: object) -> bool:
    return isinstance(key, str) and (key in FIELDS or key.endswith(NUMBER_SUFFIXES))


def personal_in_raises(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Names of personal fields whose value is put into the message of a raised exception."""
    for node in nodes(module):
        if isinstance(node, ast.Raise) and node.exc is not None:
            for part in ast.walk(node.exc):
                if isinstance(part, ast.FormattedValue):
                    yield from ((node.lineno, name) for name in sorted(PERSONAL & set(names_in(part.value))))


def looked_at() -> list[Path]:
    return [path for path in sources(".py") if path.parts[0] in LOOKED_AT]


def test_log_calls_carry_ids_only() -> None:
    found = [
        (str(path), call.lineno, fault)
        for path in looked_at()
        for call in log_calls(tree(path))
        for fault in faults_of_log_call(call)
    ]
    assert found == []


def test_exceptions_quote_no_person() -> None:
    assert [(str(path), *found) for path in looked_at() for found in personal_in_raises(tree(path))] == []


@pytest.mark.parametrize(
    "source",
    [
        'log.info(f"sent {batch}")',
        'log.info("sent %s", batch)',
        'log.info(message, extra={"batch": 1})',
        'self._log.warning("odd", extra={"subject_name": x})',
        'log.error("odd", extra={"batch": record.holder_name})',
        'logging.info("odd", extra={"what": inquiry.subject})',
    ],
)
def test_careless_log_call_is_seen(source: str) -> None:
    (call,) = log_calls(ast.parse(source))
    assert list(faults_of_log_call(call))


def test_careful_log_call_is_let_through() -> None:
    (call,) = log_calls(ast.parse('log.info("batch sent", extra={"batch": 3, "wait_ms": 2}, exc_info=error)'))
    assert list(faults_of_log_call(call)) == []


def test_careless_exception_is_seen() -> None:
    assert list(personal_in_raises(ast.parse('raise ValueError(f"bad {subject.id_number}")')))
    assert not list(personal_in_raises(ast.parse('raise ValueError("subject.id_number: bad length")')))
