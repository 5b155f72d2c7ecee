"""Draw: from a subject to its holdings, and from a holding to the bytes of its record. See the .pxd."""

from libc.string cimport memcmp, memcpy

from simulator._wire cimport room_for, varint_size, write_bytes, write_uint, write_varint

cdef enum:
    RESIDENT_ID = 1
    CREDIT_CODE = 2
    # burden.py
    BURDENED_ONE_IN = 16
    CEILING_LEAST_FEN = 10_000

cdef uint64_t STRIDE = 0x9E3779B97F4A7C15
cdef uint64_t BURDEN_SALT = 0x6C7967A9E3D1B5F7
cdef const char* CHECK_CHARACTERS = b"10X98765432"


cdef int settle_subject(Subject* subject, uint64_t seed) noexcept nogil:
    cdef Slice number = subject.number
    if number.size > NUMBER_BYTES_MAX or subject.name.size > NAME_BYTES_MAX:
        return -1
    if subject.id_type == RESIDENT_ID and number.size and number.data[number.size - 1] == c"x":
        memcpy(subject.normal, number.data, number.size)
        subject.normal[number.size - 1] = c"X"
        subject.number.data = subject.normal
    subject.holder = 1 if subject.id_type == CREDIT_CODE else 0
    subject.province = 0
    if subject.id_type == RESIDENT_ID:
        subject.province = _province(subject.number, 0)
    elif subject.id_type == CREDIT_CODE:
        subject.province = _province(subject.number, 2)
    subject.hash = _absorb(_absorb(mix(seed ^ mix(subject.id_type)), subject.number), subject.name)
    return 0


cdef uint32_t _province(Slice number, uint32_t at) noexcept nogil:
    cdef uint32_t tens, ones
    if number.size < at + 2:
        return 0
    tens = <uint32_t>number.data[at] - c"0"
    ones = <uint32_t>number.data[at + 1] - c"0"
    return tens * 10 + ones if tens < 10 and ones < 10 else 0


cdef uint64_t _absorb(uint64_t hashed, Slice text) noexcept nogil:
    """Length, then eight bytes at a time, little-endian, the last filled up with zeros."""
    cdef uint32_t at
    cdef uint64_t eight
    hashed = mix(hashed ^ text.size)
    for at in range(0, text.size, 8):
        eight = 0
        memcpy(&eight, text.data + at, 8 if text.size - at >= 8 else text.size - at)
        hashed = mix((hashed + STRIDE) ^ eight)
    return hashed


cdef uint32_t draw_holdings(const Tables* tables, const Subject* subject, uint32_t items,
                            Holding* holdings) noexcept nogil:
    cdef uint32_t count = 0
    cdef uint32_t at
    cdef uint64_t roll = subject.hash
    cdef uint64_t luck
    cdef const Chance* chance
    for at in range(tables.chance_count):
        chance = &tables.chances[at]
        roll += STRIDE
        if chance.holder != subject.holder or not items >> (chance.item - 1) & 1:
            continue
        luck = mix(roll)
        if luck >> 32 >= chance.threshold:
            continue
        luck = mix(luck)
        holdings[count].chance = chance
        holdings[count].roll = luck
        holdings[count].institution = <uint32_t>chance.keeper
        if chance.keeper < 0:
            holdings[count].institution = _bank(tables, subject, luck)
        count += 1
    return count


cdef uint32_t _bank(const Tables* tables, const Subject* subject, uint64_t luck) noexcept nogil:
    cdef uint32_t share = luck & 0xFFFF
    cdef uint32_t bank_class = 0
    cdef const Pool* pool
    while bank_class < CLASS_COUNT - 1 and share >= tables.class_bounds[subject.holder][bank_class]:
        bank_class += 1
    pool = &tables.pools[bank_class * PROVINCE_COUNT + subject.province]
    return pool.members[(luck >> 16) % pool.count]


cdef void weigh(const Tables* tables, const Subject* subject, const Holding* holding,
                Figures* figures) noexcept nogil:
    cdef const Chance* chance = holding.chance
    cdef uint64_t nature = mix(holding.roll)
    cdef uint64_t worth = mix(nature)
    cdef uint64_t amount_fen = chance.least_fen << ((nature >> 16 & 0xFFFF) % (chance.doublings + 1))
    figures.kind = &chance.kinds[(nature & 0xFFFF) % chance.kind_count]
    figures.digits = mix(worth)
    figures.burden = mix(figures.digits ^ BURDEN_SALT)
    if chance.least_fen == 0 or figures.kind.is_empty:
        amount_fen = 0
    else:
        amount_fen += (worth >> 1) % amount_fen
    figures.amount_fen = amount_fen
    figures.protected_fen = figures.held_fen = figures.available_fen = 0
    if chance.is_account:
        _share_out(tables, subject, chance, figures)
    figures.number = subject.number
    figures.name = subject.name
    if chance.identity == NAMESAKE:
        _other_number(subject, mix(figures.digits), figures.other_number)
        figures.number.data = figures.other_number
        figures.number.size = RESIDENT_ID_SIZE
    elif chance.identity == MISFIT:
        figures.name = _other_name(tables, subject, mix(figures.digits))


