"""World: making and unmaking it. See world.pxd."""

from libc.stdlib cimport calloc, free

from gateway.core.book cimport book_close, book_open
from gateway.core.codec cimport SCOPE_LIST_MAX
from gateway.core.directory cimport directory_release
from gateway.core.line cimport wires_close, wires_open
from gateway.core.orders cimport orders_close, orders_open
from gateway.core.slab cimport NOTHING
from gateway.core.wheel cimport wheel_close, wheel_open
from gateway.core.wire cimport buffer_free

cdef enum:
    SECOND_NS = 1000000000
    # How much later than its admission an inquiry is due. Oldest due first: a patrol inquiry never waits more
    # than 30 seconds behind those that came after it.
    NORMAL_DELAY_S = 2
    PATROL_DELAY_S = 30


cdef int world_open(World* world, uint64_t orders_max) noexcept nogil:
    world.delay_ns[1] = 0
    world.delay_ns[2] = NORMAL_DELAY_S * <int64_t>SECOND_NS
    world.delay_ns[3] = PATROL_DELAY_S * <int64_t>SECOND_NS
    world.ready.head = world.ready.tail = NOTHING
    wheel_open(&world.wheel)
    world.list = <uint32_t*>calloc(SCOPE_LIST_MAX, sizeof(uint32_t))
    world.drafts = <Draft*>calloc(DRAFT_COUNT, sizeof(Draft))
    if world.list == NULL or world.drafts == NULL or book_open(&world.book) != 0:
        return -1
    return orders_open(&world.orders, orders_max)


cdef void world_close(World* world) noexcept nogil:
    cdef uint32_t court
    for court in range(world.court_count):
        buffer_free(&world.courts[court].answers)
        buffer_free(&world.courts[court].finals)
        buffer_free(&world.courts[court].marks)
    book_close(&world.book)
    wires_close(&world.wires)
    wheel_close(&world.wheel)
    orders_close(&world.orders)
    directory_release(world.directory)
    buffer_free(&world.taken)
    buffer_free(&world.lists)
    buffer_free(&world.scratch)
    buffer_free(&world.part)
    free(world.courts)
    free(world.masks)
    free(world.touched)
    free(world.list)
    free(world.drafts)


cdef int world_settle_in(World* world, Directory* directory) noexcept nogil:
    free(world.masks)
    free(world.touched)
    world.masks = <Mask*>calloc(directory.endpoint_count, sizeof(Mask))
    world.touched = <uint32_t*>calloc(directory.endpoint_count, sizeof(uint32_t))
    if world.masks == NULL or world.touched == NULL or wires_open(&world.wires, directory) != 0:
        return -1
    world.directory = directory
    return 0
