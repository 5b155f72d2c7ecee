"""Address: where each endpoint listens.

Every endpoint has a loopback address of its own and all share one port, as 372 machines would; or all share
one address. Nobody outside this machine can reach them.
"""

from collections.abc import Iterable

PORT_DEFAULT = 7372
# 127.64.0.0/10 is rarely used by anything else; last octets 0 and 255 are left out.
_FIRST_OCTETS = "127.64"
_HOSTS = 254
ENDPOINTS_MAX = _HOSTS * _HOSTS


def host_of(endpoint: int) -> str:
    """ValueError when there is no such address."""
    if not 0 <= endpoint < ENDPOINTS_MAX:
        raise ValueError(f"endpoint: {endpoint} given, below {ENDPOINTS_MAX} allowed")
    return f"{_FIRST_OCTETS}.{endpoint // _HOSTS + 1}.{endpoint % _HOSTS + 1}"


def address_of(endpoint: int, port: int = PORT_DEFAULT) -> str:
    return f"{host_of(endpoint)}:{port}"


def addresses(keys: Iterable[str], port: int = PORT_DEFAULT, shared_host: str = "") -> dict[str, str]:
    """Endpoint key -> "host:port", in the order of the endpoints; `shared_host`: the one host of all of
    them."""
    return {
        key: f"{shared_host}:{port}" if shared_host else address_of(index, port)
        for index, key in enumerate(keys)
    }
