"""Numbers that look like chance."""

from simulator.mixing import STRIDE, mix, roll


def test_mix_is_the_output_of_splitmix64() -> None:
    # The first outputs of the reference implementation (Vigna, splitmix64.c) for the state 0.
    assert [mix(STRIDE * step) for step in (1, 2, 3)] == [
        0xE220A8397B1DCDAF,
        0x6E789E6AA1B965F4,
        0x06C45D188009454F,
    ]


def test_a_roll_depends_on_every_place_and_their_order() -> None:
    rolls = {roll(1), roll(1, 2), roll(1, 2, 3), roll(1, 3, 2), roll(2, 2, 3)}
    assert len(rolls) == 5
    assert roll(1, 2, 3) == roll(1, 2, 3)
    assert all(0 <= one < 2**64 for one in rolls)
