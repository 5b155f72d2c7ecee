"""Accounts of the population that a test can freeze."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from chakong.institution.v1.institution_pb2 import Control
from simulator.books.property import Holder
from simulator.layout import Layout
from simulator.truth import Record, Subject, Truth
from tests.simulator.batches import people
from tests.simulator.books.acts import ACCOUNT, freeze


class Target(NamedTuple):
    """An account in yuan with money that nobody holds."""

    endpoint: int
    institution: int
    subject: Subject
    record: Record

    def freeze(self, hold_id: int, ceiling_fen: int = 0, months: int = 12) -> Control:
        holder = Holder(self.subject.id_type, self.subject.id_number, self.subject.name)
        opening = replace(
            ACCOUNT, institution=self.institution, item=self.record.item, locator=self.record.locator
        )
        return freeze(hold_id, ceiling_fen, months, opening=opening, holder=holder)


def targets(layout: Layout, truth: Truth, count: int = 2_000) -> Iterator[Target]:
    """Of so many persons; at institutions that can freeze and deduct."""
    for person in people(count):
        for index, found in truth.found(person, (1,)).items():
            institution = layout.institutions[index]
            for record in found.records:
                is_whole = (record.holder_number, record.holder_name) == (person.id_number, person.name)
                is_free = record.available_fen > 10_000 and not record.held_fen and not record.currency
                if is_whole and is_free and {"FREEZE", "DEDUCT"} <= institution.can:
                    yield Target(institution.endpoint, index, person, record)
