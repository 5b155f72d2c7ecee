"""Route: joining, logs, lanes. See route.pxd."""

from libc.stdint cimport uint8_t, uint16_t
from libc.string cimport memcpy, memset

from gateway.core.bits cimport (
    Bits,
    Mask,
    WORDS,
    bits_and,
    bits_and_in,
    bits_count,
    bits_count_in,
    bits_empty,
    bits_has,
    bits_next_in,
    bits_or,
    bits_remove,
    bits_within,
    mask_and,
    mask_empty,
    mask_equal,
    mask_next,
    mask_set,
)
from gateway.core.book cimport (
    CHAIN_MAX,
    LANE,
    LANED,
    SOME,
    WHOLE,
    Ask,
    Book,
    Laned,
    Part,
    Ticket,
    ask_at,
    ask_directory,
    ask_new,
    asked_ns,
    frame_at,
    laned_at,
    part_add,
    part_at,
    ticket_at,
    ticket_new,
)
from gateway.core.directory cimport LOG_SETS, Behind, Directory, directory_reach, directory_spread
from gateway.core.hash cimport Hash128, hash128
from gateway.core.lane cimport Lane, LaneEntry, lane_add, lane_prefetch
from gateway.core.line cimport URGENCIES
from gateway.core.log cimport KIND_ASK, KIND_NOTE, LOG_COUNT, Log, Segment, log_commit, log_segment, log_stage
from gateway.core.slab cimport NOTHING
from gateway.core.standing cimport open_at
from gateway.core.table cimport NO_VALUE, table_get
from gateway.core.tally cimport ask_worth, ready_add
from gateway.core.ticket cimport COHORT, Cohort, cohort_at
from gateway.core.wheel cimport wheel_add

cdef enum:
    # More joined institutions than this are told by a note in a log that reaches them, though it reaches
    # others too.
    NOTES_APART_MAX = 512
    LANES_AHEAD = 4
    SECOND_NS = 1000000000

cdef struct Way:              # one inquiry being routed
    const Admitted* admitted
    uint32_t ticket
    uint32_t frame
    int64_t admitted_ns
    int64_t due_ns
    Hash128 subject
    Bits wanted               # to be asked or joined, still without a place
    uint32_t from_word        # nobody in `wanted` stands outside these words
    uint32_t to_word
    uint32_t count            # of `wanted`, before anybody was joined


cdef Hash128 subject_key(const World* world, const Admitted* admitted) noexcept nogil:
    """Over type, number and name, each ended so that no two subjects run together."""
    # 2 + ID_NUMBER_BYTES_MAX + NAME_BYTES_MAX at most; parse_admitted saw to it
    cdef uint8_t text[320]
    cdef uint32_t size = 1
    text[0] = <uint8_t>admitted.id_type
    memcpy(text + size, admitted.id_number.data, admitted.id_number.size)
    size += admitted.id_number.size
    text[size] = 0
    size += 1
    memcpy(text + size, admitted.name.data, admitted.name.size)
    return hash128(text, size + admitted.name.size, world.key)


cdef int route_inquiry(World* world, const Taken* taken, uint64_t inquiry_id, uint32_t frame,
                       int64_t admitted_ns) noexcept nogil:
    cdef const Admitted* admitted = &taken.admitted
    cdef const uint32_t* list = <const uint32_t*>(world.lists.data + taken.list_at)
    cdef Way way
    cdef Ticket* ticket
    cdef Directory* directory = world.directory
    way.admitted = admitted
    way.subject = taken.subject
    way.frame = frame
    way.admitted_ns = admitted_ns
    way.due_ns = admitted_ns + world.delay_ns[admitted.urgency]
    way.ticket = ticket_new(&world.book, inquiry_id, frame, <int64_t>admitted.deadline_ns)
    if way.ticket == NOTHING:
        return -1
    ticket = ticket_at(&world.book, way.ticket)
    ticket.row_at = taken.row_at
    directory_reach(directory, admitted.reach, admitted.province_code, list, admitted.institution_count,
                    admitted.items, &way.wanted)
    way.from_word, way.to_word = 0, WORDS
    if admitted.institution_count:            # ascending
        way.from_word = list[0] >> 6
        way.to_word = min((list[admitted.institution_count - 1] >> 6) + 1, <uint32_t>WORDS)
    ticket.total = <uint16_t>bits_count_in(&way.wanted, way.from_word, way.to_word)
    bits_and_in(&way.wanted, &directory.capable, way.from_word, way.to_word)
    way.count = bits_count_in(&way.wanted, way.from_word, way.to_word)
    ticket.incapable = <uint16_t>(ticket.total - way.count)
    world.queries_total += ticket.total
    if admitted.freshness_s and join(world, &way) != 0:
        return -1
    if ask_logs(world, &way) != 0 or ask_lanes(world, &way) != 0:
        return -1
    world.queries_joined += ticket.joined
    if ticket.open_parts == 0:
        ready_add(&world.book, &world.ready, way.ticket)
    return cohort_timed(world, ticket.cohort)


