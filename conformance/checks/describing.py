"""Describing: what Describe says of the institutions behind the endpoint."""

from conformance.check import Check
from conformance.trial import Trial
from conformance.verdict import require, require_that


def names_each_once(trial: Trial) -> None:
    named = [one.institution for one in trial.line.describe().capabilities]
    missing = sorted(set(trial.fixture.institutions) - set(named))
    require("institutions of the fixture that Describe leaves out", [], missing)
    twice = sorted({one for one in named if named.count(one) > 1})
    require("institutions that Describe names twice", [], twice)


def can_do_what_is_tested(trial: Trial) -> None:
    """The fixture names institutions that can be inquired of and can freeze."""
    wanted = set(trial.fixture.institutions)
    for one in trial.line.describe().capabilities:
        if one.institution in wanted:
            require_that(
                one.can_inquire and one.can_freeze,
                f"institution {one.institution}: can_inquire and can_freeze",
                f"can_inquire {one.can_inquire}, can_freeze {one.can_freeze}",
            )


CHECKS = (
    Check(
        101,
        "Describe names every institution once",
        "institution.proto, Describe: what the institutions behind this endpoint can do",
        names_each_once,
    ),
    Check(
        102,
        "Describe says of what is tested that it can be done",
        "institution.proto, Capability: a capability lost makes INCAPABLE",
        can_do_what_is_tested,
    ),
)
