"""Imports: many listings in one transaction, each judged as if it came alone.

A batch is written whole or not at all, so a process that dies leaves nothing half done; a line that was
written before is known by its act, and is not written again. It blocks.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, select

from blacklist.model import Deed, Draft, Listing, Neighbours, Refusal, Rule, Status
from blacklist.rules import entry
from blacklist.rules.law import Law
from blacklist.store import proposals
from blacklist.store.head import put_head, read_head, writing
from blacklist.store.rows import ActKey, entry_row, insert_rows, listing_of, listing_query, listing_row
from blacklist.store.tables import ENTRIES, LISTINGS
from blacklist.store.turn import HASH_BYTES
from runtime.calendar import date_of

LINES_PER_BATCH: Final = 20_000
# Of one statement: SQLite takes 32,766 parameters.
IN_MAX: Final = 5_000
ACTOR: Final = "import"

Number = tuple[int, bytes]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a batch. `refused`: place in the batch, and why."""

    listed_count: int
    repeated_count: int
    refused: tuple[tuple[int, Refusal], ...]


class Imports:
    """Into one database, under one law."""

    def __init__(self, engine: Engine, law: Law) -> None:
        self._engine = engine
        self._law = law

    def write(self, drafts: Sequence[Draft], now_ns: int) -> Imported:
        """A batch. Raises what the database raises, and then nothing was written."""
        today = date_of(now_ns)
        acts = [act_of(draft) for draft in drafts]
        older = {index: _act_as_spelled(draft) for index, draft in enumerate(drafts) if draft.spelled_case}
        refused: list[tuple[int, Refusal]] = []
        new: list[tuple[Listing, ActKey]] = []
        repeated_count = 0
        with writing(self._engine) as connection:
            head = read_head(connection)
            known = _known(connection, [*acts, *older.values()])
            near = _near(connection, drafts)
            for index, (draft, act) in enumerate(zip(drafts, acts, strict=True)):
                tried = (act, older.get(index, act))
                before = next((one for one in tried if one[0] in known), None)
                if before is not None:
                    if known[before[0]] == before[1]:
                        repeated_count += 1
                    else:
                        refused.append((index, _CHANGED))
                    continue
                beside = near[_number(draft)]
                refusal = entry.check(self._law, draft, Neighbours(tuple(beside)), today)
                if refusal is not None:
                    refused.append((index, refusal))
                    continue
                head.listing_id += 1
                listing = _listing(self._law, draft, head.listing_id)
                beside.append(listing)
                known[act[0]] = act[1]
                new.append((listing, act))
            cursors = range(head.cursor + 1, head.cursor + 1 + len(new))
            head.cursor += len(new)
            insert_rows(
                connection,
                LISTINGS,
                [
                    listing_row(one, now_ns, ACTOR, cursor, act)
                    for (one, act), cursor in zip(new, cursors, strict=True)
                ],
            )
            rows = zip(new, cursors, strict=True)
            entries = [entry_row(one, cursor, Deed.LIST, now_ns) for (one, _), cursor in rows]
            insert_rows(connection, ENTRIES, entries)
            _settle(connection, [one for one, _ in new], now_ns)
            put_head(connection, head)
        return Imported(len(new), repeated_count, tuple(refused))


_CHANGED: Final = Refusal(Rule.LISTED_ALREADY, "line: was imported before with another content; correct it")


def act_of(draft: Draft) -> ActKey:
    """One act for each subject, case and first day; hashed, with what else the line says."""
    mandate, whom = draft.mandate, draft.subject
    place = (ACTOR, mandate.court, mandate.case_number, draft.kind, whom.id_type, whom.id_number, draft.since)
    rest = (
        whom.name,
        mandate.instrument,
        mandate.officer,
        draft.ground,
        draft.approved_by,
        draft.unperformed,
    )
    return _hashed(place), _hashed((*place, *rest))


def _act_as_spelled(draft: Draft) -> ActKey:
    """As versions had it that kept case numbers as they came: what they imported is known by it for ever."""
    mandate = replace(draft.mandate, case_number=draft.spelled_case)
    return act_of(replace(draft, mandate=mandate))


def batches(lines: Iterable[T], size: int = LINES_PER_BATCH) -> Iterator[list[T]]:
    """As lists of at most so many."""
    source = iter(lines)
    while batch := list(islice(source, size)):
        yield batch


def _hashed(parts: tuple[object, ...]) -> bytes:
    return hashlib.blake2b("\0".join(map(str, parts)).encode(), digest_size=HASH_BYTES).digest()


def _number(draft: Draft) -> Number:
    return draft.subject.id_type, draft.subject.id_number.encode()


def _listing(law: Law, draft: Draft, listing_id: int) -> Listing:
    return Listing(
        listing_id,
        draft.kind,
        Status.IN_FORCE,
        draft.subject,
        draft.mandate,
        draft.ground,
        draft.since,
        entry.term_end(law, draft, draft.since),
        unperformed=draft.unperformed,
        circumstances=draft.circumstances,
        approved_by=draft.approved_by,
    )


def _known(connection: Connection, acts: Sequence[ActKey]) -> dict[bytes, bytes]:
    known: dict[bytes, bytes] = {}
    for piece in batches((act for act, _ in acts), IN_MAX):
        query = select(LISTINGS.c.act, LISTINGS.c.digest).where(LISTINGS.c.act.in_(piece))
        known |= {bytes(act): bytes(digest) for act, digest in connection.execute(query)}
    return known


def _settle(connection: Connection, listings: Sequence[Listing], now_ns: int) -> None:
    """Where somebody was to be listed in the case of one of these, that is done."""
    waiting: set[tuple[str, str, int]] = set()
    courts = sorted({one.mandate.court for one in listings})
    for piece in batches(sorted({one.mandate.case_number for one in listings}), IN_MAX):
        waiting |= proposals.waiting_to_list(connection, courts, piece)
    for one in listings:
        place = (one.mandate.court, one.mandate.case_number, int(one.kind))
        if place in waiting:
            proposals.settle_listed(connection, one, ACTOR, now_ns)
            waiting.remove(place)


def _near(connection: Connection, drafts: Sequence[Draft]) -> "defaultdict[Number, list[Listing]]":
    near: defaultdict[Number, list[Listing]] = defaultdict(list)
    numbers: Any = {number for _, number in map(_number, drafts)}
    for piece in batches(sorted(numbers), IN_MAX):
        for row in connection.execute(listing_query().where(ENTRIES.c.id_number.in_(piece))):
            near[row.id_type, bytes(row.id_number)].append(listing_of(row))
    return near
