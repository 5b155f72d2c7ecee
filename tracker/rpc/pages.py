"""Pages: a case that is too large for one message, in several.

Pure. The lists of a case follow one another; a page has what comes next of them, and all that is no list. Put
together in their order the pages are the case.
"""

from typing import Final

from chakong.tracker.v1.case_pb2 import CaseView

LISTS: Final = ("nodes", "warnings", "pending", "stops", "history")
# Callers' libraries take 4 MiB unless told otherwise, and a case comes within other messages too.
PAGE_BYTES_MAX: Final = 2 << 20
SIZE_MAX: Final = 100_000
# Tag and length of an entry.
FRAME_BYTES: Final = 6


def cut(view: CaseView, first: int, size: int) -> tuple[CaseView, int]:
    """At most `size` entries of all lists from the place `first` on, at least one and not more than a page
    takes; and the place that the next page begins with, 0: this is the last."""
    count = sum(len(getattr(view, name)) for name in LISTS)
    if not first and count <= size and view.ByteSize() <= PAGE_BYTES_MAX:
        return view, 0
    page = CaseView()
    page.CopyFrom(view)
    for name in LISTS:
        page.ClearField(name)
    room_bytes, at = PAGE_BYTES_MAX - page.ByteSize(), first
    entries = [(name, entry) for name in LISTS for entry in getattr(view, name)]
    for name, entry in entries[first : first + size]:
        room_bytes -= entry.ByteSize() + FRAME_BYTES
        if room_bytes < 0 and at > first:
            break
        getattr(page, name).append(entry)
        at += 1
    return page, at if at < count else 0
