"""A unit's folder: after a crash at any moment, and after anything wrong, a whole set is there."""

import os
from pathlib import Path

import pytest

from blacklist.offline.client import OfflineOutcome
from blacklist.offline.errors import StaleError, TamperedError, TruncatedError
from blacklist.offline.folder import Folder, Trust
from blacklist.offline.keys import SetKey
from tests.blacklist.offline.sets import (
    AS_OF_NS,
    KEY,
    MAKER,
    NS_PER_DAY,
    PUBLIC_KEY,
    SNAPSHOT_ID,
    UNIT,
    a_list,
    asked,
    moment,
    sealed,
)
from tests.blacklist.screening.model import row

TRUST = Trust(PUBLIC_KEY, "railway")
NEW_ID = b"another snapshot"
NEW_KEY = SetKey.of_bytes(MAKER.key("railway", NEW_ID))


def delta(version: int, days: int = 0) -> bytes:
    """Person 0 is off, person 1 is on."""
    return MAKER.delta(a_list(row(1), version=version), UNIT, SNAPSHOT_ID, 1, [row(), row(1)], moment(days))


def filled(path: Path) -> Folder:
    folder = Folder(path, TRUST)
    offline = folder.put_snapshot(sealed(row()), KEY, AS_OF_NS)
    folder.put_delta(offline, delta(2), AS_OF_NS)
    return folder


def test_set_and_its_deltas_are_there_again_after_a_restart(tmp_path: Path) -> None:
    offline = filled(tmp_path).open(KEY)
    assert offline.freshness.version == 2
    assert asked(offline).outcome is OfflineOutcome.CLEAR
    assert asked(offline, 1).outcome is OfflineOutcome.CONFIRM_LISTED


def test_new_snapshot_takes_the_place_of_snapshot_and_deltas(tmp_path: Path) -> None:
    folder = filled(tmp_path)
    folder.put_snapshot(MAKER.snapshot(a_list(row(2)), UNIT, NEW_ID, moment()), NEW_KEY, AS_OF_NS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["list.set"]
    assert asked(folder.open(NEW_KEY), 2).outcome is OfflineOutcome.CONFIRM_LISTED


def test_deltas_that_a_crash_left_beside_a_new_snapshot_say_nothing(tmp_path: Path) -> None:
    folder = filled(tmp_path)
    left = {path: path.read_bytes() for path in tmp_path.glob("*.delta")}
    folder.put_snapshot(MAKER.snapshot(a_list(row()), UNIT, NEW_ID, moment()), NEW_KEY, AS_OF_NS)
    for path, content in left.items():
        path.write_bytes(content)
    assert asked(folder.open(NEW_KEY)).outcome is OfflineOutcome.CONFIRM_LISTED


@pytest.mark.parametrize("call", ["fsync", "open"])
def test_write_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    folder = filled(tmp_path)

    def fail(*_: object) -> int:
        raise OSError(28, "no space")

    offline = folder.open(KEY)
    monkeypatch.setattr(os, call, fail)
    with pytest.raises(OSError, match="no space"):
        folder.put_delta(offline, delta(3), AS_OF_NS)
    monkeypatch.undo()
    assert folder.open(KEY).freshness.version in {2, 3}
    # Half a file is never read.
    (tmp_path / "list.set.part").write_bytes(b"half")
    assert asked(folder.open(KEY), 1).outcome is OfflineOutcome.CONFIRM_LISTED


def test_what_is_refused_leaves_what_was_there(tmp_path: Path) -> None:
    folder = filled(tmp_path)
    offline = folder.open(KEY)
    with pytest.raises(TamperedError):
        folder.put_delta(offline, delta(3)[:-1] + b"x", AS_OF_NS)
    with pytest.raises(TruncatedError):
        folder.put_snapshot(sealed(row())[:-1], KEY, AS_OF_NS)
    with pytest.raises(StaleError):
        folder.put_snapshot(sealed(row()), KEY, AS_OF_NS + 3 * NS_PER_DAY)
    assert folder.open(KEY).freshness.version == 2


def test_set_that_became_stale_is_opened_and_says_so(tmp_path: Path) -> None:
    offline = filled(tmp_path).open(KEY)
    assert asked(offline, 1, days=3).is_stale
    assert asked(offline, 1, days=3).age_s == 3 * 86_400


def test_later_delta_makes_an_old_folder_fresh(tmp_path: Path) -> None:
    folder = filled(tmp_path)
    folder.put_delta(folder.open(KEY), delta(3, days=3), AS_OF_NS + 3 * NS_PER_DAY)
    assert not folder.open(KEY).is_stale(AS_OF_NS + 3 * NS_PER_DAY)


def test_empty_folder_has_no_set(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Folder(tmp_path, TRUST).open(KEY)