cdef int cohort_timed(World* world, uint32_t number) noexcept nogil:
    """One timer for the deadline of all its tickets."""
    cdef Cohort* cohort = cohort_at(&world.book.tickets, number)
    if cohort.timer == NOTHING:
        cohort.timer = wheel_add(&world.wheel, cohort.deadline_ns, COHORT | number)
    return -1 if cohort.timer == NOTHING else 0


cdef void asked_alike(const World* world, const Ask* ask, uint32_t items, Bits* out) noexcept nogil:
    """Whom an ask was put to with the same items as `items`, as far as each of them keeps them."""
    cdef uint32_t kind
    cdef const Directory* directory = ask_directory(&world.book, ask)
    memset(out, 0, sizeof(Bits))
    if ask.log == LANE:
        directory_spread(directory, laned_at(&world.book, ask).endpoint, laned_at(&world.book, ask).asked,
                         out)
    else:
        out[0] = directory.members[world.wires.logs[ask.log].set]
    if ask.items == items:
        return
    for kind in range(directory.kind_count):
        if (ask.items ^ items) & directory.kinds[kind].items:
            bits_remove(out, &directory.kinds[kind].institutions)


cdef int join(World* world, Way* way) noexcept nogil:
    """Find open or fresh questions of the same subject, newest first, and take from each what it can
    answer."""
    cdef uint32_t number = table_get(&world.book.subjects, way.subject)
    cdef uint32_t looked_at = 0
    cdef int64_t oldest_ns = way.admitted_ns - <int64_t>way.admitted.freshness_s * SECOND_NS
    cdef Bits left, asked, worth, joined
    cdef Ask* ask
    if number == NO_VALUE:
        return 0
    left = way.wanted
    memset(&joined, 0, sizeof(Bits))
    while number != NOTHING and looked_at < CHAIN_MAX and world.looks_left:
        ask = ask_at(&world.book, number)
        if asked_ns(&world.book, ask) < oldest_ns or bits_empty(&left):
            break
        asked_alike(world, ask, way.admitted.items, &asked)
        bits_and(&asked, &left)
        bits_remove(&left, &asked)
        ask_worth(&world.wires, &world.book, number, &worth)
        bits_and(&asked, &worth)
        if not bits_empty(&asked):
            if join_ask(world, way, number, &asked) != 0:
                return -1
            bits_or(&joined, &asked)
        number = ask.older
        looked_at += 1
        world.looks_left -= 1
    if bits_empty(&joined):
        return 0
    ticket_at(&world.book, way.ticket).joined = <uint16_t>bits_count(&joined)
    bits_remove(&way.wanted, &joined)
    return note(world, way, &joined)


