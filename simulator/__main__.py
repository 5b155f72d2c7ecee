"""The simulator as a program of its own: `python -m simulator`."""

import typer

from simulator.command import simulate

if __name__ == "__main__":
    typer.run(simulate)
