"""Directory: one version of who the institutions are, what they keep and can do, and where they are.

Immutable once read, counted by references: a segment keeps the version under which its entries were asked.
"""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from gateway.core.bits cimport BEHIND_MAX, INSTITUTIONS_MAX, Bits, Mask

cdef enum:
    ENDPOINTS_MAX = 4096
    # the shared logs' sets of institutions: everybody who can be inquired of, and of these the banks and the
    # units
    LOG_SETS = 3
    SET_ALL = 0
    SET_BANKS = 1
    SET_UNITS = 2
    # sets of institutions that keep the same items: the banks, and one for each unit
    KINDS_MAX = 64
    CAN_INQUIRE = 1
    REACH_CACHE = 256

cdef struct Behind:           # what is behind one endpoint
    uint16_t institutions[128]
    uint32_t count
    uint32_t entries_max      # of a batch
    uint32_t bytes_max
    Mask capable              # who can be inquired of: who "all" means on its streams
    Mask members[3]           # of each log set
    uint8_t sets[3]           # those that any of its institutions could ever be a member of
    uint32_t set_count

cdef struct Kind:             # institutions that keep the same items
    uint32_t items
    Bits institutions

cdef struct Reached:          # one remembered result of directory_reach
    uint32_t reach
    uint32_t items
    bint known
    Bits institutions

cdef struct Directory:
    uint32_t refs
    uint64_t version
    uint32_t institution_count
    uint32_t endpoint_count
    uint32_t kind_count
    uint32_t items[4096]
    uint16_t endpoint[4096]
    uint8_t place[4096]       # among those behind its endpoint
    uint8_t province[4096]    # 0: a unit
    Bits everybody
    Bits banks
    Bits capable
    Bits members[3]
    uint32_t member_count[3]
    uint8_t province_known[256]
    Kind kinds[64]
    Behind* behind
    Reached* reached

# NULL: not a snapshot (why: in error[0]) or no memory.
cdef Directory* directory_read(const uint8_t* data, size_t size, const char** error) noexcept nogil
# May `directory` take the place of `old`? The same institutions, provinces, endpoints and items, and a higher
# version.
cdef bint directory_follows(const Directory* directory, const Directory* old) noexcept nogil
cdef void directory_release(Directory* directory) noexcept nogil
# Those of a scope that keep at least one of the items, into `out`. `list` and `count` with REACH_LIST;
# indexes >= institution_count are passed over.
cdef void directory_reach(Directory* directory, uint32_t reach, uint32_t province, const uint32_t* list,
                          uint32_t count,
                          uint32_t items, Bits* out) noexcept nogil
# Is there anybody?
cdef bint directory_concerns(Directory* directory, uint32_t reach, uint32_t province, const uint32_t* list,
                             uint32_t count, uint32_t items) noexcept nogil
# All institutions behind `endpoint` in `mask`, added to `out`.
cdef void directory_spread(const Directory* directory, uint32_t endpoint, Mask mask, Bits* out) noexcept nogil
