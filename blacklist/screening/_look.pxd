"""Look: what the list says of one identity, as of a day and for one unit.

Two layers: the base, millions of entries behind a filter, and the overlay, the numbers whose entries changed
since. A number in the overlay has all its entries there, and one that never counts, so that a number whose
last entry was removed is found too. An entry outside its days, or one that binds the unit in nothing, is not
there.
"""

from libc.stdint cimport uint16_t, uint32_t, uint64_t

from blacklist.screening._fuse cimport Fuse
from blacklist.screening._hashes cimport BOUNDS_MAX, LISTED, Hashes, Held, said_by
from blacklist.screening._identity cimport Identity

cdef enum:
    TOUCHED_BITS = 20
    TOUCHED_WORDS = 1 << 14       # a bit for each value of the last TOUCHED_BITS bits of a number's hash

cdef enum:                        # with the numbers of chakong.blacklist.v1.Outcome
    CLEAR = 1
    ON_LIST = 2
    BOUND = 3
    CHECK_BY_HAND = 4
    NOT_SCREENED = 5

cdef enum Layer:
    NOWHERE
    IN_BASE                       # it may be; the filter lets others through too
    IN_OVERLAY

cdef struct Layers:
    const Hashes* base
    const Fuse* fuse
    const Hashes* overlay
    const uint64_t* touched       # NULL: nothing changed since the base was made

# What a unit is to do: for each bound of an entry, a bit for each measure. None: such an entry is not for it.
cdef struct Bonds:
    uint64_t measures[BOUNDS_MAX]

# Entries that have one number, and what they come to.
cdef struct Finding:
    const Held* first
    const Held* end               # after the last
    uint32_t name                 # the hash that was asked about
    uint32_t outcome

# What is asked of the list, besides whom.
cdef struct Question:
    Layers layers
    Bonds bonds
    uint16_t day

cdef inline bint is_touched(const Layers* layers, uint64_t number) noexcept nogil:
    cdef uint64_t bit = number & ((1 << TOUCHED_BITS) - 1)
    return layers.touched != NULL and layers.touched[bit >> 6] >> (bit & 63) & 1

cdef inline bint is_for(const Held* held, const Question* question) noexcept nogil:
    """Whether it counts on that day, for that unit."""
    if not held.since_day <= question.day <= held.until_day:
        return False
    return said_by(held).kinds & LISTED != 0 or question.bonds.measures[said_by(held).bound] != 0

cdef Layer layer_of(const Layers* layers, uint64_t number) noexcept nogil
# `layer` is layer_of's. The outcome is CLEAR where nothing is found.
cdef Finding look(const Question* question, const Identity* asked, Layer layer) noexcept nogil
