"""Room: how much the books of all endpoints may keep together.

Nothing that was kept is ever dropped, since a control's receipt is due for ever; when the room is full, what
is new is refused as UNAVAILABLE, with a text that says so.
"""

from dataclasses import dataclass

# Measured: 1,700 bytes for an account with its first hold, 210 for another control, 120 for an event; about
# 1.8 GB when all are full.
ACCOUNTS_MAX = 500_000
CONTROLS_MAX = 2_000_000
# Time alone makes events too; when there are so many, no new control is taken.
EVENTS_MAX = 5_000_000


class RoomError(Exception):
    """There is no room for more."""


@dataclass(slots=True)
class Room:
    """Shared by the books that share a machine."""

    accounts_max: int = ACCOUNTS_MAX
    controls_max: int = CONTROLS_MAX
    events_max: int = EVENTS_MAX
    account_count: int = 0
    control_count: int = 0
    event_count: int = 0

    def take_account(self) -> None:
        """RoomError when all are taken."""
        if self.account_count >= self.accounts_max:
            raise RoomError(f"accounts: {self.account_count} touched, at most {self.accounts_max}")
        self.account_count += 1

    def check_control(self) -> None:
        """RoomError when no other control can be kept."""
        if self.control_count >= self.controls_max:
            raise RoomError(f"controls: {self.control_count} kept, at most {self.controls_max}")
        if self.event_count >= self.events_max:
            raise RoomError(f"events: {self.event_count} kept, at most {self.events_max}")
