"""Words: the closed lists that the files of the law and the rules share. Constants, and nothing else."""

from typing import Final

NATIONAL: Final = "national"

# Kinds of nodes.
DUTY: Final = "duty"
WINDOW: Final = "window"
TERM: Final = "term"
BRANCH: Final = "branch"
COUNT: Final = "count"
NODE_KINDS: Final = (DUTY, WINDOW, TERM, BRANCH, COUNT)

# What a node or an event belongs to.
CASE: Final = "case"
PROPERTY: Final = "property"
CLUE: Final = "clue"
PAYMENT: Final = "payment"
BELONGINGS: Final = (CASE, PROPERTY, CLUE, PAYMENT)

# Units of limits.
DAYS: Final = "days"
WORKING_DAYS: Final = "working_days"
MONTHS: Final = "months"
UNITS: Final = (DAYS, WORKING_DAYS, MONTHS)

# Ways of selling; "" is not known, or the same on both.
ONLINE: Final = "online"
TRADITIONAL: Final = "traditional"
ROUTES: Final = ("", ONLINE, TRADITIONAL)

# Who records.
COURT: Final = "court"
FOLLOWER: Final = "follower"
SOURCES: Final = (COURT, FOLLOWER)

STATUSES: Final = ("read", "copy", "own", "unknown")

# How a case is closed (法发〔2014〕26号 art 14), "" where it is not told.
ENDED_FOR_NOW: Final = "ended_for_now"
MANNERS: Final = ("", "completed", ENDED_FOR_NOW, "terminated", "withdrawn", "not_enforced", "rejected")

# Events that the rules know by name; events.toml and nodes.toml must have them.
AUCTION: Final = "auction"
AUCTION_FAILED: Final = "auction_failed"
CLOSING: Final = "closing"
CLOCK_RESUMED: Final = "clock_resumed"
CLOCK_STOPPED: Final = "clock_stopped"
CLUE_CHECK: Final = "clue_check"
CLUE_RECEIVED: Final = "clue_received"
CORRECTED: Final = "corrected"
EXTENSION: Final = "extension_granted"
FILING: Final = "filing"
FOUND_AFTERWARDS: Final = "property_found_after_suspension"
MEASURE_EFFECTIVE: Final = "measure_effective"
MEASURE_ENDED: Final = "measure_ended"
MEASURE_RENEWED: Final = "measure_renewed"
NO_PROPERTY: Final = "no_property_found"
ONLINE_INQUIRY: Final = "online_inquiry"
PROPERTY_FOUND: Final = "property_found"
RESUMPTION: Final = "resumption"
SECOND_AUCTION: Final = "second_auction"
SECOND_AUCTION_FAILED: Final = "second_auction_failed"
SUSPENSION_START: Final = "suspension_start"
THIRD_AUCTION: Final = "third_auction"
THIRD_AUCTION_FAILED: Final = "third_auction_failed"
TRANSFERRED: Final = "case_transferred"
WITHOUT_PROPERTY: Final = "without_property"
WITH_PROPERTY: Final = "with_property"

# Of measure_ended: why, where it ran out and nobody released it. The gateway's word for such a hold.
EXPIRED: Final = "EXPIRED"
# What must have happened before, where it is not the start of a node: event -> what comes first.
COMES_AFTER: Final = {
    CLOCK_RESUMED: CLOCK_STOPPED,
    MEASURE_RENEWED: MEASURE_EFFECTIVE,
    MEASURE_ENDED: MEASURE_EFFECTIVE,
    AUCTION_FAILED: AUCTION,
    SECOND_AUCTION_FAILED: SECOND_AUCTION,
    THIRD_AUCTION_FAILED: THIRD_AUCTION,
}
# Told again, they say nothing new: a node that they started and that was done is not started again, unless
# the case or the measure ended in between. Of a case ended for now they start nothing that is of the case.
TOLD_AGAIN: Final = frozenset(
    {
        "application_received",
        FILING,
        "distribution",
        PROPERTY_FOUND,
        NO_PROPERTY,
        ONLINE_INQUIRY,
        MEASURE_EFFECTIVE,
    }
)
# Nodes that start anew when a case is taken up again [own reading].
RESTARTED: Final = (CLOSING, "online_inquiry_count")
# Nodes that the gateway's own events fill; the other nodes are done by officers.
FOLLOWED: Final = frozenset({ONLINE_INQUIRY, "other_control", "deduction", WITH_PROPERTY, WITHOUT_PROPERTY})
# End states that prove that nothing was found.
NOTHING_THERE: Final = frozenset({"NONE", "INCAPABLE"})
