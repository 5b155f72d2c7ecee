"""Bench: every named benchmark with its target, measured beside what it is compared with."""
