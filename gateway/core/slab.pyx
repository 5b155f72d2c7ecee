"""Slab: taking and giving back numbers. See slab.pxd."""

from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcpy, memset


cdef void slab_open(Slab* slab, uint32_t thing_size) noexcept nogil:
    memset(slab, 0, sizeof(Slab))
    slab.thing_size = thing_size
    slab.free_head = NOTHING


cdef void slab_close(Slab* slab) noexcept nogil:
    cdef uint32_t index
    for index in range(slab.chunk_count):
        free(slab.chunks[index])
    free(slab.chunks)
    slab_open(slab, slab.thing_size)


cdef int add_chunk(Slab* slab) noexcept nogil:
    cdef uint8_t** chunks
    cdef uint32_t room
    if slab.chunk_count == slab.chunk_room:
        room = slab.chunk_room * 2 + 16
        chunks = <uint8_t**>realloc(slab.chunks, room * sizeof(uint8_t*))
        if chunks == NULL:
            return -1
        slab.chunks = chunks
        slab.chunk_room = room
    slab.chunks[slab.chunk_count] = <uint8_t*>calloc(CHUNK_SIZE, slab.thing_size)
    if slab.chunks[slab.chunk_count] == NULL:
        return -1
    slab.chunk_count += 1
    return 0


cdef uint32_t slab_new(Slab* slab) noexcept nogil:
    cdef uint32_t number = slab.free_head
    cdef void* thing
    if number != NOTHING:
        thing = slab_at(slab, number)
        memcpy(&slab.free_head, thing, 4)
        memset(thing, 0, slab.thing_size)
    else:
        if slab.fresh == slab.chunk_count << CHUNK_BITS and add_chunk(slab) != 0:
            return NOTHING
        number = slab.fresh
        slab.fresh += 1
    slab.count += 1
    return number


cdef void slab_free(Slab* slab, uint32_t number) noexcept nogil:
    memcpy(slab_at(slab, number), &slab.free_head, 4)
    slab.free_head = number
    slab.count -= 1
