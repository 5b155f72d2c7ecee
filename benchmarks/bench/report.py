"""Report: results and targets as out/bench.json has them, and as a table.

Pure. Every target has its row: what was not measured says so, and what failed says why.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from benchmarks.bench.result import Result
from benchmarks.bench.runner import Failure, Outcome
from benchmarks.bench.targets import TARGETS, Target

NOT_MEASURED = "not measured"
# Keys of Result.extra that have a place of their own.
CURVES = "curves"
GROWTH = "growth"
# In a curve or a growth, the benchmark that measured it.
OF = "benchmark"
# What may differ on the same machine.
COMMIT = "commit"
LOAD = "load_1m"


def document(
    machine: Mapping[str, Any],
    outcomes: Sequence[Outcome],
    *,
    quick: bool,
    before: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The object of out/bench.json; keys are a published contract. Rows of `before`, an earlier document,
    stay where nothing was measured now, if they were measured as thoroughly on the same machine."""
    by_name = {outcome.name: outcome for outcome in outcomes}
    results = [one for one in outcomes if isinstance(one, Result)]
    made = {
        "machine": dict(machine),
        "quick": quick,
        "results": [
            {**_row(name, target, by_name.get(name)), COMMIT: machine.get(COMMIT, "")}
            for name, target in TARGETS.items()
        ],
        "growth": [
            {**_judged(one), OF: result.name} for result in results for one in result.extra.get(GROWTH, ())
        ],
        "curves": {
            name: {**one, OF: result.name}
            for result in results
            for name, one in result.extra.get(CURVES, {}).items()
        },
        "details": {
            result.name: {key: one for key, one in result.extra.items() if key not in {CURVES, GROWTH}}
            for result in results
        },
    }
    if before and before.get("quick") == quick and _same_machine(before.get("machine", {}), machine):
        _keep(made, before, by_name)
    return made


def _keep(made: dict[str, Any], before: Mapping[str, Any], measured: Mapping[str, Outcome]) -> None:
    """Put what was measured before in the place of what was not measured now."""
    earlier = {row["name"]: row for row in before.get("results", ()) if row.get("note") != NOT_MEASURED}
    made["results"] = [
        earlier.get(row["name"], row) if row["name"] not in measured else row for row in made["results"]
    ]
    made["growth"] = [one for one in before.get("growth", ()) if one[OF] not in measured] + made["growth"]
    curves = before.get("curves", {})
    made["curves"] = {name: one for name, one in curves.items() if one[OF] not in measured} | made["curves"]
    details = before.get("details", {})
    made["details"] = {name: one for name, one in details.items() if name not in measured} | made["details"]


def _same_machine(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """But for its load, and whatever commit is on it."""
    passing = {LOAD: 0, COMMIT: ""}
    return {**one, **passing} == {**other, **passing}


def table(made: Mapping[str, Any]) -> Table:
    """The rows of a document, one a benchmark: median, and least and most of the runs."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    shown.add_column("benchmark", no_wrap=True)
    for column in ("ours", "reference", "ratio", "target"):
        shown.add_column(column, justify="right")
    shown.add_column("met")
    for row in made["results"]:
        shown.add_row(
            row["name"],
            _figure(row["ours"], row["runs"]["ours"], row["unit"]),
            _figure(row["reference"], row["runs"]["reference"], "") or _aside(row),
            "" if row["ratio"] is None else short(row["ratio"]),
            row["target"] or "",
            _met(row),
        )
    return shown


def machine_line(made: Mapping[str, Any]) -> str:
    """What it was measured on."""
    on = made["machine"]
    memory_gib = on["memory_bytes"] / (1 << 30)
    return (
        f"{on['cores']} cores of {on['model']}, {memory_gib:.0f} GiB, {on['system']} {on['kernel']}, "
        f"Python {on['python']}, grpcio {on['grpcio']}; load at the start {on['load_1m']}"
    )


def growth_lines(made: Mapping[str, Any]) -> list[str]:
    """How what must stay flat has grown, a line each."""
    return [
        f"{one['name']}, {one['from']:,.0f} to {one['to']:,.0f}: "
        f"{one['factor']:.2f} times (at most {one['limit']:.2f}), {'met' if one['met'] else 'missed'}"
        for one in made["growth"]
    ]


def kept_lines(made: Mapping[str, Any]) -> list[str]:
    """Which rows are those of an earlier commit, a line for each commit."""
    now = made["machine"].get(COMMIT, "")
    kept: dict[str, list[str]] = {}
    for row in made["results"]:
        if row[COMMIT] != now:
            kept.setdefault(row[COMMIT], []).append(row["name"])
    return [f"measured at {commit}: {', '.join(names)}" for commit, names in kept.items()]


def result_line(outcome: Outcome) -> str:
    """One outcome, as it comes."""
    if isinstance(outcome, Failure):
        return f"{outcome.name}: failed: {outcome.reason}"
    row = _row(outcome.name, TARGETS[outcome.name], outcome)
    figure = _figure(row["ours"], row["runs"]["ours"], row["unit"])
    ratio = "" if row["ratio"] is None else f"; {short(row['ratio'])} of {row['reference_name']}"
    judged = "" if row["met"] is None else f"; target {row['target']}, {'met' if row['met'] else 'missed'}"
    note = f"; {outcome.note}" if outcome.note else ""
    return f"{outcome.name}: {figure}{ratio}{judged}{note}"


def _row(name: str, target: Target, outcome: Outcome | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": name,
        "unit": target.unit,
        "ours": None,
        "reference": None,
        "reference_name": None,
        "ratio": None,
        "target": target.text,
        "met": None,
        "runs": {"ours": [], "reference": None},
    }
    if outcome is None:
        return {**row, "note": NOT_MEASURED}
    if isinstance(outcome, Failure):
        return {**row, "met": False, "note": f"failed: {outcome.reason}"}
    is_unlike = target.limit is not None and (outcome.reference is None) == target.is_ratio
    if outcome.unit != target.unit or is_unlike:
        raise ValueError(f"{name}: measured in {outcome.unit}, with or without a reference unlike its target")
    judged = outcome.our_median if outcome.ratio is None else outcome.ratio
    return {
        **row,
        "ours": outcome.our_median,
        "reference": outcome.reference_median,
        "reference_name": outcome.reference_name or None,
        "ratio": outcome.ratio,
        "met": target.is_met(judged),
        "runs": {
            "ours": list(outcome.ours),
            "reference": None if outcome.reference is None else list(outcome.reference),
        },
        **({"note": outcome.note} if outcome.note else {}),
    }


def _judged(one: Mapping[str, Any]) -> dict[str, Any]:
    return {**one, "met": one["factor"] <= one["limit"]}


def _figure(value: float | None, runs: Sequence[float] | None, unit: str) -> str:
    if value is None or not runs:
        return ""
    return f"{short(value)} ({short(min(runs))} - {short(max(runs))}) {unit}".rstrip()


def short(value: float) -> str:
    """Three digits that count; whole numbers from a thousand on."""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


def _aside(row: Mapping[str, Any]) -> str:
    """In the place of a reference: why there is none, where it was measured."""
    return "" if row["ours"] is None else str(row.get("note", ""))


def _met(row: Mapping[str, Any]) -> str:
    if row.get("note") == NOT_MEASURED:
        return f"[dim]{NOT_MEASURED}[/dim]"
    if row["ours"] is None:
        return "[bold red]failed[/bold red]"
    if row["met"] is None:
        return "no target"
    return "[green]met[/green]" if row["met"] else "[yellow]missed[/yellow]"
