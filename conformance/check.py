"""Check: one numbered question to an endpoint.

A number never changes its meaning and is never given again; what is new gets a number of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass

from conformance.trial import Trial


@dataclass(frozen=True, slots=True)
class Check:
    """`basis`: the sentence of the contract, or the article, that it rests on. `run` raises FailedError or
    NotRunError."""

    number: int
    name: str
    basis: str
    run: Callable[[Trial], None]
