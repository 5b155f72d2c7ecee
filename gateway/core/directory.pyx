"""Directory: reading a snapshot, and who is in a scope. See directory.pxd."""

from libc.stdlib cimport calloc, free
from libc.string cimport memcmp, memcpy

from gateway.core.bits cimport bits_and, bits_clear, bits_count, bits_empty, bits_has, bits_or, bits_remove
from gateway.core.bits cimport bits_set, mask_next, mask_set
from gateway.core.codec cimport (
    ITEMS_ALL,
    REACH_ALL,
    REACH_BANKS,
    REACH_LIST,
    REACH_PROVINCE,
    REACH_UNITS,
)

cdef packed struct Header:
    char magic[8]
    uint32_t institution_count
    uint32_t endpoint_count
    uint64_t version

cdef packed struct InstitutionRow:
    uint16_t endpoint
    uint8_t can
    uint8_t province
    uint32_t items

cdef packed struct EndpointRow:
    uint32_t entries_max
    uint32_t bytes_max
    uint32_t reserved


cdef Directory* directory_read(const uint8_t* data, size_t size, const char** error) noexcept nogil:
    cdef Header header
    cdef Directory* directory
    if size < sizeof(Header) or memcmp(data, b"CKDIR001", 8) != 0:
        error[0] = b"snapshot: does not begin with CKDIR001"
        return NULL
    memcpy(&header, data, sizeof(Header))
    if not 1 <= header.institution_count <= INSTITUTIONS_MAX:
        error[0] = b"snapshot: institutions out of 1..4096"
        return NULL
    if not 1 <= header.endpoint_count <= ENDPOINTS_MAX:
        error[0] = b"snapshot: endpoints out of 1..4096"
        return NULL
    if size != (sizeof(Header) + header.institution_count * sizeof(InstitutionRow)
                + header.endpoint_count * sizeof(EndpointRow)):
        error[0] = b"snapshot: length does not fit its counts"
        return NULL
    directory = <Directory*>calloc(1, sizeof(Directory))
    if directory == NULL:
        error[0] = b"snapshot: no memory"
        return NULL
    directory.refs = 1
    directory.version = header.version
    directory.institution_count = header.institution_count
    directory.endpoint_count = header.endpoint_count
    directory.behind = <Behind*>calloc(header.endpoint_count, sizeof(Behind))
    directory.reached = <Reached*>calloc(REACH_CACHE, sizeof(Reached))
    error[0] = b"snapshot: no memory"
    if directory.behind != NULL and directory.reached != NULL:
        data += sizeof(Header)
        error[0] = read_endpoints(directory, data + header.institution_count * sizeof(InstitutionRow))
        if error[0] == NULL:
            error[0] = read_institutions(directory, data)
    if error[0] != NULL:
        directory_release(directory)
        return NULL
    return directory


cdef const char* read_endpoints(Directory* directory, const uint8_t* data) noexcept nogil:
    cdef EndpointRow row
    cdef uint32_t index
    for index in range(directory.endpoint_count):
        memcpy(&row, data + index * sizeof(EndpointRow), sizeof(EndpointRow))
        if row.entries_max == 0 or row.bytes_max == 0:
            return b"snapshot: an endpoint's batch limit is 0"
        directory.behind[index].entries_max = row.entries_max
        directory.behind[index].bytes_max = row.bytes_max
    return NULL


cdef const char* read_institutions(Directory* directory, const uint8_t* data) noexcept nogil:
    cdef InstitutionRow row
    cdef Behind* behind
    cdef uint32_t index, place
    for index in range(directory.institution_count):
        memcpy(&row, data + index * sizeof(InstitutionRow), sizeof(InstitutionRow))
        if row.endpoint >= directory.endpoint_count:
            return b"snapshot: an institution's endpoint does not exist"
        behind = &directory.behind[row.endpoint]
        if behind.count == BEHIND_MAX:
            return b"snapshot: more than 128 institutions behind one endpoint"
        if row.items == 0 or row.items & ~<uint32_t>ITEMS_ALL:
            return b"snapshot: an institution's items are none, or beyond 25"
        place = behind.count
        behind.institutions[place] = <uint16_t>index
        behind.count += 1
        directory.items[index] = row.items
        directory.endpoint[index] = row.endpoint
        directory.place[index] = <uint8_t>place
        directory.province[index] = row.province
        directory.province_known[row.province] = 1
        bits_set(&directory.everybody, index)
        if row.province:
            bits_set(&directory.banks, index)
        if not add_kind(directory, row.items, index):
            return b"snapshot: more than 64 kinds of institutions"
        if row.can & CAN_INQUIRE:
            bits_set(&directory.capable, index)
            mask_set(&behind.capable, place)
        join_set(directory, behind, SET_ALL, index, place)
        join_set(directory, behind, SET_BANKS if row.province else SET_UNITS, index, place)
    for index in range(<uint32_t>LOG_SETS):
        directory.member_count[index] = bits_count(&directory.members[index])
    return NULL


