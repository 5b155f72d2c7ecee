"""Wheel: adding, removing and popping timers. See wheel.pxd."""

from libc.string cimport memset

from gateway.core.bits cimport ctz64
from gateway.core.slab cimport NOTHING, slab_close, slab_free, slab_new, slab_open, slab_place


cdef void wheel_open(Wheel* wheel) noexcept nogil:
    memset(wheel, 0, sizeof(Wheel))
    memset(wheel.heads, 0xFF, sizeof(wheel.heads))
    slab_open(&wheel.timers, sizeof(Timer))


cdef void wheel_close(Wheel* wheel) noexcept nogil:
    slab_close(&wheel.timers)


cdef inline Timer* timer_at(const Wheel* wheel, uint32_t number) noexcept nogil:
    return <Timer*>slab_place(&wheel.timers, number, sizeof(Timer))


cdef void link(Wheel* wheel, uint32_t number) noexcept nogil:
    """Into the lowest level whose span from now on reaches the due tick."""
    cdef Timer* timer = timer_at(wheel, number)
    cdef uint64_t due = timer.due_tick if timer.due_tick > wheel.now_tick else wheel.now_tick
    cdef uint64_t differs = due ^ wheel.now_tick
    cdef uint32_t level = 0
    cdef uint32_t slot
    while level < LEVEL_COUNT - 1 and differs >> (6 * (level + 1)):
        level += 1
    slot = level * SLOT_COUNT + <uint32_t>((due >> (6 * level)) & 63)
    timer.slot = slot
    timer.prev = NOTHING
    timer.next = wheel.heads[slot]
    if timer.next != NOTHING:
        timer_at(wheel, timer.next).prev = number
    wheel.heads[slot] = number
    wheel.busy[level] |= 1ULL << (slot & 63)


cdef void unlink(Wheel* wheel, uint32_t number) noexcept nogil:
    cdef Timer* timer = timer_at(wheel, number)
    if timer.next != NOTHING:
        timer_at(wheel, timer.next).prev = timer.prev
    if timer.prev != NOTHING:
        timer_at(wheel, timer.prev).next = timer.next
        return
    wheel.heads[timer.slot] = timer.next
    if timer.next == NOTHING:
        wheel.busy[timer.slot >> 6] &= ~(1ULL << (timer.slot & 63))


cdef uint32_t wheel_add(Wheel* wheel, int64_t due_ns, uint32_t owner) noexcept nogil:
    cdef uint32_t number = slab_new(&wheel.timers)
    cdef Timer* timer
    if number == NOTHING:
        return NOTHING
    timer = timer_at(wheel, number)
    # Rounded up: a timer that came out early would find nothing due and be lost.
    timer.due_tick = (<uint64_t>due_ns + (1 << TICK_BITS) - 1) >> TICK_BITS if due_ns > 0 else 0
    timer.owner = owner
    link(wheel, number)
    return number


cdef void wheel_remove(Wheel* wheel, uint32_t timer) noexcept nogil:
    unlink(wheel, timer)
    slab_free(&wheel.timers, timer)


cdef uint64_t next_tick(const Wheel* wheel) noexcept nogil:
    """Start of the earliest slot that is not empty; UINT64_MAX when all are."""
    cdef uint32_t level
    cdef uint64_t place, ahead
    for level in range(<uint32_t>LEVEL_COUNT):
        place = (wheel.now_tick >> (6 * level)) & 63
        ahead = wheel.busy[level] >> place
        if ahead:
            place = (wheel.now_tick >> (6 * level)) + ctz64(ahead)
            return max(place << (6 * level), wheel.now_tick)
    return 0xFFFFFFFFFFFFFFFFULL


cdef void cascade(Wheel* wheel) noexcept nogil:
    """now_tick has come to the start of a slot of some higher levels: hand their timers down."""
    cdef uint32_t level = LEVEL_COUNT - 1
    cdef uint32_t slot, number, next_number
    while level > 0:
        slot = level * SLOT_COUNT + <uint32_t>((wheel.now_tick >> (6 * level)) & 63)
        number = wheel.heads[slot]
        if number != NOTHING:
            wheel.heads[slot] = NOTHING
            wheel.busy[level] &= ~(1ULL << (slot & 63))
            while number != NOTHING:
                next_number = timer_at(wheel, number).next
                link(wheel, number)
                number = next_number
        level -= 1


cdef uint32_t wheel_pop(Wheel* wheel, int64_t now_ns) noexcept nogil:
    cdef uint64_t limit = <uint64_t>now_ns >> TICK_BITS if now_ns > 0 else 0
    cdef uint64_t tick = wheel.now_tick
    cdef uint32_t number, owner
    while tick <= limit:
        if tick != wheel.now_tick:
            wheel.now_tick = tick
            cascade(wheel)
        number = wheel.heads[tick & 63]
        if number != NOTHING:
            owner = timer_at(wheel, number).owner
            wheel_remove(wheel, number)
            return owner
        tick = next_tick(wheel)
    if limit > wheel.now_tick:
        # Every slot passed over is empty; those that hold `limit` hand down.
        wheel.now_tick = limit
        cascade(wheel)
    return NOTHING


cdef int64_t wheel_next_ns(const Wheel* wheel) noexcept nogil:
    cdef uint64_t tick = next_tick(wheel)
    if tick >> 43:
        return 0x7FFFFFFFFFFFFFFF
    return <int64_t>(tick << TICK_BITS)
