"""Core: screening in bulk in process, and what list, filter, snapshot and delta hold.

One process, one thread, raw messages in and raw answers out; every answer is read and compared after the
clock stopped.
"""

from collections.abc import Iterable, Iterator
from time import perf_counter

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.bench.result import Result, expect
from benchmarks.bench.timing import uncollected
from benchmarks.services.blacklist_stage import (
    AS_OF_NS,
    ENTRY_COUNT,
    MEASURES,
    MESSAGE_COUNT,
    QUICK_ENTRY_COUNT,
    SECRET,
    VERSION,
    Asked,
    asked,
    binding,
    snapshot,
)
from benchmarks.services.people import TODAY, Entry, rows
from blacklist.offline.client import OfflineOutcome, OfflineSet
from blacklist.offline.keys import SetKey
from blacklist.offline.maker import Maker, Moment, Unit
from blacklist.screening._snapshot import Snapshot

UNIT_KEY = "railway"
SNAPSHOT_ID = b"benchmark of 16b"
CHANGE_COUNT = 1_000
GOOD_FOR_S = 86_400
MEGA = 1e6


def measure(quick: bool) -> Iterable[Result]:
    """Half a minute: most of it is making six million entries; quick, some seconds."""
    entry_count = QUICK_ENTRY_COUNT if quick else ENTRY_COUNT
    messages = asked(entry_count, 20 if quick else 100)
    listed = snapshot(entry_count)
    with uncollected():
        yield _speed(listed, messages, 3 if quick else 9)
    base = listed.base
    yield Result("blacklist.bytes_per_entry", "bytes", (base.size_bytes / entry_count,))
    yield Result("blacklist.filter_bytes", "MB", (base.filter.size_bytes / MEGA,))
    yield from _offline(listed, entry_count)


def _speed(listed: Snapshot, messages: list[Asked], run_count: int) -> Result:
    runs = []
    bound = binding()
    for _ in range(run_count + 1):
        started = perf_counter()
        answers = [listed.screen(one.encoded, bound, TODAY, AS_OF_NS)[0] for one in messages]
        runs.append(len(messages) * MESSAGE_COUNT / (perf_counter() - started))
        for one, answer in zip(messages, answers, strict=True):
            one.expect_answer(answer)
    extra = {"entries": listed.entry_count, "subjects_a_message": MESSAGE_COUNT}
    # The first warms up.
    return Result("blacklist.screen_core_per_second", "subjects/s", tuple(runs[1:]), extra=extra)


def _offline(listed: Snapshot, entry_count: int) -> Iterator[Result]:
    """A snapshot as it is handed out, opened and asked; then a delta of additions and removals in turn."""
    maker = Maker(SECRET, private_key := Ed25519PrivateKey.generate())
    unit, moment = Unit(UNIT_KEY, MEASURES), Moment(AS_OF_NS, TODAY, GOOD_FOR_S)
    sealed = maker.snapshot(listed, unit, SNAPSHOT_ID, moment)
    key = SetKey.of_bytes(maker.key(UNIT_KEY, SNAPSHOT_ID))
    offline = OfflineSet.open(sealed, key, private_key.public_key(), unit=UNIT_KEY, now_ns=AS_OF_NS)
    yield Result("blacklist.snapshot_bytes", "MB", (len(sealed) / MEGA,), extra={"entries": entry_count})
    half = CHANGE_COUNT // 2
    removed, added = list(rows(half)), list(rows(half, entry_count))
    _expect(offline, removed, OfflineOutcome.CONFIRM_LISTED)
    _expect(offline, added, OfflineOutcome.CLEAR)
    changes = [(False, row) for row in removed] + [(True, row) for row in added]
    after = listed.changed(changes, VERSION + 1)
    delta = maker.delta(after, unit, SNAPSHOT_ID, VERSION, removed + added, moment)
    offline = offline.with_delta(delta, AS_OF_NS)
    _expect(offline, removed, OfflineOutcome.CLEAR)
    _expect(offline, added, OfflineOutcome.CONFIRM_LISTED)
    yield Result("blacklist.delta_bytes", "kB", (len(delta) / 1e3,), extra={"changes": CHANGE_COUNT})


def _expect(offline: OfflineSet, given: list[Entry], outcome: OfflineOutcome) -> None:
    outcomes = {
        offline.check(id_type, number.decode(), name, AS_OF_NS).outcome for id_type, number, name, *_ in given
    }
    expect("offline outcomes", outcomes, {outcome})
