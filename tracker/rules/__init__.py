"""The rules of the tracker: the law as it stands in the files, and what follows from it for a case. Pure."""

from tracker.rules.folding import fold
from tracker.rules.guard import check, check_first, takes_all
from tracker.rules.registration import case_faults

__all__ = ["case_faults", "check", "check_first", "fold", "takes_all"]
