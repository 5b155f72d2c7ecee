"""Book: making, tying and letting go of tickets, asks, parts and findings. See book.pxd."""

from libc.stdlib cimport free, malloc
from libc.string cimport memcmp, memcpy, memset

from gateway.core.directory cimport directory_release
from gateway.core.slab cimport NOTHING, slab_close, slab_free, slab_new, slab_open, slab_place
from gateway.core.table cimport (
    NO_VALUE,
    table_close,
    table_delete,
    table_get,
    table_open,
    table_put,
)
from gateway.core.ticket cimport (
    cohort_for,
    cohort_free,
    tickets_close,
    tickets_free,
    tickets_new,
    tickets_open,
    told_at,
)


cdef Hash128 ask_key(const void* owner, uint32_t number) noexcept nogil:
    return ask_at(<const Book*>owner, number).subject


cdef int book_open(Book* book) noexcept nogil:
    memset(book, 0, sizeof(Book))
    slab_open(&book.frames, sizeof(Frame))
    slab_open(&book.asks, sizeof(Ask))
    slab_open(&book.laned, sizeof(Laned))
    slab_open(&book.parts, sizeof(Part))
    slab_open(&book.some_sets, sizeof(Bits))
    slab_open(&book.masks, sizeof(Mask))
    slab_open(&book.findings, sizeof(Finding))
    slab_open(&book.gone_sets, sizeof(GoneSet))
    book.fresh_head = book.fresh_tail = book.last_gone_set = NOTHING
    if tickets_open(&book.tickets) != 0:
        return -1
    return table_open(&book.subjects, NOTHING, ask_key, book)


cdef void book_close(Book* book) noexcept nogil:
    cdef uint32_t number
    # Numbers that were freed hold zeroes or a free-list link in their first four bytes; `used` fields come
    # later in each.
    for number in range(book.frames.fresh):
        if frame_at(book, number).refs:
            free(frame_at(book, number).data)
        directory_release(frame_at(book, number).directory)
    for number in range(book.findings.fresh):
        free(finding_at(book, number).body)
    slab_close(&book.frames)
    tickets_close(&book.tickets)
    slab_close(&book.asks)
    slab_close(&book.laned)
    slab_close(&book.parts)
    slab_close(&book.some_sets)
    slab_close(&book.masks)
    slab_close(&book.findings)
    slab_close(&book.gone_sets)
    table_close(&book.subjects)


cdef uint32_t frame_new(Book* book, const uint8_t* data, uint32_t size, Directory* directory,
                        int64_t admitted_ns, uint32_t court) noexcept nogil:
    cdef uint32_t number = slab_new(&book.frames)
    cdef Frame* frame
    if number == NOTHING:
        return NOTHING
    frame = frame_at(book, number)
    frame.data = <uint8_t*>malloc(size)
    if frame.data == NULL:
        slab_free(&book.frames, number)
        return NOTHING
    memcpy(frame.data, data, size)
    frame.size = size
    frame.directory = directory
    directory.refs += 1
    frame.admitted_ns = admitted_ns
    frame.court = court
    frame.refs = 1
    book.bytes += size
    return number


cdef void frame_release(Book* book, uint32_t number) noexcept nogil:
    cdef Frame* frame = frame_at(book, number)
    frame.refs -= 1
    if frame.refs == 0:
        book.bytes -= frame.size
        free(frame.data)
        frame.data = NULL
        if frame.asks == 0:
            frame_free(book, number)


cdef void frame_free(Book* book, uint32_t number) noexcept nogil:
    directory_release(frame_at(book, number).directory)
    frame_at(book, number).directory = NULL
    slab_free(&book.frames, number)


cdef uint32_t ticket_new(Book* book, uint64_t inquiry_id, uint32_t frame, int64_t deadline_ns) noexcept nogil:
    cdef uint32_t cohort = cohort_for(&book.tickets, frame, deadline_ns, inquiry_id)
    cdef uint32_t number
    if cohort == NOTHING:
        return NOTHING
    number = tickets_new(&book.tickets, inquiry_id, cohort)
    if number == NOTHING:
        return NOTHING
    if cohort_at(&book.tickets, cohort).tickets == 1:
        frame_at(book, frame).refs += 1
    book.open_count += 1
    return number


