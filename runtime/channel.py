"""Channel: how one service reaches another, with a certificate of its own, and says for which court it calls.

It decides nothing and repeats nothing. Commands of the command line have theirs in connect.py.
"""

from typing import TYPE_CHECKING, Final

import grpc
from grpc import aio

from runtime.identity import PLAINTEXT_METADATA_KEY, Identity, for_court

if TYPE_CHECKING:
    from runtime.settings_follow import Following

# An answer with 256 records of each of 3,916 institutions would be far larger; none is in practice.
MESSAGE_BYTES_MAX: Final = 64 << 20
KEEPALIVE_MS: Final = 60_000

Metadata = tuple[tuple[str, str], ...]


def court_metadata(identity: Identity, court: str, *, plaintext: bool) -> Metadata:
    """What goes with a call for a court; in plaintext also who calls."""
    return (for_court(court), *(((PLAINTEXT_METADATA_KEY, identity.uri),) if plaintext else ()))


def service_channel(settings: "Following") -> aio.Channel:
    """To the address of the settings, with their certificate."""
    options: list[tuple[str, str | int]] = [
        ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
        ("grpc.keepalive_time_ms", KEEPALIVE_MS),
        ("grpc.initial_reconnect_backoff_ms", settings.backoff_base_ms),
        ("grpc.max_reconnect_backoff_ms", settings.backoff_max_ms),
        # Whoever else this process calls there has connections of its own.
        ("grpc.use_local_subchannel_pool", 1),
    ]
    if settings.plaintext:
        return aio.insecure_channel(settings.address, options=options)
    if settings.ca is None or settings.key is None or settings.cert is None:
        raise AssertionError("follow: settings without certificates were let through")
    if settings.server_name:
        options.append(("grpc.ssl_target_name_override", settings.server_name))
    credentials = grpc.ssl_channel_credentials(
        settings.ca.read_bytes(), settings.key.read_bytes(), settings.cert.read_bytes()
    )
    return aio.secure_channel(settings.address, credentials, options=options)
