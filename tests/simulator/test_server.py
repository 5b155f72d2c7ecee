"""The simulated institutions over real gRPC."""

import asyncio
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chakong.institution.v1 import institution_pb2
from runtime.clock import now_ns
from simulator.layout import INQUIRE, Layout
from simulator.scenarios import MIXTURES, Cast, Role, Scenario
from simulator.server import METADATA_KEY, SERVICE, AddressError, Binding, InstitutionServer
from simulator.truth import Truth
from tests.simulator.batches import PERSON, batch, entry, hello, people
from tests.simulator.conftest import SEED, Serve
from tests.simulator.lines import WAIT_S, channel_to, describe, line_to, open_line


def calm_server(layout: Layout) -> InstitutionServer:
    return InstitutionServer(layout, Scenario(MIXTURES["calm"], SEED, layout), now_ns, SEED)


async def ask(address: str, key: str, institutions: tuple[int, ...], message: bytes) -> institution_pb2.Reply:
    async with line_to(address, key) as line:
        await line.send(hello(institutions))
        await line.send(message)
        return await line.receive()


async def test_a_wave_over_all_endpoints_answers_as_the_truth_says(
    serve: Serve, layout: Layout, truth: Truth
) -> None:
    asked = people(3_000)
    message = batch(1, [entry(person) for person in asked])
    expected = {
        (place, institution): len(one.records)
        for place, person in enumerate(asked)
        for institution, one in truth.found(person).items()
        if INQUIRE in layout.institutions[institution].can
    }
    address = await serve()
    found: dict[tuple[int, int], int] = {}
    answered: set[int] = set()
    async with channel_to(address) as channel:
        for endpoint in layout.endpoints:
            line = open_line(channel, endpoint.key)
            await line.send(hello(endpoint.institutions))
            await line.send(message)
            reply = await line.receive()
            assert [one.entry_count for one in reply.answered] == [len(asked)]
            answered.update(reply.answered[0].institutions)
            found.update(((one.entry, one.institution), len(one.records)) for one in reply.findings)
            line.call.cancel()
    assert found == expected
    assert answered == {one.index for one in layout.institutions if INQUIRE in one.can}


async def test_every_endpoint_answers_at_its_own_address_and_metadata_wins(layout: Layout) -> None:
    server = calm_server(layout)
    await server.start(Binding(port=0))
    try:
        assert len(set(server.addresses.values())) == len(layout.endpoints)
        first, second = layout.endpoints[3], layout.endpoints[340]
        for endpoint in (first, second):
            response = await describe(server.addresses[endpoint.key])
            assert [one.institution for one in response.capabilities] == list(endpoint.institutions)
        response = await describe(server.addresses[first.key], second.key)
        assert [one.institution for one in response.capabilities] == list(second.institutions)
        reply = await ask(server.addresses[first.key], "", first.institutions, batch(1, [entry(PERSON)]))
        assert list(reply.answered[0].institutions) == list(first.institutions)
    finally:
        await server.stop()


@pytest.mark.parametrize("key", ["", "union-00"])
async def test_on_a_shared_address_an_endpoint_must_be_named(serve: Serve, key: str) -> None:
    async with line_to(await serve(), key) as line:
        assert await line.status() is grpc.StatusCode.NOT_FOUND


async def test_describe_says_who_can_do_what(serve: Serve, layout: Layout) -> None:
    unable = next(one for one in layout.institutions if INQUIRE not in one.can)
    response = await describe(await serve(), layout.endpoints[unable.endpoint].key)
    told = {
        one.institution: (one.can_inquire, one.can_freeze, one.can_deduct) for one in response.capabilities
    }
    assert told == {
        index: tuple(act in layout.institutions[index].can for act in (INQUIRE, "FREEZE", "DEDUCT"))
        for index in layout.endpoints[unable.endpoint].institutions
    }
    assert told[unable.index] == (False, True, True)


async def test_a_closed_endpoint_does_not_describe_itself(serve: Serve, layout: Layout) -> None:
    address = await serve(casts={5: Cast(Role.CLOSED)})
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await describe(address, layout.endpoints[5].key)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_taken_address_is_an_error(serve: Serve, layout: Layout) -> None:
    port = int((await serve()).rpartition(":")[2])
    with pytest.raises(AddressError, match=f"cannot listen on 127.0.0.1:{port}"):
        await calm_server(layout).start(Binding(port=port, shared_host="127.0.0.1"))


async def test_stopping_ends_open_streams(layout: Layout) -> None:
    server = calm_server(layout)
    await server.start(Binding(port=0, shared_host="127.0.0.1"))
    key = layout.endpoints[0].key
    async with line_to(server.addresses[key], key) as line:
        await line.send(hello(layout.endpoints[0].institutions))
        await line.send(batch(1, [entry(PERSON)]))
        await line.receive()
        await asyncio.wait_for(server.stop(), WAIT_S)
        assert await line.status() is not grpc.StatusCode.OK


async def test_with_certificates_it_speaks_tls(layout: Layout) -> None:
    key_pem, certificate_pem = self_signed()
    credentials = grpc.ssl_server_credentials([(key_pem, certificate_pem)])
    server = calm_server(layout)
    await server.start(Binding(port=0, shared_host="127.0.0.1", credentials=credentials))
    endpoint = layout.endpoints[0]
    try:
        channel_credentials = grpc.ssl_channel_credentials(certificate_pem)
        async with grpc.aio.secure_channel(server.addresses[endpoint.key], channel_credentials) as channel:
            call = channel.unary_unary(f"/{SERVICE}/Describe", bytes, bytes)
            answer = await call(b"", metadata=((METADATA_KEY, endpoint.key),), timeout=WAIT_S)
        assert institution_pb2.DescribeResponse.FromString(answer).capabilities
    finally:
        await server.stop()


def self_signed() -> tuple[bytes, bytes]:
    """Key and certificate of 127.0.0.1, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "simulator")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    key_pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return key_pem, certificate.public_bytes(serialization.Encoding.PEM)