cdef int join_ask(World* world, Way* way, uint32_t number, const Bits* taken) noexcept nogil:
    """Wait on an ask for the institutions in `taken`."""
    cdef Ask* ask = ask_at(&world.book, number)
    cdef Ticket* ticket = ticket_at(&world.book, way.ticket)
    cdef Part* part
    cdef Log* log
    cdef Segment* segment = NULL
    cdef Lane* lane
    cdef Bits still_open, failing
    cdef Mask mask
    cdef uint32_t kind
    cdef bint done = ask.done
    mask.low = mask.high = 0
    if ask.log == LANE:
        mask = taken_behind(&world.book, ask, taken)
        kind = WHOLE if mask_equal(mask, laned_at(&world.book, ask).asked) else LANED
        done = mask_empty(mask_and(mask, laned_at(&world.book, ask).open))
    else:
        log = &world.wires.logs[ask.log]
        kind = WHOLE if bits_count(taken) == ask_directory(&world.book, ask).member_count[log.set] else SOME
        if not done:
            segment = log_segment(log, ask.position)
            if kind == SOME and segment == NULL:
                log.staged_some_parts += 1    # an ask of the frame at hand: all of it is open
            elif kind == SOME:
                memset(&still_open, 0, sizeof(Bits))
                open_at(&world.wires, ask.log, ask.position, segment, &still_open, &failing)
                bits_and(&still_open, taken)
                done = bits_empty(&still_open)
                segment.some_parts += 1
    if part_add(&world.book, way.ticket, number, kind, mask, taken) != 0:
        return -1
    part = part_at(&world.book, ticket.parts)
    if done:
        part.done = True
        ticket.open_parts -= 1
    elif ask.log != LANE:
        if segment != NULL and way.due_ns < segment.due_ns:
            log = &world.wires.logs[ask.log]
            lift(&log.lift_to, &log.lift_due_ns, ask.position, way.due_ns,
                 log.segments[log.first].from_position)
    else:
        lane = &world.wires.lines[laned_at(&world.book, ask).endpoint].lanes[ask.position & 3]
        lift(&lane.lift_to, &lane.lift_due_ns, ask.position >> 2, way.due_ns, lane.cursor)
    return 0


cdef Mask taken_behind(const Book* book, const Ask* ask, const Bits* taken) noexcept nogil:
    """Of whom an ask in a lane was put to, those in `taken`."""
    cdef const Laned* laned = laned_at(book, ask)
    cdef const Behind* behind = &ask_directory(book, ask).behind[laned.endpoint]
    cdef Mask mask
    cdef int place = mask_next(laned.asked, 0)
    mask.low = mask.high = 0
    while place >= 0:
        if bits_has(taken, behind.institutions[place]):
            mask_set(&mask, place)
        place = mask_next(laned.asked, place + 1)
    return mask


cdef void lift(uint64_t* lift_to, int64_t* lift_due_ns, uint64_t position, int64_t due_ns,
               uint64_t oldest) noexcept nogil:
    """Everything up to a query that a more urgent inquiry joined is due with it: an endpoint reads its log
    in order."""
    if lift_to[0] <= oldest or due_ns < lift_due_ns[0]:
        lift_due_ns[0] = due_ns
    if position + 1 > lift_to[0]:
        lift_to[0] = position + 1


cdef int stage(World* world, Way* way, uint32_t set, uint32_t ask, uint32_t kind,
               uint64_t* position) noexcept nogil:
    return log_stage(&world.wires.logs[set * URGENCIES + way.admitted.urgency - 1],
                     <uint32_t>(way.admitted.entry_body.data - frame_at(&world.book, way.frame).data),
                     way.admitted.entry_body.size, ask, kind,
                     <int64_t>way.admitted.deadline_ns if kind == KIND_NOTE else 0, position)


cdef int note(World* world, Way* way, Bits* joined) noexcept nogil:
    """Tell the institutions whose answers are shared under what mandate their data was used again."""
    cdef uint32_t set, index
    cdef uint32_t touched = 0
    cdef uint64_t position
    cdef Bits whole = way.wanted
    bits_or(&whole, joined)
    for set in range(<uint32_t>LOG_SETS):
        if not 1 < world.directory.member_count[set] <= way.count or not bits_within(
                &world.directory.members[set], &whole):
            continue
        if bits_within(&world.directory.members[set], joined) or bits_count(joined) > NOTES_APART_MAX:
            if stage(world, way, set, NOTHING, KIND_NOTE, &position) != 0:
                return -1
            bits_remove(joined, &world.directory.members[set])
    touched = spread(world, joined, way.from_word, way.to_word)
    for index in range(touched):
        if lane_stage(world, way, world.touched[index], NOTHING, KIND_NOTE) != 0:
            return -1
    return 0


cdef uint32_t spread(World* world, const Bits* bits, uint32_t from_word, uint32_t to_word) noexcept nogil:
    """Into a mask for each endpoint; returns how many endpoints were touched."""
    cdef uint32_t touched = 0
    cdef int institution = bits_next_in(bits, <int>(from_word << 6), <int>to_word)
    cdef uint32_t endpoint
    while institution >= 0:
        endpoint = world.directory.endpoint[institution]
        if mask_empty(world.masks[endpoint]):
            world.touched[touched] = endpoint
            touched += 1
        mask_set(&world.masks[endpoint], world.directory.place[institution])
        institution = bits_next_in(bits, institution + 1, <int>to_word)
    return touched


