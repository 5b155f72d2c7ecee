"""Owned: what one subject has of one item at one institution, as the books need it. See the .pyi."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memset

from simulator._draw cimport (
    DRAWS_MAX,
    UNNAMED_NAMESAKE,
    Figures,
    Holding,
    Subject,
    draw_holdings,
    settle_subject,
    weigh,
    write_locator,
)
from simulator._population cimport Population
from simulator._wire cimport Slice

cdef enum:
    ITEM_MAX = 25
    LOCATOR_BYTES_MAX = 128


def owned(Population population not None, uint32_t id_type, str number not None, str name not None,
          uint32_t item, uint32_t institution):
    cdef Holding holdings[DRAWS_MAX]
    cdef Subject subject
    cdef uint32_t count, at
    cdef bytes number_bytes = number.encode()
    cdef bytes name_bytes = name.encode()
    cdef list found = []
    if not 1 <= item <= ITEM_MAX:
        return found
    memset(&subject, 0, sizeof(Subject))
    subject.id_type = id_type
    subject.number = _slice(number_bytes)
    subject.name = _slice(name_bytes)
    if settle_subject(&subject, population.tables.seed) != 0:
        return found
    count = draw_holdings(population.tables, &subject, <uint32_t>1 << (item - 1), holdings)
    for at in range(count):
        if holdings[at].institution == institution and holdings[at].chance.identity != UNNAMED_NAMESAKE:
            found.append(_told(population, &subject, &holdings[at]))
    return found


cdef tuple _told(Population population, const Subject* subject, const Holding* holding):
    cdef Figures figures
    cdef uint8_t locator[LOCATOR_BYTES_MAX]
    cdef Slice whole
    if holding.chance.locator.size + holding.chance.digit_count > LOCATOR_BYTES_MAX:
        raise ValueError("catalogue: a locator is longer than the contract allows")
    weigh(population.tables, subject, holding, &figures)
    write_locator(locator, holding.chance, figures.digits)
    whole.data = locator
    whole.size = holding.chance.locator.size + holding.chance.digit_count
    return (_text(whole), _text(figures.kind.text), figures.amount_fen, _text(holding.chance.currency),
            _text(figures.number), _text(figures.name), figures.burden)


cdef Slice _slice(bytes text) except *:
    cdef Slice slice
    slice.data = <const uint8_t*>PyBytes_AS_STRING(text)
    slice.size = <uint32_t>min(PyBytes_GET_SIZE(text), 0xFFFF)
    return slice


cdef str _text(Slice slice):
    return PyUnicode_DecodeUTF8(<const char*>slice.data, slice.size, NULL)