cdef void ticket_release(Book* book, uint32_t number) noexcept nogil:
    cdef Ticket* ticket = ticket_at(book, number)
    cdef uint32_t cohort = ticket.cohort
    cdef uint32_t part = ticket.parts
    cdef uint32_t next_part
    while part != NOTHING:
        next_part = part_at(book, part).next
        part_remove(book, part)
        part = next_part
    if ticket.told != NOTHING and told_at(&book.tickets, ticket.told).ended_late != NULL:
        book.bytes -= 2 * sizeof(Bits)
    tickets_free(&book.tickets, number)
    cohort_at(&book.tickets, cohort).tickets -= 1
    if cohort_at(&book.tickets, cohort).tickets == 0:
        frame_release(book, cohort_at(&book.tickets, cohort).frame)
        cohort_free(&book.tickets, cohort)


cdef uint32_t ask_new(Book* book, Hash128 subject, uint32_t frame, bint laned) noexcept nogil:
    cdef uint32_t number = slab_new(&book.asks)
    cdef uint32_t whom = NOTHING
    cdef uint32_t older
    cdef Ask* ask
    if number == NOTHING:
        return NOTHING
    if laned:
        whom = slab_new(&book.laned)
    older = table_get(&book.subjects, subject)
    if (laned and whom == NOTHING) or table_put(&book.subjects, subject, number) != 0:
        if whom != NOTHING:
            slab_free(&book.laned, whom)
        slab_free(&book.asks, number)
        return NOTHING
    ask = ask_at(book, number)
    ask.subject = subject
    ask.frame = frame
    frame_at(book, frame).asks += 1
    ask.log = LANE if laned else 0
    ask.whom = whom
    ask.newer = NOTHING
    ask.older = older if older != NO_VALUE else NOTHING
    if ask.older != NOTHING:
        ask_at(book, older).newer = number
    ask.findings = ask.parts = NOTHING
    return number


cdef void ask_forget(Book* book, uint32_t number) noexcept nogil:
    cdef Ask* ask = ask_at(book, number)
    if ask.newer == NOT_CHAINED:
        return
    if ask.older != NOTHING:
        ask_at(book, ask.older).newer = ask.newer
    if ask.newer != NOTHING:
        ask_at(book, ask.newer).older = ask.older
    elif ask.older != NOTHING:
        table_put(&book.subjects, ask.subject, ask.older)
    else:
        table_delete(&book.subjects, ask.subject)
    ask.newer = NOT_CHAINED


cdef void gone_set_release(Book* book, uint32_t number) noexcept nogil:
    if number == NOTHING:
        return
    gone_set_at(book, number).refs -= 1
    if gone_set_at(book, number).refs == 0:
        if book.last_gone_set == number:
            book.last_gone_set = NOTHING
        slab_free(&book.gone_sets, number)


cdef void ask_free(Book* book, uint32_t number) noexcept nogil:
    cdef Ask* ask = ask_at(book, number)
    cdef uint32_t finding = ask.findings
    cdef uint32_t next_finding
    ask_forget(book, number)
    while finding != NOTHING:
        next_finding = finding_at(book, finding).next
        book.bytes -= finding_at(book, finding).size
        book.finding_bytes -= finding_at(book, finding).size
        free(finding_at(book, finding).body)
        finding_at(book, finding).body = NULL
        slab_free(&book.findings, finding)
        finding = next_finding
    if ask.log == LANE:
        slab_free(&book.laned, ask.whom)
    else:
        gone_set_release(book, ask.whom)
    frame_at(book, ask.frame).asks -= 1
    if frame_at(book, ask.frame).asks == 0 and frame_at(book, ask.frame).refs == 0:
        frame_free(book, ask.frame)
    slab_free(&book.asks, number)


cdef void ask_end(Book* book, uint32_t number) noexcept nogil:
    cdef Ask* ask = ask_at(book, number)
    ask.done = True
    if ask.newer == NOT_CHAINED:
        if ask.parts == NOTHING:
            ask_free(book, number)
        return
    ask.position = NOTHING
    if book.fresh_tail == NOTHING:
        book.fresh_head = number
    else:
        ask_at(book, book.fresh_tail).position = number
    book.fresh_tail = number
    book.fresh_count += 1


cdef void asks_expire(Book* book, int64_t before_ns, uint64_t count_max) noexcept nogil:
    while book.fresh_head != NOTHING and (
            asked_ns(book, ask_at(book, book.fresh_head)) < before_ns or book.asks.count > count_max):
        drop_oldest(book)


cdef void asks_make_room(Book* book, uint64_t bytes_max) noexcept nogil:
    if book.bytes - book.finding_bytes > bytes_max:
        return
    while book.fresh_head != NOTHING and book.bytes > bytes_max:
        drop_oldest(book)


