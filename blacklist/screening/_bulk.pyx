"""Bulk: reading, looking and writing. See _bulk.pxd.

Subjects are taken in blocks. Memory is asked for what a block will need before it is looked at: for those
that pass the filter the bucket, then its entries.
"""

from libc.string cimport memcpy, memset

from blacklist.screening._fuse cimport fuse_ahead
from blacklist.screening._hashes cimport (
    Held,
    hashes_ahead,
    hashes_ahead_held,
    said_by,
)
from blacklist.screening._identity cimport NO_FAULT, Identity, settle_name, take_identity
from blacklist.screening._look cimport (
    CHECK_BY_HAND,
    CLEAR,
    IN_BASE,
    NOT_SCREENED,
    NOWHERE,
    Layer,
    layer_of,
    look,
)
from blacklist.screening._wire cimport (
    BYTES,
    VARINT,
    Reader,
    Slice,
    buffer_free,
    read_slice,
    read_tag,
    read_varint,
    room_for,
    skip_value,
    varint_size,
    write_head,
    write_uint,
    write_varint,
)

cdef enum:
    BLOCK = 64
    MEASURES_MAX = 64
    # Tags, lengths and numbers of a finding besides its lists, and those of the response.
    HEAD_BYTES_MAX = 64

cdef enum:                   # fields of the contract
    REQUEST_SUBJECTS = 1
    REQUEST_TAG = 2
    SUBJECT_ID_TYPE = 1
    SUBJECT_ID_NUMBER = 2
    SUBJECT_NAME = 3
    RESPONSE_TAG = 1
    RESPONSE_VERSION = 2
    RESPONSE_AS_OF_NS = 3
    RESPONSE_SCREENED = 4
    RESPONSE_FINDINGS = 5
    FINDING_INDEX = 1
    FINDING_OUTCOME = 2
    FINDING_LISTING_IDS = 3
    FINDING_MEASURES = 4
    FINDING_FAULT = 5

cdef struct Block:
    Identity asked[BLOCK]
    Layer layers[BLOCK]
    uint32_t count
    uint32_t first_index


cdef int screen_bulk(const Question* question, const Hashing* hashing, const uint8_t* message, size_t size,
                     Screened* screened) noexcept nogil:
    cdef Reader reader
    cdef Slice subject
    cdef Block block
    cdef uint32_t number, wire_type
    cdef int failed
    block.count = block.first_index = 0
    reader.at = message
    reader.end = message + size
    while reader.at < reader.end:
        if read_tag(&reader, &number, &wire_type) != 0:
            return NOT_READABLE
        if number == REQUEST_SUBJECTS and wire_type == BYTES:
            if block.first_index + block.count >= SUBJECTS_MAX:
                return TOO_MANY
            failed = (read_slice(&reader, &subject)
                      or read_subject(hashing, subject, &block.asked[block.count]))
            fuse_ahead(question.layers.fuse, block.asked[block.count].number)
            block.count += 1
            if not failed and block.count == BLOCK and screen_block(question, hashing, &block, screened) != 0:
                return NO_MEMORY
        elif number == REQUEST_TAG and wire_type == VARINT:
            failed = read_varint(&reader, &screened.tag)
        else:
            failed = skip_value(&reader, wire_type)
        if failed:
            return NOT_READABLE
    if screen_block(question, hashing, &block, screened) != 0:
        return NO_MEMORY
    screened.subject_count = block.first_index
    return READ


cdef int read_subject(const Hashing* hashing, Slice body, Identity* asked) noexcept nogil:
    cdef Reader reader
    cdef Slice id_number, name
    cdef uint64_t id_type = 0
    cdef uint32_t number, wire_type
    cdef int failed
    memset(&id_number, 0, sizeof(Slice))
    memset(&name, 0, sizeof(Slice))
    reader.at = body.start
    reader.end = body.start + body.size
    while reader.at < reader.end:
        if read_tag(&reader, &number, &wire_type) != 0:
            return -1
        if number == SUBJECT_ID_TYPE and wire_type == VARINT:
            failed = read_varint(&reader, &id_type)
        elif number == SUBJECT_ID_NUMBER and wire_type == BYTES:
            failed = read_slice(&reader, &id_number)
        elif number == SUBJECT_NAME and wire_type == BYTES:
            failed = read_slice(&reader, &name)
        else:
            failed = skip_value(&reader, wire_type)
        if failed:
            return -1
    take_identity(hashing, <uint32_t>id_type, id_number, name, asked)
    return 0


