"""Draw: from a subject to its holdings, and from a holding to the bytes of its record.

Pure C. Everything follows from 64-bit hashes of seed and subject, so that nothing is stored and the same
question gets the same answer for ever. truth.py says the same in Python and is what this is tested against.
It does not know batches.
"""

from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t, uint64_t

from simulator._wire cimport Buffer, Slice

cdef enum:
    # Limits of the contract; a subject beyond them is no subject.
    NUMBER_BYTES_MAX = 20
    NAME_BYTES_MAX = 256
    KINDS_MAX = 16
    DRAWS_MAX = 128
    CLASS_COUNT = 9
    PROVINCE_COUNT = 100
    OTHER_NAMES_MAX = 8
    RESIDENT_ID_SIZE = 18
    INSTITUTIONS_MAX = 4096

cdef enum:
    FITS = 0
    NAMESAKE = 1
    UNNAMED_NAMESAKE = 2
    MISFIT = 3

cdef enum:
    # kinds.Protection
    PROTECTED_NOT = 0
    PROTECTED_LIVING_COSTS = 1
    PROTECTED_WHOLE = 2

cdef struct Kind:
    Slice text
    bint is_empty            # an account of this kind holds no money
    uint32_t protection      # of an account of this kind, in yuan

cdef struct Chance:
    # One row of the catalogue.
    uint32_t threshold       # of 2**32: how many draws succeed
    uint32_t holder          # 0 person, 1 organisation
    uint32_t item
    uint32_t identity
    int32_t keeper           # the unit that keeps the item; -1: a bank, to be drawn
    bint is_account          # the item is money
    uint32_t doublings
    uint32_t digit_count
    uint32_t kind_count
    uint64_t least_fen
    Slice locator
    Slice currency
    Slice description
    Kind kinds[KINDS_MAX]

cdef struct Pool:
    const uint16_t* members
    uint32_t count

cdef struct Tables:
    uint64_t seed
    uint32_t chance_count
    Chance chances[DRAWS_MAX]
    uint32_t class_bounds[2][CLASS_COUNT]    # cumulative, of 65,536
    Pool pools[CLASS_COUNT * PROVINCE_COUNT]
    uint32_t other_name_counts[2]
    Slice other_names[2][OTHER_NAMES_MAX]
    uint64_t living_costs_fen[PROVINCE_COUNT]

cdef struct Subject:
    uint32_t id_type
    Slice number             # as asked, or `normal` when it came with a small x
    Slice name
    uint8_t normal[NUMBER_BYTES_MAX]
    uint64_t hash
    uint32_t holder
    uint32_t province        # 0: not known

cdef struct Holding:
    const Chance* chance
    uint32_t institution
    uint64_t roll            # what kind, amount and locator are made of

cdef struct Figures:
    # What is made of a holding's roll.
    const Kind* kind
    uint64_t amount_fen
    uint64_t protected_fen   # of an account, as the two below
    uint64_t held_fen        # by other courts
    uint64_t available_fen
    uint64_t digits          # of the locator
    uint64_t burden          # what other courts have on it; see burden.py
    Slice number             # of the holder; maybe `other_number`
    Slice name
    uint8_t other_number[RESIDENT_ID_SIZE]

# The mixer of SplitMix64 (Steele, Lea, Flood, 2014; constants of Stafford's variant 13).
cdef inline uint64_t mix(uint64_t value) noexcept nogil:
    value = (value ^ (value >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
    value = (value ^ (value >> 27)) * <uint64_t>0x94D049BB133111EB
    return value ^ (value >> 31)

# Fill in what follows from type, number and name. -1: beyond the contract's limits.
cdef int settle_subject(Subject* subject, uint64_t seed) noexcept nogil

# The holdings of `subject` among `items` (bit code-1), at most DRAWS_MAX, in the catalogue's order; returns
# how many.
cdef uint32_t draw_holdings(const Tables* tables, const Subject* subject, uint32_t items,
                            Holding* holdings) noexcept nogil

# What the record of this holding says. `figures` must stay where it is.
cdef void weigh(const Tables* tables, const Subject* subject, const Holding* holding,
                Figures* figures) noexcept nogil

# Write the locator, without tag and length; returns the place after it.
cdef uint8_t* write_locator(uint8_t* at, const Chance* chance, uint64_t digits) noexcept nogil

# Append the `records` field of a Finding for this holding. -1: no memory.
cdef int put_record(Buffer* out, const Tables* tables, const Subject* subject,
                    const Holding* holding) noexcept nogil