cdef void drop_oldest(Book* book) noexcept nogil:
    """Nobody joins the ask that ended first from now on; it goes when nobody needs it any more."""
    cdef uint32_t number = book.fresh_head
    cdef Ask* ask = ask_at(book, number)
    book.fresh_head = <uint32_t>ask.position
    book.fresh_count -= 1
    if book.fresh_head == NOTHING:
        book.fresh_tail = NOTHING
    ask_forget(book, number)
    if ask.parts == NOTHING:
        ask_free(book, number)


cdef uint32_t gone_set_of(Book* book, const Bits* bits, const Bits* lost) noexcept nogil:
    cdef uint32_t number = book.last_gone_set
    if (number == NOTHING or memcmp(&gone_set_at(book, number).bits, bits, sizeof(Bits)) != 0
            or memcmp(&gone_set_at(book, number).lost, lost, sizeof(Bits)) != 0):
        number = slab_new(&book.gone_sets)
        if number == NOTHING:
            return NOTHING
        gone_set_at(book, number).bits = bits[0]
        gone_set_at(book, number).lost = lost[0]
        book.last_gone_set = number
    gone_set_at(book, number).refs += 1
    return number


cdef int part_add(Book* book, uint32_t ticket, uint32_t ask, uint32_t kind, Mask mask,
                  const Bits* bits) noexcept nogil:
    cdef uint32_t number = slab_new(&book.parts)
    cdef Part* part
    if number == NOTHING:
        return -1
    part = part_at(book, number)
    if kind != WHOLE:
        part.whom = slab_new(&book.some_sets if kind == SOME else &book.masks)
        if part.whom == NOTHING:
            slab_free(&book.parts, number)
            return -1
        if kind == SOME:
            (<Bits*>slab_place(&book.some_sets, part.whom, sizeof(Bits)))[0] = bits[0]
            book.bytes += sizeof(Bits)
        else:
            (<Mask*>slab_place(&book.masks, part.whom, sizeof(Mask)))[0] = mask
    part.kind = <uint8_t>kind
    part.ticket = ticket
    part.ask = ask
    part.next = ticket_at(book, ticket).parts
    ticket_at(book, ticket).parts = number
    ticket_at(book, ticket).open_parts += 1
    part.ask_prev = NOTHING
    part.ask_next = ask_at(book, ask).parts
    if part.ask_next != NOTHING:
        part_at(book, part.ask_next).ask_prev = number
    ask_at(book, ask).parts = number
    ask_at(book, ask).waiting += 1
    return 0


cdef void part_remove(Book* book, uint32_t number) noexcept nogil:
    cdef Part* part = part_at(book, number)
    cdef Ask* ask = ask_at(book, part.ask)
    if part.ask_prev != NOTHING:
        part_at(book, part.ask_prev).ask_next = part.ask_next
    else:
        ask.parts = part.ask_next
    if part.ask_next != NOTHING:
        part_at(book, part.ask_next).ask_prev = part.ask_prev
    if part.kind == SOME:
        slab_free(&book.some_sets, part.whom)
        book.bytes -= sizeof(Bits)
    elif part.kind == LANED:
        slab_free(&book.masks, part.whom)
    if ask.parts == NOTHING and ask.done and ask.newer == NOT_CHAINED:
        ask_free(book, part.ask)
    slab_free(&book.parts, number)


cdef int finding_add(Book* book, uint32_t ask, uint32_t institution, uint32_t state, uint32_t records,
                     const uint8_t* body, uint32_t size) noexcept nogil:
    cdef uint32_t number = slab_new(&book.findings)
    cdef Finding* finding
    if number == NOTHING:
        return -1
    finding = finding_at(book, number)
    finding.body = <uint8_t*>malloc(size)
    if finding.body == NULL:
        slab_free(&book.findings, number)
        return -1
    memcpy(finding.body, body, size)
    finding.size = size
    finding.institution = <uint16_t>institution
    finding.state = state
    finding.records = records
    finding.order = book.findings_made
    book.findings_made += 1
    finding.next = ask_at(book, ask).findings
    ask_at(book, ask).findings = number
    if state == FOUND:
        ask_at(book, ask).found += 1
    elif state == AMBIGUOUS:
        ask_at(book, ask).ambiguous += 1
    else:
        ask_at(book, ask).refused += 1
    book.bytes += size
    book.finding_bytes += size
    book.records += records
    return 0
