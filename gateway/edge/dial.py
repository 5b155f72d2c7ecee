"""Dial: makes the channels to endpoints, from the configuration.

It connects nothing by itself; a channel connects when it is used. An endpoint without an address has none: it
is never called, its queries end UNREACHABLE, and everybody else's go on.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio

from gateway.edge.stream import CHANNEL_OPTIONS

if TYPE_CHECKING:
    from runtime.settings import Endpoints

# By the endpoint's key: makes a channel to it that is not connected yet.
Dials = Mapping[str, Callable[[], grpc.aio.Channel]]


def dialer(settings: "Endpoints") -> Dials:
    """How to reach the endpoints that have an address. OSError when a certificate's file cannot be read."""
    options: list[tuple[str, Any]] = list(CHANNEL_OPTIONS)
    if settings.server_name:
        options.append(("grpc.ssl_target_name_override", settings.server_name))
    credentials = None if settings.plaintext else _credentials(settings)

    def dial(address: str) -> grpc.aio.Channel:
        if credentials is None:
            return grpc.aio.insecure_channel(address, options=options)
        return grpc.aio.secure_channel(address, credentials, options=options)

    return {key: partial(dial, address) for key, address in settings.addresses.items()}


def _credentials(settings: "Endpoints") -> grpc.ChannelCredentials | None:
    """None without certificates, which the configuration allows only when there are no addresses."""
    if settings.ca is None or settings.key is None or settings.cert is None:
        return None
    return grpc.ssl_channel_credentials(
        settings.ca.read_bytes(), settings.key.read_bytes(), settings.cert.read_bytes()
    )