cdef void _share_out(const Tables* tables, const Subject* subject, const Chance* chance,
                     Figures* figures) noexcept nogil:
    """What of the account's money is protected, held, and left."""
    cdef uint64_t free_fen, ceiling_fen
    if figures.kind.protection == PROTECTED_WHOLE:
        figures.protected_fen = figures.amount_fen
    elif figures.kind.protection == PROTECTED_LIVING_COSTS and chance.currency.size == 0:
        figures.protected_fen = min(figures.amount_fen, tables.living_costs_fen[subject.province])
    free_fen = figures.amount_fen - figures.protected_fen
    if (figures.burden & 0xFFFF) % BURDENED_ONE_IN == 0:
        ceiling_fen = free_fen * (1 + (figures.burden >> 16 & 0xFFFF) % 16) // 8 + CEILING_LEAST_FEN
        figures.held_fen = min(ceiling_fen, free_fen)
    figures.available_fen = free_fen - figures.held_fen


cdef int put_record(Buffer* out, const Tables* tables, const Subject* subject,
                    const Holding* holding) noexcept nogil:
    cdef const Chance* chance = holding.chance
    cdef Figures figures
    cdef uint8_t* at
    cdef size_t start
    cdef uint32_t locator_size = chance.locator.size + chance.digit_count
    cdef uint32_t size
    weigh(tables, subject, holding, &figures)
    size = (2 + _text_size(locator_size) + _text_size(figures.kind.text.size)
            + _uint_size(figures.amount_fen) + _text_size(chance.currency.size)
            + _text_size(figures.number.size) + _text_size(figures.name.size)
            + _text_size(chance.description.size) + _uint_size(figures.protected_fen)
            + _uint_size(figures.held_fen) + _uint_size(figures.available_fen))
    if room_for(out, size + 6) != 0:
        return -1
    start = out.size
    at = write_varint(out.data + start, 4 << 3 | 2)
    at = write_varint(at, size)
    at = write_uint(at, 1, chance.item)
    at = write_varint(write_varint(at, 2 << 3 | 2), locator_size)
    at = write_locator(at, chance, figures.digits)
    at = write_bytes(at, 3, figures.kind.text.data, figures.kind.text.size)
    at = write_uint(at, 4, figures.amount_fen)
    at = write_bytes(at, 5, chance.currency.data, chance.currency.size)
    at = write_bytes(at, 6, figures.number.data, figures.number.size)
    at = write_bytes(at, 7, figures.name.data, figures.name.size)
    at = write_bytes(at, 8, chance.description.data, chance.description.size)
    at = write_uint(at, 9, figures.protected_fen)
    at = write_uint(at, 10, figures.held_fen)
    at = write_uint(at, 11, figures.available_fen)
    out.size = at - out.data
    return 0


cdef uint32_t _uint_size(uint64_t value) noexcept nogil:
    return 1 + varint_size(value) if value else 0


cdef uint32_t _text_size(uint32_t size) noexcept nogil:
    return 1 + varint_size(size) + size if size else 0


cdef uint8_t* write_locator(uint8_t* at, const Chance* chance, uint64_t digits) noexcept nogil:
    cdef uint32_t place
    memcpy(at, chance.locator.data, chance.locator.size)
    at += chance.locator.size
    for place in range(chance.digit_count, 0, -1):
        at[place - 1] = <uint8_t>(c"0" + digits % 10)
        digits //= 10
    return at + chance.digit_count


cdef Slice _other_name(const Tables* tables, const Subject* subject, uint64_t luck) noexcept nogil:
    """Never the name that was asked about."""
    cdef uint32_t count = tables.other_name_counts[subject.holder]
    cdef Slice name = tables.other_names[subject.holder][luck % count]
    if name.size == subject.name.size and memcmp(name.data, subject.name.data, name.size) == 0:
        name = tables.other_names[subject.holder][(luck + 1) % count]
    return name


cdef void _other_number(const Subject* subject, uint64_t luck, uint8_t* number) noexcept nogil:
    """A valid resident identity number (GB 11643) of the same area; never the one that was asked about."""
    memcpy(number, b"110101", 6)
    if subject.id_type == RESIDENT_ID and _is_digits(subject.number, 6):
        memcpy(number, subject.number.data, 6)
    _write_digits(number + 6, 1950 + (luck & 0xFFFF) % 50, 4)
    _write_digits(number + 10, 1 + (luck >> 16 & 0xFF) % 12, 2)
    _write_digits(number + 12, 1 + (luck >> 24 & 0xFF) % 28, 2)
    _write_digits(number + 14, (luck >> 32 & 0xFFFF) % 1000, 3)
    if subject.number.size == RESIDENT_ID_SIZE and memcmp(number, subject.number.data, 17) == 0:
        number[16] = c"0" + (number[16] - c"0" + 1) % 10
    number[17] = _check_character(number)


cdef bint _is_digits(Slice text, uint32_t count) noexcept nogil:
    cdef uint32_t at
    if text.size < count:
        return False
    for at in range(count):
        if not c"0" <= text.data[at] <= c"9":
            return False
    return True


cdef void _write_digits(uint8_t* at, uint64_t value, uint32_t count) noexcept nogil:
    cdef uint32_t place
    for place in range(count, 0, -1):
        at[place - 1] = <uint8_t>(c"0" + value % 10)
        value //= 10


cdef uint8_t _check_character(const uint8_t* number) noexcept nogil:
    """Digits weighed with 2**(17 - place) mod 11."""
    cdef uint32_t total = 0
    cdef uint32_t weight = 1
    cdef uint32_t place
    for place in range(17, 0, -1):
        weight = weight * 2 % 11
        total += <uint32_t>(number[place - 1] - c"0") * weight
    return <uint8_t>CHECK_CHARACTERS[total % 11]
