"""Pages of a case: all of it in the end, each of them within its limits."""

from hypothesis import given
from hypothesis import strategies as st

from chakong.tracker.v1 import case_pb2
from chakong.tracker.v1.case_pb2 import CaseView, Event, NodeView, Pending, Stop
from tracker.rpc import pages

# What gRPC's libraries take unless told otherwise.
CALLERS_TAKE_BYTES = 4 << 20
COUNTS = st.tuples(*(st.integers(0, 4) for _ in range(5)))


def view_of(
    nodes: int, warnings: int, pending: int, stops: int, history: int, bytes_each: int = 0
) -> CaseView:
    text = "x" * bytes_each
    return CaseView(
        case_number="1",
        nodes=[NodeView(number=number, thing=text) for number in range(nodes)],
        warnings=[case_pb2.Warning(node=number) for number in range(warnings)],
        pending=[Pending(event_id=str(number)) for number in range(pending)],
        stops=[Stop(since=number) for number in range(stops)],
        history=[Event(event_id=str(number), basis=text) for number in range(history)],
    )


def read(view: CaseView, size: int) -> list[CaseView]:
    page, first = pages.cut(view, 0, size)
    found = [page]
    while first:
        page, first = pages.cut(view, first, size)
        found.append(page)
    return found


@given(COUNTS, st.integers(1, 30))
def test_pages_together_are_the_case(counts: tuple[int, ...], size: int) -> None:
    whole, merged = view_of(*counts), CaseView()
    found = read(whole, size)
    for page in found:
        assert sum(len(getattr(page, name)) for name in pages.LISTS) <= size
        assert page.case_number == "1"
        merged.MergeFrom(page)
    assert merged == whole
    assert len(found) == max(-(-sum(counts) // size), 1)


def test_a_page_fits_into_a_message_and_holds_at_least_one() -> None:
    assert 2 * pages.PAGE_BYTES_MAX <= CALLERS_TAKE_BYTES
    found = read(view_of(9, 0, 0, 0, 3, bytes_each=pages.PAGE_BYTES_MAX // 4), pages.SIZE_MAX)
    assert len(found) == 4
    assert all(page.ByteSize() <= pages.PAGE_BYTES_MAX for page in found)
    assert len(read(view_of(2, 0, 0, 0, 0, bytes_each=pages.PAGE_BYTES_MAX + 1), pages.SIZE_MAX)) == 2
