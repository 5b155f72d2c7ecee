"""Registration: what a case must have to be tracked. Pure."""

from collections.abc import Iterator
from typing import Final

from tracker.model import Case
from tracker.rules.law import Law

LEVEL_MAX: Final = 4
CLAIM_FEN_MAX: Final = 1 << 50
SUBJECTS_MAX: Final = 16
LENGTHS: Final = {"case_id": 128, "court": 32, "number": 128, "handler": 32, "profile": 64}
NEEDED: Final = ("case_id", "court", "number")


def case_faults(law: Law, case: Case) -> list[tuple[str, str]]:
    """Field and text of everything that is wrong with a registration."""
    return list(_faults(law, case))


def _faults(law: Law, case: Case) -> Iterator[tuple[str, str]]:
    for name, limit in LENGTHS.items():
        size = len(str(getattr(case, name)).encode())
        if size > limit or (not size and name in NEEDED):
            yield name, f"{size} bytes given, {1 if name in NEEDED else 0} to {limit} allowed"
    if case.profile and case.profile not in law.profiles:
        yield "profile", f"{case.profile[:64]!r} given, one of {', '.join(law.profiles)} allowed"
    if not 1 <= case.level <= LEVEL_MAX:
        yield "level", f"{case.level} given, 1 to {LEVEL_MAX} allowed"
    if not 0 <= case.claim_fen <= CLAIM_FEN_MAX:
        yield "claim_fen", f"{case.claim_fen} given, 0 to {CLAIM_FEN_MAX} allowed"
    if case.subject_count > SUBJECTS_MAX:
        yield "subjects", f"{case.subject_count} given, at most {SUBJECTS_MAX}"
    authority = case.authority
    if authority is not None and not (authority.officer and authority.instrument):
        yield "authority", "officer and instrument needed, or no authority"
    if authority is not None and (authority.at_registration or authority.patrol) and not case.subject_count:
        yield "subjects", "none given, and automatic inquiries wanted"
