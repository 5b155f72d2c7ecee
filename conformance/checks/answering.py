"""Answering: found, nothing, several persons, or not able to look: each is said as what it is."""

from typing import Final

from chakong.type.v1.type_pb2 import Record
from conformance import entries, replies
from conformance.check import Check
from conformance.fixture import Account, Subject
from conformance.replies import Said
from conformance.trial import TRIES, Trial
from conformance.verdict import FailedError, require, require_that

REPEATS: Final = 64
ITEM_MAX: Final = 25


def known_is_found(trial: Trial) -> None:
    record = _record(trial, trial.full)
    subject = trial.full.subject
    fits = record.holder_number.upper() == subject.id_number.upper() and record.holder_name == subject.name
    require_that(fits, "the holder's number and name of accounts.full", "another number or name")
    require("its kind and currency", (trial.full.kind, trial.full.currency), (record.kind, record.currency))


def amounts_add_up(trial: Trial) -> None:
    record = _record(trial, trial.full)
    parts_fen = record.protected_fen + record.held_fen + record.available_fen
    require("protected_fen + held_fen + available_fen", record.amount_fen, parts_fen)
    least_fen = trial.full.free_fen_least
    require_that(
        record.available_fen >= least_fen, f"available_fen of at least {least_fen}", record.available_fen
    )


def unknown_is_none(trial: Trial) -> None:
    words = {word for word, _ in _everybody(trial, trial.subject("unknown"))}
    require("what was said of subjects.unknown", [Said.NONE.value], sorted(word.value for word in words))


def known_is_never_none(trial: Trial) -> None:
    """Whatever else happens on the way, also under some load."""
    home = trial.full.institution
    asked = [trial.about(trial.full)] * 8
    for _ in range(REPEATS // len(asked)):
        reply = trial.ask(*asked, hello=[home])
        words = {replies.said(reply, place, home) for place in range(len(asked))}
        require_that(Said.NONE not in words, "accounts.full found, or no answer", "NONE")


def failing_is_never_none(trial: Trial) -> None:
    question = entries.entry(trial.courts[0], trial.subject("failing"))
    allowed = (Said.UNAVAILABLE, Said.UNANSWERED)
    for institution in trial.fixture.institutions:
        for _ in range(TRIES):
            batch = entries.batch(trial.take_batch_id(), [question])
            (reply,) = trial.replies([entries.hello([institution]), batch])
            word = Said.UNAVAILABLE if reply.refusal else replies.said(reply, 0, institution)
            require_that(word in allowed, "UNAVAILABLE, or no answer", word.value)


def only_asked_items_are_told(trial: Trial) -> None:
    others = sorted(set(range(1, ITEM_MAX + 1)) - {trial.full.item})
    question = entries.entry(trial.courts[0], trial.full.subject, others)
    _, found = trial.said(question, trial.full.institution)
    told = sorted({record.item for record in found.records} if found else ())
    require_that(trial.full.item not in told, f"nothing of item {trial.full.item}", f"items {told}")


def no_items_means_all(trial: Trial) -> None:
    question = entries.entry(trial.courts[0], trial.full.subject)
    _, found = trial.said(question, trial.full.institution)
    locators = [record.locator for record in found.records] if found else []
    require_that(trial.full.locator in locators, "accounts.full found", f"{len(locators)} other records")


def ambiguous_is_said(trial: Trial) -> None:
    """AMBIGUOUS, or FOUND with a record that fits only one of number and name: the gateway makes the same of
    both."""
    subject = trial.subject("ambiguous")
    words = set()
    for word, records in _everybody(trial, subject):
        fits = all(
            (one.holder_number, one.holder_name) == (subject.id_number, subject.name) for one in records
        )
        words.add(word if fits else Said.AMBIGUOUS)
    said = ", ".join(sorted(word.value for word in words))
    require_that(Said.AMBIGUOUS in words, "AMBIGUOUS of some institution", said)


def _everybody(trial: Trial, subject: Subject) -> list[tuple[Said, list[Record]]]:
    """What each institution of the endpoint says that looked; that all of them look is a check of its own."""
    question = entries.entry(trial.courts[0], subject)
    found: dict[int, tuple[Said, list[Record]]] = {}
    for _ in range(TRIES):
        reply = trial.ask(question)
        for institution in replies.named(reply):
            word = replies.said(reply, 0, institution)
            finding = replies.finding(reply, 0, institution)
            if word not in (Said.UNANSWERED, Said.UNAVAILABLE):
                found.setdefault(institution, (word, list(finding.records) if finding else []))
        if len(found) == len(trial.fixture.institutions):
            break
    return list(found.values())


def _record(trial: Trial, account: Account) -> Record:
    word, found = trial.said(trial.about(account), account.institution)
    require("accounts.full", Said.FOUND, word)
    records = found.records if found else []
    for record in records:
        if record.locator == account.locator:
            return record
    raise FailedError("accounts.full among the records", f"{len(records)} others")


CHECKS = (
    Check(
        201,
        "A known subject's account is found, with its holder",
        "institution.proto, Finding.records: each names the number and name it matched",
        known_is_found,
    ),
    Check(
        202,
        "Protected, held and available amounts add up to the balance",
        "type.proto, Record: what is protected, what others hold, and what is left",
        amounts_add_up,
    ),
    Check(
        203,
        "An unknown subject is NONE, and that is an answer",
        "institution.proto, Reply.findings: everything else that is covered by answered had nothing",
        unknown_is_none,
    ),
    Check(
        204,
        "A known subject is never NONE",
        "institution.proto, Reply.answered: never derive nothing found from silence",
        known_is_never_none,
    ),
    Check(
        205,
        "A failing core system is UNAVAILABLE or no answer, never NONE",
        "institution.proto, OUTCOME_UNAVAILABLE: the institution could not look now",
        failing_is_never_none,
    ),
    Check(
        206,
        "Only the items asked for are told",
        "institution.proto, Entry.items; 网络查询、冻结被执行人存款的规定 (2013) art 7",
        only_asked_items_are_told,
    ),
    Check(
        207,
        "No items asked for means all",
        "institution.proto, Entry.items: empty: all",
        no_items_means_all,
    ),
    Check(
        208,
        "A name that does not fit its number is AMBIGUOUS",
        "institution.proto, OUTCOME_AMBIGUOUS: same name under another number, or several persons match",
        ambiguous_is_said,
    ),
)
