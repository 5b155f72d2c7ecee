"""What is exported is the list, and can be imported again."""

import json
import stat
from pathlib import Path

import pytest
from sqlalchemy import Engine

from blacklist.exporting import WRITTEN, row_of, write_listings
from blacklist.importing import COLUMNS, OPTIONAL, Lines
from blacklist.model import Capacity, Circumstance, Draft, Kind
from tests.blacklist.build import FIRM, draft, listing, person
from tests.blacklist.house import COURT
from tests.blacklist.store.world import World


@pytest.mark.parametrize("is_csv", [True, False])
def test_export_is_read_back_as_it_was_listed(engine: Engine, tmp_path: Path, is_csv: bool) -> None:
    world = World(engine)
    given = [
        draft(
            FIRM, unperformed="付款，80 元", circumstances=frozenset(Circumstance), approved_by="president"
        ),
        draft(person(1), kind=Kind.RESTRICTED, ground=""),
    ]
    for one in given:
        world.enter(one)
    world.remove(world.enter(draft(person(2))))
    derived = draft(
        person(3), kind=Kind.DERIVED, ground="", principal_id=1, capacity=Capacity.ACTUAL_CONTROLLER
    )
    world.enter(derived)
    file = tmp_path / "list"
    assert write_listings(engine, file, is_csv=is_csv) == 2
    found = [one for _, one in Lines({COURT}, is_csv=is_csv).read(file.read_bytes().splitlines())]
    assert found == given
    assert all(isinstance(one, Draft) for one in found)


def test_file_is_its_owners_alone_and_replaced_whole(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "list.jsonl"
    file.write_text("older")
    part = tmp_path / "list.jsonl.part"
    part.touch()
    part.chmod(0o644)
    World(engine).enter(draft())
    write_listings(engine, file, is_csv=False)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["ground"] == "evasion"
    assert list(tmp_path.glob("*.part")) == []


def test_row_has_the_columns_of_an_import() -> None:
    assert len(row_of(listing())) == len(WRITTEN)
    assert set(WRITTEN) <= {*COLUMNS, *OPTIONAL}
