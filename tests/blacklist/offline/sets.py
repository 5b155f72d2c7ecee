"""A service that makes sets, and a unit that has one: keys, times, a list of a few people."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from blacklist.offline.client import OfflineAnswer, OfflineSet
from blacklist.offline.keys import SetKey, identity_key
from blacklist.offline.maker import Maker, Moment, Unit
from blacklist.screening._identity import Hasher
from blacklist.screening._snapshot import Base, Snapshot
from blacklist.screening.folding import folding
from tests.blacklist.screening.model import PEOPLE, RAILWAY, TODAY

NS_PER_DAY = 86_400 * 10**9
SECRET = b"the secret of a deployment, 32 b"
PRIVATE_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC_KEY = PRIVATE_KEY.public_key()
SNAPSHOT_ID = b"0123456789abcdef"
UNIT = Unit("railway", RAILWAY)
HASHER = Hasher(identity_key(SECRET), folding())
# Noon in Beijing.
AS_OF_NS = TODAY * NS_PER_DAY + 4 * 3_600 * 10**9
GOOD_FOR_S = 86_400
MAKER = Maker(SECRET, PRIVATE_KEY)
KEY = SetKey.of_bytes(MAKER.key("railway", SNAPSHOT_ID))


def moment(days: int = 0) -> Moment:
    """So many days later."""
    return Moment(AS_OF_NS + days * NS_PER_DAY, TODAY + days, GOOD_FOR_S)


def a_list(*rows: tuple[object, ...], version: int = 1) -> Snapshot:
    return Snapshot(Base.of_entries(HASHER, rows), HASHER, version)


def sealed(*rows: tuple[object, ...], version: int = 1, unit: Unit = UNIT) -> bytes:
    """The file of a snapshot."""
    return MAKER.snapshot(a_list(*rows, version=version), unit, SNAPSHOT_ID, moment())


def opened(*rows: tuple[object, ...], now_ns: int = AS_OF_NS) -> OfflineSet:
    return OfflineSet.open(sealed(*rows), KEY, PUBLIC_KEY, unit="railway", now_ns=now_ns)


def asked(offline: OfflineSet, person: int = 0, name: str = "张三", days: int = 0) -> OfflineAnswer:
    """What a set says of one of PEOPLE, so many days later."""
    id_type, number = PEOPLE[person]
    return offline.check(id_type, number, name, AS_OF_NS + days * NS_PER_DAY)
