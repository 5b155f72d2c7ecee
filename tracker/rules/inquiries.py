"""Inquiries: whether every debtor of a case was asked about. Pure.

Where there are several, an inquiry counts for the one that it says it was about. One that does not say it
counts for nobody then; where there is one debtor, or nobody told who they are, it is taken for theirs.
"""

from collections.abc import Iterable

from tracker.model import Event


def latest_full(inquiries: Iterable[Event], subject_count: int) -> tuple[Event, ...]:
    """The latest full inquiry about each debtor, the oldest first; none at all while one of them was not
    asked about. `inquiries` in the order of their days."""
    latest: dict[int, Event] = {}
    for event in inquiries:
        subject = event.detail.subject if subject_count > 1 else 1
        if event.detail.is_full and subject:
            latest[subject] = event
    if len(latest) < max(subject_count, 1):
        return ()
    return tuple(sorted(latest.values(), key=lambda event: (event.effective, event.event_id)))
