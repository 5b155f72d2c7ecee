"""Ledger: what it calls for every control, as C. See the .py."""

from gateway.holds cimport deciding, encoding, forgetting
