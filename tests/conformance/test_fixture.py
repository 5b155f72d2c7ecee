"""Fixture: read, and every mistake named without repeating what stands in it."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from chakong.type.v1 import type_pb2
from conformance.fixture import FixtureError, load, parse
from runtime.certificates import write_set
from runtime.clock import now_ns
from tests.docs.papers import blocks


def test_the_one_of_the_page_for_institutions_is_read(tmp_path: Path) -> None:
    (text,) = [
        block.text for block in blocks("docs/institutions.md") if block.file_name == "conformance.toml"
    ]
    path = tmp_path / "conformance.toml"
    path.write_text(text, encoding="utf-8")
    fixture = load(path)
    assert fixture.endpoint == "union-11"
    assert fixture.accounts.full.institution in fixture.institutions
    assert fixture.subjects.unknown.message().id_type == type_pb2.ID_TYPE_RESIDENT_ID


def test_what_is_left_out_has_its_default(content: dict[str, Any]) -> None:
    fixture = parse(content | {"agreed": {}}, Path())
    assert (fixture.agreed.answer_s, fixture.agreed.batch_entries) == (60.0, 4_096)
    assert fixture.tls is None
    assert fixture.subjects.failing is None


def remove(section: str, name: str) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        del content[section][name]

    return change


def put(value: object, *keys: str | int) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        place: Any = content
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (remove("accounts", "full"), "accounts.full: missing; must be given"),
        (remove("subjects", "unknown"), "subjects.unknown: missing; must be given"),
        (put(1, "colour"), "colour: unknown key"),
        (put([], "institutions"), "institutions: "),
        (put([1], "institutions"), "must be one of institutions"),
        (put("person", "subjects", "unknown", "id_type"), "subjects.unknown.id_type: must be one of"),
        (put(0, "agreed", "answer_s"), "agreed.answer_s: must be greater than 0"),
        (put("x", "accounts", "full", "currency"), "accounts.full.currency: "),
        (put([], "courts"), "courts: "),
    ],
)
def test_a_mistake_is_named(
    content: dict[str, Any], change: Callable[[dict[str, Any]], None], said: str
) -> None:
    wrong = deepcopy(content)
    change(wrong)
    with pytest.raises(FixtureError) as caught:
        parse(wrong, Path())
    assert any(said in fault for fault in caught.value.faults), caught.value.faults


def test_a_list_with_a_wrong_entry_is_not_called_too_short(content: dict[str, Any]) -> None:
    wrong = deepcopy(content)
    wrong["courts"][0]["cod"] = wrong["courts"][0].pop("code")
    with pytest.raises(FixtureError) as caught:
        parse(wrong, Path())
    faults = ("courts.0.code: missing; must be given", "courts.0.cod: unknown key")
    assert caught.value.faults == faults
    wrong["courts"] = content["courts"][:1]
    with pytest.raises(FixtureError) as caught:
        parse(wrong, Path())
    assert [fault.partition(":")[0] for fault in caught.value.faults] == ["courts"]


def test_all_mistakes_are_named_and_no_person(content: dict[str, Any]) -> None:
    wrong = deepcopy(content)
    number, name = "110105194912310021", "某某某"
    wrong["subjects"]["unknown"] = {"id_type": "x", "id_number": number, "name": name * 200}
    wrong["institutions"] = "all"
    with pytest.raises(FixtureError) as caught:
        parse(wrong, Path())
    assert len(caught.value.faults) >= 3
    assert number not in str(caught.value)
    assert name not in str(caught.value)


def test_certificates_are_found_beside_the_fixture(content: dict[str, Any], tmp_path: Path) -> None:
    write_set(tmp_path, [], now_ns())
    tls = {"ca": "ca.pem", "cert": "gateway.pem", "key": "gateway.key"}
    fixture = parse(deepcopy(content) | {"tls": dict(tls)}, tmp_path)
    assert fixture.tls is not None
    assert fixture.tls.ca == tmp_path / "ca.pem"
    with pytest.raises(FixtureError, match=r"tls\.ca: must be a file that exists"):
        parse(deepcopy(content) | {"tls": dict(tls)}, tmp_path / "elsewhere")
    with pytest.raises(FixtureError, match="both or neither"):
        parse(deepcopy(content) | {"tls": {"ca": "ca.pem", "cert": "gateway.pem"}}, tmp_path)


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(FixtureError, match="No such file"):
        load(tmp_path / "none.toml")
    path = tmp_path / "f.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(FixtureError, match="not TOML"):
        load(path)
