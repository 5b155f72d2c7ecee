"""Laws: the versions of the law that were in force in this database, as the texts they were adopted with.

The last one adopted is in force. What a version means the rules say; how cases come from one to the next is
in recomputing.py.
"""

import json
from collections.abc import Mapping

from sqlalchemy import Connection, insert, select

from tracker.rules import law
from tracker.rules.law import Law
from tracker.store.calendars import widen
from tracker.store.head import LAW_ID, put_counters, read_head
from tracker.store.ruling import Ruling
from tracker.store.tables import LAWS

# Nothing is left to recompute: all cases stand by this law.
ALL_CASES = 2**62


def judge_of(connection: Connection, law_id: int) -> Ruling:
    """The judge under this law."""
    return Ruling(law.load(texts_of(connection, law_id)))


def texts_of(connection: Connection, law_id: int) -> dict[str, str]:
    """File names and texts."""
    text = connection.execute(select(LAWS.c.texts).where(LAWS.c.law_id == law_id)).scalar_one()
    texts: dict[str, str] = json.loads(text)
    return texts


def adopt(
    connection: Connection, texts: Mapping[str, str], made: Law, now_ns: int, *, recomputed_to: int
) -> int:
    """Put a law in force with this transaction, under which this process counts every case; its number. Only
    under the writers' lock."""
    law_id = read_head(connection).law_id + 1
    connection.execute(
        insert(LAWS).values(
            law_id=law_id,
            version=made.version,
            texts=json.dumps(dict(texts), ensure_ascii=False),
            adopted_ns=now_ns,
            recomputed_to=recomputed_to,
        )
    )
    put_counters(connection, {LAW_ID: law_id})
    widen(connection)
    return law_id


def adopt_first(connection: Connection, texts: Mapping[str, str], now_ns: int) -> str:
    """The law in force; that of these texts is adopted where there is none yet. Its version."""
    law_id = read_head(connection).law_id
    if law_id == 0:
        made = law.load(texts)
        law_id = adopt(connection, texts, made, now_ns, recomputed_to=ALL_CASES)
    version = connection.execute(select(LAWS.c.version).where(LAWS.c.law_id == law_id)).scalar_one()
    return str(version)
