"""Look: finding and judging the entries of a number. See _look.pxd.

A name is only ever compared among the entries of one number: alone it finds nobody.
"""

from blacklist.screening._fuse cimport fuse_has
from blacklist.screening._hashes cimport hashes_find


cdef Layer layer_of(const Layers* layers, uint64_t number) noexcept nogil:
    cdef uint32_t end
    if is_touched(layers, number) and hashes_find(layers.overlay, number, &end) != end:
        return IN_OVERLAY
    return IN_BASE if fuse_has(layers.fuse, number) else NOWHERE


cdef Finding look(const Question* question, const Identity* asked, Layer layer) noexcept nogil:
    cdef Finding finding
    cdef const Hashes* hashes = question.layers.overlay if layer == IN_OVERLAY else question.layers.base
    cdef const Held* held
    cdef uint32_t end
    finding.outcome = CLEAR
    finding.name = asked.name
    finding.first = finding.end = NULL
    if layer == NOWHERE:
        return finding
    held = hashes.held + hashes_find(hashes, asked.number, &end)
    finding.first = held
    finding.end = hashes.held + end
    while held < finding.end:
        if is_for(held, question):
            if held.name != asked.name:
                if finding.outcome == CLEAR:
                    finding.outcome = CHECK_BY_HAND
            elif said_by(held).kinds & LISTED:
                finding.outcome = ON_LIST
            elif finding.outcome != ON_LIST:
                finding.outcome = BOUND
        held += 1
    return finding
