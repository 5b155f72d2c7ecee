"""Encoding: controls as they leave, their views, and the facts that come with every control.

A message is written from its end, so that its length is known where it stands before it.
"""

from gateway.holds.model cimport Claim, Control, Deed, Hold, Origin, Outcome, TakenOrder

cpdef bytes control(object control_id, Origin origin, bytes mandate, str notice, Deed deed)
cpdef bytes ordered(Control control, Origin origin, Deed deed)
cpdef bytes received(bytes receipt)
cpdef bytes step(long long stepped_ns, list facts)
cpdef bytes control_view(Control control, Outcome outcome, long long requested_fen, bint waits, int field)
cpdef bytes hold_view(Hold hold, Claim claim, int life, int end, int cover, bytes controls, int field)
cpdef bytes taken_order(TakenOrder taken)
cpdef bytes verdicts(list decisions)
