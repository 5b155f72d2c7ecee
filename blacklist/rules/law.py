"""Law: the rules of the list as data, from listing.toml.

All mistakes of a file are told at once. What the file says in words alone (who counts as a minor, which
reasons end a term early) has its number or key here, with its source. It decides nothing.
"""

import tomllib
from dataclasses import dataclass
from typing import Any, Final

ABLE_BUT_REFUSES: Final = "able_but_refuses"
LISTED_IN_ERROR: Final = "listed_in_error"
TERM_ENDED: Final = "term_ended"
AT_THE_APPLICANTS_REQUEST: Final = "applicant_asked_and_court_agreed"
PERFORMED: Final = "performed"
SETTLEMENT_PERFORMED: Final = "settlement_performed"
# Ends a termed listing early, by a decision: "the debtor performs or corrects the conduct" (art 2).
EARLY_REASONS: Final = (PERFORMED, "conduct_corrected")
# A restriction of consumption has no term; it ends with what it was for, or by decision.
LIFTED: Final = "lifted_by_decision"
# A derived restriction also ends with the listing it rests on, or when the subject is no longer what it was.
PRINCIPAL_ENDED: Final = "principal_ended"
PRINCIPAL_CORRECTED: Final = "principal_corrected"
PRINCIPAL_EXTENDED: Final = "principal_extended"
NO_LONGER_IN_CAPACITY: Final = "no_longer_in_capacity"
# Full age (民法典 art 17).
ADULT_YEARS: Final = 18


class LawError(ValueError):
    """The file cannot be used. `faults` has a line for each mistake."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("listing.toml: " + "; ".join(faults))


@dataclass(frozen=True, slots=True)
class Ground:
    """Why somebody is listed. `term_months` 0: without a fixed term."""

    key: str
    text: str
    term_months: int


@dataclass(frozen=True, slots=True)
class Law:
    """One version of the rules."""

    effective_from: int
    grounds: dict[str, Ground]
    extension_months_min: int
    extension_months_max: int
    # By the key of the exclusion: whether it is absolute ("generally": it may be approved).
    excluded_always: dict[str, bool]
    excluded_able: frozenset[str]
    removal_working_days: int
    reasons_without_a_term: tuple[str, ...]
    reasons_of_all: tuple[str, ...]
    relisting_bar_months: int
    objection_days: int
    review_ask_days: int
    review_days: int
    correct_working_days: int
    # Articles on objection and correction.
    correction_basis: str


def load(text: str) -> Law:
    """The law of a listing.toml. LawError."""
    try:
        whole = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LawError([f"not TOML: {error}"]) from None
    faults: list[str] = []
    look = _Look(whole, faults)
    effective = whole.get("effective_from")
    if not hasattr(effective, "year"):
        faults.append("effective_from: must be a date")
    grounds = _grounds(whole, faults)
    always = look.table("exclusion", "always")
    able = look.table("exclusion", "able_but_refuses")
    law = Law(
        effective_from=_date(effective),
        grounds=grounds,
        extension_months_min=look.count("extension", "min", "months"),
        extension_months_max=look.count("extension", "max", "months"),
        excluded_always={key: value is True for key, value in always.items() if key != "status"},
        excluded_able=frozenset(key for key, value in able.items() if value is True),
        removal_working_days=look.count("removal", "working_days"),
        reasons_without_a_term=look.keys("removal", "listings_without_a_term"),
        reasons_of_all=look.keys("removal", "all_listings"),
        relisting_bar_months=look.count("removal", "relisting_bar_months"),
        objection_days=look.count("correction", "objection_days"),
        review_ask_days=look.count("correction", "review_ask_days"),
        review_days=look.count("correction", "review_days"),
        correct_working_days=look.count("correction", "correct_working_days"),
        correction_basis=look.text("correction", "basis"),
    )
    if ABLE_BUT_REFUSES not in grounds:
        faults.append(f"ground: {ABLE_BUT_REFUSES} is missing")
    if law.extension_months_min > law.extension_months_max:
        faults.append("extension: min must be at most max")
    if faults:
        raise LawError(faults)
    return law


class _Look:
    """Reads places of a document; what is wrong there goes to `faults`."""

    def __init__(self, whole: dict[str, Any], faults: list[str]) -> None:
        self._whole = whole
        self._faults = faults

    def table(self, *path: str) -> dict[str, Any]:
        found = self._at(path)
        if isinstance(found, dict):
            return found
        self._faults.append(f"{'.'.join(path)}: must be a table")
        return {}

    def count(self, *path: str) -> int:
        found = self._at(path)
        if isinstance(found, int) and not isinstance(found, bool) and found > 0:
            return found
        self._faults.append(f"{'.'.join(path)}: must be a number above 0")
        return 0

    def text(self, *path: str) -> str:
        found = self._at(path)
        if isinstance(found, str) and found:
            return found
        self._faults.append(f"{'.'.join(path)}: must be a text")
        return ""

    def keys(self, *path: str) -> tuple[str, ...]:
        found = self._at(path)
        if isinstance(found, list) and found and all(isinstance(one, str) and one for one in found):
            return tuple(found)
        self._faults.append(f"{'.'.join(path)}: must be a list of keys")
        return ()

    def _at(self, path: tuple[str, ...]) -> Any:
        found: Any = self._whole
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        return found


def _grounds(whole: dict[str, Any], faults: list[str]) -> dict[str, Ground]:
    grounds: dict[str, Ground] = {}
    rows = whole.get("ground")
    for index, row in enumerate(rows if isinstance(rows, list) else []):
        place = f"ground[{index}]"
        key, text, term = row.get("key"), row.get("text"), row.get("term")
        if not isinstance(key, str) or not key or key in grounds:
            faults.append(f"{place}.key: must be a key of its own")
            continue
        if not isinstance(text, str) or not text:
            faults.append(f"{place}.text: must be there")
        months = 0 if term == "none" else term.get("months", 0) if isinstance(term, dict) else -1
        if not isinstance(months, int) or (months < 1 and term != "none"):
            faults.append(f"{place}.term: must be none, or months above 0")
            continue
        grounds[key] = Ground(key, str(text), months)
    if not grounds:
        faults.append("ground: none given")
    return grounds


def _date(found: Any) -> int:
    return found.year * 10_000 + found.month * 100 + found.day if hasattr(found, "year") else 0
