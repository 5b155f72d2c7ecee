"""Draw: from a subject to its holdings, and from a holding to the bytes of its record. See the .pxd."""

from libc.string cimport memcmp, memcpy

from simulator._wire cimport room_for, varint_size, write_bytes, write_uint, write_varint

cdef enum:
    RESIDENT_ID = 1
    CREDIT_CODE = 2
    RESIDENT_ID_SIZE = 18

cdef uint64_t STRIDE = 0x9E3779B97F4A7C15
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


cdef int put_record(Buffer* out, const Tables* tables, const Subject* subject,
                    const Holding* holding) noexcept nogil:
    cdef const Chance* chance = holding.chance
    cdef uint64_t nature = mix(holding.roll)
    cdef uint64_t worth = mix(nature)
    cdef uint64_t digits = mix(worth)
    cdef const Kind* kind = &chance.kinds[(nature & 0xFFFF) % chance.kind_count]
    cdef uint64_t amount_fen = chance.least_fen << ((nature >> 16 & 0xFFFF) % (chance.doublings + 1))
    cdef Slice number = subject.number
    cdef Slice name = subject.name
    cdef uint8_t other_number[RESIDENT_ID_SIZE]
    cdef uint8_t* at
    cdef size_t start
    cdef uint32_t size
    if chance.least_fen == 0 or kind.is_empty:
        amount_fen = 0
    else:
        amount_fen += (worth >> 1) % amount_fen
    if chance.identity == NAMESAKE:
        _other_number(subject, mix(digits), other_number)
        number.data = other_number
        number.size = RESIDENT_ID_SIZE
    elif chance.identity == MISFIT:
        name = _other_name(tables, subject, mix(digits))
    size = (2 + _text_size(chance.locator.size + chance.digit_count) + _text_size(kind.text.size)
            + (1 + varint_size(amount_fen) if amount_fen else 0) + _text_size(chance.currency.size)
            + _text_size(number.size) + _text_size(name.size) + _text_size(chance.description.size))
    if room_for(out, size + 6) != 0:
        return -1
    start = out.size
    at = write_varint(out.data + start, 4 << 3 | 2)
    at = write_varint(at, size)
    at = write_uint(at, 1, chance.item)
    at = _write_locator(at, chance, digits)
    at = write_bytes(at, 3, kind.text.data, kind.text.size)
    at = write_uint(at, 4, amount_fen)
    at = write_bytes(at, 5, chance.currency.data, chance.currency.size)
    at = write_bytes(at, 6, number.data, number.size)
    at = write_bytes(at, 7, name.data, name.size)
    at = write_bytes(at, 8, chance.description.data, chance.description.size)
    out.size = at - out.data
    return 0


cdef uint32_t _text_size(uint32_t size) noexcept nogil:
    return 1 + varint_size(size) + size if size else 0


cdef uint8_t* _write_locator(uint8_t* at, const Chance* chance, uint64_t digits) noexcept nogil:
    cdef uint32_t place
    at = write_varint(write_varint(at, 2 << 3 | 2), chance.locator.size + chance.digit_count)
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