cdef void join_set(Directory* directory, Behind* behind, uint32_t set, uint32_t institution,
                   uint32_t place) noexcept nogil:
    """Make an institution a member, if it can be inquired of."""
    cdef uint32_t at = 0
    while at < behind.set_count and behind.sets[at] != set:
        at += 1
    if at == behind.set_count:
        behind.sets[at] = <uint8_t>set
        behind.set_count += 1
    if bits_has(&directory.capable, institution):
        bits_set(&directory.members[set], institution)
        mask_set(&behind.members[set], place)


cdef bint add_kind(Directory* directory, uint32_t items, uint32_t institution) noexcept nogil:
    cdef uint32_t kind = 0
    while kind < directory.kind_count and directory.kinds[kind].items != items:
        kind += 1
    if kind == KINDS_MAX:
        return False
    if kind == directory.kind_count:
        directory.kinds[kind].items = items
        directory.kind_count += 1
    bits_set(&directory.kinds[kind].institutions, institution)
    return True


cdef bint directory_follows(const Directory* directory, const Directory* old) noexcept nogil:
    if directory.endpoint_count != old.endpoint_count or directory.institution_count != old.institution_count:
        return False
    if memcmp(directory.endpoint, old.endpoint, sizeof(directory.endpoint)) != 0:
        return False
    if memcmp(directory.province, old.province, sizeof(directory.province)) != 0:
        return False
    return memcmp(directory.items, old.items,
                  sizeof(directory.items)) == 0 and directory.version > old.version


cdef void directory_release(Directory* directory) noexcept nogil:
    if directory == NULL:
        return
    directory.refs -= 1
    if directory.refs == 0:
        free(directory.behind)
        free(directory.reached)
        free(directory)


cdef bint directory_concerns(Directory* directory, uint32_t reach, uint32_t province, const uint32_t* list,
                             uint32_t count, uint32_t items) noexcept nogil:
    cdef uint32_t index
    if reach != REACH_LIST:
        return not bits_empty(&remembered(directory, reach, province, items).institutions)
    for index in range(count):
        if list[index] < directory.institution_count and directory.items[list[index]] & items:
            return True
    return False


cdef void directory_reach(Directory* directory, uint32_t reach, uint32_t province, const uint32_t* list,
                          uint32_t count,
                          uint32_t items, Bits* out) noexcept nogil:
    cdef uint32_t index
    if reach == REACH_LIST:
        bits_clear(out)
        for index in range(count):
            if list[index] < directory.institution_count and directory.items[list[index]] & items:
                bits_set(out, list[index])
        return
    out[0] = remembered(directory, reach, province, items).institutions


cdef Reached* remembered(Directory* directory, uint32_t reach, uint32_t province,
                         uint32_t items) noexcept nogil:
    """Whom a scope that is no list reaches."""
    cdef uint32_t place = (items * <uint32_t>2654435761 + reach * 97 + province * 31) % REACH_CACHE
    cdef Reached* reached = &directory.reached[place]
    if not reached.known or reached.reach != reach + (province << 8) or reached.items != items:
        fill_reached(directory, reached, reach, province, items)
    return reached


cdef void fill_reached(Directory* directory, Reached* reached, uint32_t reach, uint32_t province,
                       uint32_t items) noexcept nogil:
    cdef uint32_t index
    cdef uint32_t kind
    cdef Bits* out = &reached.institutions
    bits_clear(out)
    for kind in range(directory.kind_count):
        if directory.kinds[kind].items & items:
            bits_or(out, &directory.kinds[kind].institutions)
    if reach == REACH_BANKS:
        bits_and(out, &directory.banks)
    elif reach == REACH_UNITS:
        bits_remove(out, &directory.banks)
    elif reach != REACH_ALL:
        for index in range(directory.institution_count):
            if reach != REACH_PROVINCE or province == 0 or directory.province[index] != province:
                out.words[index >> 6] &= ~(1ULL << (index & 63))
    reached.reach = reach + (province << 8)
    reached.items = items
    reached.known = True


cdef void directory_spread(const Directory* directory, uint32_t endpoint, Mask mask,
                           Bits* out) noexcept nogil:
    cdef const Behind* behind = &directory.behind[endpoint]
    cdef int place = mask_next(mask, 0)
    while place >= 0:
        bits_set(out, behind.institutions[place])
        place = mask_next(mask, place + 1)
