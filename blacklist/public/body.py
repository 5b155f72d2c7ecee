"""Body: the JSON of the public look-up: whom somebody asks about, an answer, and what was wrong.

Pure. What is wrong is told for all fields at once and repeats nothing of a name or a number.
"""

import json
from typing import Any, Final

from google.protobuf.json_format import MessageToDict

from blacklist.importing import ID_TYPES
from blacklist.public.exchange import BODY_BYTES_MAX
from chakong.blacklist.v1 import public_pb2
from runtime.errors import CallError, FieldFault, InvalidError

FIELDS: Final = ("id_type", "id_number", "name")


def read_body(body: bytes) -> tuple[int, str, str]:
    """Type, number and name. InvalidError; whether they can be anybody's the intake says."""
    try:
        given = json.loads(body.decode(), object_pairs_hook=_object)
        is_object = isinstance(given, dict)
    except (ValueError, RecursionError):
        is_object = False
    if not is_object:
        raise _invalid([_fault("body", f"must be a JSON object in UTF-8 of at most {BODY_BYTES_MAX} bytes")])
    if not set(given) <= set(FIELDS):
        raise _invalid([_fault("body", f"must have {', '.join(FIELDS)}, each once, and nothing else")])
    faults = [_fault(name, "must be a string") for name in FIELDS if not _is_text(given.get(name))]
    id_type = given.get("id_type")
    if _is_text(id_type) and id_type not in ID_TYPES:
        faults.append(_fault("id_type", f"must be one of {', '.join(ID_TYPES)}"))
    if faults:
        raise _invalid(faults)
    return ID_TYPES[id_type], given["id_number"], given["name"]


def write_answer(response: public_pb2.LookUpResponse) -> bytes:
    """As the contract has it, in its JSON form: numbers of 64 bits are strings."""
    fields = MessageToDict(
        response, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return _dump(fields)


def write_error(code: str, message: str, faults: tuple[FieldFault, ...] = (), retry_ms: int = 0) -> bytes:
    """What was wrong: a gRPC status by name, and for each field what is allowed there."""
    fields = [{"field": one.field, "reason": one.reason, "description": one.description} for one in faults]
    error: dict[str, Any] = {"code": code, "message": message, "fields": fields}
    if retry_ms:
        error["retry_after_ms"] = retry_ms
    return _dump({"error": error})


def write_call_error(error: CallError) -> bytes:
    """The same of an error of the tree."""
    return write_error(error.status.name, error.message, error.faults, error.retry_ms)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _is_text(value: object) -> bool:
    """Half of a pair of surrogates is a character in JSON, and none in UTF-8."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _fault(field: str, allowed: str) -> FieldFault:
    return FieldFault(field, "MALFORMED", allowed)


def _invalid(faults: list[FieldFault]) -> InvalidError:
    return InvalidError(f"{faults[0].field}: {faults[0].description}", faults=faults)


def _dump(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode()
