"""Files: each mistake in a row is found and named, all of them at once."""

import copy

import pytest

from gateway.directory.files import DirectoryError, build
from runtime.data import EndpointRow, InstitutionRow

INSTITUTION: InstitutionRow = {
    "index": 0,
    "key": "city_bank-0001",
    "zh": "一",
    "class": "city_bank",
    "province": "33",
    "endpoint": "city_bank-001",
    "items": [5, 1],
    "can": ["INQUIRE"],
}
ENDPOINT: EndpointRow = {
    "key": "city_bank-001",
    "line": "direct",
    "zh": "一",
    "protocol": "native",
    "max_batch_queries": 4096,
    "max_batch_bytes": 1 << 20,
    "max_in_flight": 2,
    "hours": "07:00-23:00",
}


def faults_of(institutions: list[InstitutionRow], endpoints: list[EndpointRow]) -> tuple[str, ...]:
    with pytest.raises(DirectoryError) as caught:
        build(institutions, endpoints)
    return caught.value.faults


def test_sound_rows_become_parts() -> None:
    parts = build([INSTITUTION], [ENDPOINT])
    assert parts.institutions[0].items == (1, 5)
    assert parts.institutions[0].endpoint == 0
    assert parts.endpoints[0].institutions == (0,)
    assert (parts.endpoints[0].max_batch_entries, parts.endpoints[0].in_flight_max) == (4096, 2)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("index", 1),
        ("key", ""),
        ("endpoint", "nobody"),
        ("province", ""),
        ("province", "3"),
        ("class", "unit"),
        ("items", []),
        ("items", [0]),
        ("items", [26]),
        ("items", [1, 1]),
        ("can", ["STEAL"]),
    ],
)
def test_each_mistake_in_an_institution_is_named(field: str, value: object) -> None:
    row = copy.deepcopy(INSTITUTION)
    row[field] = value  # type: ignore[literal-required]
    expected = "province" if field == "class" else field
    assert faults_of([row], [ENDPOINT])[0].startswith(f"institutions[0].{expected}: ")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("line", "pigeon"),
        ("protocol", "soap"),
        ("max_batch_queries", 0),
        ("max_batch_bytes", 10),
        ("max_in_flight", 0),
        ("hours", "7-23"),
        ("hours", "24:00-25:00"),
        ("hours", "always "),
    ],
)
def test_each_mistake_in_an_endpoint_is_named(field: str, value: object) -> None:
    row = copy.deepcopy(ENDPOINT)
    row[field] = value  # type: ignore[literal-required]
    assert [fault.split(": ")[0] for fault in faults_of([INSTITUTION], [row])] == [
        f"endpoints[city_bank-001].{field}"
    ]


def test_endpoint_without_institutions_is_a_mistake() -> None:
    other: EndpointRow = {**ENDPOINT, "key": "city_bank-002"}
    assert faults_of([INSTITUTION], [ENDPOINT, other]) == (
        "endpoints[city_bank-002]: 0 institutions behind it, 1 to 1 on a direct line",
    )


def test_hub_holds_at_most_as_many_as_the_engine_allows() -> None:
    hub: EndpointRow = {**ENDPOINT, "line": "hub"}
    rows: list[InstitutionRow] = [
        {**INSTITUTION, "index": index, "key": f"bank-{index}"} for index in range(129)
    ]
    assert build(rows[:128], [hub]).endpoints[0].institutions == tuple(range(128))
    assert faults_of(rows, [hub]) == (
        "endpoints[city_bank-001]: 129 institutions behind it, 1 to 128 on a hub line",
    )


def test_repeated_keys_are_named() -> None:
    hub: EndpointRow = {**ENDPOINT, "line": "hub"}
    again: InstitutionRow = {**INSTITUTION, "index": 1}
    assert faults_of([INSTITUTION, again], [hub]) == ("institutions: key: 'city_bank-0001' given twice",)


def test_empty_files_are_refused() -> None:
    assert faults_of([], []) == ("institutions: 0 given, 1 to 4096", "endpoints: 0 given, 1 to 4096")


def test_message_shows_the_first_mistakes_and_counts_the_rest() -> None:
    rows: list[InstitutionRow] = [{**INSTITUTION, "key": f"bank-{index}", "items": []} for index in range(40)]
    with pytest.raises(DirectoryError, match="and 60 more") as caught:
        build(rows, [ENDPOINT])
    assert len(caught.value.faults) == 80
