"""Person: form, birth date and check character of the three kinds of number.

Every function looks at bytes that the caller has, and changes none of them.
"""

cdef extern from *:
    """
    /* GB 11643: weights 2^(17-i) mod 11, and the check character of each remainder. */
    static const uint8_t RESIDENT_WEIGHT[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    static const char RESIDENT_CHECK[] = "10X98765432";
    /* GB 32100: weights 3^i mod 31; the alphabet leaves out I, O, S, V and Z. */
    static const uint8_t CREDIT_WEIGHT[17] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    static const uint8_t CREDIT_VALUE['Z' - '0' + 1] = {
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
        255, 255, 255, 255, 255, 255, 255,
        10, 11, 12, 13, 14, 15, 16, 17, 255, 18, 19, 20, 21, 22, 255,
        23, 24, 25, 255, 26, 27, 255, 28, 29, 30, 255,
    };
    """
    const uint8_t* RESIDENT_WEIGHT
    const char* RESIDENT_CHECK
    const uint8_t* CREDIT_WEIGHT
    const uint8_t* CREDIT_VALUE


cdef uint32_t judge_resident_id(const uint8_t* number, size_t size, uint32_t today) noexcept nogil:
    cdef uint32_t total = 0, date = 0, faults = 0
    cdef uint32_t digit, at
    cdef uint8_t check
    if size != RESIDENT_ID_SIZE:
        return NUMBER_FORM
    for at in range(<uint32_t>(RESIDENT_ID_SIZE - 1)):
        digit = <uint32_t>number[at] - 48
        if digit > 9:
            return NUMBER_FORM
        total += digit * RESIDENT_WEIGHT[at]
        if 6 <= at < 14:
            date = date * 10 + digit
    check = number[RESIDENT_ID_SIZE - 1]
    if check == b"x":
        check = b"X"
    if check != b"X" and not b"0" <= check <= b"9":
        return NUMBER_FORM
    if date > today or not is_date(date):
        faults |= NUMBER_DATE
    if check != <uint8_t>RESIDENT_CHECK[total % 11]:
        faults |= NUMBER_CHECK
    return faults


cdef uint32_t judge_credit_code(const uint8_t* number, size_t size) noexcept nogil:
    cdef uint32_t total = 0
    cdef uint32_t value, at
    if size != CREDIT_CODE_SIZE:
        return NUMBER_FORM
    for at in range(<uint32_t>CREDIT_CODE_SIZE):
        value = credit_value(number[at])
        if value > 30:
            return NUMBER_FORM
        if at < CREDIT_CODE_SIZE - 1:
            total += value * CREDIT_WEIGHT[at]
        elif value != (31 - total % 31) % 31:
            return NUMBER_CHECK
    return 0


cdef uint32_t judge_passport(const uint8_t* number, size_t size) noexcept nogil:
    cdef size_t at
    if size < PASSPORT_SIZE_MIN or size > PASSPORT_SIZE_MAX:
        return NUMBER_FORM
    for at in range(size):
        if not (b"0" <= number[at] <= b"9" or b"A" <= (number[at] & 0xDF) <= b"Z"):
            return NUMBER_FORM
    return 0


cdef inline uint32_t credit_value(uint8_t char) noexcept nogil:
    """0 to 30; 255 for what stands in no code."""
    return CREDIT_VALUE[char - 48] if b"0" <= char <= b"Z" else 255


cdef inline bint is_date(uint32_t date) noexcept nogil:
    """Is YYYYMMDD a day of the Gregorian calendar, from 1900-01-01 on?"""
    cdef uint32_t year = date // 10000, month = date // 100 % 100, day = date % 100
    cdef bint is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if year < 1900 or month < 1 or month > 12 or day < 1:
        return False
    if month == 2:
        return day <= (29 if is_leap else 28)
    return day <= (30 if month == 4 or month == 6 or month == 9 or month == 11 else 31)
