"""The filter as compiled code asks it: by the addresses that the library's objects have."""

import ctypes

from blacklist.screening.filter import Filter


def test_function_at_its_address_says_what_the_filter_says() -> None:
    keys = [place * 0x9E3779B97F4A7C15 & (2**64 - 1) for place in range(1_000)]
    built = Filter(b"".join(key.to_bytes(8, "little") for key in sorted(keys)))
    function, place = built.addresses
    contain = ctypes.CFUNCTYPE(ctypes.c_uint8, ctypes.c_uint64, ctypes.c_void_p)(function)
    asked = keys + [key ^ 0xFFFF for key in keys]
    assert [bool(contain(key, place)) for key in asked] == [key in built for key in asked]
    assert all(contain(key, place) for key in keys)
