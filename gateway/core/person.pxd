"""Person: is this the number of a resident, an organisation or a passport?

Judges form, birth date and check character of a number, and names all that is wrong. Pure C. It knows no
register: whether the number was ever given out is not asked, nor whether the county in it exists.
Sources: GB 11643-1999 (resident identity number), GB 32100-2015 (unified social credit code).
"""

from libc.stdint cimport uint8_t, uint32_t

# What is wrong with a number; bits.
cdef enum:
    NUMBER_FORM = 1          # length or alphabet; then nothing else is looked at
    NUMBER_DATE = 2          # no day of the calendar, before 1900-01-01, or after `today`
    NUMBER_CHECK = 4         # the last character does not follow from the others

cdef enum:
    RESIDENT_ID_SIZE = 18
    CREDIT_CODE_SIZE = 18
    PASSPORT_SIZE_MIN = 5
    PASSPORT_SIZE_MAX = 20

# `today` is the Beijing date as the number YYYYMMDD. A small x at the end is read as X.
cdef uint32_t judge_resident_id(const uint8_t* number, size_t size, uint32_t today) noexcept nogil

# Small letters are not accepted.
cdef uint32_t judge_credit_code(const uint8_t* number, size_t size) noexcept nogil

cdef uint32_t judge_passport(const uint8_t* number, size_t size) noexcept nogil
