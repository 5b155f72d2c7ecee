"""Truth: what is to be found, said slowly and plainly.

The same population as the compiled one, written a second time from the catalogue, so that each checks the
other; tests compare answers with it. Pure. It knows a calm day only: what a scenario breaks is on the page
of scenarios.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from chakong.type.v1 import type_pb2
from simulator import burden
from simulator.catalogue import CLASS_SHARES, DRAWS, KINDS_EMPTY, OTHER_NAMES, Draw, Holder, Identity
from simulator.kinds import Kinds, province_of
from simulator.layout import INQUIRE, PROVINCES, Layout
from simulator.mixing import STRIDE, WORD_MASK, mix

_CHECK_CHARACTERS = "10X98765432"


@dataclass(frozen=True, slots=True)
class Subject:
    id_type: int
    id_number: str
    name: str


@dataclass(frozen=True, slots=True)
class Record:
    item: int
    locator: str
    kind: str
    amount_fen: int
    currency: str
    holder_number: str
    holder_name: str
    description: str
    # Of an account.
    protected_fen: int = 0
    held_fen: int = 0
    available_fen: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What one institution has to say, more than "nothing"."""

    state: int  # the end state that it must come to: END_STATE_FOUND or END_STATE_AMBIGUOUS
    records: tuple[Record, ...]  # as the institution sends them; an AMBIGUOUS answer passes none on


class Truth:
    """The population of one seed."""

    def __init__(self, seed: int, layout: Layout) -> None:
        self._seed = seed
        self._layout = layout
        self._kinds = Kinds.load()

    def found(self, subject: Subject, items: Collection[int] = ()) -> dict[int, Found]:
        """All institutions that have something of `items` (empty: all) to say about `subject`, whether or
        not they can be inquired; the others have nothing."""
        subject = _normal(subject)
        holdings: dict[int, list[tuple[Draw, int]]] = {}
        for draw, institution, roll in self._holdings(subject, items):
            holdings.setdefault(institution, []).append((draw, roll))
        return {institution: _found(self._kinds, subject, things) for institution, things in holdings.items()}

    def expected(self, subject: Subject, items: Collection[int], institution: int) -> Found:
        """How the query ends on a calm day: FOUND, NONE, AMBIGUOUS or INCAPABLE, and what the institution
        keeps. LookupError when the institution keeps none of the items: then there is no query."""
        asked = self._layout.institutions[institution]
        if items and not asked.items.intersection(items):
            raise LookupError(f"institution {institution} keeps none of the items {sorted(items)}")
        if INQUIRE not in asked.can:
            return Found(type_pb2.END_STATE_INCAPABLE, ())
        nothing = Found(type_pb2.END_STATE_NONE, ())
        return self.found(subject, items).get(institution, nothing)

    def _holdings(self, subject: Subject, items: Collection[int]) -> Iterator[tuple[Draw, int, int]]:
        holder = Holder.ORGANISATION if subject.id_type == type_pb2.ID_TYPE_CREDIT_CODE else Holder.PERSON
        hashed = subject_hash(self._seed, subject)
        for place, draw in enumerate(DRAWS, start=1):
            if draw.holder != holder or (items and draw.item not in items):
                continue
            luck = mix(hashed + place * STRIDE)
            if luck >> 32 >= draw.threshold:
                continue
            roll = mix(luck)
            yield draw, self._keeper(subject, draw, holder, roll), roll

    def _keeper(self, subject: Subject, draw: Draw, holder: Holder, roll: int) -> int:
        if draw.item in self._layout.keepers:
            return self._layout.keepers[draw.item]
        share = roll & 0xFFFF
        bound = 0
        chosen = len(CLASS_SHARES) - 1
        for place, shares in enumerate(CLASS_SHARES.values()):
            bound += shares[holder]
            if share < bound:
                chosen = place
                break
        pool = self._layout.pools[chosen * PROVINCES + province_of(subject.id_type, subject.id_number)]
        return pool[(roll >> 16) % len(pool)]


