"""The ledger of holds: claims, controls, and what became of them. Pure; gateway/edge drives it."""

from gateway.holds.face import Fault, HoldQuery, Limits, Refusal, Stats
from gateway.holds.law import Law, installed_law
from gateway.holds.ledger import Ledger

__all__ = ["Fault", "HoldQuery", "Law", "Ledger", "Limits", "Refusal", "Stats", "installed_law"]
