"""Line: a call that fails or comes too late is a failure that says which, and never waits longer."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest

from benchmarks.stack import free_port
from conformance import entries
from conformance.fixture import Agreed, Fixture, parse
from conformance.line import Line, channel_to
from conformance.verdict import FailedError, NotRunError
from runtime.certificates import write_set
from runtime.clock import now_ns
from simulator.layout import Layout
from simulator.scenarios import Cast, Role
from tests.conformance.conftest import HUB
from tests.conformance.simulated import Loop, simulated

MILLISECOND_NS = 1_000_000


def hasty(fixture: Fixture, answer_s: float) -> Fixture:
    return fixture.model_copy(update={"agreed": Agreed(answer_s=answer_s)})


def test_nobody_there_is_a_failure_that_says_so(fixture: Fixture) -> None:
    known = hasty(fixture, 2.0)
    with channel_to(f"127.0.0.1:{free_port()}", known) as channel:
        line = Line(channel, known)
        with pytest.raises(FailedError) as caught:
            line.describe()
        assert caught.value.expected == "Describe: an answer within 2 s"
        assert caught.value.came.startswith("UNAVAILABLE")
        with pytest.raises(FailedError, match="UNAVAILABLE"):
            line.inquire([entries.hello([1]), entries.batch(1, [])])


def test_a_silent_endpoint_is_waited_for_no_longer_than_agreed(
    loop: Loop, layout: Layout, fixture: Fixture
) -> None:
    endpoint = layout.endpoint_of(HUB)
    assert endpoint is not None
    known = hasty(fixture, 0.3)
    with (
        simulated(loop, layout, casts={endpoint: Cast(Role.SILENT)}) as address,
        channel_to(address, known) as channel,
    ):
        begun_ns = now_ns()
        with pytest.raises(FailedError, match="0, then DEADLINE_EXCEEDED"):
            Line(channel, known).inquire([entries.hello([1]), entries.batch(1, [])])
        assert now_ns() - begun_ns < 3_000 * MILLISECOND_NS


def test_an_endpoint_that_serves_no_such_call_is_told_apart(calm: str, fixture: Fixture) -> None:
    unknown = fixture.model_copy(update={"endpoint": "nobody"})
    with channel_to(calm, unknown) as channel, pytest.raises(FailedError, match="NOT_FOUND"):
        Line(channel, unknown).describe()


def test_a_test_bench_that_is_not_there_is_a_check_not_run(fixture: Fixture) -> None:
    server = grpc.server(ThreadPoolExecutor(2))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with channel_to(f"127.0.0.1:{port}", fixture) as channel:
            line = Line(channel, fixture)
            with pytest.raises(NotRunError, match="not implemented"):
                line.advance(1)
            with pytest.raises(FailedError, match="UNIMPLEMENTED"):
                line.poll(0)
    finally:
        server.stop(0).wait(5)


def test_certificates_are_shown_and_checked(content: dict[str, Any], tmp_path: Path) -> None:
    write_set(tmp_path, [], now_ns())
    files = {
        name: (tmp_path / name).read_bytes() for name in ("ca.pem", "institution.pem", "institution.key")
    }
    server = grpc.server(ThreadPoolExecutor(2))
    credentials = grpc.ssl_server_credentials(
        [(files["institution.key"], files["institution.pem"])], files["ca.pem"], require_client_auth=True
    )
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    tls = {"ca": "ca.pem", "cert": "gateway.pem", "key": "gateway.key", "server_name": "localhost"}
    agreed = {"answer_s": 3.0}
    try:
        shown = parse(content | {"tls": dict(tls), "agreed": agreed}, tmp_path)
        address = f"127.0.0.1:{port}"
        with channel_to(address, shown) as channel, pytest.raises(FailedError, match="UNIMPLEMENTED"):
            Line(channel, shown).describe()
        hidden = parse(content | {"tls": {"ca": "ca.pem"}, "agreed": agreed}, tmp_path)
        with channel_to(address, hidden) as channel, pytest.raises(FailedError, match="UNAVAILABLE"):
            Line(channel, hidden).describe()
    finally:
        server.stop(0).wait(5)
