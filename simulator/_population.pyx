"""Population: the catalogue and the layout, as the compiled code reads them. See the .pxd."""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t
from libc.stdlib cimport calloc, free

from simulator._draw cimport CLASS_COUNT, DRAWS_MAX, KINDS_MAX, OTHER_NAMES_MAX, PROVINCE_COUNT, Chance

from simulator.catalogue import CLASS_SHARES, DRAWS, KINDS_EMPTY, OTHER_NAMES
from simulator.kinds import Kinds


@cython.final
cdef class Population:
    def __cinit__(self, seed, layout):
        if not 0 <= seed < 2**64:
            raise ValueError(f"seed: {seed} given, 0 to 2**64 - 1 allowed")
        self.kept = []
        self.tables = <Tables*>calloc(1, sizeof(Tables))
        if self.tables == NULL:
            raise MemoryError
        self.tables.seed = seed
        kinds = Kinds.load()
        self.fill_chances(layout.keepers, kinds)
        for province, living_costs_fen in enumerate(kinds.living_costs_fen[:PROVINCE_COUNT]):
            self.tables.living_costs_fen[<uint32_t>province] = living_costs_fen
        self.fill_pools(layout.pools)
        self.fill_endpoints(layout.endpoints)

    def __dealloc__(self):
        free(self.tables)

    cdef Slice keep(self, str text) except *:
        cdef bytes encoded = text.encode()
        cdef Slice slice
        self.kept.append(encoded)
        slice.data = <const uint8_t*>PyBytes_AS_STRING(encoded)
        slice.size = <uint32_t>PyBytes_GET_SIZE(encoded)
        return slice

    cdef int fill_chances(self, object keepers, object kinds) except -1:
        cdef Chance* chance
        cdef uint32_t at, holder
        if len(DRAWS) > DRAWS_MAX:
            raise ValueError(f"catalogue: {len(DRAWS)} draws, at most {DRAWS_MAX}")
        self.tables.chance_count = len(DRAWS)
        for at, draw in enumerate(DRAWS):
            if not 1 <= len(draw.kinds) <= KINDS_MAX:
                raise ValueError(f"catalogue: {len(draw.kinds)} kinds in draw {at}, 1 to {KINDS_MAX} allowed")
            chance = &self.tables.chances[at]
            chance.threshold = draw.threshold
            chance.holder = draw.holder
            chance.item = draw.item
            chance.identity = draw.identity
            chance.keeper = keepers.get(draw.item, -1)
            chance.is_account = draw.item in kinds.account_items
            chance.doublings = draw.doublings
            chance.digit_count = draw.digit_count
            chance.least_fen = draw.least_fen
            chance.locator = self.keep(draw.locator)
            chance.currency = self.keep(draw.currency)
            chance.description = self.keep(draw.description)
            chance.kind_count = len(draw.kinds)
            for place, kind in enumerate(draw.kinds):
                chance.kinds[<uint32_t>place].text = self.keep(kind)
                chance.kinds[<uint32_t>place].is_empty = kind in KINDS_EMPTY
                chance.kinds[<uint32_t>place].protection = kinds.of(draw.item, kind).protection
        for holder, names in enumerate(OTHER_NAMES):
            self.tables.other_name_counts[holder] = len(names[:OTHER_NAMES_MAX])
            for place, name in enumerate(names[:OTHER_NAMES_MAX]):
                self.tables.other_names[holder][<uint32_t>place] = self.keep(name)
        return 0

    cdef int fill_pools(self, object pools) except -1:
        cdef uint32_t at, bank_class
        if len(CLASS_SHARES) != CLASS_COUNT or len(pools) != CLASS_COUNT * PROVINCE_COUNT or not all(pools):
            raise ValueError(
                f"layout: {len(pools)} pools, {CLASS_COUNT * PROVINCE_COUNT} wanted, none of them empty")
        for bank_class, shares in enumerate(CLASS_SHARES.values()):
            for holder, share in enumerate(shares):
                self.tables.class_bounds[<uint32_t>holder][bank_class] = share
                if bank_class:
                    self.tables.class_bounds[<uint32_t>holder][bank_class] += (
                        self.tables.class_bounds[<uint32_t>holder][bank_class - 1]
                    )
        for at, pool in enumerate(pools):
            packed = b"".join(index.to_bytes(2, "little") for index in pool)
            self.kept.append(packed)
            self.tables.pools[at].members = <const uint16_t*>PyBytes_AS_STRING(packed)
            self.tables.pools[at].count = len(pool)
        return 0

    cdef int fill_endpoints(self, object endpoints) except -1:
        cdef uint32_t at, institution
        cdef uint32_t count = 0
        if len(endpoints) > ENDPOINTS_MAX:
            raise ValueError(f"layout: {len(endpoints)} endpoints, at most {ENDPOINTS_MAX}")
        for at, endpoint in enumerate(endpoints):
            for institution in endpoint.institutions:
                if institution >= INSTITUTIONS_MAX or count >= INSTITUTIONS_MAX:
                    raise ValueError(f"layout: institution {institution}, at most {INSTITUTIONS_MAX} allowed")
                self.endpoints[institution] = <uint16_t>at
                self.members[count] = <uint16_t>institution
                count += 1
            self.starts[at + 1] = count
        self.endpoint_count = len(endpoints)
        self.institution_count = count
        return 0
