"""Command: `chakong simulate-world`: worlds from seeds, the gateway's own code in them, every rule checked.

Exit codes: 0 every sentence held, 1 one did not (the seed is printed, and brings the same world again), 2
called wrong.
"""

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from runtime.clock import now_ns
from runtime.options import FLAG
from tests.simulation.plants import PLANTS, planted
from tests.simulation.seeds import Found, run
from tests.simulation.world import World

EXIT_BROKEN = 1
EXIT_USAGE = 2
NS = 1_000_000_000


def simulate_world(
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="The first seed.")] = 0,
    seeds: Annotated[int, typer.Option(metavar="COUNT", min=1, help="How many, from there on.")] = 1,
    plant: Annotated[
        str, typer.Option(metavar="NAME", help=f"Put a mistake in: {', '.join(PLANTS)}.", show_default=False)
    ] = "",
    story: Annotated[
        bool, typer.Option("--story", metavar=FLAG, help="With one seed: print all that happens.")
    ] = False,
) -> None:
    """Run the gateway's own code in simulated worlds, and check every rule at every step."""
    console = Console()
    if plant and plant not in PLANTS:
        typer.echo(f"--plant: {plant} given, one of {', '.join(PLANTS)}", err=True)
        raise typer.Exit(EXIT_USAGE)
    if seeds == 1:
        _one(console, seed, plant, tells=story)
        return
    begun_ns = now_ns()
    found = _many(console, range(seed, seed + seeds), plant)
    _covered(console, found)
    rate = found.count * NS / max(1, now_ns() - begun_ns)
    console.print(f"{found.count} worlds, {rate:.1f} seeds/s")
    if found.broken is not None:
        console.print(found.sentence() + (f" --plant {plant}" if plant else ""), soft_wrap=True, markup=False)
        raise typer.Exit(EXIT_BROKEN)


def _one(console: Console, seed: int, plant: str, *, tells: bool) -> None:
    with planted(plant):
        outcome = World(seed, tells=tells).run()
    for line in outcome.story:
        console.print(line, soft_wrap=True, markup=False, highlight=False)
    held = outcome.violation or "every sentence held"
    console.print(f"seed {seed}, story {outcome.trace_hash}: {held}", soft_wrap=True, markup=False)
    if outcome.violation:
        raise typer.Exit(EXIT_BROKEN)


def _many(console: Console, seeds: range, plant: str) -> Found:
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console) as progress:
        worlds = progress.add_task("", total=len(seeds))

        def seen() -> None:
            task = progress.tasks[0]
            rate = (task.completed + 1) / max(task.elapsed or 0.0, 1e-3)
            progress.update(worlds, advance=1, description=f"{rate:.1f} seeds/s")

        return run(seeds, plant=plant, seen=seen)


def _covered(console: Console, found: Found) -> None:
    table = Table("what", "times")
    for name, count in sorted(found.counts.items()):
        table.add_row(name, f"{count:,}")
    console.print(table)
