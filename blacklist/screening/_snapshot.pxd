"""Snapshot: the whole list at one version, immutable. See _snapshot.pyi."""

from libc.stdint cimport uint64_t

from blacklist.screening._fuse cimport Fuse
from blacklist.screening._hashes cimport Hashes
from blacklist.screening._identity cimport Hasher
from blacklist.screening._look cimport Bonds, Layers
from blacklist.screening._wire cimport Buffer

# What was there when the base was made; many snapshots share one.
cdef class Base:
    cdef Hashes hashes
    cdef Fuse fuse
    cdef readonly object filter
    cdef readonly tuple refused

    cdef int take(self, Buffer* unsorted) except -1

cdef class Binding:
    cdef Bonds bonds

cdef class Snapshot:
    cdef readonly Base base
    cdef readonly Hasher hasher
    cdef readonly uint64_t version
    cdef Hashes overlay
    cdef uint64_t* touched           # TOUCHED_WORDS words
    cdef Layers layers

    cdef int lay(self, Buffer* unsorted) except -1
    cdef list entries_of(self, uint64_t number)
    # Every entry that still counts, of both layers, as Unsorted.
    cdef int gather(self, Buffer* unsorted) except -1
