"""Dial: makes the channels to endpoints, from the configuration.

It connects nothing by itself; a channel connects when it is used. An endpoint without an address gets a
channel that never connects, so that its queries end UNREACHABLE and everybody else's go on.
"""

from typing import TYPE_CHECKING, Any, Final

import grpc
import grpc.aio

from gateway.edge.stream import CHANNEL_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.directory.model import Endpoint
    from runtime.settings import Endpoints

# Nothing can listen on port 0.
NOWHERE: Final = "ipv4:127.0.0.1:0"


def dialer(settings: "Endpoints") -> "Callable[[Endpoint], grpc.aio.Channel]":
    """Gives an endpoint's channel. OSError when a certificate's file cannot be read."""
    options: list[tuple[str, Any]] = list(CHANNEL_OPTIONS)
    if settings.server_name:
        options.append(("grpc.ssl_target_name_override", settings.server_name))
    credentials = None if settings.plaintext else _credentials(settings)

    def dial(endpoint: "Endpoint") -> grpc.aio.Channel:
        address = settings.addresses.get(endpoint.key)
        if credentials is None or address is None:
            return grpc.aio.insecure_channel(address or NOWHERE, options=options)
        return grpc.aio.secure_channel(address, credentials, options=options)

    return dial


def _credentials(settings: "Endpoints") -> grpc.ChannelCredentials | None:
    """None without certificates, which the configuration allows only when there are no addresses."""
    if settings.ca is None or settings.key is None or settings.cert is None:
        return None
    return grpc.ssl_channel_credentials(
        settings.ca.read_bytes(), settings.key.read_bytes(), settings.cert.read_bytes()
    )