cdef int screen_block(const Question* question, const Hashing* hashing, Block* block,
                      Screened* screened) noexcept nogil:
    """-1: no memory. The block is empty afterwards."""
    cdef uint32_t at
    cdef Hit hit
    for at in range(block.count):
        block.layers[at] = NOWHERE
        if block.asked[at].fault == NO_FAULT:
            block.layers[at] = layer_of(&question.layers, block.asked[at].number)
            if block.layers[at] == IN_BASE:
                hashes_ahead(question.layers.base, block.asked[at].number)
    for at in range(block.count):
        if block.layers[at] == IN_BASE:
            hashes_ahead_held(question.layers.base, block.asked[at].number)
    for at in range(block.count):
        if block.layers[at] == NOWHERE and block.asked[at].fault == NO_FAULT:
            continue
        settle_name(hashing, &block.asked[at])
        hit.index = block.first_index + at
        hit.fault = block.asked[at].fault
        hit.finding = look(question, &block.asked[at], block.layers[at])
        if hit.fault != NO_FAULT:
            hit.finding.outcome = NOT_SCREENED
        if hit.finding.outcome != CLEAR:
            if room_for(&screened.hits, sizeof(Hit)) != 0:
                return -1
            memcpy(screened.hits.start + screened.hits.size, &hit, sizeof(Hit))
            screened.hits.size += sizeof(Hit)
    block.first_index += block.count
    block.count = 0
    return 0


cdef int write_response(const Question* question, Screened* screened, uint64_t version,
                        int64_t as_of_ns) noexcept nogil:
    cdef const Hit* hits = <const Hit*>screened.hits.start
    cdef uint64_t count = screened.hits.size // sizeof(Hit)
    cdef uint64_t at
    cdef uint8_t* end
    if room_for(&screened.response, HEAD_BYTES_MAX) != 0:
        return NO_MEMORY
    end = screened.response.start
    end = write_uint(end, RESPONSE_TAG, screened.tag)
    end = write_uint(end, RESPONSE_VERSION, version)
    end = write_uint(end, RESPONSE_AS_OF_NS, <uint64_t>as_of_ns)
    end = write_uint(end, RESPONSE_SCREENED, screened.subject_count)
    screened.response.size = end - screened.response.start
    for at in range(count):
        if write_finding(question, &hits[at], &screened.response) != 0:
            return NO_MEMORY
    return 0


cdef int write_finding(const Question* question, const Hit* hit, Buffer* out) noexcept nogil:
    cdef const Held* held = hit.finding.first
    cdef uint64_t measures = 0
    cdef uint32_t ids_size = 0, measures_size = 0, measure
    cdef uint32_t body_size
    cdef uint8_t* end
    while held < hit.finding.end:
        if is_named(question, &hit.finding, held):
            ids_size += varint_size(said_by(held).listing_id)
            measures |= question.bonds.measures[said_by(held).bound]
        held += 1
    if hit.finding.outcome == CHECK_BY_HAND:
        measures = 0         # nobody is bound until somebody has looked
    for measure in range(<uint32_t>MEASURES_MAX):
        measures_size += <uint32_t>(measures >> measure & 1)
    body_size = field_size(hit.index) + field_size(hit.finding.outcome) + field_size(hit.fault)
    body_size += packed_size(ids_size) + packed_size(measures_size)
    if room_for(out, <size_t>body_size + HEAD_BYTES_MAX) != 0:
        return -1
    end = write_head(out.start + out.size, RESPONSE_FINDINGS, body_size)
    end = write_uint(end, FINDING_INDEX, hit.index)
    end = write_uint(end, FINDING_OUTCOME, hit.finding.outcome)
    if ids_size:
        end = write_head(end, FINDING_LISTING_IDS, ids_size)
        held = hit.finding.first
        while held < hit.finding.end:
            if is_named(question, &hit.finding, held):
                end = write_varint(end, said_by(held).listing_id)
            held += 1
    if measures_size:
        end = write_head(end, FINDING_MEASURES, measures_size)
        for measure in range(<uint32_t>MEASURES_MAX):
            if measures >> measure & 1:
                end = write_varint(end, measure)
    end = write_uint(end, FINDING_FAULT, hit.fault)
    out.size = end - out.start
    return 0


cdef inline uint32_t field_size(uint32_t value) noexcept nogil:
    return 1 + varint_size(value) if value else 0


cdef inline uint32_t packed_size(uint32_t size) noexcept nogil:
    """Of a field of so many bytes; nothing for none."""
    return 1 + varint_size(size) + size if size else 0


cdef void screened_close(Screened* screened) noexcept nogil:
    buffer_free(&screened.hits)
    buffer_free(&screened.response)
