"""Law: how long a hold may last at most, by item and day, from the project's data files.

Pure but for reading them. It knows nothing of an endpoint.
"""

from runtime import data
from runtime.calendar import to_date


def months_max(item: int, day: int) -> int:
    """Of a hold on such an item that is made or renewed on this date (20261122). LookupError when nothing of
    the item can be held then."""
    term_class = next(row["term"] for row in data.items() if row["code"] == item)
    on = to_date(day)
    for row in data.terms():
        is_begun = row["effective_from"] <= on
        if row["property"] == term_class and is_begun and on <= row.get("effective_until", on):
            return row["max"]["months"]
    raise LookupError(f"item: nothing of item {item} can be held")
