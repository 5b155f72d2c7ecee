"""Batches and subjects for the tests of the simulator."""

from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from chakong.institution.v1 import institution_pb2
from chakong.type.v1 import type_pb2
from simulator.truth import Subject

PERSON = Subject(type_pb2.ID_TYPE_RESIDENT_ID, "11010519491231002X", "王芳")
FIRM = Subject(type_pb2.ID_TYPE_CREDIT_CODE, "91330106MA2B1C3D4E", "远大实业有限公司")

_digits = st.text("0123456789", min_size=17, max_size=17)
subjects = st.builds(
    Subject,
    st.sampled_from(type_pb2.IdType.values()),
    st.one_of(
        st.builds(str.__add__, _digits, st.sampled_from("0123456789Xx")),
        st.text("0123456789ABCDEFGHJK", max_size=20),
    ),
    st.one_of(
        st.text("王李张刘陈杨秀英建国a 5", max_size=12),
        st.text(max_size=60),
        st.sampled_from(("王秀英", "李建国", "远大实业有限公司")),
    ),
)
item_lists = st.lists(st.integers(1, 25), unique=True, max_size=6)


def people(count: int) -> list[Subject]:
    """Different persons of Beijing; the numbers' check characters do not matter here."""
    return [
        Subject(type_pb2.ID_TYPE_RESIDENT_ID, f"1101051980{place:07}0", f"某{place}")
        for place in range(count)
    ]


def entry(
    subject: Subject,
    items: Iterable[int] = (),
    institutions: Iterable[int] = (),
    kind: institution_pb2.Kind.ValueType = institution_pb2.KIND_ASK,
) -> institution_pb2.Entry:
    mandate = type_pb2.Mandate(court_code="京0105", case_number="(2026)京0105执1号", officer_id="0105001")
    return institution_pb2.Entry(
        mandate=mandate,
        subject=type_pb2.Subject(id_type=subject.id_type, id_number=subject.id_number, name=subject.name),  # type: ignore[arg-type]
        items=items,
        institutions=institutions,
        kind=kind,
    )


def batch(batch_id: int, entries: Sequence[institution_pb2.Entry]) -> bytes:
    return institution_pb2.Batch(id=batch_id, entries=entries).SerializeToString()


def hello(institutions: Iterable[int]) -> bytes:
    return institution_pb2.Batch(institutions=institutions).SerializeToString()