def subject_hash(seed: int, subject: Subject) -> int:
    """64 bits from which all that the subject owns is drawn. `subject` with a capital X."""
    hashed = mix(seed ^ mix(subject.id_type))
    for text in (subject.id_number.encode(), subject.name.encode()):
        hashed = mix(hashed ^ len(text))
        for at in range(0, len(text), 8):
            hashed = mix(((hashed + STRIDE) & WORD_MASK) ^ int.from_bytes(text[at : at + 8], "little"))
    return hashed


def is_chosen(seed: int, subject: Subject, salt: int, one_in: int) -> bool:
    """Whether a rule that picks subjects by their hash (Drawn.chosen) picks this one."""
    return mix((subject_hash(seed, _normal(subject)) or 1) ^ salt) % one_in == 0


def _normal(subject: Subject) -> Subject:
    if subject.id_type == type_pb2.ID_TYPE_RESIDENT_ID and subject.id_number.endswith("x"):
        return Subject(subject.id_type, subject.id_number[:-1] + "X", subject.name)
    return subject


def _found(kinds: Kinds, subject: Subject, things: list[tuple[Draw, int]]) -> Found:
    records = [
        _record(kinds, subject, draw, roll)
        for draw, roll in things
        if draw.identity != Identity.UNNAMED_NAMESAKE
    ]
    is_plain = all(draw.identity == Identity.FITS for draw, _ in things)
    state = type_pb2.END_STATE_FOUND if is_plain else type_pb2.END_STATE_AMBIGUOUS
    return Found(state, tuple(records))


def _record(kinds: Kinds, subject: Subject, draw: Draw, roll: int) -> Record:
    nature = mix(roll)
    worth = mix(nature)
    digits = mix(worth)
    kind = draw.kinds[(nature & 0xFFFF) % len(draw.kinds)]
    amount_fen = draw.least_fen << ((nature >> 16 & 0xFFFF) % (draw.doublings + 1))
    if amount_fen:
        amount_fen += (worth >> 1) % amount_fen
    number, name = subject.id_number, subject.name
    if draw.identity == Identity.NAMESAKE:
        number = _other_number(subject, mix(digits))
    elif draw.identity == Identity.MISFIT:
        name = _other_name(subject, draw.holder, mix(digits))
    if kind in KINDS_EMPTY:
        amount_fen = 0
    protected_fen = held_fen = free_fen = 0
    if draw.item in kinds.account_items:
        province = province_of(subject.id_type, subject.id_number)
        limit_fen = kinds.protected_max_fen(draw.item, kind, draw.currency, province)
        protected_fen = amount_fen if limit_fen is None else min(amount_fen, limit_fen)
        free_fen = amount_fen - protected_fen
        held_fen = burden.held_fen(burden.burden_of(digits), free_fen)
    return Record(
        item=draw.item,
        locator=f"{draw.locator}{digits % 10**draw.digit_count:0{draw.digit_count}}",
        kind=kind,
        amount_fen=amount_fen,
        currency=draw.currency,
        holder_number=number,
        holder_name=name,
        description=draw.description,
        protected_fen=protected_fen,
        held_fen=held_fen,
        available_fen=free_fen - held_fen,
    )


def _other_name(subject: Subject, holder: Holder, luck: int) -> str:
    names = OTHER_NAMES[holder]
    name = names[luck % len(names)]
    return names[(luck % len(names) + 1) % len(names)] if name == subject.name else name


def _other_number(subject: Subject, luck: int) -> str:
    """A valid resident identity number (GB 11643) of the same area; never the one that was asked about."""
    area = subject.id_number[:6] if subject.id_type == type_pb2.ID_TYPE_RESIDENT_ID else ""
    if not (len(area) == 6 and area.isascii() and area.isdecimal()):
        area = "110101"
    year = 1950 + (luck & 0xFFFF) % 50
    month = 1 + (luck >> 16 & 0xFF) % 12
    day = 1 + (luck >> 24 & 0xFF) % 28
    digits = f"{area}{year}{month:02}{day:02}{(luck >> 32 & 0xFFFF) % 1000:03}"
    if len(subject.id_number.encode()) == 18 and subject.id_number[:17] == digits:
        digits = f"{digits[:16]}{(int(digits[16]) + 1) % 10}"
    weights = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(digits))
    return digits + _CHECK_CHARACTERS[weights % 11]
