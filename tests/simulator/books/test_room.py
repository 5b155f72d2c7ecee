"""How much is kept."""

import pytest

from simulator.books.room import Room, RoomError


def test_a_full_room_takes_nothing_and_counts_nothing() -> None:
    room = Room(accounts_max=1, controls_max=1)
    room.take_account()
    with pytest.raises(RoomError, match="accounts: 1 touched, at most 1"):
        room.take_account()
    assert room.account_count == 1
    room.check_control()
    room.control_count += 1
    with pytest.raises(RoomError, match="controls: 1 kept, at most 1"):
        room.check_control()
    room.controls_max = 2
    room.check_control()
    room.event_count = room.events_max
    with pytest.raises(RoomError, match="events: 5000000 kept"):
        room.check_control()
