"""Weather table: what bad input and bad weather get, row by row, and the tests that show it.

A row without a test, or a test that is gone, is a failure. The tests named here are not the only ones.
"""

import ast

import pytest

from tests.tidy.house import ROOT

CHECK = "gateway/test_core_check.py"
SUBMIT = "gateway/edge/test_submit.py"
JOURNAL = "gateway/edge/test_journal.py"
PUMP = "gateway/edge/test_pump.py"
BAD = "whole/test_bad_endpoints.py"
SCENARIOS = "whole/test_scenarios.py"
DISCONNECTS = "whole/test_disconnects.py"
DISK = "whole/test_disk.py"

# Row -> tests, as "file: name" below tests/.
TABLE: dict[str, tuple[str, ...]] = {
    "malformed or truncated protobuf": (
        f"{CHECK}: test_an_unreadable_message_is_refused_whole",
        "gateway/core/test_codec.py: test_every_prefix_is_read_or_refused_as_by_the_runtime",
        f"{SUBMIT}: test_what_cannot_be_read_is_an_invalid_argument",
        f"{SUBMIT}: test_a_message_that_is_refused_whole_leaves_the_stream_open",
    ),
    "oversize message": (
        f"{CHECK}: test_more_inquiries_or_bytes_than_allowed_are_refused_whole",
        "whole/test_bad_input.py: test_an_oversize_message_is_refused_whole_and_the_stream_lives_on",
    ),
    "unknown enum": (
        f"{CHECK}: test_a_single_fault_is_refused_with_its_field",
        "whole/test_bad_input.py: test_an_unknown_enum_is_an_invalid_argument_with_its_field",
    ),
    "one bad inquiry in a message of thousands": (
        f"{CHECK}: test_an_unreadable_inquiry_harms_no_other",
        "whole/test_bad_input.py: test_one_bad_inquiry_among_thousands_harms_no_other",
    ),
    "one entry that an institution chokes on": (
        f"{BAD}: test_one_entry_that_sinks_its_batch_is_found_and_the_others_are_answered",
        f"{SCENARIOS}: test_liars_are_found_out_and_harm_nobody",
    ),
    "a hub whose reply leaves out an institution": (
        f"{BAD}: test_whom_a_hub_leaves_out_is_unreachable_and_never_none",
        f"{SCENARIOS}: test_liars_are_found_out_and_harm_nobody",
    ),
    "duplicate": (
        "gateway/test_core_orders.py: test_the_same_order_gets_the_first_receipt",
        "whole/test_bad_input.py: test_what_is_refused_or_repeated_is_not_journalled",
    ),
    "reused id": (
        "gateway/test_core_orders.py: test_a_reused_order_id_is_refused",
        "whole/test_bad_input.py: test_what_is_refused_or_repeated_is_not_journalled",
    ),
    "foreign court": (
        "whole/test_bad_input.py: test_what_is_refused_or_repeated_is_not_journalled",
        "runtime/test_guard.py: test_each_role_may_call_what_the_table_says",
    ),
    "no certificate": ("benchmarks/test_stack.py: test_caller_without_certificate_is_not_let_in",),
    "garbage, wrong batch, unknown index, records for someone not asked": (
        f"{BAD}: test_a_reply_that_cannot_be_believed_is_thrown_away_and_asked_again",
        f"{BAD}: test_an_endpoint_that_always_lies_ends_unreachable",
        f"{SCENARIOS}: test_liars_are_found_out_and_harm_nobody",
    ),
    "endpoint silent, slow, refusing, resetting": (
        f"{BAD}: test_only_the_queries_of_a_bad_endpoint_wait",
        f"{BAD}: test_a_reply_after_the_deadline_still_reaches_the_court",
        f"{SCENARIOS}: test_storm_ends_as_calm_but_for_the_slow_and_the_dead",
    ),
    "endpoint gone for good": (
        f"{BAD}: test_an_endpoint_that_goes_for_good_is_unreachable_in_time",
        f"{SCENARIOS}: test_outage_keeps_nobody_else_waiting_and_ends_as_calm",
    ),
    "kill -9 of the gateway at any moment, under load": (
        "whole/test_kill.py: test_every_acknowledged_inquiry_is_truly_answered_once_after_kill_9",
        "whole/test_seeded_world.py: test_every_seeded_day_ends_as_it_must",
        f"{JOURNAL}: test_what_was_acknowledged_is_there_after_kill_9",
    ),
    "disk full": (
        f"{DISK}: test_a_full_disk_acknowledges_nothing_and_loses_nothing",
        f"{DISK}: test_a_disk_without_room_for_a_journal_stops_the_start_with_its_name",
        f"{PUMP}: test_what_the_journal_loses_was_never_accepted",
    ),
    "journal damaged": (
        f"{DISK}: test_a_damaged_frame_stops_the_start_and_is_named",
        f"{DISK}: test_a_file_that_is_no_journal_stops_the_start_and_is_named",
        f"{JOURNAL}: test_a_missing_frame_stops_the_start_and_is_named",
    ),
    "more load than it can hold": (
        "whole/test_load.py: test_a_full_gateway_says_when_to_come_back_and_finishes_what_it_took",
        f"{PUMP}: test_a_message_is_refused_while_the_journal_is_behind_and_let_in_afterwards",
    ),
    "client disconnects mid-stream": (
        f"{DISCONNECTS}: test_clients_that_vanish_leave_no_call_no_task_and_no_ticket",
        f"{DISCONNECTS}: test_a_connection_cut_in_the_middle_of_a_watch_misses_nothing",
    ),
    "simulator disconnects mid-stream": (
        f"{DISCONNECTS}: test_institutions_that_break_off_leave_no_batch_and_no_stream",
        "gateway/edge/test_line.py: test_thirty_lost_streams_leave_nothing_behind",
    ),
}


@pytest.mark.parametrize("row", TABLE)
def test_every_row_is_shown_by_tests_that_exist(row: str) -> None:
    assert TABLE[row]
    for shown in TABLE[row]:
        file, name = shown.split(": ")
        assert name in names_in(file), shown


def test_a_test_that_is_gone_is_noticed() -> None:
    assert "test_that_never_was" not in names_in(CHECK)


def names_in(file: str) -> set[str]:
    module = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    functions = (node for node in module.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))
    return {node.name for node in functions if node.name.startswith("test_")}
