"""House: a compiled Engine at a desk, for tests of what its model does not look at: memory, cuts, sharing."""

from collections.abc import Iterable, Mapping

from chakong.institution.v1 import institution_pb2 as institution
from gateway._core import Engine
from tests.model.world import ENDPOINT_COUNT, KEY, MUTE, Desk, Sent, snapshot

ROUNDS_MAX = 2000
HELD = ("bytes_held", "inquiries_open", "in_flight", "waiting_entries", "queries_open")


def desk(*, is_open: bool = True, **limits: int) -> Desk:
    return Desk(Engine(KEY, **limits), is_open=is_open)


def change(
    at: Desk,
    version: int,
    incapable: Iterable[int] = (MUTE,),
    limits: Mapping[int, tuple[int, int]] | None = None,
) -> None:
    at.engine.set_directory(snapshot(version, incapable=incapable, limits=limits))


def entries(sent: Sent) -> list[institution.Entry]:
    return list(sent.message.entries)


def cases(sent: Sent) -> list[str]:
    """The case of each entry; a void one has none."""
    return [entry.mandate.case_number for entry in sent.message.entries]


def settle_to_the_end(at: Desk) -> None:
    """Every endpoint answers that there is nothing, until nobody is asked any more."""
    for endpoint in range(ENDPOINT_COUNT):
        at.engine.open_endpoint(endpoint, 16)
    for _ in range(ROUNDS_MAX):
        taken = at.take()
        for sent in taken:
            assert at.settle(sent, sent.reply()) == 0
        at.answers()
        if not taken:
            return
    raise AssertionError("somebody is asked without end")


def is_empty(at: Desk) -> bool:
    """Nothing is held but fresh asks: sweeping lanes takes place once a second."""
    at.answers()
    at.wait_until_due(10**9)
    at.answers()
    stats = at.engine.stats()
    held = {name: stats[name] for name in HELD}
    assert not any(held.values()), held
    return True
