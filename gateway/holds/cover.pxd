"""Cover: the types of what is reckoned for every control. See the .py."""

cimport cython

from gateway.holds.book cimport Book
from gateway.holds.model cimport Claim, Control, Hold, Origin


cpdef due(Claim claim, long long day)


cpdef gap(Claim claim, long long day)


cpdef gap_of(Claim claim, int debtor, long long day)


@cython.locals(control=Control)
cpdef tuple projected(Book book, Hold hold)


@cython.locals(
    origin=Origin, rest="long long", cover="long long", kept="long long", exposed="long long",
    flight="long long", reach="long long", controlled="long long", expected="long long", life=int,
)
cpdef recount(Book book, Claim claim, Hold hold)


@cython.locals(ceiling="long long", expected="long long", flight="long long")
cpdef count_new(Claim claim, Hold hold)


@cython.locals(claim=Claim, other=Hold, older=Hold, newer=Hold)
cpdef recount_with_pair(Book book, Hold hold)
