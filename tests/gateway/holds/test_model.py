"""Model: forks are equal to what they come from, and independent of it."""

from types import GetSetDescriptorType

from gateway.holds.model import Claim, Control, Hold, Origin, Property, Subject


def hold() -> Hold:
    place, subject = Property(1, 1, "a", "personal", ""), Subject(1, "1", "a")
    origin = Origin(1, 1, 0, 1, place, subject, False, b"", "n", 12, 100, False, 5, -1, 0)
    return Hold(origin, 1, waits=False)


def names_of(model: type) -> list[str]:
    """Its fields, as they are compiled; what is reckoned from them is none."""
    found = [name for name, value in vars(model).items() if isinstance(value, GetSetDescriptorType)]
    return [name for name in found if name not in ("is_flying", "counts", "is_in_force")]


def other_than(value: object, number: int) -> object:
    """A value of the same kind, which is not what a new one has."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, list | tuple | set):
        return type(value)([number])
    if isinstance(value, bytes):
        return bytes((number,))
    return str(number) if isinstance(value, str) else number


def test_fork_of_a_hold_has_every_field() -> None:
    first = hold()
    for number, name in enumerate(names_of(Hold)):
        if name not in ("origin", "stamp"):
            setattr(first, name, other_than(getattr(first, name), number))
    second = first.fork(2)
    assert second.stamp == 2
    for name in names_of(Hold):
        if name != "stamp":
            assert getattr(second, name) == getattr(first, name), name


def test_fork_of_a_claim_has_every_field() -> None:
    first = Claim(1, 1)
    for number, name in enumerate(names_of(Claim)):
        if name not in ("stamp", "number"):
            setattr(first, name, other_than(getattr(first, name), number))
    second = first.fork(2)
    for name in names_of(Claim):
        if name != "stamp":
            assert getattr(second, name) == getattr(first, name), name
    second.debtor_cover.append(7)
    assert len(first.debtor_cover) == 1


def test_hold_flies_until_something_is_heard_of_it() -> None:
    known = hold()
    assert known.is_flying
    known.version = 1
    assert not known.is_flying


def test_release_of_excess_asks_for_what_stays_after_deductions() -> None:
    control = Control(1, 1, 3, "", "", b"", 50, False, 50, 0, False, "", "EXCESS", "", "", False, 1, None)  # type: ignore[arg-type]
    assert [control.asked_fen(deducted) for deducted in (0, 20, 60)] == [50, 30, 0]
