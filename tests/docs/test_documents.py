"""Documents: what they name exists, and their tables say what the code says."""

import re
from pathlib import PurePath
from typing import Literal, get_args, get_origin

import pytest
from annotated_types import Ge, Gt, Le
from google.protobuf.descriptor import EnumDescriptor
from pydantic.fields import FieldInfo

from chakong.gateway.v1 import controls_pb2, gateway_pb2
from chakong.type.v1 import hold_pb2, type_pb2
from runtime.config import Config
from runtime.identity import MAY_CALL
from tests.docs.papers import ROOT, anchors, documents, links, prose, table, text
from tests.tidy.house import sources, words

# Words in backticks that look like a path of the project and are one of the reader's.
READERS_FILES = {
    "chakong.toml",
    "conformance.toml",
    "court.py",
    "bulk.py",
    "watch.py",
    "faults.py",
    "hold.py",
    "institution.py",
    "ask.py",
    "screen.py",
    "acknowledge.py",
    "offline.py",
}
PATH = re.compile(r"`([\w.-]+/[\w./-]*|[\w-]+\.(?:py|pyx|pxd|md|toml|txt|proto|jsonl))`")
COMMANDS = (
    "blacklist",
    "holds",
    "reconcile",
    "serve",
    "simulate",
    "certs",
    "config check",
    "audit verify",
    "bench day",
    "conform",
    "case",
    "tracker recompute",
    "blacklist",
)


def configuration() -> dict[str, tuple[str, str]]:
    """Every key with its default and what is allowed, as the table has them."""
    return {
        f"{section}.{key}": (_default(field), _allowed(field))
        for section, section_field in Config.model_fields.items()
        for key, field in getattr(section_field.annotation, "model_fields", {}).items()
    }


def _default(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True)
    if default is None or default in ("", {}):
        return ""
    return str(default).lower() if isinstance(default, bool) else str(default)


