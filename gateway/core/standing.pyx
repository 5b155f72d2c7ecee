"""Standing: going over lines and pieces. See standing.pxd."""

from gateway.core.bits cimport Mask, mask_and, mask_empty
from gateway.core.directory cimport directory_spread
from gateway.core.line cimport PIECE_WAITING, Line, Piece, piece_at
from gateway.core.slab cimport NOTHING


cdef void open_at(const Wires* wires, uint32_t where, uint64_t position, const Segment* segment, Bits* out,
                  Bits* failing) noexcept nogil:
    cdef uint32_t set = wires.logs[where].set
    cdef uint32_t endpoint, number
    cdef Line* line
    cdef Piece* piece
    cdef Mask members, mask
    for endpoint in range(wires.line_count):
        members = segment.directory.behind[endpoint].members[set]
        line = &wires.lines[endpoint]
        if mask_empty(members):
            continue
        if position >= line.cursor[where]:
            directory_spread(segment.directory, endpoint, members, out)
            if line.in_flight_max == 0:
                directory_spread(segment.directory, endpoint, members, failing)
            continue
        number = line.pieces
        while number != NOTHING:
            piece = piece_at(wires, number)
            number = piece.next
            if piece.where != where or not piece.from_position <= position < piece.to_position:
                continue
            mask = mask_and(piece.mask, members)
            directory_spread(segment.directory, endpoint, mask, out)
            if line.in_flight_max == 0 or (piece.state == PIECE_WAITING and piece.attempts):
                directory_spread(segment.directory, endpoint, mask, failing)


cdef void gone_at(const Wires* wires, uint32_t where, uint64_t position, const Segment* segment, Bits* out,
                  Bits* lost) noexcept nogil:
    cdef uint32_t number = wires.logs[where].gone
    cdef Piece* piece
    while number != NOTHING:
        piece = piece_at(wires, number)
        if piece.from_position <= position < piece.to_position:
            directory_spread(segment.directory, piece.endpoint, piece.mask, out)
            if piece.is_lost:
                directory_spread(segment.directory, piece.endpoint, piece.mask, lost)
        number = piece.next
