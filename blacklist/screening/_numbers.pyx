"""Numbers: form, birth date and check character of the three types. See _numbers.pxd."""

cdef enum:
    RESIDENT_ID_SIZE = 18
    CREDIT_CODE_SIZE = 18
    PASSPORT_SIZE_MIN = 5
    BIRTH_AT = 6
    NO_VALUE = 99

cdef extern from *:
    """
    /* Values of GB 32100: digits, then letters without I, O, S, V, Z. */
    static const char CREDIT_SIGNS[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    /* GB 11643: powers of 2 from the right, divided by 11. */
    static const uint8_t RESIDENT_WEIGHTS[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    static const uint8_t DAYS_OF_MONTH[13] = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    """
    const char* CREDIT_SIGNS
    const uint8_t* RESIDENT_WEIGHTS
    const uint8_t* DAYS_OF_MONTH


cdef inline bint is_digit(uint8_t sign) noexcept nogil:
    return c"0" <= sign <= c"9"


cdef inline uint32_t two_digits(const uint8_t* at) noexcept nogil:
    return <uint32_t>(at[0] - c"0") * 10 + (at[1] - c"0")


cdef bint is_birth_date(const uint8_t* at) noexcept nogil:
    """YYYYMMDD, digits, of the Gregorian calendar from 1900 on."""
    cdef uint32_t year = two_digits(at) * 100 + two_digits(at + 2)
    cdef uint32_t month = two_digits(at + 4)
    cdef uint32_t day = two_digits(at + 6)
    if year < 1900 or month < 1 or month > 12 or day < 1 or day > DAYS_OF_MONTH[month]:
        return False
    return month != 2 or day < 29 or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))


cdef bint is_resident_id(const uint8_t* number, uint32_t size) noexcept nogil:
    """The weighted sum of all 18 signs, X counting 10, leaves 1 when divided by 11. Nothing in the loop waits
    for what came before."""
    cdef uint32_t total = 0, beyond = 0
    cdef uint32_t at, digit
    if size != RESIDENT_ID_SIZE:
        return False
    for at in range(<uint32_t>(RESIDENT_ID_SIZE - 1)):
        digit = <uint8_t>(number[at] - c"0")
        beyond |= digit > 9
        total += digit * RESIDENT_WEIGHTS[at]
    if beyond or (not is_digit(number[RESIDENT_ID_SIZE - 1]) and number[RESIDENT_ID_SIZE - 1] != c"X"):
        return False
    total += (10 if number[RESIDENT_ID_SIZE - 1] == c"X" else number[RESIDENT_ID_SIZE - 1] - c"0")
    return total % 11 == 1 and is_birth_date(number + BIRTH_AT)


cdef inline uint32_t credit_value(uint8_t sign) noexcept nogil:
    cdef uint32_t value
    if is_digit(sign):
        return sign - c"0"
    for value in range(10, 31):
        if CREDIT_SIGNS[value] == <char>sign:
            return value
    return NO_VALUE


cdef bint is_credit_code(const uint8_t* number, uint32_t size) noexcept nogil:
    """Weights are the powers of 3 from the left; the last sign makes the sum a multiple of 31."""
    cdef uint32_t total = 0, weight = 1
    cdef uint32_t at, value
    if size != CREDIT_CODE_SIZE:
        return False
    for at in range(<uint32_t>CREDIT_CODE_SIZE):
        value = credit_value(number[at])
        if value == NO_VALUE:
            return False
        total += value * (1 if at == CREDIT_CODE_SIZE - 1 else weight)
        weight = weight * 3 % 31
    return total % 31 == 0


cdef bint is_passport(const uint8_t* number, uint32_t size) noexcept nogil:
    cdef uint32_t at
    if size < PASSPORT_SIZE_MIN or size > NUMBER_BYTES_MAX:
        return False
    for at in range(size):
        if not is_digit(number[at]) and not c"A" <= number[at] <= c"Z":
            return False
    return True


cdef int write_identity(uint32_t id_type, const uint8_t* number, uint32_t size,
                        uint8_t* identity) noexcept nogil:
    cdef uint32_t at
    cdef bint is_good
    if size == 0 or size > NUMBER_BYTES_MAX:
        return 0
    identity[0] = <uint8_t>id_type
    for at in range(size):
        identity[at + 1] = number[at] - 32 if c"a" <= number[at] <= c"z" else number[at]
    if id_type == RESIDENT_ID:
        is_good = is_resident_id(identity + 1, size)
    elif id_type == CREDIT_CODE:
        is_good = is_credit_code(identity + 1, size)
    elif id_type == PASSPORT:
        is_good = is_passport(identity + 1, size)
    else:
        is_good = False
    return <int>(size + 1) if is_good else 0