def _allowed(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return ", ".join(get_args(field.annotation))
    bounds = {type(one): one for one in field.metadata}
    low, above, high = bounds.get(Ge), bounds.get(Gt), bounds.get(Le)
    if low and high and low.ge == high.le:
        return f"{low.ge:,}"
    parts = [f"from {low.ge:,}"] if low else [f"above {above.gt:,}"] if above else []
    return " ".join([*parts, *([f"to {high.le:,}"] if high else [])])


@pytest.mark.parametrize("name", documents())
def test_links_lead_somewhere(name: str) -> None:
    missing = []
    for link in links(name):
        target, _, anchor = link.partition("#")
        path = PurePath(name).parent / target if target else PurePath(name)
        place = (ROOT / path).resolve()
        if not place.exists() or (anchor and anchor not in anchors(place.relative_to(ROOT).as_posix())):
            missing.append(link)
    assert missing == []


@pytest.mark.parametrize("name", documents())
def test_files_that_are_named_exist(name: str) -> None:
    # A module may be named from gateway/ on, as in the pictures: `edge/pump`.
    found = {
        path
        for path in PATH.findall(prose(name))
        if path not in READERS_FILES and not path.startswith(("out/", ".venv/"))
    }
    folders = (ROOT, ROOT / PurePath(name).parent, ROOT / "gateway")
    assert [path for path in sorted(found) if not any((folder / path).exists() for folder in folders)] == []


@pytest.mark.parametrize("name", documents())
def test_make_targets_exist(name: str) -> None:
    """They are not run here: they run what this is a part of."""
    targets = set(re.findall(r"`make ([a-z]+)", text(name))) | set(
        re.findall(r"^make ([a-z]+)", text(name), re.MULTILINE)
    )
    makefile = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    assert targets <= makefile


@pytest.mark.parametrize("name", documents())
def test_commands_of_chakong_exist(name: str) -> None:
    named = re.findall(r"`chakong ([a-z]+(?: [a-z]+)?)", prose(name))
    assert [words for words in named if not words.startswith(COMMANDS)] == []


@pytest.mark.parametrize("name", documents())
def test_metrics_that_are_named_exist(name: str) -> None:
    known = {row[0] for row in table("docs/operators.md", "Metrics")}
    assert set(re.findall(r"\bchakong_[a-z_]+", prose(name))) <= known


def test_configuration_is_documented_as_it_is() -> None:
    documented = {
        key: (default, allowed) for key, default, allowed, _ in table("docs/operators.md", "Configuration")
    }
    assert documented == configuration()


def test_every_word_of_the_words_is_used() -> None:
    used: set[str] = set()
    for path in [*sources(".py", ".pyi", ".pyx", ".pxd"), *(ROOT / "proto").rglob("*.proto")]:
        if path.parts[0] != "tests":
            used |= {
                word
                for name in re.findall(r"[A-Za-z_]+", (ROOT / path).read_text("utf-8"))
                for word in words(name)
            }
    named = [word for row in table("ARCHITECTURE.md", "Words") for word in re.findall(r"[a-z]+", row[0])]
    assert len(named) > 20
    assert [word for word in named if word not in used] == []


def test_every_reason_is_explained_in_its_order() -> None:
    reasons = [
        value.name.removeprefix("REASON_") for value in gateway_pb2.Reason.DESCRIPTOR.values if value.number
    ]
    assert [row[0] for row in table("docs/courts.md", "What is refused, and why")] == reasons


def test_every_stage_and_end_state_is_explained() -> None:
    stages = [
        value.name.removeprefix("STAGE_") for value in gateway_pb2.Stage.DESCRIPTOR.values if value.number
    ]
    assert [row[0] for row in table("docs/courts.md", "Answers")] == stages
    states = [
        value.name.removeprefix("END_STATE_") for value in type_pb2.EndState.DESCRIPTOR.values if value.number
    ]
    assert [row[0] for row in table("docs/courts.md", "What each end state means for the case")] == states


def test_every_call_is_mentioned_to_courts() -> None:
    methods = {method.name for method in gateway_pb2.DESCRIPTOR.services_by_name["Gateway"].methods}
    assert methods <= set(re.findall(r"`(\w+)`", prose("docs/courts.md")))


def test_roles_may_call_what_the_page_says() -> None:
    said = {
        role: cell for roles, _, cell in table("docs/courts.md", "Who you are") for role in roles.split(", ")
    }
    short = {role.split(" ")[0]: cell for role, cell in said.items()}
    assert set(short) == {role.value for role in MAY_CALL}
    for role, methods in MAY_CALL.items():
        if not short[role.value].startswith("everything"):
            assert set(short[role.value].split(", ")) == {method.rpartition("/")[2] for method in methods}


def names_of(enum: EnumDescriptor, prefix: str) -> list[str]:
    return [value.name.removeprefix(prefix) for value in enum.values if value.number]


def test_every_rule_life_and_control_is_explained_in_its_order() -> None:
    page = "docs/holds.md"
    rules = names_of(controls_pb2.Rule.DESCRIPTOR, "RULE_")
    assert [row[0] for row in table(page, "What is refused, and by which rule")] == rules
    lives = names_of(hold_pb2.HoldLife.DESCRIPTOR, "HOLD_LIFE_")
    rows = table(page, "A hold's life")
    assert [row[0] for row in rows] == lives
    ends = names_of(hold_pb2.HoldEnd.DESCRIPTOR, "HOLD_END_")
    assert re.findall(r"[A-Z]{3}[A-Z_]+", rows[lives.index("ENDED")][1]) == ends
    kinds = names_of(hold_pb2.ControlKind.DESCRIPTOR, "CONTROL_KIND_")
    assert [row[0] for row in table(page, "The controls")] == kinds


def test_every_call_about_holds_is_mentioned() -> None:
    methods = {method.name for method in controls_pb2.DESCRIPTOR.services_by_name["Controls"].methods}
    assert methods <= set(re.findall(r"`(\w+)`", prose("docs/holds.md") + prose("docs/courts.md")))


def test_every_compiled_part_stands_in_the_code_map() -> None:
    after = text("ARCHITECTURE.md").split("## Code map")[1]
    named = set(re.findall(r"\b[a-z]+\b", after))
    parts = {
        path.stem for path in (ROOT / "gateway" / "core").glob("*.pyx") if not path.stem.startswith("testing")
    }
    assert sorted(parts - named) == []


def test_package_has_the_license_it_names() -> None:
    assert 'license = "Apache-2.0"' in text("pyproject.toml")
    assert text("LICENSE").lstrip().startswith("Apache License")
