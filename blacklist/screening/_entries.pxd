"""Entries: rows as the store hands them over, turned into what Hashes sorts.

A row is (id type, number, name, listing id, kinds, bound, since day, until day): numbers are bytes, names
str, days count from 1970, and until day is None where no end is set. Names and numbers are hashed and
forgotten.
"""

from blacklist.screening._hashes cimport Unsorted
from blacklist.screening._identity cimport Hashing
from blacklist.screening._wire cimport Buffer

# Appends an Unsorted for each row. Listing ids of rows whose number or name can be nobody's go to `refused`.
cdef int collect(const Hashing* hashing, object rows, Buffer* unsorted, list refused) except -1
# One row. False: its number or name can be nobody's.
cdef bint read_row(const Hashing* hashing, object row, Unsorted* unsorted) except -1
