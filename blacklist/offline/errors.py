"""Errors: why a snapshot or a delta is not taken. What was there before stays.

Each says what came and what must come; none quotes anything of a person.
"""


class OfflineError(Exception):
    """An offline set cannot be used as it is."""


class TruncatedError(OfflineError):
    """The file ends too early, or is no such file."""


class TamperedError(OfflineError):
    """Signature, digest or content is not what the service made."""


class StaleError(OfflineError):
    """It is older than it may be, or older than what is there."""


class ForeignError(OfflineError):
    """It is for another unit, another snapshot or another key."""
