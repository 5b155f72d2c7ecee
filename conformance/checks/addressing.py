"""Addressing: who answers which entry, at an endpoint that may be the hub of many institutions."""

from conformance import entries, replies
from conformance.check import Check
from conformance.replies import Said
from conformance.trial import TRIES, Trial
from conformance.verdict import FailedError, require, require_that


def question_gets_a_reply(trial: Trial) -> None:
    batch = entries.batch(trial.take_batch_id(), [trial.about(trial.full)])
    trial.replies([entries.hello([trial.full.institution]), batch])


def later_first_message_holds(trial: Trial) -> None:
    home, other = trial.hub()
    question = trial.about(trial.full)
    first = entries.batch(trial.take_batch_id(), [question])
    second = entries.batch(trial.take_batch_id(), [question])
    messages = [entries.hello([home]), first, entries.hello([other]), second]
    came = [replies.named(reply) for reply in trial.replies(messages)]
    require("institutions that answered, batch by batch", [{home}, {other}], came)


def entry_is_answered_by_those_it_names(trial: Trial) -> None:
    home, other = trial.hub()
    court, subject = trial.courts[0], trial.full.subject
    asked = [
        entries.entry(court, subject, [trial.full.item], [other]),
        entries.entry(court, subject, [trial.full.item], [home]),
    ]
    reply = trial.ask(*asked)
    require_that(
        replies.said(reply, 0, home) is not Said.FOUND and replies.finding(reply, 0, home) is None,
        f"nothing from institution {home} on an entry for institution {other}",
        "a finding",
    )
    require(f"institution {home} on the entry for it", Said.FOUND, replies.said(reply, 1, home))


def another_institution_has_its_own_books(trial: Trial) -> None:
    _, other = trial.hub()
    question = entries.entry(trial.courts[0], trial.full.subject, [trial.full.item])
    _, found = trial.said(question, other)
    locators = [record.locator for record in found.records] if found else []
    require_that(
        trial.full.locator not in locators,
        f"accounts.full only from institution {trial.full.institution}",
        f"also from institution {other}",
    )


def everybody_who_looked_is_named(trial: Trial) -> None:
    question = entries.entry(trial.courts[0], trial.subject("unknown"))
    wanted = set(trial.fixture.institutions)
    missing = wanted
    for _ in range(TRIES):
        missing = missing - replies.named(trial.ask(question))
        if not missing:
            return
    raise FailedError(
        f"all {len(wanted)} institutions named in answered within {TRIES} tries", f"never {sorted(missing)}"
    )


CHECKS = (
    Check(
        110,
        "A stream's first message gets no reply, a question one that is not void",
        "institution.proto, Batch.id: it gets no reply; Inquire: a reply that contradicts its batch is void",
        question_gets_a_reply,
    ),
    Check(
        112,
        "A later first message holds for the batches after it",
        "institution.proto, Batch.id: such a message may come again later",
        later_first_message_holds,
    ),
    Check(
        113,
        "An entry is answered by the institutions it names",
        "institution.proto, Entry.institutions; absent: every institution of the stream's first message",
        entry_is_answered_by_those_it_names,
    ),
    Check(
        114,
        "An institution answers from its own books alone",
        "institution.proto, Finding.institution: one that the entry was addressed to",
        another_institution_has_its_own_books,
    ),
    Check(
        115,
        "Everybody who looked is named in answered",
        "institution.proto, Reply.answered: an institution not named here has not answered",
        everybody_who_looked_is_named,
    ),
)
