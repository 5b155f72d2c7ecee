"""Retention: deletes whole volumes of frames that are old, finished with and carried over.

Which frame is the oldest then is in `meta` before the first file goes, so that an end in the middle leaves
nothing that a start would miss. It never touches the newest volume.
"""

from dataclasses import replace
from pathlib import Path

from gateway.edge.errors import JournalError
from gateway.edge.journal_contents import remove_volume
from gateway.edge.journal_folder import read_meta, write_meta
from gateway.edge.journal_head import read_head
from gateway.edge.journal_reader import Reader
from gateway.edge.journal_schema import LEDGER, SNAPSHOT
from gateway.edge.journal_shelf import Shelf


def forget_volumes(folder: Path, shelf: Shelf, before_ns: int, upto_seq: int, steps_from: int) -> int:
    """Delete the oldest volumes whose frames are all from before `before_ns`, not after frame `upto_seq`, and
    needed by no replay; how many. `steps_from`: the first frame whose steps of the ledger, and sheets of its
    snapshot, a start needs. JournalError when they cannot be deleted: they are, at the next start."""
    reached = read_head(folder, shelf.seed)
    if reached is None:
        return 0
    last_seq = min(upto_seq, reached.unfinished_seq - 1)
    shown, reader = shelf.shown, Reader(folder, shelf)
    count = 0
    while count < len(shown.volumes) - 1:
        newest_seq = shown.next_seq_after(count) - 1
        if newest_seq > last_seq or reader.time_of(newest_seq) >= before_ns:
            break
        # A hold may live for years: its steps stay until a snapshot says how it stands.
        if newest_seq >= steps_from:
            needed_from = max(shown.volumes[count].first_seq, steps_from)
            needed = reader.read(needed_from - 1, kinds=(LEDGER, SNAPSHOT), limit=1)
            if needed and needed[0].seq <= newest_seq:
                break
        count += 1
    if count:
        write_meta(folder, replace(read_meta(folder), first_seq=shown.volumes[count].first_seq))
        shelf.drop(count)
        try:
            for volume in shown.volumes[:count]:
                remove_volume(folder, volume.first_seq)
        except OSError as error:
            raise JournalError(f"{error.filename}: cannot be removed: {error.strerror}") from error
    return count