cdef int lane_stage(World* world, Way* way, uint32_t endpoint, uint32_t ask, uint32_t kind) noexcept nogil:
    """Into the endpoint's lane for the institutions in its mask, which is emptied."""
    cdef LaneEntry entry
    memset(&entry, 0, sizeof(LaneEntry))
    entry.body = way.admitted.entry_body.data
    entry.size = way.admitted.entry_body.size
    entry.frame = way.frame
    entry.ask = ask
    entry.kind = <uint8_t>kind
    entry.mask = world.masks[endpoint]
    entry.due_ns = way.due_ns
    entry.until_ns = <int64_t>way.admitted.deadline_ns
    world.masks[endpoint].low = world.masks[endpoint].high = 0
    if lane_add(&world.wires.lines[endpoint].lanes[way.admitted.urgency - 1], &entry) != 0:
        return -1
    frame_at(&world.book, way.frame).refs += 1
    return 0


cdef uint32_t new_ask(World* world, Way* way, bint laned) noexcept nogil:
    cdef uint32_t number = ask_new(&world.book, way.subject, way.frame, laned)
    if number != NOTHING:
        ask_at(&world.book, number).items = way.admitted.items
    return number


cdef int ask_logs(World* world, Way* way) noexcept nogil:
    """One entry for a whole log, where everybody who reads it is to be asked."""
    cdef uint32_t set, number
    cdef uint32_t left = way.count - ticket_at(&world.book, way.ticket).joined
    cdef Mask none
    cdef Ask* ask
    none.low = none.high = 0
    for set in range(<uint32_t>LOG_SETS):
        if not 1 < world.directory.member_count[set] <= left or not bits_within(
                &world.directory.members[set], &way.wanted):
            continue
        number = new_ask(world, way, False)
        if number == NOTHING:
            return -1
        ask = ask_at(&world.book, number)
        ask.log = <uint8_t>(set * URGENCIES + way.admitted.urgency - 1)
        if stage(world, way, set, number, KIND_ASK, &ask.position) != 0:
            return -1
        if part_add(&world.book, way.ticket, number, WHOLE, none, NULL) != 0:
            return -1
        bits_remove(&way.wanted, &world.directory.members[set])
        left -= world.directory.member_count[set]
    return 0


cdef int ask_lanes(World* world, Way* way) noexcept nogil:
    """The rest, endpoint by endpoint."""
    cdef uint32_t touched, index, number, endpoint
    cdef uint32_t urgency = way.admitted.urgency - 1
    cdef Ask* ask
    cdef Laned* laned
    cdef Lane* lane
    touched = spread(world, &way.wanted, way.from_word, way.to_word)
    for index in range(touched):
        endpoint = world.touched[index]
        if index + LANES_AHEAD < touched:
            lane_prefetch(&world.wires.lines[world.touched[index + LANES_AHEAD]].lanes[urgency])
        lane = &world.wires.lines[endpoint].lanes[urgency]
        number = new_ask(world, way, True)
        if number == NOTHING:
            return -1
        ask = ask_at(&world.book, number)
        laned = laned_at(&world.book, ask)
        laned.endpoint = endpoint
        laned.asked = laned.open = world.masks[endpoint]
        ask.position = lane.head << 2 | urgency
        if part_add(&world.book, way.ticket, number, WHOLE, laned.asked, NULL) != 0:
            return -1
        if lane_stage(world, way, endpoint, number, KIND_ASK) != 0:
            return -1
    return 0


cdef int route_commit(World* world, uint32_t frame, int64_t admitted_ns) noexcept nogil:
    cdef uint32_t where
    cdef Segment* segment
    for where in range(<uint32_t>LOG_COUNT):
        if log_commit(&world.wires.logs[where], frame, frame_at(&world.book, frame).data, world.directory,
                      admitted_ns + world.delay_ns[where % URGENCIES + 1], &segment) != 0:
            return -1
        if segment != NULL:
            frame_at(&world.book, frame).refs += 1
    return 0
