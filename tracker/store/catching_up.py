"""Catching up: a tracker goes on with a recomputation that was cut off, and begins one when it knows the
holidays of a year that some cases are not counted with.

At its start, and once a day: another process may have written since without knowing that year. A piece at a
time, beside everything else; whoever recomputes meanwhile takes the other pieces. Which rows change then is
recomputing.py's.
"""

import asyncio
import logging
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from runtime.clock import now_ns
from runtime.errors import UnavailableError
from tracker.store.calendars import knows_more
from tracker.store.difference import LawOf
from tracker.store.head import read_head
from tracker.store.laws import ALL_CASES, texts_of
from tracker.store.piece import read_progress
from tracker.store.reader import reading
from tracker.store.recomputing import Recomputing

AGAIN_S: Final = 5.0
# As long as processes write that do not know the year, each look counts all cases anew.
LOOK_EVERY_S: Final = 86_400.0

log = logging.getLogger(__name__)


class CatchingUp:
    """Of one database."""

    def __init__(self, engine: Engine, law_of: LawOf) -> None:
        self._engine = engine
        self._law_of = law_of

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.catch_up()
            await asyncio.sleep(LOOK_EVERY_S)

    async def catch_up(self) -> None:
        """Return when every case stands by the law in force, counted with the holidays that are known."""
        while not await self._is_over():  # noqa: ASYNC110 - it is a database that comes back
            await asyncio.sleep(AGAIN_S)

    async def _is_over(self) -> bool:
        """False: the database went away, or another law came; what was done stays done."""
        try:
            one = await asyncio.to_thread(self._begun)
            if one is not None:
                while await asyncio.to_thread(one.step) < ALL_CASES:
                    pass
                if one.is_superseded:
                    return False
                log.info("every case stands by the law in force")
        except (SQLAlchemyError, UnavailableError, OSError) as error:
            log.warning("recomputing waits for the database", extra={"error": type(error).__name__})
            return False
        except ValueError:
            # Cases have a profile that the law lacks: that is for an operator, and no reason to end.
            log.exception("recomputing cannot go on")
        return True

    def _begun(self) -> Recomputing | None:
        """None: there is nothing to do."""
        with reading(self._engine) as connection:
            law_id = read_head(connection).law_id
            is_left = read_progress(connection)[-1].recomputed_to < ALL_CASES
            if not is_left and not knows_more(connection):
                return None
            texts = texts_of(connection, law_id)
        one = Recomputing(self._engine, self._law_of, self._law_of(law_id))
        is_new = one.adopt(texts, now_ns())
        log.info("recomputing", extra={"reason": "holidays" if is_new else "was cut off"})
        return one
